//! What flows through a network, in the layout that is chosen once for all of it, drawing and training alike.
//!
//! Pixels [n, h, w, c] of f32 meet own kernels of the CPU; planes [n, c, h, w] of the type that was asked for meet
//! candle's operations. Layers are given maps of their own layout only.

use candle_core::Tensor;

use super::layers::{self, Pixels, Pool};
use crate::error::{Error, Result};

/// A batch of feature maps. Clones share memory.
#[derive(Clone, Debug)]
pub enum FeatureMap {
    /// [n, c, h, w].
    Planes(Tensor),
    /// [n, h, w, c].
    Pixels(Pixels),
}

impl FeatureMap {
    /// Pixels of pictures [n, c, h, w], f32 on the CPU, in memory of `pool`.
    pub fn pixels(pool: &Pool, pictures: &Tensor) -> Result<Self> {
        Ok(Self::Pixels(Pixels::from_pictures(pool, pictures)?))
    }

    /// As pictures [n, c, h, w]. If a gradient is wanted, it must be taken by [`layers::backward`].
    pub fn into_pictures(self) -> Result<Tensor> {
        match self {
            Self::Planes(x) => Ok(x),
            Self::Pixels(x) => x.into_pictures(),
        }
    }

    /// The channels of this one, then those of `other`, at the same pixels.
    pub fn concat(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Planes(a), Self::Planes(b)) => Ok(Self::Planes(Tensor::cat(&[a, b], 1)?)),
            (Self::Pixels(a), Self::Pixels(b)) => Ok(Self::Pixels(layers::concat(a, b)?)),
            _ => Err(Self::mixed()),
        }
    }

    /// The mean of each 2×2 pixels.
    pub fn halved(&self) -> Result<Self> {
        Ok(match self {
            Self::Planes(x) => Self::Planes(x.avg_pool2d(2)?),
            Self::Pixels(x) => Self::Pixels(layers::average_pool(x)),
        })
    }

    /// Each pixel twice in both directions.
    pub fn doubled(&self) -> Result<Self> {
        Ok(match self {
            Self::Planes(x) => {
                let (_, _, h, w) = x.dims4()?;
                Self::Planes(x.upsample_nearest2d(2 * h, 2 * w)?)
            }
            Self::Pixels(x) => Self::Pixels(layers::upsample_nearest(x)),
        })
    }

    /// scale · x + shift, [n, c] each, the same at every pixel; what is `None` is left out.
    pub fn scale_shift(&self, scale: Option<&Tensor>, shift: Option<&Tensor>) -> Result<Self> {
        let mut x = match self {
            Self::Pixels(map) => return Ok(Self::Pixels(layers::scale_shift(map, scale, shift)?)),
            Self::Planes(planes) => planes.clone(),
        };
        if let Some(scale) = scale {
            x = x.broadcast_mul(&scale.unsqueeze(2)?.unsqueeze(3)?)?;
        }
        if let Some(shift) = shift {
            x = x.broadcast_add(&shift.unsqueeze(2)?.unsqueeze(3)?)?;
        }
        Ok(Self::Planes(x))
    }

    /// A layer that was loaded for the other layout.
    pub fn mixed() -> Error {
        Error::new("a layer was given a feature map of another layout")
    }
}
