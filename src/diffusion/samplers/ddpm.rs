//! DDPM's ancestral step on any descending list (Ho et al. 2020, eq. 7; diffusers `DDPMScheduler.step`).
//!
//! mean = (√ᾱ' β / (1-ᾱ)) x̂_0 + (√α (1-ᾱ') / (1-ᾱ)) x_t with α = ᾱ/ᾱ', β = 1-α; then noise of the
//! deviation that [`crate::diffusion::variance`] says. Coefficients are f32, as diffusers' are.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::diffusion::variance::{Deviation, deviation};
use crate::error::{Error, Result};

/// It remembers nothing.
pub struct Ddpm;

impl Stepper for Ddpm {
    fn wants_noise(&self, leap: &Leap) -> bool {
        leap.noisy
    }

    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor> {
        let Leap { alpha_prod, alpha_prod_prev, .. } = *leap;
        let alpha = alpha_prod / alpha_prod_prev;
        let beta = 1.0 - alpha;
        let original_coeff = alpha_prod_prev.sqrt() * beta / (1.0 - alpha_prod);
        let current_coeff = alpha.sqrt() * (1.0 - alpha_prod_prev) / (1.0 - alpha_prod);
        let original = (&prediction.pred_original_sample * f64::from(original_coeff))?;
        let mean = (original + (x_t * f64::from(current_coeff))?)?;
        if !leap.noisy {
            return Ok(mean);
        }
        let noise = noise.ok_or_else(|| Error::new("a noisy step was handed no noise"))?;
        Ok(match deviation(leap, prediction.predicted_variance.as_ref())? {
            Deviation::Scalar(deviation) => (mean + (noise * f64::from(deviation))?)?,
            Deviation::PerPixel(deviation) => (mean + (noise * deviation)?)?,
        })
    }
}
