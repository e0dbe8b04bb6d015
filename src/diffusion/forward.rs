//! The forward process: a picture noised to any timestep, x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε (diffusers' `add_noise`).

use candle_core::Tensor;

use crate::error::Result;

/// x_t from `x_0` and `noise`, both [b, c, h, w], at ᾱ = `alpha_prod`.
pub fn forward(x_0: &Tensor, noise: &Tensor, alpha_prod: f32) -> Result<Tensor> {
    Ok(((x_0 * f64::from(alpha_prod.sqrt()))? + (noise * f64::from((1.0 - alpha_prod).sqrt()))?)?)
}
