//! One level of the network on the way down or up, and the middle.

use candle_core::Tensor;

use super::attention::{Attention, TextKv};
use super::config::UnetConfig;
use super::embedding::TimeProjections;
use super::layout::Layout;
use super::resnet::{Resample, ResnetBlock};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::tensors::planes::UnitAffine;
use crate::weights::Weights;

/// What every block is given beside the picture.
pub(super) struct Given<'a> {
    /// The embedding after its activation, [n, e]; of planes what all resnets make of it, side by side.
    pub emb: &'a Tensor,
    /// K and V of the text for each attention, numbered as `Attention`s were loaded.
    pub text: &'a [TextKv],
    /// Called between blocks; an error ends the forward.
    pub between: &'a dyn Fn() -> Result<()>,
}

/// A resnet, and the attention that may follow it, with its number.
#[derive(Clone, Debug)]
struct Layer {
    resnet: ResnetBlock,
    attention: Option<(usize, Attention)>,
}

impl Layer {
    fn forward(&self, x: &FeatureMap, given: &Given) -> Result<FeatureMap> {
        (given.between)()?;
        let x = self.resnet.forward(x, given.emb)?;
        let Some((number, attention)) = &self.attention else { return Ok(x) };
        (given.between)()?;
        attention.forward(&x, &given.text[*number])
    }
}

/// Which attention a level has: head width and whether it sees the text only.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub head_dim: usize,
    pub only_cross_attention: bool,
}

/// Loads layers, numbering their attentions.
pub(super) struct Loader<'a> {
    pub layout: Layout,
    pub config: &'a UnetConfig,
    pub attentions: usize,
    /// Of planes: what norms share, and the resnets' projections of the time.
    pub unit: UnitAffine,
    pub time: TimeProjections,
}

impl Loader<'_> {
    fn attention(&mut self, weights: &Weights, channels: usize, kind: Kind) -> Result<(usize, Attention)> {
        let attention = Attention::load(self, weights, channels, kind)?;
        self.attentions += 1;
        Ok((self.attentions - 1, attention))
    }

    /// The side of the maps of a level.
    fn side(&self, level: usize) -> usize {
        self.config.sample_size >> level
    }

    fn layer(
        &mut self,
        weights: &Weights,
        i: usize,
        widths: (usize, usize),
        level: usize,
        kind: Option<Kind>,
    ) -> Result<Layer> {
        let factor = self.config.resnet_out_scale_factor;
        let resnet = self.resnet(&weights.pp("resnets").pp(i), widths, level, Resample::Keep, factor)?;
        let attention = kind.map(|kind| self.attention(&weights.pp("attentions").pp(i), widths.1, kind)).transpose()?;
        Ok(Layer { resnet, attention })
    }

    /// `level` is that of the maps it makes.
    fn sampler(&mut self, weights: &Weights, channels: usize, level: usize, resample: Resample) -> Result<ResnetBlock> {
        self.resnet(&weights.pp(0), (channels, channels), level, resample, self.config.resnet_out_scale_factor)
    }

    fn resnet(
        &mut self,
        weights: &Weights,
        widths: (usize, usize),
        level: usize,
        resample: Resample,
        factor: f64,
    ) -> Result<ResnetBlock> {
        let side = self.side(level);
        ResnetBlock::load(self, weights, widths, side, resample, factor)
    }
}

/// `ResnetDownsampleBlock2D` and `SimpleCrossAttnDownBlock2D`.
#[derive(Clone, Debug)]
pub(super) struct DownBlock {
    layers: Vec<Layer>,
    downsampler: Option<ResnetBlock>,
}

impl DownBlock {
    pub fn load(loader: &mut Loader, weights: &Weights, level: usize) -> Result<Self> {
        let config = loader.config;
        let channels = &config.block_out_channels;
        let c_out = channels[level];
        let kind = config.down_attention[level].then(|| Kind {
            head_dim: config.attention_head_dim[level],
            only_cross_attention: config.only_cross_attention[level],
        });
        let mut layers = Vec::new();
        for i in 0..config.layers_per_block[level] {
            let c_in = if i == 0 { channels[level.saturating_sub(1)] } else { c_out };
            layers.push(loader.layer(weights, i, (c_in, c_out), level, kind)?);
        }
        let last = level + 1 == channels.len();
        let downsampler = || loader.sampler(&weights.pp("downsamplers"), c_out, level + 1, Resample::Down);
        Ok(Self { layers, downsampler: (!last).then(downsampler).transpose()? })
    }

    /// The output; every layer's output is pushed onto `skips`.
    pub fn forward(&self, mut x: FeatureMap, given: &Given, skips: &mut Vec<FeatureMap>) -> Result<FeatureMap> {
        for layer in &self.layers {
            x = layer.forward(&x, given)?;
            skips.push(x.clone());
        }
        if let Some(downsampler) = &self.downsampler {
            (given.between)()?;
            x = downsampler.forward(&x, given.emb)?;
            skips.push(x.clone());
        }
        Ok(x)
    }

    pub fn attentions(&self) -> impl Iterator<Item = &Attention> {
        self.layers.iter().filter_map(|layer| layer.attention.as_ref().map(|(_, attention)| attention))
    }
}

/// `UNetMidBlock2DSimpleCrossAttn`.
#[derive(Clone, Debug)]
pub(super) struct MidBlock {
    first: Layer,
    second: ResnetBlock,
}

impl MidBlock {
    pub fn load(loader: &mut Loader, weights: &Weights) -> Result<Self> {
        let config = loader.config;
        let last = config.block_out_channels.len() - 1;
        let channels = config.block_out_channels[last];
        let factor = config.mid_block_scale_factor;
        let resnet = |loader: &mut Loader, i: usize| {
            loader.resnet(&weights.pp("resnets").pp(i), (channels, channels), last, Resample::Keep, factor)
        };
        let kind = Kind {
            head_dim: config.attention_head_dim[last],
            only_cross_attention: config.mid_block_only_cross_attention,
        };
        let attention = loader.attention(&weights.pp("attentions").pp(0), channels, kind)?;
        let first = Layer { resnet: resnet(loader, 0)?, attention: Some(attention) };
        Ok(Self { first, second: resnet(loader, 1)? })
    }

    pub fn forward(&self, x: &FeatureMap, given: &Given) -> Result<FeatureMap> {
        let x = self.first.forward(x, given)?;
        (given.between)()?;
        self.second.forward(&x, given.emb)
    }

    pub fn attentions(&self) -> impl Iterator<Item = &Attention> {
        self.first.attention.iter().map(|(_, attention)| attention)
    }
}

/// `ResnetUpsampleBlock2D` and `SimpleCrossAttnUpBlock2D`.
#[derive(Clone, Debug)]
pub(super) struct UpBlock {
    layers: Vec<Layer>,
    upsampler: Option<ResnetBlock>,
}

impl UpBlock {
    /// `number` counts from the coarsest level.
    pub fn load(loader: &mut Loader, weights: &Weights, number: usize) -> Result<Self> {
        let config = loader.config;
        let channels = &config.block_out_channels;
        let level = channels.len() - 1 - number;
        let c_out = channels[level];
        let before = channels[(level + 1).min(channels.len() - 1)];
        let finer = channels[level.saturating_sub(1)];
        let kind = config.up_attention[number].then(|| Kind {
            // Diffusers does not reverse this list on the way up; so it is with trained weights.
            head_dim: config.attention_head_dim[number],
            only_cross_attention: config.only_cross_attention[level],
        });
        let count = config.layers_per_block[level] + 1;
        let mut layers = Vec::new();
        for i in 0..count {
            let skip = if i + 1 == count { finer } else { c_out };
            let c_in = if i == 0 { before } else { c_out };
            layers.push(loader.layer(weights, i, (c_in + skip, c_out), level, kind)?);
        }
        let upsampler = || loader.sampler(&weights.pp("upsamplers"), c_out, level - 1, Resample::Up);
        Ok(Self { layers, upsampler: (level > 0).then(upsampler).transpose()? })
    }

    /// The output; every layer takes one of `skips`.
    pub fn forward(&self, mut x: FeatureMap, given: &Given, skips: &mut Vec<FeatureMap>) -> Result<FeatureMap> {
        for layer in &self.layers {
            if let Some(skip) = skips.pop() {
                x = x.concat(&skip)?;
            }
            x = layer.forward(&x, given)?;
        }
        if let Some(upsampler) = &self.upsampler {
            (given.between)()?;
            x = upsampler.forward(&x, given.emb)?;
        }
        Ok(x)
    }

    pub fn attentions(&self) -> impl Iterator<Item = &Attention> {
        self.layers.iter().filter_map(|layer| layer.attention.as_ref().map(|(_, attention)| attention))
    }
}
