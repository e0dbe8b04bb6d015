//! The levels of DeepFloyd's UNet: `ResnetDownsampleBlock2D` and `SimpleCrossAttnDownBlock2D`,
//! `UNetMidBlock2DSimpleCrossAttn`, and on the way up their twins.

use super::attention::AddedKvAttention;
use super::config::UnetConfig;
use crate::error::Result;
use crate::models::layers::{Layout, Parts, Place, Resampling};
use crate::weights::Weights;

/// What follows the resnets of a config.
pub(super) struct Levels<'a> {
    pub layout: Layout,
    pub config: &'a UnetConfig,
}

impl Parts for Levels<'_> {
    type Mixer = AddedKvAttention;

    fn mixer(&self, weights: &Weights, place: Place, channels: usize) -> Result<Option<AddedKvAttention>> {
        let config = self.config;
        let levels = config.block_out_channels.len();
        let (there, head_dim, only_cross_attention) = match place {
            Place::Down { level } => {
                (config.down_attention[level], config.attention_head_dim[level], config.only_cross_attention[level])
            }
            Place::Middle => (true, config.attention_head_dim[levels - 1], config.mid_block_only_cross_attention),
            Place::Up { level } => {
                let number = levels - 1 - level;
                // Diffusers does not reverse the list of head widths on the way up; so it is with trained weights.
                (config.up_attention[number], config.attention_head_dim[number], config.only_cross_attention[level])
            }
        };
        let load = || AddedKvAttention::load(self.layout, config, weights, channels, head_dim, only_cross_attention);
        there.then(load).transpose()
    }

    fn resampling(&self, _: Place) -> Resampling {
        Resampling::Resnet
    }
}
