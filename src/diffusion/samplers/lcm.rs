//! The step of consistency models (Song et al. 2023, algorithm 1; diffusers `CMStochasticIterativeScheduler.step`) and of
//! latent ones (Luo et al. 2023; `LCMScheduler.step`): x̂_0 is noised anew to where the step arrives, x' = √ᾱ' x̂_0 +
//! √(1-ᾱ'-ᾱ'σ²) z with the least σ, 0 in latents; at the end it is x̂_0.
//!
//! The boundary condition of latent ones, c_skip x + c_out x̂_0, is left out: at every timestep of their lists c_skip < 4e-8
//! and c_out is 1 in f32.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::{Error, Result};

/// It remembers nothing.
pub struct Lcm {
    /// The least σ.
    pub sigma_min: f32,
}

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
        let kept = leap.alpha_prod_prev;
        let deviation = (1.0 - kept - kept * self.sigma_min * self.sigma_min).max(0.0).sqrt();
        Ok(((original * f64::from(kept.sqrt()))? + (noise * f64::from(deviation))?)?)
    }
}
