//! Keeping x̂_0 in range: dynamic thresholding (Imagen, Saharia et al. 2022) or a plain clamp, as diffusers does.

use candle_core::{D, Tensor};

use super::schedule::SchedulerConfig;
use crate::error::Result;
use crate::tensors::quantile;

/// How x̂_0 is kept in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// Left as it is (the course's stepping).
    Off,
    /// Clamped to ± the number.
    Clip(f64),
    /// Per picture: s = the `ratio` quantile of |x̂_0| within [1, `max`]; clamped to ± s, divided by s.
    Dynamic {
        /// The quantile.
        ratio: f64,
        /// The largest s.
        max: f64,
    },
}

impl Threshold {
    /// What `config` asks of diffusers' own step.
    pub fn of(config: &SchedulerConfig) -> Self {
        if config.thresholding {
            Self::Dynamic { ratio: config.dynamic_thresholding_ratio, max: config.sample_max_value }
        } else if config.clip_sample {
            Self::Clip(config.clip_sample_range)
        } else {
            Self::Off
        }
    }

    /// `sample` [b, c, h, w] kept in range.
    pub fn apply(self, sample: &Tensor) -> Result<Tensor> {
        match self {
            Self::Off => Ok(sample.clone()),
            Self::Clip(range) => Ok(sample.clamp(-range, range)?),
            Self::Dynamic { ratio, max } => {
                let (b, c, h, w) = sample.dims4()?;
                let flat = sample.reshape((b, c * h * w))?;
                // As torch.clamp(min=1, max=max): the upper bound wins when max < 1.
                let s = quantile(&flat.abs()?, ratio)?.maximum(1.0)?.minimum(max)?.unsqueeze(D::Minus1)?;
                let clamped = flat.broadcast_maximum(&s.neg()?)?.broadcast_minimum(&s)?.broadcast_div(&s)?;
                Ok(clamped.reshape((b, c, h, w))?)
            }
        }
    }
}
