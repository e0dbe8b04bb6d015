//! What a network takes in memory, by its config alone: weights as they are packed for the processor in f32, the
//! feature maps that live at once, and what a GPU's operations take beside them.
//!
//! The walk is that of `layers::backbone`, layer by layer with sizes in the place of numbers; what families have of their own
//! they walk themselves. Maps come from a pool that reuses them as `tensors::cpu` does, for what is let go of in one level
//! is seldom of use in the next.

use super::layers::{Place, Resampling, TimeScaleShift, uses_winograd};

/// Winograd's transformed copies of nine weights.
const WINOGRAD: u64 = 4;
const FLOAT: u64 = 4;
/// Of a text.
const TOKENS: u64 = 77;

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
    /// Bytes for each picture that the greediest operation takes beside them where kernels gather and scores are whole: in
    /// planes.
    pub gathered: u64,
}

/// The skeleton of a UNet, as the walk asks for it. Levels are listed from the finest.
pub struct Outline<'a> {
    pub sample_size: usize,
    pub in_channels: usize,
    pub out_channels: usize,
    pub block_out_channels: &'a [usize],
    pub layers_per_block: Vec<usize>,
    pub conv_in_kernel: usize,
    pub conv_out_kernel: usize,
    /// Width of the time embedding, and what resnets make of it.
    pub time: (usize, TimeScaleShift),
    pub has_middle: bool,
}

/// A network whose sizes are known without its weights.
pub trait Costed {
    /// Its cost at its own picture size.
    fn cost(&self) -> Cost;

    /// How many places the maps of its finest level have.
    fn places(&self) -> usize;
}

/// A UNet, whose walk is written here.
pub trait Outlined {
    /// Its skeleton.
    fn outline(&self) -> Outline<'_>;

    /// The layers outside of its levels.
    fn embeddings(&self, walk: &mut Walk);

    /// What follows a resnet at `place`, of what that made; nothing where nothing does.
    fn mixed(&self, walk: &mut Walk, place: Place, x: Map) -> Option<Map>;

    /// How the level at `place` leads to the next.
    fn resampling(&self, place: Place) -> Resampling;
}

impl<T: Outlined> Costed for T {
    fn cost(&self) -> Cost {
        let mut walk = Walk::default();
        walk.whole(self);
        walk.cost()
    }

    fn places(&self) -> usize {
        self.outline().sample_size.pow(2)
    }
}

/// A map: channels and the side of its pictures; `room` is what its memory could hold, in floats.
#[derive(Clone, Copy)]
pub struct Map {
    pub c: usize,
    pub side: usize,
    room: u64,
}

/// A walk over a network.
#[derive(Default)]
pub struct Walk {
    cost: Cost,
    /// Memory that waits to be used again, in floats.
    free: Vec<u64>,
}

impl Walk {
    /// What was seen so far.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    fn whole(&mut self, network: &dyn Outlined) {
        let outline = network.outline();
        let (levels, channels) = (outline.block_out_channels.len(), outline.block_out_channels);
        let side = |level: usize| (0..level).fold(outline.sample_size, |side: usize, _| side.div_ceil(2));
        network.embeddings(self);
        let x = self.take(outline.in_channels, side(0));
        let mut x = self.convolved(x, channels[0], outline.conv_in_kernel);
        let mut skips = vec![x];
        for (level, &width) in channels.iter().enumerate() {
            let place = Place::Down { level };
            for _ in 0..outline.layers_per_block[level] {
                x = self.layer(network, place, x, width);
                skips.push(x);
            }
            if level + 1 < levels {
                x = match network.resampling(place) {
                    Resampling::Resnet => self.resnet(Some(outline.time), x, width, side(level + 1)),
                    Resampling::Convolution(window) => self.halved(x, width, window.kernel, side(level + 1)),
                };
                skips.push(x);
            }
        }
        if outline.has_middle {
            let attended = self.layer(network, Place::Middle, x, channels[levels - 1]);
            x = self.resnet(Some(outline.time), attended, channels[levels - 1], attended.side);
            self.give(attended);
        }
        for level in (0..levels).rev() {
            let place = Place::Up { level };
            for _ in 0..=outline.layers_per_block[level] {
                if let Some(skip) = skips.pop() {
                    let joined = self.take(x.c + skip.c, x.side);
                    self.give(x);
                    self.give(skip);
                    x = joined;
                }
                let made = self.layer(network, place, x, channels[level]);
                self.give(x);
                x = made;
            }
            if level > 0 {
                let larger = match network.resampling(place) {
                    Resampling::Resnet => self.resnet(Some(outline.time), x, channels[level], side(level - 1)),
                    Resampling::Convolution(window) => {
                        let doubled = self.take(x.c, side(level - 1));
                        let made = self.convolved(doubled, channels[level], window.kernel);
                        self.give(doubled);
                        made
                    }
                };
                self.give(x);
                x = larger;
            }
        }
        self.norm(x.c);
        let normed = self.take(x.c, x.side);
        self.convolved(normed, outline.out_channels, outline.conv_out_kernel);
    }

    /// A resnet to `c` channels and what may follow it; `x` stays.
    fn layer(&mut self, network: &dyn Outlined, place: Place, x: Map, c: usize) -> Map {
        let made = self.resnet(Some(network.outline().time), x, c, x.side);
        match network.mixed(self, place, made) {
            None => made,
            Some(mixed) => {
                self.give(made);
                mixed
            }
        }
    }

    /// A resnet of `x`, which stays, to `c` channels and `side`; `time` as in the outline, nothing where it is told none.
    pub fn resnet(&mut self, time: Option<(usize, TimeScaleShift)>, x: Map, c: usize, side: usize) -> Map {
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
        if let Some((emb, shift)) = time {
            let told = if shift == TimeScaleShift::ScaleShift { 2 * c } else { c };
            self.dense(emb as u64, told as u64);
        }
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

    /// Attention over the places of `x`, which stays, with `seen` of a text beside them; `projected` maps of its tokens live
    /// at once. Its weights are the caller's.
    pub fn attended(&mut self, x: Map, heads: usize, projected: usize, text: bool) -> Map {
        let tokens = self.take(x.c, x.side);
        let joint = self.take(projected * x.c, x.side);
        let places = (x.side * x.side) as u64;
        let seen = if text { TOKENS } else { 0 } + if projected > 1 { places } else { 0 };
        self.beside(2 * heads as u64 * places * seen); // scores and their softmax
        self.give(tokens);
        let mixed = self.take(x.c, x.side);
        let made = self.take(x.c, x.side);
        self.give(joint);
        self.give(mixed);
        made
    }

    /// A convolution of stride 2 of `x`, which stays; it has no transformed weights.
    pub fn halved(&mut self, x: Map, c: usize, kernel: usize, side: usize) -> Map {
        self.plain((x.c * c * kernel * kernel + c) as u64);
        self.beside(((x.c * kernel * kernel + c) * side * side) as u64);
        self.take(c, side)
    }

    /// A convolution of `x`, which stays.
    pub fn convolved(&mut self, x: Map, c: usize, kernel: usize) -> Map {
        let numbers = (x.c * c * kernel * kernel) as u64;
        let copies = if uses_winograd(kernel, x.side, x.c.min(c)) { WINOGRAD } else { 1 };
        self.cost.parameters += numbers;
        self.cost.weights += copies * numbers * FLOAT;
        self.cost.weights_low += numbers * FLOAT;
        self.plain(c as u64);
        self.beside(((x.c * kernel * kernel + c) * x.side * x.side) as u64);
        self.take(c, x.side)
    }

    /// Numbers that an operation takes beside maps, for as long as it lasts.
    fn beside(&mut self, numbers: u64) {
        self.cost.gathered = self.cost.gathered.max(numbers * FLOAT);
    }

    pub fn dense(&mut self, c_in: u64, c_out: u64) {
        self.plain((c_in + 1) * c_out);
    }

    pub fn norm(&mut self, c: usize) {
        self.plain(2 * c as u64);
    }

    /// Numbers that are kept as they are.
    pub fn plain(&mut self, numbers: u64) {
        self.cost.parameters += numbers;
        self.cost.weights += numbers * FLOAT;
        self.cost.weights_low += numbers * FLOAT;
    }

    pub fn take(&mut self, c: usize, side: usize) -> Map {
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

    pub fn give(&mut self, map: Map) {
        self.free.push(map.room);
    }
}
