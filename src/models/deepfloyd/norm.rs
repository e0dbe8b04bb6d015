//! Group normalisation of feature maps, with the activation that follows it.

use candle_core::{DType, Tensor};

use super::layout::{Layout, floats};
use crate::error::Result;
use crate::tensors::cpu::{self, Activation, Isa};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::planes::{self, UnitAffine};
use crate::tensors::{FeatureMap, GroupNorm};
use crate::weights::Weights;

#[derive(Clone, Debug)]
pub(super) struct Norm {
    affine: Affine,
    groups: usize,
    eps: f64,
}

/// γ and β, as each layout wants them.
#[derive(Clone, Debug)]
enum Affine {
    Planes {
        /// [1, c] each.
        weight: Tensor,
        bias: Tensor,
        unit: UnitAffine,
    },
    Recorded {
        /// [c] each.
        weight: Tensor,
        bias: Tensor,
    },
    Pixels {
        weight: Vec<f32>,
        bias: Vec<f32>,
    },
}

/// What follows the normalisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum After<'a> {
    Nothing,
    Gelu,
    /// What the time says, [n, 2 c], and then GELU. Of pixels it says scale and shift: · (1 + scale) + shift. Of planes it
    /// says gain and offset, which stand for γ and β too.
    TimeGelu(&'a Tensor),
}

impl After<'_> {
    fn activation(self) -> Activation {
        match self {
            Self::Nothing => Activation::Identity,
            Self::Gelu | Self::TimeGelu(_) => Activation::Gelu,
        }
    }
}

/// The `torch.nn.GroupNorm` of a text's `channels` that `weights`' prefix names.
pub(super) fn load_group_norm(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<GroupNorm> {
    GroupNorm::new(&weights.take("weight", &[channels])?, &weights.take("bias", &[channels])?, groups, eps)
}

impl Norm {
    pub fn load(
        layout: Layout,
        weights: &Weights,
        channels: usize,
        (groups, eps): (usize, f64),
        unit: &UnitAffine,
    ) -> Result<Self> {
        let (weight, bias) = (weights.take("weight", &[channels])?, weights.take("bias", &[channels])?);
        let affine = match layout {
            Layout::Planes => {
                Affine::Planes { weight: weight.unsqueeze(0)?, bias: bias.unsqueeze(0)?, unit: unit.clone() }
            }
            Layout::Recorded => Affine::Recorded { weight, bias },
            Layout::Pixels { .. } => {
                let values = |x: &Tensor| floats(&x.to_dtype(DType::F32)?);
                Affine::Pixels { weight: values(&weight)?, bias: values(&bias)? }
            }
        };
        Ok(Self { affine, groups, eps })
    }

    /// γ and β of planes, [1, c] each.
    pub fn of_planes(&self) -> Option<(&Tensor, &Tensor)> {
        match &self.affine {
            Affine::Planes { weight, bias, .. } => Some((weight, bias)),
            Affine::Recorded { .. } | Affine::Pixels { .. } => None,
        }
    }

    pub fn forward(&self, x: &FeatureMap, after: After) -> Result<FeatureMap> {
        let (groups, eps, activation) = (self.groups, self.eps, after.activation());
        Ok(match (&self.affine, x) {
            (Affine::Planes { weight, bias, unit }, FeatureMap::Planes(x)) => {
                let y = match after {
                    After::Nothing | After::Gelu => planes::group_norm(x, weight, bias, groups, eps, unit)?,
                    After::TimeGelu(both) => {
                        let c = both.dim(1)? / 2;
                        let (gain, offset) = (both.narrow(1, 0, c)?, both.narrow(1, c, c)?);
                        planes::group_norm(x, &gain, &offset, groups, eps, unit)?
                    }
                };
                FeatureMap::Planes(if activation == Activation::Gelu { y.gelu_erf()? } else { y })
            }
            (Affine::Recorded { weight, bias }, FeatureMap::Pixels(x)) => {
                let scale_shift = if let After::TimeGelu(both) = after { Some(both) } else { None };
                let norm = layers::GroupNorm { groups, eps, weight, bias, scale_shift, activation };
                FeatureMap::Pixels(layers::group_norm(x, norm, true)?)
            }
            (Affine::Pixels { weight, bias }, FeatureMap::Pixels(x)) => {
                let both = if let After::TimeGelu(both) = after { Some(floats(both)?) } else { None };
                let norm = cpu::Norm { groups, eps, weight, bias, scale_shift: both.as_deref(), activation };
                let shape = x.shape();
                let write = |y: &mut [f32]| {
                    cpu::group_norm(Isa::get(), x.values(), shape.n, shape.c, norm, y);
                };
                FeatureMap::Pixels(Pixels::new(x.pool(), shape, write))
            }
            _ => return Err(FeatureMap::mixed()),
        })
    }
}
