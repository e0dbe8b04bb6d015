//! What DeepFloyd's networks have of their own, for the walk over sizes: a text's pooling, and attention to text and places
//! at once.

use super::config::UnetConfig;
use crate::models::cost::{Map, Outline, Outlined, Walk};
use crate::models::layers::{Place, Resampling, TimeScaleShift};

impl Outlined for UnetConfig {
    fn outline(&self) -> Outline<'_> {
        Outline {
            sample_size: self.sample_size,
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            block_out_channels: &self.block_out_channels,
            layers_per_block: self.layers_per_block.clone(),
            conv_in_kernel: self.conv_in_kernel,
            conv_out_kernel: self.conv_out_kernel,
            time: (self.time_embed_dim(), TimeScaleShift::ScaleShift),
            has_middle: true,
        }
    }

    fn embeddings(&self, walk: &mut Walk) {
        let emb = self.time_embed_dim() as u64;
        let (first, text) = (self.block_out_channels[0] as u64, self.encoder_hid_dim as u64);
        for _ in 0..1 + usize::from(self.noise_level) {
            walk.dense(first, emb);
            walk.dense(emb, emb);
        }
        walk.dense(text, self.cross_attention_dim as u64);
        walk.plain(2 * text + text + 2 * emb); // two norms and a position
        (0..3).for_each(|_| walk.dense(text, text));
        walk.dense(text, emb);
    }

    fn mixed(&self, walk: &mut Walk, place: Place, x: Map) -> Option<Map> {
        let coarsest = self.block_out_channels.len() - 1;
        let (attends, only_cross) = match place {
            Place::Down { level } => (self.down_attention[level], self.only_cross_attention[level]),
            Place::Middle => (true, self.mid_block_only_cross_attention),
            Place::Up { level } => (self.up_attention[coarsest - level], self.only_cross_attention[level]),
        };
        if !attends {
            return None;
        }
        let (c, cross) = (x.c as u64, self.cross_attention_dim as u64);
        walk.norm(x.c);
        if self.cross_attention_norm {
            walk.plain(2 * cross);
        }
        (0..2).for_each(|_| walk.dense(cross, c));
        let projected = if only_cross { 1 } else { 3 };
        (0..=projected).for_each(|_| walk.dense(c, c));
        let heads = x.c / self.attention_head_dim.iter().copied().min().unwrap_or(x.c).max(1);
        Some(walk.attended(x, heads, projected, true))
    }

    fn resampling(&self, _place: Place) -> Resampling {
        Resampling::Resnet
    }
}
