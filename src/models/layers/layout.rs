//! How the network computes, which is chosen once for all of it: in which layout, with weights kept and packed in what way.
//! Layers are loaded for one layout and given maps of that layout only.

use candle_core::{DType, Device, Tensor};

use crate::error::Result;
use crate::tensors::cpu::{Half, Isa};
use crate::tensors::layers::Pool;
use crate::tensors::{FeatureMap, MapLayout};

/// How a network computes.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// candle's operations on [n, c, h, w].
    Planes,
    /// Own kernels on [n, h, w, c] with weights as they are, and a record of what was done: training.
    Recorded,
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
pub struct Packing {
    pub isa: Isa,
    /// Where it serves.
    pub winograd: bool,
    pub half: Option<Half>,
    /// Whether bf16 is multiplied as it is, by the processor's tile unit.
    pub amx: bool,
}

impl Layout {
    pub fn of(device: &Device, dtype: DType, low_memory: bool) -> Self {
        let half = match dtype {
            DType::F16 => Some(Half::F16),
            DType::BF16 => Some(Half::Bf16),
            _ => None,
        };
        match MapLayout::of(device) {
            MapLayout::Pixels => Self::Pixels { isa: Isa::get(), low_memory, half },
            MapLayout::Planes => Self::Planes,
        }
    }

    /// In what the network computes where weights are in `dtype`: own kernels always sum in f32.
    pub fn computes_in(self, dtype: DType) -> DType {
        match self {
            Self::Pixels { .. } => DType::F32,
            Self::Planes | Self::Recorded => dtype,
        }
    }

    /// Whether maps are candle's own.
    pub fn is_planes(self) -> bool {
        matches!(self, Self::Planes)
    }

    /// Whether weights are variables, each by itself.
    pub fn records(self) -> bool {
        matches!(self, Self::Recorded)
    }

    /// How to pack `weight`; `None` where candle or training takes it as it is. A placeholder for a missing tensor, which has no
    /// memory, is not packed.
    pub fn packs(self, weight: &Tensor) -> Option<Packing> {
        match self {
            Self::Pixels { isa, low_memory, half } if weight.is_contiguous() => {
                let amx = half == Some(Half::Bf16) && isa.has_amx();
                Some(Packing { isa, winograd: half.is_none() && !low_memory, half, amx })
            }
            _ => None,
        }
    }

    /// A map of x [n, c, h, w].
    pub fn map(self, x: Tensor, pool: &Pool) -> Result<FeatureMap> {
        match self {
            Self::Planes => Ok(FeatureMap::Planes(x)),
            Self::Pixels { .. } | Self::Recorded => FeatureMap::pixels(pool, &x),
        }
    }
}

/// The numbers of a tensor of f32.
pub fn floats(x: &Tensor) -> Result<Vec<f32>> {
    Ok(x.flatten_all()?.to_vec1()?)
}
