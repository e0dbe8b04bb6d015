//! What a network takes in memory, by its config alone: weights as they are packed for the processor in f32, and the
//! feature maps that live at once.
//!
//! The walk is that of `layers::blocks` and `unet`, layer by layer with sizes in the place of numbers; maps come from a pool
//! that reuses them as `tensors::cpu` does, for what is let go of in one level is seldom of use in the next.

use super::config::UnetConfig;
use crate::models::layers::uses_winograd;

/// Winograd's transformed copies of nine weights.
const WINOGRAD: u64 = 4;
const FLOAT: u64 = 4;

/// The sizes of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Its numbers.
    pub parameters: u64,
    /// Bytes of its weights.
    pub weights: u64,
    /// The same with `low_memory`.
    pub weights_low: u64,
    /// Bytes of feature maps for each picture of a batch.
    pub maps: u64,
}

/// The cost of a network of this config, at its own picture size.
pub fn cost(config: &UnetConfig) -> Cost {
    let mut walk = Walk { config, cost: Cost::default(), free: Vec::new(), emb: config.time_embed_dim() as u64 };
    walk.whole();
    walk.cost
}

/// A map: channels and the side of its pictures; `room` is what its memory could hold, in floats.
#[derive(Clone, Copy)]
struct Map {
    c: usize,
    side: usize,
    room: u64,
}

struct Walk<'a> {
    config: &'a UnetConfig,
    cost: Cost,
    /// Memory that waits to be used again, in floats.
    free: Vec<u64>,
    emb: u64,
}

impl Walk<'_> {
    fn whole(&mut self) {
        let config = self.config;
        let (levels, channels) = (config.block_out_channels.len(), &config.block_out_channels);
        let side = |level: usize| config.sample_size >> level;
        self.embeddings();
        let x = self.take(config.in_channels, side(0));
        let mut x = self.convolved(x, channels[0], config.conv_in_kernel);
        let mut skips = vec![x];
        for (level, &width) in channels.iter().enumerate() {
            for _ in 0..config.layers_per_block[level] {
                x = self.layer(x, width, config.down_attention[level], config.only_cross_attention[level]);
                skips.push(x);
            }
            if level + 1 < levels {
                x = self.resnet(x, width, side(level + 1));
                skips.push(x);
            }
        }
        let attended = self.layer(x, channels[levels - 1], true, config.mid_block_only_cross_attention);
        x = self.resnet(attended, channels[levels - 1], attended.side);
        self.give(attended);
        for number in 0..levels {
            let level = levels - 1 - number;
            for _ in 0..=config.layers_per_block[level] {
                if let Some(skip) = skips.pop() {
                    let joined = self.take(x.c + skip.c, x.side);
                    self.give(x);
                    self.give(skip);
                    x = joined;
                }
                let made =
                    self.layer(x, channels[level], config.up_attention[number], config.only_cross_attention[level]);
                self.give(x);
                x = made;
            }
            if level > 0 {
                let larger = self.resnet(x, channels[level], side(level - 1));
                self.give(x);
                x = larger;
            }
        }
        self.norm(x.c);
        let normed = self.take(x.c, x.side);
        self.convolved(normed, config.out_channels, config.conv_out_kernel);
    }

    fn embeddings(&mut self) {
        let config = self.config;
        let (first, text) = (config.block_out_channels[0] as u64, config.encoder_hid_dim as u64);
        let cross = config.cross_attention_dim as u64;
        for _ in 0..1 + usize::from(config.noise_level) {
            self.dense(first, self.emb);
            self.dense(self.emb, self.emb);
        }
        self.dense(text, cross);
        self.plain(2 * text + text + 2 * self.emb); // two norms and a position
        (0..3).for_each(|_| self.dense(text, text));
        self.dense(text, self.emb);
    }

    /// A resnet to `c` channels and the attention that may follow it; `x` stays.
    fn layer(&mut self, x: Map, c: usize, attends: bool, only_cross: bool) -> Map {
        let made = self.resnet(x, c, x.side);
        if !attends {
            return made;
        }
        let attended = self.attention(made, only_cross);
        self.give(made);
        attended
    }

    fn resnet(&mut self, x: Map, c: usize, side: usize) -> Map {
        self.norm(x.c);
        let mut normed = self.take(x.c, x.side);
        let resamples = side != x.side;
        if resamples {
            let resampled = self.take(x.c, side);
            self.give(normed);
            normed = resampled;
        }
        let h = self.convolved(normed, c, 3);
        self.give(normed);
        self.dense(self.emb, 2 * c as u64);
        self.norm(c);
        let normed = self.take(c, side);
        self.give(h);
        let mut held = vec![normed];
        if resamples {
            held.push(self.take(x.c, side));
        }
        if x.c != c {
            self.dense(x.c as u64, c as u64);
            held.push(self.take(c, side));
        }
        let made = self.convolved(normed, c, 3);
        held.into_iter().for_each(|map| self.give(map));
        made
    }

    fn attention(&mut self, x: Map, only_cross: bool) -> Map {
        let (c, cross) = (x.c as u64, self.config.cross_attention_dim as u64);
        self.norm(x.c);
        if self.config.cross_attention_norm {
            self.plain(2 * cross);
        }
        (0..2).for_each(|_| self.dense(cross, c));
        let projected = if only_cross { 1 } else { 3 };
        (0..=projected).for_each(|_| self.dense(c, c));
        let tokens = self.take(x.c, x.side);
        let joint = self.take(projected * x.c, x.side);
        self.give(tokens);
        let mixed = self.take(x.c, x.side);
        let made = self.take(x.c, x.side);
        self.give(joint);
        self.give(mixed);
        made
    }

    /// A convolution of `x`, which stays.
    fn convolved(&mut self, x: Map, c: usize, kernel: usize) -> Map {
        let numbers = (x.c * c * kernel * kernel) as u64;
        let copies = if uses_winograd(kernel, x.side, x.c.min(c)) { WINOGRAD } else { 1 };
        self.cost.parameters += numbers;
        self.cost.weights += copies * numbers * FLOAT;
        self.cost.weights_low += numbers * FLOAT;
        self.plain(c as u64);
        self.take(c, x.side)
    }

    fn dense(&mut self, c_in: u64, c_out: u64) {
        self.plain((c_in + 1) * c_out);
    }

    fn norm(&mut self, c: usize) {
        self.plain(2 * c as u64);
    }

    /// Numbers that are kept as they are.
    fn plain(&mut self, numbers: u64) {
        self.cost.parameters += numbers;
        self.cost.weights += numbers * FLOAT;
        self.cost.weights_low += numbers * FLOAT;
    }

    fn take(&mut self, c: usize, side: usize) -> Map {
        let len = (c * side * side) as u64;
        let fits = self.free.iter().enumerate().filter(|(_, room)| (len..=2 * len).contains(*room));
        let room = match fits.min_by_key(|(_, room)| **room).map(|(at, _)| at) {
            Some(at) => self.free.swap_remove(at),
            None => {
                self.cost.maps += len * FLOAT;
                len
            }
        };
        Map { c, side, room }
    }

    fn give(&mut self, map: Map) {
        self.free.push(map.room);
    }
}
