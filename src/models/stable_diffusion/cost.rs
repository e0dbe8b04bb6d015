//! What Stable Diffusion's UNet has of its own, for the walk over sizes: transformers, which attend to places and then to
//! text, and the embedding of γ; and its autoencoder, which is no UNet.

use super::autoencoder_config::AutoencoderKlConfig;
use super::config::ConditionalUnetConfig;
use crate::models::cost::{Cost, Costed, Map, Outline, Outlined, Walk};
use crate::models::layers::{Place, Resampling, TimeScaleShift, Window};

impl Outlined for ConditionalUnetConfig {
    fn outline(&self) -> Outline<'_> {
        Outline {
            sample_size: self.sample_size,
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            block_out_channels: &self.block_out_channels,
            layers_per_block: self.layers_per_block.clone(),
            conv_in_kernel: 3,
            conv_out_kernel: 3,
            time: (self.time_embed_dim(), TimeScaleShift::Default),
            has_middle: self.has_middle,
        }
    }

    fn embeddings(&self, walk: &mut Walk) {
        let (first, emb) = (self.block_out_channels[0] as u64, self.time_embed_dim() as u64);
        walk.dense(first, emb);
        walk.dense(emb, emb);
        walk.plain(self.time_cond_proj_dim.unwrap_or(0) as u64 * first);
    }

    fn mixed(&self, walk: &mut Walk, place: Place, x: Map) -> Option<Map> {
        let (attends, level) = match place {
            Place::Down { level } => (self.down_attention[level], level),
            Place::Middle => (true, self.heads.len() - 1),
            Place::Up { level } => (self.up_attention[level], level),
        };
        if !attends {
            return None;
        }
        let (c, cross) = (x.c as u64, self.cross_attention_dim as u64);
        (0..4).for_each(|_| walk.norm(x.c));
        (0..2).for_each(|_| walk.dense(c, c)); // in and out
        walk.plain(4 * c * c + 2 * c * c + 2 * cross * c + 2 * c); // q, k, v without bias, out with it; twice
        walk.dense(c, 8 * c);
        walk.dense(4 * c, c);
        let tokens = walk.take(x.c, x.side);
        let places = walk.attended(tokens, self.heads[level], 3, false);
        walk.give(tokens);
        let told = walk.attended(places, self.heads[level], 1, true);
        walk.give(places);
        let (hidden, gated) = (walk.take(8 * x.c, x.side), walk.take(4 * x.c, x.side));
        [hidden, gated, told].into_iter().for_each(|map| walk.give(map));
        Some(walk.take(x.c, x.side))
    }

    fn resampling(&self, place: Place) -> Resampling {
        Resampling::Convolution(match place {
            Place::Down { .. } => self.downsampling,
            Place::Middle | Place::Up { .. } => Window::same(3),
        })
    }
}

impl Costed for AutoencoderKlConfig {
    /// Of one picture: its two halves are never at work at once.
    fn cost(&self) -> Cost {
        let mut encoder = Walk::default();
        self.walk_encoder(&mut encoder);
        let mut decoder = Walk::default();
        self.walk_decoder(&mut decoder);
        let (encoder, decoder) = (encoder.cost(), decoder.cost());
        Cost {
            parameters: encoder.parameters + decoder.parameters,
            weights: encoder.weights + decoder.weights,
            weights_low: encoder.weights_low + decoder.weights_low,
            maps: encoder.maps.max(decoder.maps),
            gathered: encoder.gathered.max(decoder.gathered),
        }
    }

    fn places(&self) -> usize {
        self.sample_size.pow(2)
    }
}

impl AutoencoderKlConfig {
    fn walk_encoder(&self, walk: &mut Walk) {
        let last = self.block_out_channels.len() - 1;
        let x = walk.take(self.in_channels, self.sample_size);
        let mut x = walk.convolved(x, self.block_out_channels[0], 3);
        for (level, &c) in self.block_out_channels.iter().enumerate() {
            x = resnets(walk, x, c, self.layers_per_block);
            if level < last {
                x = then(walk, x, |walk, x| walk.halved(x, c, 3, x.side / 2));
            }
        }
        let x = middle(walk, x);
        walk.norm(x.c);
        let moments = 2 * self.latent_channels;
        let x = then(walk, x, |walk, x| walk.convolved(x, moments, 3));
        walk.convolved(x, moments, 1);
    }

    fn walk_decoder(&self, walk: &mut Walk) {
        let last = self.block_out_channels.len() - 1;
        let z = walk.take(self.latent_channels, self.sample_size >> last);
        let z = then(walk, z, |walk, z| walk.convolved(z, z.c, 1));
        let x = then(walk, z, |walk, z| walk.convolved(z, self.block_out_channels[last], 3));
        let mut x = middle(walk, x);
        for (level, &c) in self.block_out_channels.iter().enumerate().rev() {
            x = resnets(walk, x, c, self.layers_per_block + 1);
            if level > 0 {
                x = then(walk, x, |walk, x| walk.take(x.c, 2 * x.side));
                x = then(walk, x, |walk, x| walk.convolved(x, c, 3));
            }
        }
        walk.norm(x.c);
        walk.convolved(x, self.out_channels, 3);
    }
}

/// What `make` makes of `x`, which is let go of.
fn then(walk: &mut Walk, x: Map, make: impl FnOnce(&mut Walk, Map) -> Map) -> Map {
    let made = make(walk, x);
    walk.give(x);
    made
}

fn resnets(walk: &mut Walk, mut x: Map, c: usize, count: usize) -> Map {
    for _ in 0..count {
        x = then(walk, x, |walk, x| walk.resnet(None, x, c, x.side));
    }
    x
}

/// Attention of one head between two resnets.
fn middle(walk: &mut Walk, x: Map) -> Map {
    let c = x.c;
    let x = resnets(walk, x, c, 1);
    walk.norm(c);
    (0..4).for_each(|_| walk.dense(c as u64, c as u64));
    let x = then(walk, x, |walk, x| walk.attended(x, 1, 3, false));
    resnets(walk, x, c, 1)
}
