//! The gradient of a 3×3 convolution of stride 1 by its weights, by Winograd's F(4×4, 3×3).
//!
//! y = Aᵀ ((G w Gᵀ) ⊙ (Bᵀ x B)) A, tile by tile and summed over channels, so dL/dw = Gᵀ (Σ (Bᵀ x B) ⊙ (A dy Aᵀ)) G: for
//! each of the 36 points a product [c_in, tiles] · [tiles, c_out], and a quarter of the direct sum's multiplications.
//! Tiles are taken in chunks that fit the last cache; every point's sum runs over them in order.

// Loops over indices, as `array::from_fn` of whole rows is not inlined, and then without the instruction set: half the speed.
#![allow(clippy::needless_range_loop, reason = "the index names the same place in several arrays")]

use super::Pictures;
use super::transform::input;
use crate::accumulate::{Accumulate, Cut};
use crate::buffer::apart;
use crate::isa::{Isa, Kernel, Vector};
use crate::rows::load;
use crate::split::{self, Shared, with_scratch};

/// Products for a tile.
const POINTS: usize = 36;
/// f32 of transformed tiles in a chunk: 8 MiB.
const CHUNK: usize = 2 << 20;

/// Tiles in one task of a transform.
const TILES: usize = 16;

/// dL/dw [c_out, c_in, 3, 3] (PyTorch's order) of x [n, h, w, c_in] and dL/dy [n, h, w, c_out].
pub fn weight_gradient(isa: Isa, x: &[f32], dy: &[f32], pictures: Pictures, c: (usize, usize), dw: &mut [f32]) {
    let (c_in, c_out) = c;
    assert!(x.len() == pictures.pixels() * c_in && dy.len() == pictures.pixels() * c_out);
    assert_eq!(dw.len(), 9 * c_in * c_out);
    let (cut, stride) = (Cut::new(isa, c_out), apart(c_in));
    let tiles = pictures.tiles();
    let most = CHUNK / (POINTS * (c_in + cut.len(1)));
    let chunks = tiles.div_ceil(most.clamp(32, tiles.max(32))).max(1);
    let chunk = tiles.div_ceil(chunks);
    let sums = POINTS * c_in * c_out;
    with_scratch(POINTS * (apart(chunk * stride) + apart(cut.len(chunk))) + sums, |scratch| {
        let (sums, scratch) = scratch.split_at_mut(sums);
        if tiles == 0 {
            sums.fill(0.0);
        }
        let (v, m) = scratch.split_at_mut(POINTS * apart(chunk * stride));
        let sums = Shared::new(sums);
        for start in (0..tiles).step_by(chunk.max(1)) {
            let count = chunk.min(tiles - start);
            let (v_all, m_all) = (Shared::new(v), Shared::new(m));
            split::run(count.div_ceil(TILES), |task| {
                let first = task * TILES;
                let part = Part { pictures, start, first, last: count.min(first + TILES), count };
                isa.run(Input { part, x, c: c_in, v: v_all });
                isa.run(Gradient { part, dy, c: c_out, cut, m: m_all });
            });
            split::run(POINTS, |point| {
                let size = cut.len(count);
                // SAFETY: each point has its own part of all three, and the transforms are done.
                let (a, b, c) = unsafe {
                    let a = &*v_all.slice(point * apart(count * stride), count * stride);
                    let b = &*m_all.slice(point * apart(size), size);
                    (a, b, sums.slice(point * c_in * c_out, c_in * c_out))
                };
                let first = start == 0;
                isa.run(Accumulate { a, stride, width: c_in, b, b_rows: count, rows: 0..count, cut, c, first });
            });
        }
        // SAFETY: all tasks are done.
        let sums = unsafe { &*sums.slice(0, POINTS * c_in * c_out) };
        let dw = Shared::new(dw);
        split::run(c_in, |i| isa.run(Back { sums, c, i, dw }));
    });
}

/// Tiles `first` to `last` of a chunk of `count` that begins at tile `start`.
#[derive(Clone, Copy)]
struct Part {
    pictures: Pictures,
    start: usize,
    first: usize,
    last: usize,
    count: usize,
}

impl Part {
    /// The pixels of `size`×`size` from (-`before`, -`before`) of tile `number`'s corner, those outside left out.
    #[inline(always)]
    fn pixels<const N: usize>(
        self,
        number: usize,
        before: usize,
        size: usize,
        map: &[f32],
        c: usize,
    ) -> [Option<&[f32]>; N] {
        let Pictures { h, w, .. } = self.pictures;
        let (picture, top, left) = self.pictures.tile(self.start + number);
        std::array::from_fn(|i| {
            let (y, x) = ((top + i / size).wrapping_sub(before), (left + i % size).wrapping_sub(before));
            (y < h && x < w).then(|| &map[((picture * h + y) * w + x) * c..][..c])
        })
    }
}

/// Bᵀ x B: v is [point][tile][c], both with room after them.
struct Input<'a> {
    part: Part,
    x: &'a [f32],
    c: usize,
    v: Shared<'a>,
}

impl Kernel for Input<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { part, x, c, .. } = self;
        let stride = apart(c);
        for number in part.first..part.last {
            let pixels: [Option<&[f32]>; 36] = part.pixels(number, 1, 6, x, c);
            for at in (0..c).step_by(V::F32_LANES) {
                let get = |i: usize| pixels[i].map_or(v.splat_f32s(0.0), |pixel| load(v, pixel, at));
                let mut half = [[v.splat_f32s(0.0); 6]; 6];
                for x in 0..6 {
                    let column = input(v, std::array::from_fn(|y| get(6 * y + x)));
                    for y in 0..6 {
                        half[y][x] = column[y];
                    }
                }
                for (y, half) in half.into_iter().enumerate() {
                    for (x, value) in input(v, half).into_iter().enumerate() {
                        let place = (6 * y + x) * apart(part.count * stride) + number * stride + at;
                        let lanes = V::F32_LANES.min(c - at);
                        // SAFETY: a tile's rows are written by one task.
                        crate::rows::store(v, unsafe { self.v.slice(place, lanes) }, 0, value);
                    }
                }
            }
        }
    }
}

/// A dy Aᵀ: m is [point][panel][tile][width].
struct Gradient<'a> {
    part: Part,
    dy: &'a [f32],
    c: usize,
    cut: Cut,
    m: Shared<'a>,
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { part, dy, c, cut, .. } = self;
        let size = apart(cut.len(part.count));
        for number in part.first..part.last {
            let pixels: [Option<&[f32]>; 16] = part.pixels(number, 0, 4, dy, c);
            for at in (0..c).step_by(V::F32_LANES) {
                let get = |i: usize| pixels[i].map_or(v.splat_f32s(0.0), |pixel| load(v, pixel, at));
                let mut half = [[v.splat_f32s(0.0); 4]; 6];
                for x in 0..4 {
                    let column = spread(v, std::array::from_fn(|y| get(4 * y + x)));
                    for y in 0..6 {
                        half[y][x] = column[y];
                    }
                }
                let place = cut.at(at, number, part.count);
                for (y, half) in half.into_iter().enumerate() {
                    for (x, value) in spread(v, half).into_iter().enumerate() {
                        // SAFETY: a tile's rows are written by one task; a panel has room for whole vectors.
                        let to = unsafe { self.m.slice((6 * y + x) * size + place, V::F32_LANES) };
                        crate::rows::store(v, to, 0, value);
                    }
                }
            }
        }
    }
}

/// Gᵀ S G for input channel `i`, into PyTorch's order.
struct Back<'a> {
    sums: &'a [f32],
    c: (usize, usize),
    i: usize,
    dw: Shared<'a>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let (c_in, c_out) = self.c;
        for at in (0..c_out).step_by(V::F32_LANES) {
            let get = |point: usize| load(v, &self.sums[(point * c_in + self.i) * c_out..][..c_out], at);
            let mut half = [[v.splat_f32s(0.0); 6]; 3];
            for x in 0..6 {
                let column = back(v, std::array::from_fn(|y| get(6 * y + x)));
                for y in 0..3 {
                    half[y][x] = column[y];
                }
            }
            let lanes = V::F32_LANES.min(c_out - at);
            for (y, half) in half.into_iter().enumerate() {
                for (x, value) in back(v, half).into_iter().enumerate() {
                    let mut values = [0f32; 16];
                    crate::rows::store(v, &mut values, 0, value);
                    for (lane, value) in values[..lanes].iter().enumerate() {
                        let place = ((at + lane) * c_in + self.i) * 9 + 3 * y + x;
                        // SAFETY: each input channel's weights are written by one task.
                        unsafe { *self.dw.at(place, 1) = *value };
                    }
                }
            }
        }
    }
}

/// A y.
#[inline(always)]
fn spread<V: Vector>(v: V, y: [V::f32s; 4]) -> [V::f32s; 6] {
    let (two, four) = (v.splat_f32s(2.0), v.splat_f32s(4.0));
    let (even, odd) = (v.add_f32s(y[0], y[2]), v.add_f32s(y[1], y[3]));
    let (far_even, far_odd) = (v.madd(four, y[2], y[0]), v.mul_f32s(two, v.madd(four, y[3], y[1])));
    [
        y[0],
        v.add_f32s(even, odd),
        v.sub_f32s(even, odd),
        v.add_f32s(far_even, far_odd),
        v.sub_f32s(far_even, far_odd),
        y[3],
    ]
}

/// Gᵀ s.
#[inline(always)]
fn back<V: Vector>(v: V, s: [V::f32s; 6]) -> [V::f32s; 3] {
    let (quarter, sixth, twelfth) = (v.splat_f32s(0.25), v.splat_f32s(-1.0 / 6.0), v.splat_f32s(1.0 / 12.0));
    let half = v.splat_f32s(0.5);
    let near = v.mul_f32s(sixth, v.add_f32s(s[1], s[2]));
    let far = v.mul_f32s(twelfth, v.add_f32s(s[3], s[4]));
    let near_difference = v.mul_f32s(sixth, v.sub_f32s(s[1], s[2]));
    let far_difference = v.mul_f32s(twelfth, v.sub_f32s(s[3], s[4]));
    [
        v.madd(quarter, s[0], v.madd(half, far, near)),
        v.add_f32s(near_difference, far_difference),
        v.add_f32s(v.add_f32s(near, v.add_f32s(far, far)), s[5]),
    ]
}
