//! 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): 36 products for 16 results of 9 taps, a quarter of the
//! multiplications.
//!
//! Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), interpolation points 0, ±1, ±2.
//! Its rounding is a few times that of the direct sum: outputs of variance 1 differ from f64 by up to 4e-5, held in
//! tests. A picture is pixels [n, h, w, c]; its tiles of 4×4 results are numbered row by row, picture by picture.

mod transform;
mod weight;
mod weight_gradient;

use std::ops::Range;

use super::isa::Isa;
use super::matmul::{BlockProduct, check};
use super::microkernel::{Rows, Start, tile_rows};
use super::packed_b::PackedB;
use super::shape::Pictures;
use super::split::{self, Shared, with_scratch};
use transform::{Input, Layout, Output};
use weight::Weights;
pub use weight_gradient::weight_gradient;

/// Products for a tile.
const POINTS: usize = 36;
/// Tiles that a task takes through all three steps, so that what lies between them stays in its cache.
const TILES: usize = 48;

/// Transformed weights: 36 matrices [c_in, c_out].
#[derive(Clone, Debug)]
pub struct Winograd {
    panels: PackedB,
}

impl Winograd {
    /// `taps(o, i)` are the nine weights, row by row, from input channel i to output channel o (PyTorch's order).
    pub fn new(isa: Isa, c_in: usize, c_out: usize, taps: impl Fn(usize, usize) -> [f32; 9] + Sync) -> Self {
        let mut panels = PackedB::zeros(isa, POINTS, c_in, c_out);
        let width = panels.width();
        panels.fill(|columns, panel| isa.run(Weights { taps: &taps, columns, c_in, width, panel }));
        Self { panels }
    }

    /// Whether these channels fill the vectors; narrower ones are for the direct convolution.
    pub fn fits(isa: Isa, c_in: usize, c_out: usize) -> bool {
        c_in.min(c_out) >= isa.lanes()
    }

    /// Input channels.
    pub fn c_in(&self) -> usize {
        self.panels.k()
    }

    /// Output channels.
    pub fn c_out(&self) -> usize {
        self.panels.n()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.panels.bytes()
    }

    /// y = start + x convolved, zeros around it; x is [n, h, w, c_in], y [n, h, w, c_out].
    pub fn forward(&self, x: &[f32], pictures: Pictures, start: Start, y: &mut [f32]) {
        let tiles = pictures.tiles();
        if tiles == 0 {
            return;
        }
        assert_eq!(x.len(), pictures.pixels() * self.c_in());
        check(start, pictures.pixels(), self.c_out(), self.c_out(), y.len());
        let tall = tile_rows(self.panels.isa(), self.panels.vectors());
        let threads = rayon::current_num_threads();
        let whole = TILES / tall * tall;
        let y = Shared::new(y);
        // Few tiles would leave threads idle, and each task reads all weights.
        if tiles < whole * threads * 2 {
            return self.in_steps(x, pictures, start, y);
        }
        split::run(tiles.div_ceil(whole), |task| {
            let first = task * whole;
            self.chunk(x, pictures, start, y, first, whole.min(tiles - first));
        });
    }

    /// All three steps for some tiles.
    fn chunk(&self, x: &[f32], pictures: Pictures, start: Start, y: Shared, first: usize, count: usize) {
        let (c_in, c_out, isa) = (self.c_in(), self.c_out(), self.panels.isa());
        let (from, to) = (Layout::new(count, c_in), Layout::new(count, c_out));
        with_scratch(from.len() + to.len(), |scratch| {
            let (v, m) = scratch.split_at_mut(from.len());
            let v = Shared::new(v);
            isa.run(Input { x, pictures, first, count, v, offset: 0, layout: from });
            let m = Shared::new(m);
            for point in 0..POINTS {
                self.product((v, from), (m, to), point, 0..self.panels.count());
            }
            isa.run(Output { y, pictures, first, count, m, offset: 0, layout: to, start });
        });
    }

    /// Each step for all tiles, split over the threads by itself.
    fn in_steps(&self, x: &[f32], pictures: Pictures, start: Start, y: Shared) {
        let (c_in, c_out, isa) = (self.c_in(), self.c_out(), self.panels.isa());
        let tiles = pictures.tiles();
        let (from, to) = (Layout::new(tiles, c_in), Layout::new(tiles, c_out));
        with_scratch(from.len() + to.len(), |scratch| {
            let (v, m) = scratch.split_at_mut(from.len());
            let (v, m) = (Shared::new(v), Shared::new(m));
            let parts = split::tasks(POINTS * tiles * c_in).min(tiles);
            let part = |task: usize| (tiles * task / parts, tiles * (task + 1) / parts - tiles * task / parts);
            split::run(parts, |task| {
                let (first, count) = part(task);
                isa.run(Input { x, pictures, first, count, v, offset: first, layout: from });
            });
            let groups = split::tasks(POINTS * tiles * c_in * c_out).div_ceil(POINTS).min(self.panels.count());
            split::run(POINTS * groups, |task| {
                let (point, group) = (task / groups, task % groups);
                let count = self.panels.count();
                self.product((v, from), (m, to), point, count * group / groups..count * (group + 1) / groups);
            });
            split::run(parts, |task| {
                let (first, count) = part(task);
                isa.run(Output { y, pictures, first, count, m, offset: first, layout: to, start });
            });
        });
    }

    /// One of the 36 products over all tiles of the layouts, for some panels.
    fn product(&self, (v, from): (Shared, Layout), (m, to): (Shared, Layout), point: usize, panels: Range<usize>) {
        let tiles = from.tiles;
        // SAFETY: nobody writes the transformed input while products are made.
        let values = unsafe { &*v.slice(point * from.point, tiles * from.c) };
        let a = Rows { values, row: from.c, column: 1 };
        let c = m.at(point * to.point, tiles * to.c);
        // SAFETY: `at` saw all of this point's part of `m`; tasks differ in points or panels.
        let block = unsafe { BlockProduct::new(a, tiles, &self.panels, point, panels, Start::default(), c, to.c) };
        self.panels.isa().run(block);
    }
}
