//! What flows through a network, in the layout that is chosen once for all of it, drawing and training alike.
//!
//! On the CPU that is pixels [n, h, w, c] of f32, for own kernels; on other devices planes [n, c, h, w] of the type that was
//! asked for, for candle. Layers are given maps of their own layout only.

use candle_core::Tensor;

use super::cpu::{self, Shape};
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

    /// Height and width.
    pub fn size(&self) -> Result<(usize, usize)> {
        Ok(match self {
            Self::Planes(x) => (x.dim(2)?, x.dim(3)?),
            Self::Pixels(x) => (x.shape().h, x.shape().w),
        })
    }

    /// Each pixel twice in both directions, without the last row or column where `h` or `w` is odd. That is PyTorch's
    /// nearest upsampling to a size which halves, rounded up, to this one. What is cut has no way back.
    pub fn doubled_to(&self, (h, w): (usize, usize)) -> Result<Self> {
        let doubled = self.doubled()?;
        if doubled.size()? == (h, w) {
            return Ok(doubled);
        }
        match doubled {
            Self::Planes(x) => Ok(Self::Planes(x.narrow(2, 0, h)?.narrow(3, 0, w)?.contiguous()?)),
            Self::Pixels(x) if !x.tracks() && h <= x.shape().h && w <= x.shape().w => {
                let from = x.shape();
                let write = |y: &mut [f32]| cpu::resample::crop(x.values(), from.pictures(), from.c, (h, w), y);
                Ok(Self::Pixels(Pixels::new(x.pool(), Shape { h, w, ..from }, write)))
            }
            Self::Pixels(x) => Err(Error::new(format!("a map {:?} is not cut to {w}×{h}", x.shape()))),
        }
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
