//! DPM-Solver++, second order, multistep, data prediction (Lu et al. 2022, algorithm 2; diffusers
//! `DPMSolverMultistepScheduler`, `midpoint`).
//!
//! With λ = ln(α/σ), h = λ' - λ: first order x' = (σ'/σ) x - α'(e^-h - 1) x̂_0; second order adds
//! -½ α'(e^-h - 1) D₁, D₁ = (x̂_0 - x̂_0 before)/r, r = h before / h. The first step is of first order, and the
//! last where it arrives at ᾱ = 1 or the run has fewer than 15 steps, as diffusers' `lower_order_final` has it.

use candle_core::Tensor;

use super::{Leap, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::Result;

/// Runs shorter than this end with a first-order step.
const FEW_STEPS: usize = 15;

/// What the step before left: x̂_0 and λ where it was evaluated.
#[derive(Default)]
pub struct DpmSolverPp2m {
    before: Option<(Tensor, f32)>,
}

/// α, σ and λ of ᾱ, in f32.
fn alpha_sigma_lambda(alpha_prod: f32) -> (f32, f32, f32) {
    let (alpha, sigma) = (alpha_prod.sqrt(), (1.0 - alpha_prod).sqrt());
    (alpha, sigma, alpha.ln() - sigma.ln())
}

impl Stepper for DpmSolverPp2m {
    fn wants_noise(&self, _leap: &Leap) -> bool {
        false
    }

    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, _noise: Option<&Tensor>) -> Result<Tensor> {
        let original = &prediction.pred_original_sample;
        let (_, sigma, lambda) = alpha_sigma_lambda(leap.alpha_prod);
        let before = self.before.replace((original.clone(), lambda));
        if leap.alpha_prod_prev >= 1.0 {
            return Ok(original.clone()); // σ' = 0 and e^-h = 0
        }
        let (alpha_next, sigma_next, lambda_next) = alpha_sigma_lambda(leap.alpha_prod_prev);
        let h = lambda_next - lambda;
        let step = f64::from(alpha_next * ((-h).exp() - 1.0));
        let x = ((x_t * f64::from(sigma_next / sigma))? - (original * step)?)?;
        let lower = leap.last && leap.of < FEW_STEPS;
        match before.filter(|_| !lower) {
            None => Ok(x),
            Some((original_before, lambda_before)) => {
                let ratio = (lambda - lambda_before) / h;
                let difference = ((original - original_before)? * f64::from(1.0 / ratio))?;
                Ok((x - (difference * (0.5 * step))?)?)
            }
        }
    }

    fn forget(&mut self) {
        self.before = None;
    }
}
