//! The skeleton of every UNet: a first convolution, levels down, a middle, levels up with the skips, and the last norm
//! and convolution. What the levels do beside resnets is the family's.

use candle_core::Tensor;

use super::attention::TextKv;
use super::blocks::{DownBlock, Given, Loader, MidBlock, Mixer, Parts, UpBlock};
use super::convolution::{Conv2d, ConvSizes};
use super::layout::Layout;
use super::norm::{Norm, With};
use super::resnet::ResnetConfig;
use super::told::{JointProjection, Projections, Time};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::tensors::cpu::Activation;
use crate::weights::Weights;

/// The sizes of a UNet. Lists have one value per level, finest first.
#[derive(Clone, Copy, Debug)]
pub struct Skeleton<'a> {
    pub layout: Layout,
    /// The side of the pictures it was trained on.
    pub sample_size: usize,
    pub in_channels: usize,
    pub out_channels: usize,
    pub block_out_channels: &'a [usize],
    /// Resnets on the way down; one more on the way up.
    pub layers_per_block: &'a [usize],
    pub resnet: ResnetConfig,
    /// Resnets of the levels divide by this.
    pub resnet_out_scale_factor: f64,
    /// Resnets of the middle divide by this.
    pub mid_block_scale_factor: f64,
    /// Whether there is a middle.
    pub has_middle: bool,
    pub conv_in_kernel: usize,
    pub conv_out_kernel: usize,
}

impl Skeleton<'_> {
    /// The side of the maps of a level.
    pub fn side(&self, level: usize) -> usize {
        self.sample_size >> level
    }
}

/// A loaded UNet without its embeddings.
#[derive(Clone, Debug)]
pub struct Backbone<A> {
    conv_in: Conv2d,
    down_blocks: Vec<DownBlock<A>>,
    mid_block: Option<MidBlock<A>>,
    up_blocks: Vec<UpBlock<A>>,
    conv_norm_out: Norm,
    conv_out: Conv2d,
    activation: Activation,
    /// What its resnets are told, where that is made in one.
    joint: Option<JointProjection>,
}

impl<A: Mixer> Backbone<A> {
    pub fn load<P: Parts<Mixer = A>>(skeleton: &Skeleton, parts: &P, weights: &Weights) -> Result<Self> {
        let levels = skeleton.block_out_channels.len();
        let (first, resnet) = (skeleton.block_out_channels[0], skeleton.resnet);
        let conv = |name: &str, widths: (usize, usize), kernel: usize| {
            let sizes = ConvSizes::same(widths, kernel, skeleton.sample_size);
            Conv2d::load(skeleton.layout, &weights.pp(name), sizes)
        };
        let projections = (skeleton.layout.is_planes() && resnet.time.is_some()).then(Projections::default);
        let mut loader = Loader { skeleton, parts, attentions: 0, projections };
        let down = |level| DownBlock::load(&mut loader, &weights.pp("down_blocks").pp(level), level);
        let down_blocks = (0..levels).map(down).collect::<Result<_>>()?;
        let mid_block = match skeleton.has_middle {
            true => Some(MidBlock::load(&mut loader, &weights.pp("mid_block"))?),
            false => None,
        };
        let up = |number| UpBlock::load(&mut loader, &weights.pp("up_blocks").pp(number), number);
        let up_blocks = (0..levels).map(up).collect::<Result<_>>()?;
        Ok(Self {
            joint: loader.projections.map(Projections::joined).transpose()?.flatten(),
            down_blocks,
            mid_block,
            up_blocks,
            conv_in: conv("conv_in", (skeleton.in_channels, first), skeleton.conv_in_kernel)?,
            conv_norm_out: Norm::load(&weights.pp("conv_norm_out"), first, resnet.norm_num_groups, resnet.norm_eps)?,
            conv_out: conv("conv_out", (first, skeleton.out_channels), skeleton.conv_out_kernel)?,
            activation: resnet.activation,
        })
    }

    /// [n, in_channels, h, w] to [n, out_channels, h, w].
    /// `emb` [n, e] is the embedding after its activation; `text` K and V for each attention, numbered as they were
    /// loaded; `between` is called between blocks, its error ends the forward.
    pub fn forward(
        &self,
        mut x: FeatureMap,
        emb: &Tensor,
        text: &[TextKv],
        between: &dyn Fn() -> Result<()>,
    ) -> Result<FeatureMap> {
        let told = self.joint.as_ref().map(|joint| joint.forward(emb)).transpose()?;
        let given = &Given { time: told.as_ref().map_or(Time::Embedding(emb), Time::Told), text, between };
        x = self.conv_in.forward(&x)?;
        let mut skips = vec![x.clone()];
        for block in &self.down_blocks {
            x = block.forward(x, given, &mut skips)?;
        }
        if let Some(block) = &self.mid_block {
            x = block.forward(&x, given)?;
        }
        for block in &self.up_blocks {
            x = block.forward(x, given, &mut skips)?;
        }
        (given.between)()?;
        self.conv_out.forward(&self.conv_norm_out.forward(&x, With::Activation(self.activation))?)
    }

    /// All attentions in the order of their numbers.
    pub fn attentions(&self) -> impl Iterator<Item = &A> {
        let down = self.down_blocks.iter().flat_map(DownBlock::attentions);
        let middle = self.mid_block.iter().flat_map(MidBlock::attentions);
        down.chain(middle).chain(self.up_blocks.iter().flat_map(UpBlock::attentions))
    }
}
