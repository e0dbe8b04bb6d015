//! What a network says of x_t, turned into ε and x̂_0.
//!
//! A network may predict ε, v (Salimans & Ho 2022) or x_0. Estimates are composed in the network's own terms
//! and turned here, once: ε = √ᾱ v + √(1-ᾱ) x, x̂_0 = √ᾱ x - √(1-ᾱ) v. Going from v to x̂_0 by way of ε would
//! lose 2.5e-3 at t = 999 in f32, where √ᾱ is 5e-5.
//!
//! Where the weights of a composition do not sum to 1 (a sum of views, a rescaled guidance), ε holds another
//! multiple of x than that; what stands for x in it is then composed beside the output.

use candle_core::Tensor;
use serde::Deserialize;

use crate::error::Result;

/// diffusers' `prediction_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionType {
    /// The noise.
    Epsilon,
    /// √ᾱ ε - √(1-ᾱ) x_0.
    #[serde(rename = "v_prediction")]
    V,
    /// The clean picture.
    Sample,
    /// x_1 - x_0 of flow matching, from noise x_0 to the picture x_1 (Lipman et al. 2023). It counts as "ε" as it is.
    Velocity,
}

/// The composed estimate of one step, [b, c, h, w] each.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// ε̂, guided and composed, whatever the network predicts.
    pub noise_pred: Tensor,
    /// x̂_0 as the step uses it: after thresholding where the stepping thresholds.
    pub pred_original_sample: Tensor,
    /// The network's v for the learned range, where it has one.
    pub predicted_variance: Option<Tensor>,
    /// The estimate in the network's own terms, guided and composed: what methods of several steps take the mean of.
    pub model_output: Tensor,
    /// Those terms.
    pub prediction_type: PredictionType,
}

/// What the network's output means at one timestep.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What the network predicts.
    pub prediction_type: PredictionType,
    /// ᾱ there; for a velocity the time t, from 0 (noise) to 1.
    pub alpha_prod: f32,
}

impl Terms {
    fn roots(self) -> (f64, f64) {
        (f64::from(self.alpha_prod.sqrt()), f64::from((1.0 - self.alpha_prod).sqrt()))
    }

    /// How much of x_0 is in x_t: √ᾱ, or a velocity's t.
    pub(super) fn signal(self) -> f64 {
        match self.prediction_type {
            PredictionType::Velocity => f64::from(self.alpha_prod),
            _ => self.roots().0,
        }
    }

    /// ε of `model_output`, where `x` stands for x_t; all [b, c, h, w].
    pub fn noise(self, x: &Tensor, model_output: &Tensor) -> Result<Tensor> {
        let (signal, noise) = self.roots();
        Ok(match self.prediction_type {
            PredictionType::Epsilon | PredictionType::Velocity => model_output.clone(),
            PredictionType::V => ((model_output * signal)? + (x * noise)?)?,
            PredictionType::Sample => ((x - (model_output * signal)?)? / noise)?,
        })
    }

    /// x̂_0 of `x_t` before any thresholding; `composed_x` is what stands for x_t in ε where that is another.
    pub fn original(self, x_t: &Tensor, composed_x: Option<&Tensor>, model_output: &Tensor) -> Result<Tensor> {
        let (signal, noise) = self.roots();
        Ok(match (self.prediction_type, composed_x) {
            (PredictionType::Velocity, _) => (x_t + (model_output * f64::from(1.0 - self.alpha_prod))?)?,
            (PredictionType::Epsilon, _) => ((x_t - (model_output * noise)?)? / signal)?,
            (PredictionType::V, None) => ((x_t * signal)? - (model_output * noise)?)?,
            (PredictionType::V, Some(x)) => {
                let kept = ((x_t - (x * (noise * noise))?)? / signal)?;
                (kept - (model_output * noise)?)?
            }
            (PredictionType::Sample, None) => model_output.clone(),
            (PredictionType::Sample, Some(x)) => (model_output + ((x_t - x)? / signal)?)?,
        })
    }
}
