//! The two halves of an `AutoencoderKL`: levels of resnets without time, and a middle with attention.

use super::autoencoder_config::AutoencoderKlConfig;
use crate::error::Result;
use crate::models::layers::{
    Conv2d, ConvSizes, Layout, Mixer, Norm, Resample, ResnetBlock, ResnetConfig, ResnetSizes, SpatialAttention, Window,
    With,
};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::Activation;
use crate::weights::Weights;

/// Of every norm in an autoencoder.
const EPS: f64 = 1e-6;

/// Called between blocks; an error ends the work.
type Between<'a> = &'a dyn Fn() -> Result<()>;

/// Loads what the halves are made of.
struct Loader<'a> {
    layout: Layout,
    config: &'a AutoencoderKlConfig,
}

impl Loader<'_> {
    /// The side of the maps of a level, usually.
    fn side(&self, level: usize) -> usize {
        self.config.sample_size >> level
    }

    fn conv(&self, weights: &Weights, widths: (usize, usize), level: usize, window: Window) -> Result<Conv2d> {
        let sizes = ConvSizes { window, ..ConvSizes::same(widths, window.kernel, self.side(level)) };
        Conv2d::load(self.layout, weights, sizes)
    }

    fn resnet(&self, weights: &Weights, widths: (usize, usize), level: usize) -> Result<ResnetBlock> {
        let config = ResnetConfig {
            norm_num_groups: self.config.norm_num_groups,
            norm_eps: EPS,
            activation: Activation::Silu,
            time: None,
        };
        let sizes = ResnetSizes { widths, side: self.side(level), resample: Resample::Keep, out_scale_factor: 1.0 };
        ResnetBlock::load(self.layout, &config, weights, sizes, None)
    }

    fn middle(&self, weights: &Weights) -> Result<Middle> {
        let level = self.config.block_out_channels.len() - 1;
        let channels = self.config.block_out_channels[level];
        let resnet = |i: usize| self.resnet(&weights.pp("resnets").pp(i), (channels, channels), level);
        let groups = Some(self.config.norm_num_groups);
        let attention = weights.pp("attentions").pp(0);
        Ok(Middle {
            first: resnet(0)?,
            attention: SpatialAttention::load(self.layout, &attention, (channels, 1), groups, EPS)?,
            second: resnet(1)?,
        })
    }

    fn norm(&self, weights: &Weights, channels: usize) -> Result<Norm> {
        Norm::load(&weights.pp("conv_norm_out"), channels, self.config.norm_num_groups, EPS)
    }
}

#[derive(Clone, Debug)]
struct Middle {
    first: ResnetBlock,
    attention: SpatialAttention,
    second: ResnetBlock,
}

impl Middle {
    fn forward(&self, mut x: FeatureMap, between: Between) -> Result<FeatureMap> {
        between()?;
        x = self.first.forward(&x, None)?;
        between()?;
        x = self.attention.forward(&x, None)?;
        between()?;
        self.second.forward(&x, None)
    }
}

/// Resnets of one size, and what leads to the next.
#[derive(Clone, Debug)]
struct Level {
    resnets: Vec<ResnetBlock>,
    resampler: Option<Conv2d>,
}

impl Level {
    fn resnets(&self, mut x: FeatureMap, between: Between) -> Result<FeatureMap> {
        for resnet in &self.resnets {
            between()?;
            x = resnet.forward(&x, None)?;
        }
        Ok(x)
    }
}

/// Pictures to the moments of latents, before `quant_conv`.
#[derive(Clone, Debug)]
pub(super) struct Encoder {
    conv_in: Conv2d,
    levels: Vec<Level>,
    middle: Middle,
    norm: Norm,
    conv_out: Conv2d,
}

impl Encoder {
    pub fn load(layout: Layout, config: &AutoencoderKlConfig, weights: &Weights) -> Result<Self> {
        let (loader, channels) = (Loader { layout, config }, &config.block_out_channels);
        let last = channels.len() - 1;
        let level = |level: usize| -> Result<Level> {
            let weights = weights.pp("down_blocks").pp(level);
            let (c_in, c_out) = (channels[level.saturating_sub(1)], channels[level]);
            let resnet = |i: usize| {
                let widths = (if i == 0 { c_in } else { c_out }, c_out);
                loader.resnet(&weights.pp("resnets").pp(i), widths, level)
            };
            let down = weights.pp("downsamplers.0.conv");
            let halve = || loader.conv(&down, (c_out, c_out), level + 1, Window::HALVING_ONE_SIDED);
            Ok(Level {
                resnets: (0..config.layers_per_block).map(resnet).collect::<Result<_>>()?,
                resampler: (level < last).then(halve).transpose()?,
            })
        };
        let conv = |name: &str, widths: (usize, usize), level: usize| {
            loader.conv(&weights.pp(name), widths, level, Window::same(3))
        };
        Ok(Self {
            conv_in: conv("conv_in", (config.in_channels, channels[0]), 0)?,
            levels: (0..=last).map(level).collect::<Result<_>>()?,
            middle: loader.middle(&weights.pp("mid_block"))?,
            norm: loader.norm(weights, channels[last])?,
            conv_out: conv("conv_out", (channels[last], 2 * config.latent_channels), last)?,
        })
    }

    pub fn forward(&self, mut x: FeatureMap, between: Between) -> Result<FeatureMap> {
        x = self.conv_in.forward(&x)?;
        for level in &self.levels {
            x = level.resnets(x, between)?;
            if let Some(halve) = &level.resampler {
                between()?;
                x = halve.forward(&x)?;
            }
        }
        x = self.middle.forward(x, between)?;
        x = self.norm.forward(&x, With::Activation(Activation::Silu))?;
        self.conv_out.forward(&x)
    }
}

/// Latents, after `post_quant_conv`, to pictures.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    conv_in: Conv2d,
    middle: Middle,
    levels: Vec<Level>,
    norm: Norm,
    conv_out: Conv2d,
}

impl Decoder {
    pub fn load(layout: Layout, config: &AutoencoderKlConfig, weights: &Weights) -> Result<Self> {
        let (loader, channels) = (Loader { layout, config }, &config.block_out_channels);
        let last = channels.len() - 1;
        let level = |number: usize| -> Result<Level> {
            let (level, weights) = (last - number, weights.pp("up_blocks").pp(number));
            let (c_in, c_out) = (channels[(level + 1).min(last)], channels[level]);
            let resnet = |i: usize| {
                let widths = (if i == 0 { c_in } else { c_out }, c_out);
                loader.resnet(&weights.pp("resnets").pp(i), widths, level)
            };
            let up = weights.pp("upsamplers.0.conv");
            let double = || loader.conv(&up, (c_out, c_out), level - 1, Window::same(3));
            Ok(Level {
                resnets: (0..=config.layers_per_block).map(resnet).collect::<Result<_>>()?,
                resampler: (level > 0).then(double).transpose()?,
            })
        };
        let conv = |name: &str, widths: (usize, usize), level: usize| {
            loader.conv(&weights.pp(name), widths, level, Window::same(3))
        };
        Ok(Self {
            conv_in: conv("conv_in", (config.latent_channels, channels[last]), last)?,
            middle: loader.middle(&weights.pp("mid_block"))?,
            levels: (0..=last).map(level).collect::<Result<_>>()?,
            norm: loader.norm(weights, channels[0])?,
            conv_out: conv("conv_out", (channels[0], config.out_channels), 0)?,
        })
    }

    pub fn forward(&self, mut x: FeatureMap, between: Between) -> Result<FeatureMap> {
        x = self.conv_in.forward(&x)?;
        x = self.middle.forward(x, between)?;
        for level in &self.levels {
            x = level.resnets(x, between)?;
            if let Some(convolution) = &level.resampler {
                between()?;
                x = convolution.forward(&x.doubled()?)?;
            }
        }
        x = self.norm.forward(&x, With::Activation(Activation::Silu))?;
        self.conv_out.forward(&x)
    }
}
