//! The pseudo linear multistep method (PLMS; Liu et al. 2022, eq. 9 and 12; diffusers `PNDMScheduler.step_plms`).
//!
//! x' = √(ᾱ'/ᾱ) x - (ᾱ'-ᾱ) ε / (ᾱ√(1-ᾱ') + √(ᾱ(1-ᾱ)ᾱ')), DDIM's step without noise, with what the network said in up to four
//! steps, newest first: (3a-b)/2, (23a-16b+5c)/12, (55a-59b+37c-9d)/24. The first step is retaken with the mean of what it
//! said at its two ends; the second of those is not kept. Where it predicts v, that is turned into ε after the mean, as
//! diffusers does.

use std::collections::VecDeque;

use candle_core::Tensor;

use super::{Leap, LeapKind, Stepper};
use crate::diffusion::prediction::{Prediction, Terms};
use crate::error::Result;

/// What was said in earlier steps, newest first, and where the first step began.
#[derive(Default)]
pub struct Pndm {
    kept: VecDeque<Tensor>,
    first: Option<(Tensor, f32)>,
}

/// Their weights, by how many there are.
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
        let (said, prediction_type) = (&prediction.model_output, prediction.prediction_type);
        if leap.kind == LeapKind::Retaken {
            return match (self.first.take(), self.kept.front()) {
                (Some((x, alpha_prod)), Some(before)) => {
                    let terms = Terms { prediction_type, alpha_prod };
                    moved(&x, &((said + before)? / 2.0)?, terms, leap.alpha_prod_prev)
                }
                // It was changed from outside since: what it has become is where it goes on.
                _ => Ok(x_t.clone()),
            };
        }
        self.kept.push_front(said.clone());
        self.kept.truncate(WEIGHTS.len());
        self.first = (self.kept.len() == 1).then(|| (x_t.clone(), leap.alpha_prod));
        let mut sum = (said * WEIGHTS[self.kept.len() - 1][0])?;
        for (kept, weight) in self.kept.iter().zip(WEIGHTS[self.kept.len() - 1]).skip(1) {
            sum = (sum + (kept * *weight)?)?;
        }
        moved(x_t, &sum, Terms { prediction_type, alpha_prod: leap.alpha_prod }, leap.alpha_prod_prev)
    }

    fn forget(&mut self) {
        *self = Self::default();
    }
}

/// `x` from the ᾱ of `terms` to `next`, along what `said` means there.
fn moved(x: &Tensor, said: &Tensor, terms: Terms, next: f32) -> Result<Tensor> {
    let (now, noise_pred) = (terms.alpha_prod, terms.noise(x, said)?);
    let kept = (next / now).sqrt();
    let along = (next - now) / (now * (1.0 - next).sqrt() + (now * (1.0 - now) * next).sqrt());
    Ok(((x * f64::from(kept))? - (noise_pred * f64::from(along))?)?)
}
