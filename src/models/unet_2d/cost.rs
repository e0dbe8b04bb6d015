//! What `UNet2DModel` has of its own, for the walk over sizes: attention over places alone, and classes.

use super::config::Unet2dConfig;
use crate::models::cost::{Map, Outline, Outlined, Walk};
use crate::models::layers::{Place, Resampling};

impl Outlined for Unet2dConfig {
    fn outline(&self) -> Outline<'_> {
        Outline {
            sample_size: self.sample_size,
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            block_out_channels: &self.block_out_channels,
            layers_per_block: vec![self.layers_per_block; self.block_out_channels.len()],
            conv_in_kernel: 3,
            conv_out_kernel: 3,
            time: (self.time_embedding_dim, self.time_scale_shift),
            has_middle: true,
        }
    }

    fn embeddings(&self, walk: &mut Walk) {
        let emb = self.time_embedding_dim as u64;
        walk.dense(self.block_out_channels[0] as u64, emb);
        walk.dense(emb, emb);
        walk.plain(self.num_class_embeds.unwrap_or(0) as u64 * emb);
    }

    fn mixed(&self, walk: &mut Walk, place: Place, x: Map) -> Option<Map> {
        let (attends, normed) = match place {
            Place::Down { level } => (self.down_attention[level], true),
            Place::Middle => (self.add_attention, self.mid_norm_groups.is_some()),
            Place::Up { level } => (self.up_attention[level], true),
        };
        if !attends {
            return None;
        }
        if normed {
            walk.norm(x.c);
        }
        (0..4).for_each(|_| walk.dense(x.c as u64, x.c as u64));
        Some(walk.attended(x, self.heads(x.c), 3, false))
    }

    fn resampling(&self, place: Place) -> Resampling {
        match place {
            Place::Down { level } => self.down_resampling[level],
            Place::Up { level } => self.up_resampling[level],
            Place::Middle => Resampling::Resnet,
        }
    }
}
