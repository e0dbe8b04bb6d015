//! The latent consistency model's step (Luo et al. 2023; diffusers `LCMScheduler.step`): x' = √ᾱ' x̂_0 + √(1-ᾱ') z, and at
//! the end x̂_0.
//!
//! Its boundary condition, c_skip x + c_out x̂_0, is left out: at every timestep of its lists c_skip < 4e-8 and c_out is 1
//! in f32.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::forward::forward;
use crate::diffusion::prediction::Prediction;
use crate::error::{Error, Result};

/// It remembers nothing.
pub struct Lcm;

impl Stepper for Lcm {
    fn wants_noise(&self, leap: &Leap) -> bool {
        !leap.last
    }

    fn step(&mut self, leap: &Leap, _x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor> {
        let original = &prediction.pred_original_sample;
        if leap.last {
            return Ok(original.clone());
        }
        let noise = noise.ok_or_else(|| Error::new("a noisy step was handed no noise"))?;
        forward(original, noise, leap.alpha_prod_prev)
    }
}
