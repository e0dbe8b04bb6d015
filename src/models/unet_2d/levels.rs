//! The levels of a `UNet2DModel`: `DownBlock2D`, `AttnDownBlock2D`, `ResnetDownsampleBlock2D`, `UNetMidBlock2D` and on
//! the way up their twins.

use super::config::Unet2dConfig;
use crate::error::Result;
use crate::models::layers::{Layout, Parts, Place, Resampling, SpatialAttention};
use crate::weights::Weights;

/// What follows the resnets of a config.
pub(super) struct Levels<'a> {
    pub layout: Layout,
    pub config: &'a Unet2dConfig,
}

impl Parts for Levels<'_> {
    type Mixer = SpatialAttention;

    fn mixer(&self, weights: &Weights, place: Place, channels: usize) -> Result<Option<SpatialAttention>> {
        let config = self.config;
        let (there, groups) = match place {
            Place::Down { level } => (config.down_attention[level], Some(config.norm_num_groups)),
            Place::Middle => (config.add_attention, config.mid_norm_groups),
            Place::Up { level } => (config.up_attention[level], Some(config.norm_num_groups)),
        };
        let sizes = (channels, config.heads(channels));
        let load = || SpatialAttention::load(self.layout, weights, sizes, groups, config.norm_eps);
        there.then(load).transpose()
    }

    fn resampling(&self, place: Place) -> Resampling {
        match place {
            Place::Down { level } => self.config.down_resampling[level],
            Place::Up { level } => self.config.up_resampling[level],
            Place::Middle => Resampling::Resnet,
        }
    }
}
