//! Group normalisation of feature maps, with the activation that follows it.

use candle_core::Tensor;

use super::layout::floats;
use crate::error::Result;
use crate::tensors::cpu::{self, Activation, Isa};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::{FeatureMap, GroupNorm};
use crate::weights::Weights;

#[derive(Clone, Debug)]
pub(super) struct Norm {
    planes: GroupNorm,
    weight: Vec<f32>,
    bias: Vec<f32>,
    groups: usize,
    eps: f64,
}

/// What follows the normalisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum After<'a> {
    Nothing,
    Gelu,
    /// · (1 + scale) + shift and then GELU; scale and shift side by side, [n, 2 c].
    ScaleShiftGelu(&'a Tensor),
}

impl After<'_> {
    fn activation(self) -> Activation {
        match self {
            Self::Nothing => Activation::Identity,
            Self::Gelu | Self::ScaleShiftGelu(_) => Activation::Gelu,
        }
    }
}

/// The `torch.nn.GroupNorm` of `channels` that `weights`' prefix names.
pub(super) fn load_group_norm(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<GroupNorm> {
    GroupNorm::new(&weights.take("weight", &[channels])?, &weights.take("bias", &[channels])?, groups, eps)
}

impl Norm {
    pub fn load(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<Self> {
        let planes = load_group_norm(weights, channels, groups, eps)?;
        let values = |x: &Tensor| floats(&x.to_dtype(candle_core::DType::F32)?);
        Ok(Self { weight: values(planes.weight())?, bias: values(planes.bias())?, planes, groups, eps })
    }

    pub fn forward(&self, x: &FeatureMap, after: After) -> Result<FeatureMap> {
        Ok(match x {
            FeatureMap::Planes(x) => FeatureMap::Planes(match after {
                After::Nothing => self.planes.forward(x)?,
                After::Gelu => self.planes.forward_gelu(x)?,
                After::ScaleShiftGelu(both) => {
                    let both = both.chunk(2, 1)?;
                    self.planes.forward_scale_shift_gelu(x, &both[0], &both[1])?
                }
            }),
            FeatureMap::Pixels(x) if self.planes.weight().is_variable() => {
                let norm = layers::GroupNorm {
                    groups: self.groups,
                    eps: self.eps,
                    weight: self.planes.weight(),
                    bias: self.planes.bias(),
                    scale_shift: if let After::ScaleShiftGelu(both) = after { Some(both) } else { None },
                    activation: after.activation(),
                };
                FeatureMap::Pixels(layers::group_norm(x, norm, true)?)
            }
            FeatureMap::Pixels(x) => {
                let both = if let After::ScaleShiftGelu(both) = after { Some(floats(both)?) } else { None };
                let norm = cpu::Norm {
                    groups: self.groups,
                    eps: self.eps,
                    weight: &self.weight,
                    bias: &self.bias,
                    scale_shift: both.as_deref(),
                    activation: after.activation(),
                };
                let shape = x.shape();
                let write = |y: &mut [f32]| {
                    cpu::group_norm(Isa::get(), x.values(), shape.n, shape.c, norm, y);
                };
                FeatureMap::Pixels(Pixels::new(x.pool(), shape, write))
            }
        })
    }
}
