//! What flows through the network, in the layout that is chosen once for all of it.
//!
//! On the CPU that is pixels [n, h, w, c] of f32, for the kernels of `tensors::cpu`; on other devices planes
//! [n, c, h, w] of the type that was asked for, for candle. Layers are loaded for one layout and given maps of that layout only.

use candle_core::{DType, Device, Tensor};

use crate::error::{Error, Result};
use crate::tensors::cpu::{Half, Isa, Pictures, Pixels, Pool, resample};

/// How a network computes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// candle's operations on [n, c, h, w].
    Planes,
    /// Own kernels on [n, h, w, c].
    Pixels {
        isa: Isa,
        /// No Winograd, whose weights are four times as large.
        low_memory: bool,
        /// How weights are kept; `None` is f32. In 16 bits they are not Winograd's either.
        half: Option<Half>,
    },
}

/// What own kernels make of a weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    pub isa: Isa,
    /// Where it serves.
    pub winograd: bool,
    pub half: Option<Half>,
    /// Whether bf16 is multiplied as it is, by the processor's tile unit.
    pub tiles: bool,
}

impl Layout {
    pub fn of(device: &Device, dtype: DType, low_memory: bool) -> Self {
        let half = match dtype {
            DType::F16 => Some(Half::F16),
            DType::BF16 => Some(Half::Bf16),
            _ => None,
        };
        match device.is_cpu() {
            true => Self::Pixels { isa: Isa::get(), low_memory, half },
            false => Self::Planes,
        }
    }

    /// In what the network computes where weights are in `dtype`: own kernels always sum in f32.
    pub fn computes_in(self, dtype: DType) -> DType {
        match self {
            Self::Pixels { .. } => DType::F32,
            Self::Planes => dtype,
        }
    }

    /// How to pack `weight`; `None` where candle takes it as it is. A placeholder for a missing tensor, which has no
    /// memory, is not packed.
    pub fn packs(self, weight: &Tensor) -> Option<Packing> {
        match self {
            Self::Pixels { isa, low_memory, half } if weight.is_contiguous() => {
                let tiles = half == Some(Half::Bf16) && isa.has_tiles();
                Some(Packing { isa, winograd: half.is_none() && !low_memory, half, tiles })
            }
            _ => None,
        }
    }

    /// A map of x [n, c, h, w].
    pub fn map(self, x: Tensor, pool: &Pool) -> Result<FeatureMap> {
        if let Self::Planes = self {
            return Ok(FeatureMap::Planes(x));
        }
        let (n, c, h, w) = x.dims4()?;
        let (planes, pictures) = (floats(&x)?, Pictures { n, h, w });
        let write = |y: &mut [f32]| resample::pixels_of_planes(&planes, pictures, c, y);
        Ok(FeatureMap::Pixels(Pixels::new(pool, pictures, c, write)))
    }
}

/// A batch of feature maps. Clones share memory.
#[derive(Clone, Debug)]
pub(super) enum FeatureMap {
    /// [n, c, h, w].
    Planes(Tensor),
    /// [n, h, w, c].
    Pixels(Pixels),
}

impl FeatureMap {
    /// As a tensor [n, c, h, w].
    pub fn into_tensor(self) -> Result<Tensor> {
        match self {
            Self::Planes(x) => Ok(x),
            Self::Pixels(x) => {
                let Pictures { n, h, w } = x.pictures;
                let mut planes = vec![0f32; x.values().len()];
                resample::planes_of_pixels(x.values(), x.pictures, x.c, &mut planes);
                Ok(Tensor::from_vec(planes, (n, x.c, h, w), &Device::Cpu)?)
            }
        }
    }

    /// The mean of each 2×2 pixels.
    pub fn halved(&self) -> Result<Self> {
        Ok(match self {
            Self::Planes(x) => Self::Planes(x.avg_pool2d(2)?),
            Self::Pixels(x) => {
                let Pictures { n, h, w } = x.pictures;
                let write = |y: &mut [f32]| resample::average_pool(x.values(), x.pictures, x.c, y);
                Self::Pixels(Pixels::new(x.pool(), Pictures { n, h: h / 2, w: w / 2 }, x.c, write))
            }
        })
    }

    /// Each pixel twice in both directions.
    pub fn doubled(&self) -> Result<Self> {
        Ok(match self {
            Self::Planes(x) => {
                let (_, _, h, w) = x.dims4()?;
                Self::Planes(x.upsample_nearest2d(2 * h, 2 * w)?)
            }
            Self::Pixels(x) => {
                let Pictures { n, h, w } = x.pictures;
                let write = |y: &mut [f32]| resample::upsample_nearest(x.values(), x.pictures, x.c, y);
                Self::Pixels(Pixels::new(x.pool(), Pictures { n, h: 2 * h, w: 2 * w }, x.c, write))
            }
        })
    }

    /// The channels of this one, then those of `other`.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        Ok(match (self, other) {
            (Self::Planes(a), Self::Planes(b)) => Self::Planes(Tensor::cat(&[a, b], 1)?),
            (Self::Pixels(a), Self::Pixels(b)) => {
                let write = |y: &mut [f32]| resample::concat(a.values(), a.c, b.values(), b.c, y);
                Self::Pixels(Pixels::new(a.pool(), a.pictures, a.c + b.c, write))
            }
            _ => return Err(mixed()),
        })
    }
}

/// A layer that was loaded for the other layout.
pub(super) fn mixed() -> Error {
    Error::new("a layer was given a feature map of another layout")
}

/// The numbers of a tensor of f32.
pub(super) fn floats(x: &Tensor) -> Result<Vec<f32>> {
    Ok(x.flatten_all()?.to_vec1()?)
}
