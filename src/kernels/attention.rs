//! softmax(q kᵀ · scale) v for every head, a block of keys at a time with a running maximum: the scores of a few
//! queries and keys lie in the cache, the matrix of all scores never exists.
//!
//! Milakov and Gimelshein, "Online normalizer calculation for softmax" (2018); Dao et al., "FlashAttention" (2022).

use super::buffer::Buffer;
use super::isa::{Isa, Kernel, Vector};
use super::math::exp;
use super::microkernel::{Place, Rows, load, panel_product, panel_vectors, store};
use super::split::{self, Shared, with_scratch};

/// Queries of a task: a multiple of every tile's height.
const QUERIES: usize = 48;
/// Keys of a step, a multiple of every panel's width.
const KEYS: usize = 192;

/// Rows of all heads side by side: head i of row t of picture p begins at `(p · tokens + t) · row + i · width`.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    /// The memory, from the first element on.
    pub values: &'a [f32],
    /// From one token to the next.
    pub row: usize,
    /// Tokens of a picture.
    pub tokens: usize,
}

/// Keys and their values, in parts that are put one after the other.
pub type KeyValues<'a> = [(Tokens<'a>, Tokens<'a>)];

/// The sizes of an attention.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Pictures, each of which sees itself only.
    pub n: usize,
    /// Heads.
    pub heads: usize,
    /// Channels of a head.
    pub width: usize,
    /// Multiplies the scores.
    pub scale: f32,
}

/// y [n, tokens, heads · width] from queries and keys with values.
pub fn attention(isa: Isa, sizes: Heads, q: Tokens, parts: &KeyValues, y: &mut [f32]) {
    let Heads { n, heads, width, .. } = sizes;
    let keys: usize = parts.iter().map(|(k, _)| k.tokens).sum();
    assert_eq!(y.len(), n * q.tokens * heads * width);
    if y.is_empty() || keys == 0 {
        return;
    }
    let shape = Shape::new(isa, width, keys);
    let mut packed = Buffer::zeros(n * heads * shape.len());
    let shared = Shared::new(&mut packed);
    split::run(n * heads, |task| {
        // SAFETY: each picture's head has its own place.
        let packed = unsafe { shared.slice(task * shape.len(), shape.len()) };
        shape.pack(parts, task / heads, task % heads, packed);
    });
    let tokens = q.tokens;
    let blocks = tokens.div_ceil(QUERIES);
    let y = Shared::new(y);
    split::run(n * heads * blocks, |task| {
        let (which, block) = (task / blocks, task % blocks);
        let (picture, head) = (which / heads, which % heads);
        let first = block * QUERIES;
        let count = QUERIES.min(tokens - first);
        let values = &q.values[(picture * tokens + first) * q.row + head * width..];
        let packed = &packed[which * shape.len()..][..shape.len()];
        with_scratch(QUERIES * (KEYS + shape.value_columns()), |scratch| {
            let (scores, sums) = scratch.split_at_mut(QUERIES * KEYS);
            let q = Rows { values, row: q.row, column: 1 };
            isa.run(Block { q, count, packed, shape, scale: sizes.scale, scores, sums: &mut *sums });
            for (number, sums) in sums.chunks_exact(shape.value_columns()).take(count).enumerate() {
                let at = ((picture * tokens + first + number) * heads + head) * width;
                // SAFETY: tasks differ in queries or heads.
                unsafe { y.slice(at, width) }.copy_from_slice(&sums[..width]);
            }
        });
    });
}

/// How keys and values of one head are packed: the keys' panels [width, across], then the values' [keys, across].
#[derive(Clone, Copy)]
struct Shape {
    width: usize,
    keys: usize,
    /// Vectors and columns of a panel of keys, and of one of values.
    key: (usize, usize),
    value: (usize, usize),
}

impl Shape {
    fn new(isa: Isa, width: usize, keys: usize) -> Self {
        let panel = |n: usize| (panel_vectors(isa, n), panel_vectors(isa, n) * isa.lanes());
        Self { width, keys, key: panel(keys), value: panel(width) }
    }

    fn key_len(self) -> usize {
        self.keys.div_ceil(self.key.1) * self.width * self.key.1
    }

    /// Columns of all panels of values.
    fn value_columns(self) -> usize {
        self.width.next_multiple_of(self.value.1)
    }

    fn len(self) -> usize {
        (self.key_len() + self.keys * self.value_columns()).next_multiple_of(16)
    }

    fn pack(self, parts: &KeyValues, picture: usize, head: usize, packed: &mut [f32]) {
        let (keys, values) = packed.split_at_mut(self.key_len());
        let mut number = 0;
        for (k, v) in parts {
            for token in 0..k.tokens {
                let row = |part: &Tokens<'_>| (picture * part.tokens + token) * part.row + head * self.width;
                let panel = &mut keys[number / self.key.1 * self.width * self.key.1 + number % self.key.1..];
                for (to, from) in panel.iter_mut().step_by(self.key.1).zip(&k.values[row(k)..][..self.width]) {
                    *to = *from;
                }
                let across = self.value.1;
                for (panel, from) in v.values[row(v)..][..self.width].chunks(across).enumerate() {
                    values[(panel * self.keys + number) * across..][..from.len()].copy_from_slice(from);
                }
                number += 1;
            }
        }
    }
}

/// Some queries of one head.
struct Block<'a> {
    q: Rows<'a>,
    count: usize,
    packed: &'a [f32],
    shape: Shape,
    scale: f32,
    /// [QUERIES, KEYS].
    scores: &'a mut [f32],
    /// [QUERIES, value columns]: the result.
    sums: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { q, count, packed, shape, scale, scores, sums } = self;
        let (keys, values) = packed.split_at(shape.key_len());
        let columns = shape.value_columns();
        let mut most = [f32::NEG_INFINITY; QUERIES];
        let mut totals = [0f32; QUERIES];
        let nothing =
            Place { c: std::ptr::null_mut(), row: 0, bias: std::ptr::null(), add: std::ptr::null(), factor: 1.0 };
        for first in (0..shape.keys).step_by(KEYS) {
            let some = KEYS.min(shape.keys - first);
            let across = shape.key.1;
            for panel in 0..some.div_ceil(across) {
                let b = &keys[(first / across + panel) * shape.width * across..][..shape.width * across];
                let place = Place { c: scores[panel * across..].as_mut_ptr(), row: KEYS, ..nothing };
                // SAFETY: KEYS is a multiple of every panel's width, so the panel ends within a row of scores.
                unsafe { panel_product(v, shape.key.0, q, count, b, &[], place, across) };
            }
            for query in 0..count {
                let row = &mut scores[query * KEYS..][..some.next_multiple_of(V::F32_LANES)];
                row[some..].fill(f32::NEG_INFINITY);
                let before = most[query];
                most[query] = largest(v, row).max(before);
                totals[query] = exponentials(v, row, most[query], scale)
                    + if first == 0 {
                        0.0
                    } else {
                        let factor = exp_of(v, (before - most[query]) * scale);
                        sums[query * columns..][..columns].iter_mut().for_each(|sum| *sum *= factor);
                        totals[query] * factor
                    };
            }
            let across = shape.value.1;
            for panel in 0..columns / across {
                let b = &values[(panel * shape.keys + first) * across..][..some * across];
                let c = sums[panel * across..].as_mut_ptr();
                let place = Place { c, row: columns, add: if first == 0 { std::ptr::null() } else { c }, ..nothing };
                let a = Rows { values: scores, row: KEYS, column: 1 };
                // SAFETY: `sums` has `columns` for each query, a multiple of the panels' width.
                unsafe { panel_product(v, shape.value.0, a, count, b, &[], place, across) };
            }
        }
        for (sums, total) in sums.chunks_exact_mut(columns).zip(totals).take(count) {
            sums.iter_mut().for_each(|sum| *sum /= total);
        }
    }
}

#[inline(always)]
pub(super) fn largest<V: Vector>(v: V, row: &[f32]) -> f32 {
    let mut most = v.splat_f32s(f32::NEG_INFINITY);
    for part in row.chunks_exact(V::F32_LANES) {
        // SAFETY: the part is a vector long.
        most = v.max_f32s(unsafe { load(v, part.as_ptr()) }, most);
    }
    v.reduce_max_f32s(most)
}

/// Replaces x by exp((x - most) · scale) and gives their sum.
#[inline(always)]
pub(super) fn exponentials<V: Vector>(v: V, row: &mut [f32], most: f32, scale: f32) -> f32 {
    let (most, scale) = (v.splat_f32s(most), v.splat_f32s(scale));
    let mut sum = v.splat_f32s(0.0);
    for part in row.chunks_exact_mut(V::F32_LANES) {
        // SAFETY: the part is a vector long.
        unsafe {
            let value = exp(v, v.mul_f32s(v.sub_f32s(load(v, part.as_ptr()), most), scale));
            store(v, part.as_mut_ptr(), value);
            sum = v.add_f32s(sum, value);
        }
    }
    v.reduce_sum_f32s(sum)
}

#[inline(always)]
fn exp_of<V: Vector>(v: V, x: f32) -> f32 {
    v.reduce_max_f32s(exp(v, v.splat_f32s(x)))
}
