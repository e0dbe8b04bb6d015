//! The pseudo linear multistep method (PLMS; Liu et al. 2022, eq. 9 and 12; diffusers `PNDMScheduler.step_plms`).
//!
//! x' = √(ᾱ'/ᾱ) x - (ᾱ'-ᾱ) ε / (ᾱ√(1-ᾱ') + √(ᾱ(1-ᾱ)ᾱ')), DDIM's step without noise, with the ε of up to four steps, newest
//! first: (3a-b)/2, (23a-16b+5c)/12, (55a-59b+37c-9d)/24. The first step is retaken with the mean of the ε at its two ends;
//! the second of those is not kept.

use std::collections::VecDeque;

use candle_core::Tensor;

use super::{Leap, LeapKind, Stepper};
use crate::diffusion::prediction::Prediction;
use crate::error::Result;

/// The ε of earlier steps, newest first, and where the first step began.
#[derive(Default)]
pub struct Pndm {
    kept: VecDeque<Tensor>,
    first: Option<(Tensor, f32)>,
}

/// Weights of the ε, newest first, by how many there are.
const WEIGHTS: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

impl Stepper for Pndm {
    fn wants_noise(&self, _leap: &Leap) -> bool {
        false
    }

    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, _noise: Option<&Tensor>) -> Result<Tensor> {
        let noise_pred = &prediction.noise_pred;
        if leap.kind == LeapKind::Retaken {
            return match (self.first.take(), self.kept.front()) {
                (Some((x, alpha_prod)), Some(before)) => {
                    moved(&x, &((noise_pred + before)? / 2.0)?, alpha_prod, leap.alpha_prod_prev)
                }
                // It was changed from outside since: what it has become is where it goes on.
                _ => Ok(x_t.clone()),
            };
        }
        self.kept.push_front(noise_pred.clone());
        self.kept.truncate(WEIGHTS.len());
        self.first = (self.kept.len() == 1).then(|| (x_t.clone(), leap.alpha_prod));
        let mut sum = (noise_pred * WEIGHTS[self.kept.len() - 1][0])?;
        for (kept, weight) in self.kept.iter().zip(WEIGHTS[self.kept.len() - 1]).skip(1) {
            sum = (sum + (kept * *weight)?)?;
        }
        moved(x_t, &sum, leap.alpha_prod, leap.alpha_prod_prev)
    }

    fn forget(&mut self) {
        *self = Self::default();
    }
}

/// `x` from ᾱ = `now` to `next`, along `noise_pred`.
fn moved(x: &Tensor, noise_pred: &Tensor, now: f32, next: f32) -> Result<Tensor> {
    let kept = (next / now).sqrt();
    let along = (next - now) / (now * (1.0 - next).sqrt() + (now * (1.0 - now) * next).sqrt());
    Ok(((x * f64::from(kept))? - (noise_pred * f64::from(along))?)?)
}
