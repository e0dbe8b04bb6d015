//! What a network says of x_t, turned into ε and x̂_0.
//!
//! A network may predict ε, v (Salimans & Ho 2022) or x_0. Estimates are composed in the network's own
//! terms, with weights that sum to 1, and turned here, once: ε = √ᾱ v + √(1-ᾱ) x, x̂_0 = √ᾱ x - √(1-ᾱ) v.
//! Going from v to x̂_0 by way of ε would lose 2.5e-3 at t = 999 in f32, where √ᾱ is 5e-5.

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
}

/// ε̂ and x̂_0 (before any thresholding) of `x_t` from the composed `model_output`, both [b, c, h, w].
pub fn noise_and_original(
    prediction_type: PredictionType,
    alpha_prod: f32,
    x_t: &Tensor,
    model_output: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let (signal, noise) = (f64::from(alpha_prod.sqrt()), f64::from((1.0 - alpha_prod).sqrt()));
    Ok(match prediction_type {
        PredictionType::Epsilon => {
            let original = ((x_t - (model_output * noise)?)? / signal)?;
            (model_output.clone(), original)
        }
        PredictionType::V => {
            let epsilon = ((model_output * signal)? + (x_t * noise)?)?;
            let original = ((x_t * signal)? - (model_output * noise)?)?;
            (epsilon, original)
        }
        PredictionType::Sample => {
            let epsilon = ((x_t - (model_output * signal)?)? / noise)?;
            (epsilon, model_output.clone())
        }
    })
}
