//! The levels of Stable Diffusion's UNet: `DownBlock2D` and `CrossAttnDownBlock2D`, `UNetMidBlock2DCrossAttn`, and on
//! the way up their twins.

use super::config::ConditionalUnetConfig;
use crate::error::Result;
use crate::models::layers::{Layout, Parts, Place, Resampling, Transformer, TransformerSizes, Window};
use crate::weights::Weights;

/// What follows the resnets of a config.
pub(super) struct Levels<'a> {
    pub layout: Layout,
    pub config: &'a ConditionalUnetConfig,
}

impl Parts for Levels<'_> {
    type Mixer = Transformer;

    fn mixer(&self, weights: &Weights, place: Place, channels: usize) -> Result<Option<Transformer>> {
        let config = self.config;
        let (there, level) = match place {
            Place::Down { level } => (config.down_attention[level], level),
            Place::Middle => (config.has_middle, config.heads.len() - 1),
            Place::Up { level } => (config.up_attention[level], level),
        };
        let sizes = TransformerSizes {
            channels,
            heads: config.heads[level],
            cross_attention_dim: config.cross_attention_dim,
            norm_num_groups: config.norm_num_groups,
            use_linear_projection: config.use_linear_projection,
        };
        there.then(|| Transformer::load(self.layout, weights, sizes)).transpose()
    }

    fn resampling(&self, place: Place) -> Resampling {
        Resampling::Convolution(match place {
            Place::Down { .. } => self.config.downsampling,
            Place::Middle | Place::Up { .. } => Window::same(3),
        })
    }
}
