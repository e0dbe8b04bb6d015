//! Euler's step along a velocity (flow matching, Lipman et al. 2023): x ← x + (t' - t) u.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::Result;

/// It remembers nothing.
pub struct Euler;

impl Stepper for Euler {
    fn wants_noise(&self, _leap: &Leap) -> bool {
        false
    }

    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, _noise: Option<&Tensor>) -> Result<Tensor> {
        let dt = f64::from(leap.alpha_prod_prev - leap.alpha_prod);
        Ok((x_t + (&prediction.noise_pred * dt)?)?)
    }
}
