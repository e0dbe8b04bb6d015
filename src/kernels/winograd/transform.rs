//! Winograd's transforms of pictures for F(4×4, 3×3): V = Bᵀ d B and Y = Aᵀ M A, over vectors of channels.

// Loops over indices: `array::from_fn` and `array::map` of whole rows are not inlined, so what they call is compiled
// without the instruction set, and a training step takes three times as long.
#![allow(clippy::needless_range_loop, reason = "the index names the same place in several arrays")]

use super::{POINTS, Pictures};
use crate::buffer::apart;
use crate::isa::{Kernel, Vector};
use crate::microkernel::{Start, load, store};
use crate::split::Shared;

/// Where transformed tiles lie: [36, tiles, c], with room after the tiles of a point, so that the 36 places of a tile are
/// not in the same sets of the first cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub tiles: usize,
    pub c: usize,
    /// f32 from one point to the next.
    pub point: usize,
}

impl Layout {
    pub fn new(tiles: usize, c: usize) -> Self {
        Self { tiles, c, point: apart(tiles * c) }
    }

    /// f32 in all.
    pub fn len(self) -> usize {
        POINTS * self.point
    }
}

/// Bᵀ d B of `count` tiles from `first` on: theirs from row `offset` of v on.
pub(super) struct Input<'a> {
    pub x: &'a [f32],
    pub pictures: Pictures,
    pub first: usize,
    pub count: usize,
    pub v: Shared<'a>,
    pub offset: usize,
    pub layout: Layout,
}

impl Kernel for Input<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { x, pictures: Pictures { h, w, .. }, layout, .. } = self;
        let c = layout.c;
        for number in 0..self.count {
            let (picture, top, left) = self.pictures.tile(self.first + number);
            // Where each of the 6×6 pixels begins; outside the picture there are zeros.
            let pixels: [Option<&[f32]>; 36] = std::array::from_fn(|i| {
                let (y, x_at) = ((top + i / 6).wrapping_sub(1), (left + i % 6).wrapping_sub(1));
                (y < h && x_at < w).then(|| &x[((picture * h + y) * w + x_at) * c..][..c])
            });
            let row = self.offset + number;
            assert!(row < layout.tiles);
            let to = self.v.at(0, layout.len()).wrapping_add(row * c);
            channels(c, V::F32_LANES, |channel| {
                let get = |i: usize| match pixels[i] {
                    // SAFETY: `channels` gives places with room for a vector in c.
                    Some(pixel) => unsafe { load(v, pixel.as_ptr().add(channel)) },
                    None => v.splat_f32s(0.0),
                };
                let mut half = [[v.splat_f32s(0.0); 6]; 6];
                for x in 0..6 {
                    let column = input(v, [get(x), get(6 + x), get(12 + x), get(18 + x), get(24 + x), get(30 + x)]);
                    for y in 0..6 {
                        half[y][x] = column[y];
                    }
                }
                for y in 0..6 {
                    let row = input(v, half[y]);
                    for x in 0..6 {
                        let value = row[x];
                        // SAFETY: within what `at` saw; this row is this task's alone.
                        unsafe { store(v, to.add((6 * y + x) * layout.point + channel), value) };
                    }
                }
            });
        }
    }
}

/// Aᵀ M A of `count` tiles, with what it starts from; theirs from row `offset` of m on.
pub(super) struct Output<'a> {
    pub y: Shared<'a>,
    pub pictures: Pictures,
    pub first: usize,
    pub count: usize,
    pub m: Shared<'a>,
    pub offset: usize,
    pub layout: Layout,
    pub start: Start<'a>,
}

impl Kernel for Output<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { pictures: Pictures { h, w, .. }, start, layout, .. } = self;
        let c = layout.c;
        let factor = v.splat_f32s(start.add.map_or(0.0, |(_, factor)| factor));
        for number in 0..self.count {
            let (picture, top, left) = self.pictures.tile(self.first + number);
            let row = self.offset + number;
            assert!(row < layout.tiles);
            let from = self.m.at(0, layout.len()).wrapping_add(row * c).cast_const();
            let (down, across) = ((h - top).min(4), (w - left).min(4));
            channels(c, V::F32_LANES, |channel| {
                // SAFETY: within what `at` saw; nobody writes products meanwhile.
                let get = |i: usize| unsafe { load(v, from.add(i * layout.point + channel)) };
                let mut half = [[v.splat_f32s(0.0); 6]; 4];
                for x in 0..6 {
                    let column = output(v, [get(x), get(6 + x), get(12 + x), get(18 + x), get(24 + x), get(30 + x)]);
                    for y in 0..4 {
                        half[y][x] = column[y];
                    }
                }
                // SAFETY: whoever started the kernel checked that the bias is c long.
                let bias = start.bias.map(|bias| unsafe { load(v, bias.as_ptr().add(channel)) });
                for y in 0..down {
                    let row = output(v, half[y]);
                    for x in 0..4 {
                        if x == across {
                            break;
                        }
                        let mut value = row[x];
                        let at = ((picture * h + top + y) * w + left + x) * c + channel;
                        if let Some(bias) = bias {
                            value = v.add_f32s(value, bias);
                        }
                        if let Some((add, _)) = start.add {
                            // SAFETY: whoever started the kernel checked that it is as large as y.
                            value = v.madd(unsafe { load(v, add.as_ptr().add(at)) }, factor, value);
                        }
                        // SAFETY: `at` checks the place; these pixels are this task's alone.
                        unsafe { store(v, self.y.at(at, V::F32_LANES), value) };
                    }
                }
            });
        }
    }
}

/// Calls `work` for vectors that cover c ≥ lanes channels; the last may overlap the one before.
#[inline(always)]
fn channels(c: usize, lanes: usize, mut work: impl FnMut(usize)) {
    assert!(c >= lanes, "channels do not fill a vector");
    let mut channel = 0;
    while channel < c {
        work(channel.min(c - lanes));
        channel += lanes;
    }
}

/// Bᵀ d.
#[inline(always)]
pub(crate) fn input<V: Vector>(v: V, d: [V::f32s; 6]) -> [V::f32s; 6] {
    let (two, four, minus_four, minus_five) =
        (v.splat_f32s(2.0), v.splat_f32s(4.0), v.splat_f32s(-4.0), v.splat_f32s(-5.0));
    let even = v.madd(minus_four, d[2], d[4]);
    let odd = v.madd(minus_four, d[1], d[3]);
    let outer = v.sub_f32s(d[4], d[2]);
    let inner = v.mul_f32s(two, v.sub_f32s(d[3], d[1]));
    [
        v.madd(minus_five, d[2], v.madd(four, d[0], d[4])),
        v.add_f32s(even, odd),
        v.sub_f32s(even, odd),
        v.add_f32s(outer, inner),
        v.sub_f32s(outer, inner),
        v.madd(minus_five, d[3], v.madd(four, d[1], d[5])),
    ]
}

/// Aᵀ m.
#[inline(always)]
fn output<V: Vector>(v: V, m: [V::f32s; 6]) -> [V::f32s; 4] {
    let (two, four, eight) = (v.splat_f32s(2.0), v.splat_f32s(4.0), v.splat_f32s(8.0));
    let (sum, difference) = (v.add_f32s(m[1], m[2]), v.sub_f32s(m[1], m[2]));
    let (far_sum, far_difference) = (v.add_f32s(m[3], m[4]), v.sub_f32s(m[3], m[4]));
    [
        v.add_f32s(m[0], v.add_f32s(sum, far_sum)),
        v.madd(two, far_difference, difference),
        v.madd(four, far_sum, sum),
        v.add_f32s(m[5], v.madd(eight, far_difference, difference)),
    ]
}
