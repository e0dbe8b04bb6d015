//! `ResnetBlock2D`: the block of every level, and its down- and upsampler where those are resnets too.

use candle_core::Tensor;

use super::convolution::{Conv2d, ConvSizes, Pointwise};
use super::embedding::Projection;
use super::layout::Layout;
use super::norm::{Norm, With};
use super::told::{Projections, Time, Told};
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::Activation;
use crate::weights::Weights;

/// What a block does to height and width, before its first convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    Keep,
    /// 2×2 average.
    Down,
    /// Each pixel twice.
    Up,
}

/// How a block is told the time embedding (`resnet_time_scale_shift`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeScaleShift {
    /// Added before the second norm.
    Default,
    /// Scale and shift after the second norm.
    ScaleShift,
}

/// What all resnets of a network have alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResnetConfig {
    pub norm_num_groups: usize,
    pub norm_eps: f64,
    pub activation: Activation,
    /// How the embedding is told, and its width; `None` in autoencoders, which have none.
    pub time: Option<(TimeScaleShift, usize)>,
}

/// What one resnet is loaded by.
#[derive(Clone, Copy, Debug)]
pub struct ResnetSizes {
    /// Channels of what it takes and of what it makes.
    pub widths: (usize, usize),
    /// That of the maps it makes, usually.
    pub side: usize,
    pub resample: Resample,
    /// Divides the result.
    pub out_scale_factor: f64,
}

#[derive(Clone, Debug)]
pub struct ResnetBlock {
    norm1: Norm,
    conv1: Conv2d,
    time_emb_proj: Option<TimeEmbProj>,
    norm2: Norm,
    conv2: Conv2d,
    conv_shortcut: Option<Pointwise>,
    activation: Activation,
    resample: Resample,
}

#[derive(Clone, Debug)]
enum TimeEmbProj {
    Own(TimeScaleShift, Projection),
    /// One of all, with its first channel and their number.
    Joint(usize, usize),
}

impl ResnetBlock {
    /// With `joint` its projection of the embedding is one of those.
    pub fn load(
        layout: Layout,
        config: &ResnetConfig,
        weights: &Weights,
        sizes: ResnetSizes,
        joint: Option<&mut Projections>,
    ) -> Result<Self> {
        let ResnetSizes { widths: (c_in, c_out), side, resample, out_scale_factor } = sizes;
        let (groups, eps) = (config.norm_num_groups, config.norm_eps);
        let shortcut = || Pointwise::load(layout, &weights.pp("conv_shortcut"), c_in, c_out);
        let conv = |name: &str, c_in: usize, divisor: f64| {
            Conv2d::load(layout, &weights.pp(name), ConvSizes { divisor, ..ConvSizes::same((c_in, c_out), 3, side) })
        };
        let norm2 = Norm::load(&weights.pp("norm2"), c_out, groups, eps)?;
        let projection = |(kind, width)| -> Result<TimeEmbProj> {
            let weights = weights.pp("time_emb_proj");
            let out = if kind == TimeScaleShift::ScaleShift { 2 * c_out } else { c_out };
            Ok(match joint {
                Some(all) => TimeEmbProj::Joint(all.gather(kind, &weights, (width, c_out), norm2.planes())?, c_out),
                None => TimeEmbProj::Own(kind, Projection::load(layout, &weights, width, out)?),
            })
        };
        Ok(Self {
            norm1: Norm::load(&weights.pp("norm1"), c_in, groups, eps)?,
            conv1: conv("conv1", c_in, 1.0)?,
            time_emb_proj: config.time.map(projection).transpose()?,
            norm2,
            conv2: conv("conv2", c_out, out_scale_factor)?,
            conv_shortcut: (c_in != c_out).then(shortcut).transpose()?,
            activation: config.activation,
            resample,
        })
    }

    /// x [n, c_in, h, w], to [n, c_out, h', w'].
    pub fn forward(&self, x: &FeatureMap, time: Option<Time>) -> Result<FeatureMap> {
        let activation = self.activation;
        // One variable, so that each map is let go of once the next is made of it: at 256 px a map is 100 MB.
        let mut h = self.resampled(self.norm1.forward(x, With::Activation(activation))?)?;
        h = self.conv1.forward(&h)?;
        h = match (&self.time_emb_proj, time) {
            (Some(TimeEmbProj::Own(kind, projection)), Some(Time::Embedding(emb))) => {
                let told = projection.forward(emb)?;
                let with = match kind {
                    TimeScaleShift::Default => With::Added(&told, activation),
                    TimeScaleShift::ScaleShift => With::ScaleShift(&told, activation),
                };
                self.norm2.forward(&h, with)?
            }
            (Some(TimeEmbProj::Joint(from, count)), Some(Time::Told(told))) => {
                let own = |all: &Tensor| all.narrow(1, *from, *count);
                match told {
                    Told::Added(all) => self.norm2.forward(&h, With::Added(&own(all)?, activation))?,
                    Told::Affine { gain, offset } => {
                        self.norm2.forward(&h, With::Affine(&own(gain)?, &own(offset)?, activation))?
                    }
                }
            }
            (None, None) => self.norm2.forward(&h, With::Activation(activation))?,
            _ => return Err(Error::new("a resnet was told a time that it does not take, or none")),
        };
        let x = self.resampled(x.clone())?;
        let x = match &self.conv_shortcut {
            Some(shortcut) => shortcut.forward(&x)?,
            None => x,
        };
        self.conv2.forward_onto(&h, &x)
    }

    fn resampled(&self, x: FeatureMap) -> Result<FeatureMap> {
        match self.resample {
            Resample::Keep => Ok(x),
            Resample::Down => x.halved(),
            Resample::Up => x.doubled(),
        }
    }
}
