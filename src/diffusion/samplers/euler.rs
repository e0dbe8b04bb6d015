//! Euler's step along a velocity (flow matching, Lipman et al. 2023), x ← x + (t' - t) u; and along the probability flow of
//! σ = √((1-ᾱ)/ᾱ) (Karras et al. 2022; diffusers `EulerDiscreteScheduler`), which in x_t = √ᾱ x_σ is DDIM's without noise.

use candle_core::Tensor;

use super::ddim::Ddim;
use super::{Leap, LeapKind, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::Result;

/// It remembers nothing.
pub struct Euler;

impl Stepper for Euler {
    fn wants_noise(&self, _leap: &Leap) -> bool {
        false
    }

    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor> {
        if leap.kind != LeapKind::Flow {
            return Ddim { eta: 0.0 }.step(leap, x_t, prediction, noise);
        }
        let dt = f64::from(leap.alpha_prod_prev - leap.alpha_prod);
        Ok((x_t + (&prediction.noise_pred * dt)?)?)
    }
}
