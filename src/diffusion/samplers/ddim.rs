//! DDIM's step (Song et al. 2021, eq. 12; diffusers `DDIMScheduler.step`).
//!
//! x' = √ᾱ' x̂_0 + √(1-ᾱ'-σ²) ε̂ + σ z, σ = η √((1-ᾱ')/(1-ᾱ)) √(1-ᾱ/ᾱ'). η = 0 is deterministic. ε̂ is the
//! estimate itself, not derived anew from a thresholded x̂_0; the network's variance is not used.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::{Error, Result};

/// η, 0 to 1.
pub struct Ddim {
    pub eta: f32,
}

impl Stepper for Ddim {
    fn wants_noise(&self, _leap: &Leap) -> bool {
        self.eta > 0.0
    }

    fn step(&mut self, leap: &Leap, _x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor> {
        let Leap { alpha_prod, alpha_prod_prev, .. } = *leap;
        let variance = (1.0 - alpha_prod_prev) / (1.0 - alpha_prod) * (1.0 - alpha_prod / alpha_prod_prev);
        let deviation = self.eta * variance.sqrt();
        let direction = (1.0 - alpha_prod_prev - deviation * deviation).max(0.0).sqrt();
        let original = (&prediction.pred_original_sample * f64::from(alpha_prod_prev.sqrt()))?;
        let x = (original + (&prediction.noise_pred * f64::from(direction))?)?;
        if self.eta == 0.0 {
            return Ok(x);
        }
        let noise = noise.ok_or_else(|| Error::new("a noisy step was handed no noise"))?;
        Ok((x + (noise * f64::from(deviation))?)?)
    }
}
