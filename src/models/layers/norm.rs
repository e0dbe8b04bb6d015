//! Group normalisation of feature maps, with the activation that follows it.

use candle_core::Tensor;

use super::layout::floats;
use crate::error::Result;
use crate::tensors::cpu::{self, Activation, Isa};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::planes::{self, UnitAffine};
use crate::tensors::{FeatureMap, GroupNorm};
use crate::weights::Weights;

/// A `torch.nn.GroupNorm` of feature maps.
#[derive(Clone, Debug)]
pub struct Norm {
    planes: GroupNorm,
    weight: Vec<f32>,
    bias: Vec<f32>,
    groups: usize,
    eps: f64,
}

/// What comes with the normalisation, before and after it.
#[derive(Clone, Copy, Debug)]
pub enum With<'a> {
    Nothing,
    Activation(Activation),
    /// [n, c] is added to every pixel, then comes the norm and the activation.
    Added(&'a Tensor, Activation),
    /// · (1 + scale) + shift and then the activation; scale and shift side by side, [n, 2 c].
    ScaleShift(&'a Tensor, Activation),
    /// Gain and offset, [n, c], instead of the norm's own, and then the activation; of planes alone.
    Affine(&'a Tensor, &'a Tensor, Activation),
}

impl<'a> With<'a> {
    fn activation(self) -> Activation {
        match self {
            Self::Nothing => Activation::Identity,
            Self::Activation(activation)
            | Self::Added(_, activation)
            | Self::ScaleShift(_, activation)
            | Self::Affine(_, _, activation) => activation,
        }
    }

    fn scale_shift(self) -> Option<&'a Tensor> {
        if let Self::ScaleShift(both, _) = self { Some(both) } else { None }
    }

    fn added(self) -> Option<&'a Tensor> {
        if let Self::Added(added, _) = self { Some(added) } else { None }
    }
}

/// The `torch.nn.GroupNorm` of `channels` that `weights`' prefix names.
pub fn load_group_norm(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<GroupNorm> {
    GroupNorm::new(&weights.take("weight", &[channels])?, &weights.take("bias", &[channels])?, groups, eps)
}

impl Norm {
    pub fn load(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<Self> {
        let planes = load_group_norm(weights, channels, groups, eps)?;
        let values = |x: &Tensor| floats(&x.to_dtype(candle_core::DType::F32)?);
        Ok(Self { weight: values(planes.weight())?, bias: values(planes.bias())?, planes, groups, eps })
    }

    /// The norm of planes.
    pub fn planes(&self) -> &GroupNorm {
        &self.planes
    }

    pub fn forward(&self, x: &FeatureMap, with: With) -> Result<FeatureMap> {
        let activation = with.activation();
        Ok(match x {
            FeatureMap::Planes(planes) if !planes.track_op() => FeatureMap::Planes(self.of_planes(planes, with)?),
            FeatureMap::Planes(planes) => FeatureMap::Planes(match with {
                With::Nothing | With::Activation(_) => self.planes.forward(planes, activation)?,
                With::Added(added, _) => {
                    let FeatureMap::Planes(x) = x.scale_shift(None, Some(added))? else {
                        return Err(FeatureMap::mixed());
                    };
                    self.planes.forward(&x, activation)?
                }
                With::ScaleShift(both, _) => {
                    let both = both.chunk(2, 1)?;
                    self.planes.forward_scale_shift(planes, &both[0], &both[1], activation)?
                }
                With::Affine(gain, offset, _) => self.planes.forward_affine(planes, gain, offset, activation)?,
            }),
            FeatureMap::Pixels(_) if matches!(with, With::Affine(..)) => return Err(FeatureMap::mixed()),
            FeatureMap::Pixels(x) if self.planes.weight().is_variable() => {
                let x = match with.added() {
                    Some(added) => &layers::scale_shift(x, None, Some(added))?,
                    None => x,
                };
                let norm = layers::GroupNorm {
                    groups: self.groups,
                    eps: self.eps,
                    weight: self.planes.weight(),
                    bias: self.planes.bias(),
                    scale_shift: with.scale_shift(),
                    activation,
                };
                FeatureMap::Pixels(layers::group_norm(x, norm, true)?)
            }
            FeatureMap::Pixels(x) => {
                let added = with.added().map(floats).transpose()?;
                let both = with.scale_shift().map(floats).transpose()?;
                let norm = cpu::Norm {
                    groups: self.groups,
                    eps: self.eps,
                    weight: &self.weight,
                    bias: &self.bias,
                    added: added.as_deref(),
                    scale_shift: both.as_deref(),
                    activation,
                };
                let shape = x.shape();
                let write = |y: &mut [f32]| {
                    cpu::group_norm(Isa::get(), x.values(), shape.n, shape.c, norm, y);
                };
                FeatureMap::Pixels(Pixels::new(x.pool(), shape, write))
            }
        })
    }

    /// The same without a gradient, in few launches.
    fn of_planes(&self, x: &Tensor, with: With) -> Result<Tensor> {
        let (mut gain, mut offset) = match with {
            With::Affine(gain, offset, _) => (gain.clone(), offset.clone()),
            _ => (self.planes.weight().unsqueeze(0)?, self.planes.bias().unsqueeze(0)?),
        };
        if let Some(both) = with.scale_shift() {
            let both = both.chunk(2, 1)?;
            let factor = (&both[0] + 1.0)?;
            offset = (offset.broadcast_mul(&factor)? + &both[1])?;
            gain = gain.broadcast_mul(&factor)?;
        }
        let x = match with.added() {
            Some(added) => &x.broadcast_add(&added.unsqueeze(2)?.unsqueeze(3)?)?,
            None => x,
        };
        let y = planes::group_norm(x, &gain, &offset, self.groups, self.eps, &UnitAffine::of_thread())?;
        Ok(match with.activation() {
            Activation::Identity => y,
            Activation::Gelu => y.gelu_erf()?,
            Activation::Silu => y.silu()?,
        })
    }
}
