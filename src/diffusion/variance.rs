//! The variance of the noise that DDPM adds: fixed, or interpolated by the network (Nichol & Dhariwal 2021).

use candle_core::Tensor;
use serde::Deserialize;

use super::samplers::Leap;
use crate::error::{Error, Result};

/// diffusers' `variance_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VarianceType {
    /// The posterior variance β̃.
    FixedSmall,
    /// β̃ through its logarithm (the same value).
    FixedSmallLog,
    /// β itself.
    FixedLarge,
    /// Three more channels of the network say where between ln β̃ and ln β.
    LearnedRange,
}

impl VarianceType {
    /// Channels of the network's output for a picture of `channels`.
    pub fn output_channels(self, channels: usize) -> usize {
        if self == Self::LearnedRange { 2 * channels } else { channels }
    }
}

/// The smallest variance, so that its logarithm stays finite (diffusers' clamp).
const MIN_VARIANCE: f32 = 1e-20;

/// The standard deviation of the noise of one step: a number, or [b, c, h, w] where it is learned.
pub enum Deviation {
    /// The same for every pixel.
    Scalar(f32),
    /// One for each pixel.
    PerPixel(Tensor),
}

/// The deviation for `leap`; `predicted` is the network's v, [b, c, h, w], about -1 (β̃) to 1 (β), not clamped.
pub fn deviation(leap: &Leap, predicted: Option<&Tensor>) -> Result<Deviation> {
    let (alpha_prod, alpha_prod_prev) = (leap.alpha_prod, leap.alpha_prod_prev);
    let beta = 1.0 - alpha_prod / alpha_prod_prev;
    let posterior = ((1.0 - alpha_prod_prev) / (1.0 - alpha_prod) * beta).max(MIN_VARIANCE);
    match leap.variance_type {
        VarianceType::FixedSmall => Ok(Deviation::Scalar(posterior.sqrt())),
        VarianceType::FixedSmallLog => Ok(Deviation::Scalar((0.5 * posterior.ln()).exp())),
        VarianceType::FixedLarge => Ok(Deviation::Scalar(beta.sqrt())),
        VarianceType::LearnedRange => {
            let predicted = predicted.ok_or_else(|| Error::new("the network gave no variance channels"))?;
            let (min_log, max_log) = (f64::from(posterior.ln()), f64::from(beta.ln()));
            let fraction = ((predicted + 1.0)? / 2.0)?;
            let log = ((&fraction * max_log)? + fraction.affine(-min_log, min_log)?)?;
            Ok(Deviation::PerPixel((log * 0.5)?.exp()?))
        }
    }
}
