//! One level of a UNet on the way down or up, and the middle, whatever attention follows its resnets.

use super::attention::TextKv;
use super::backbone::Skeleton;
use super::convolution::{Conv2d, ConvSizes, Window};
use super::resnet::{Resample, ResnetBlock, ResnetSizes};
use super::told::{Projections, Time};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::weights::Weights;

/// What every block is given beside the picture.
pub struct Given<'a> {
    /// What its resnets are told.
    pub time: Time<'a>,
    /// K and V of the text for each attention, numbered as they were loaded; none for networks without text.
    pub text: &'a [TextKv],
    /// Called between blocks; an error ends the forward.
    pub between: &'a dyn Fn() -> Result<()>,
}

/// What may follow a resnet.
pub trait Mixer: Sized {
    /// Residual included.
    fn forward(&self, x: &FeatureMap, text: Option<&TextKv>) -> Result<FeatureMap>;
}

/// Where in a UNet something is. Levels count from the finest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Down { level: usize },
    Middle,
    Up { level: usize },
}

/// How a level leads to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    /// By a resnet that averages or repeats.
    Resnet,
    /// By a convolution: one of stride 2 down; nearest upsampling and one that keeps the size, up.
    Convolution(Window),
}

/// What a family's networks are made of where families differ.
pub trait Parts {
    /// What follows resnets.
    type Mixer: Mixer;

    /// The attention after each resnet at `place`, if there is any there.
    fn mixer(&self, weights: &Weights, place: Place, channels: usize) -> Result<Option<Self::Mixer>>;

    /// How the level at `place` leads to the next.
    fn resampling(&self, place: Place) -> Resampling;
}

/// A resnet, and the attention that may follow it, with its number.
#[derive(Clone, Debug)]
struct Layer<A> {
    resnet: ResnetBlock,
    attention: Option<(usize, A)>,
}

impl<A: Mixer> Layer<A> {
    fn forward(&self, x: &FeatureMap, given: &Given) -> Result<FeatureMap> {
        (given.between)()?;
        let x = self.resnet.forward(x, Some(given.time))?;
        let Some((number, attention)) = &self.attention else { return Ok(x) };
        (given.between)()?;
        attention.forward(&x, given.text.get(*number))
    }
}

/// Loads layers, numbering their attentions.
pub struct Loader<'a, P> {
    pub skeleton: &'a Skeleton<'a>,
    pub parts: &'a P,
    pub attentions: usize,
    /// Those of the resnets so far, where they are made in one.
    pub projections: Option<Projections>,
}

impl<P: Parts> Loader<'_, P> {
    fn attention(&mut self, weights: &Weights, place: Place, channels: usize) -> Result<Option<(usize, P::Mixer)>> {
        let attention = self.parts.mixer(weights, place, channels)?.map(|attention| (self.attentions, attention));
        self.attentions += usize::from(attention.is_some());
        Ok(attention)
    }

    fn layer(
        &mut self,
        weights: &Weights,
        i: usize,
        widths: (usize, usize),
        level: usize,
        place: Place,
    ) -> Result<Layer<P::Mixer>> {
        let factor = self.skeleton.resnet_out_scale_factor;
        let resnet = self.resnet(&weights.pp("resnets").pp(i), widths, level, Resample::Keep, factor)?;
        Ok(Layer { resnet, attention: self.attention(&weights.pp("attentions").pp(i), place, widths.1)? })
    }

    /// What leads from the level at `place` to `level`.
    fn resampler(
        &mut self,
        weights: &Weights,
        channels: usize,
        place: Place,
        level: usize,
        resample: Resample,
    ) -> Result<Resampler> {
        let widths = (channels, channels);
        Ok(match self.parts.resampling(place) {
            Resampling::Resnet => {
                let factor = self.skeleton.resnet_out_scale_factor;
                Resampler::Resnet(Box::new(self.resnet(weights, widths, level, resample, factor)?))
            }
            Resampling::Convolution(window) => {
                let sizes = ConvSizes { window, ..ConvSizes::same(widths, 3, self.skeleton.side(level)) };
                Resampler::Convolution(Conv2d::load(self.skeleton.layout, &weights.pp("conv"), sizes)?)
            }
        })
    }

    fn resnet(
        &mut self,
        weights: &Weights,
        widths: (usize, usize),
        level: usize,
        resample: Resample,
        factor: f64,
    ) -> Result<ResnetBlock> {
        let Skeleton { layout, resnet, .. } = self.skeleton;
        let sizes = ResnetSizes { widths, side: self.skeleton.side(level), resample, out_scale_factor: factor };
        ResnetBlock::load(*layout, resnet, weights, sizes, self.projections.as_mut())
    }
}

/// What leads from level to level.
#[derive(Clone, Debug)]
enum Resampler {
    Resnet(Box<ResnetBlock>),
    Convolution(Conv2d),
}

impl Resampler {
    fn down(&self, x: &FeatureMap, given: &Given) -> Result<FeatureMap> {
        (given.between)()?;
        match self {
            Self::Resnet(resnet) => resnet.forward(x, Some(given.time)),
            Self::Convolution(convolution) => convolution.forward(x),
        }
    }

    /// To the size of the next skip.
    fn up(&self, x: FeatureMap, given: &Given, skip: Option<&FeatureMap>) -> Result<FeatureMap> {
        (given.between)()?;
        match (self, skip) {
            (Self::Resnet(resnet), _) => resnet.forward(&x, Some(given.time)),
            (Self::Convolution(convolution), Some(skip)) => convolution.forward(&x.doubled_to(skip.size()?)?),
            (Self::Convolution(convolution), None) => convolution.forward(&x.doubled()?),
        }
    }
}

/// `DownBlock2D` and its relatives.
#[derive(Clone, Debug)]
pub struct DownBlock<A> {
    layers: Vec<Layer<A>>,
    downsampler: Option<Resampler>,
}

impl<A: Mixer> DownBlock<A> {
    pub fn load<P: Parts<Mixer = A>>(loader: &mut Loader<P>, weights: &Weights, level: usize) -> Result<Self> {
        let (channels, counts) = (loader.skeleton.block_out_channels, loader.skeleton.layers_per_block);
        let (c_out, place) = (channels[level], Place::Down { level });
        let mut layers = Vec::new();
        for i in 0..counts[level] {
            let c_in = if i == 0 { channels[level.saturating_sub(1)] } else { c_out };
            layers.push(loader.layer(weights, i, (c_in, c_out), level, place)?);
        }
        let last = level + 1 == channels.len();
        let weights = weights.pp("downsamplers").pp(0);
        let downsampler = || loader.resampler(&weights, c_out, place, level + 1, Resample::Down);
        Ok(Self { layers, downsampler: (!last).then(downsampler).transpose()? })
    }

    /// The output; every layer's output is pushed onto `skips`.
    pub fn forward(&self, mut x: FeatureMap, given: &Given, skips: &mut Vec<FeatureMap>) -> Result<FeatureMap> {
        for layer in &self.layers {
            x = layer.forward(&x, given)?;
            skips.push(x.clone());
        }
        if let Some(downsampler) = &self.downsampler {
            x = downsampler.down(&x, given)?;
            skips.push(x.clone());
        }
        Ok(x)
    }

    pub fn attentions(&self) -> impl Iterator<Item = &A> {
        self.layers.iter().filter_map(|layer| layer.attention.as_ref().map(|(_, attention)| attention))
    }
}

/// `UNetMidBlock2D` and its relatives.
#[derive(Clone, Debug)]
pub struct MidBlock<A> {
    first: Layer<A>,
    second: ResnetBlock,
}

impl<A: Mixer> MidBlock<A> {
    pub fn load<P: Parts<Mixer = A>>(loader: &mut Loader<P>, weights: &Weights) -> Result<Self> {
        let last = loader.skeleton.block_out_channels.len() - 1;
        let channels = loader.skeleton.block_out_channels[last];
        let factor = loader.skeleton.mid_block_scale_factor;
        let resnet = |loader: &mut Loader<P>, i: usize| {
            loader.resnet(&weights.pp("resnets").pp(i), (channels, channels), last, Resample::Keep, factor)
        };
        let attention = loader.attention(&weights.pp("attentions").pp(0), Place::Middle, channels)?;
        let first = Layer { resnet: resnet(loader, 0)?, attention };
        Ok(Self { first, second: resnet(loader, 1)? })
    }

    pub fn forward(&self, x: &FeatureMap, given: &Given) -> Result<FeatureMap> {
        let x = self.first.forward(x, given)?;
        (given.between)()?;
        self.second.forward(&x, Some(given.time))
    }

    pub fn attentions(&self) -> impl Iterator<Item = &A> {
        self.first.attention.iter().map(|(_, attention)| attention)
    }
}

/// `UpBlock2D` and its relatives.
#[derive(Clone, Debug)]
pub struct UpBlock<A> {
    layers: Vec<Layer<A>>,
    upsampler: Option<Resampler>,
}

impl<A: Mixer> UpBlock<A> {
    /// `number` counts from the coarsest level.
    pub fn load<P: Parts<Mixer = A>>(loader: &mut Loader<P>, weights: &Weights, number: usize) -> Result<Self> {
        let channels = loader.skeleton.block_out_channels;
        let level = channels.len() - 1 - number;
        let place = Place::Up { level };
        let c_out = channels[level];
        let before = channels[(level + 1).min(channels.len() - 1)];
        let finer = channels[level.saturating_sub(1)];
        let count = loader.skeleton.layers_per_block[level] + 1;
        let mut layers = Vec::new();
        for i in 0..count {
            let skip = if i + 1 == count { finer } else { c_out };
            let c_in = if i == 0 { before } else { c_out };
            layers.push(loader.layer(weights, i, (c_in + skip, c_out), level, place)?);
        }
        let weights = weights.pp("upsamplers").pp(0);
        let upsampler = || loader.resampler(&weights, c_out, place, level - 1, Resample::Up);
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
        match &self.upsampler {
            Some(upsampler) => upsampler.up(x, given, skips.last()),
            None => Ok(x),
        }
    }

    pub fn attentions(&self) -> impl Iterator<Item = &A> {
        self.layers.iter().filter_map(|layer| layer.attention.as_ref().map(|(_, attention)| attention))
    }
}
