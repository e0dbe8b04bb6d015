//! Attention, backward: from dL/dy to queries, keys and values, head by head.
//!
//! Scores are made again, a block of queries at a time, so that forward keeps its inputs and result alone. With P the
//! softmax, dP = dy · vᵀ and Dᵢ = Σ dyᵢ yᵢ: dS = P ⊙ (dP - D) · scale, then dq = dS · k, dk = dSᵀ · q, dv = Pᵀ · dy (Dao et
//! al., "FlashAttention", 2022, appendix B). A head is one task, so that its sums run over the queries in order.

use super::accumulate::{Accumulate, Cut};
use super::attention::{Heads, KeyValues, Tokens, exponentials, largest};
use super::isa::{Isa, Kernel, Vector};
use super::matmul::BlockProduct;
use super::microkernel::{Rows, Start};
use super::packed_b::PackedB;
use super::split::{self, Shared, with_scratch};

/// Queries of a block.
const QUERIES: usize = 48;
/// Room for any vector after the last key.
const LANES: usize = 16;

/// dL/dq [n, tokens, heads · width], and dL/dk with dL/dv of each part, likewise, from y and dL/dy.
pub fn attention_backward(
    isa: Isa,
    sizes: Heads,
    q: Tokens,
    parts: &KeyValues,
    (y, dy): (&[f32], &[f32]),
    dq: &mut [f32],
    d_parts: &mut [(&mut [f32], &mut [f32])],
) {
    let Heads { n, heads, width, .. } = sizes;
    let c = heads * width;
    assert!(y.len() == n * q.tokens * c && dy.len() == y.len() && dq.len() == y.len() && d_parts.len() == parts.len());
    for ((k, _), (dk, dv)) in parts.iter().zip(&*d_parts) {
        assert!(dk.len() == n * k.tokens * c && dv.len() == dk.len());
    }
    let dq = Shared::new(dq);
    let d_parts: Vec<(Shared, Shared)> =
        d_parts.iter_mut().map(|(dk, dv)| (Shared::new(dk), Shared::new(dv))).collect();
    split::run(n * heads, |task| {
        let (picture, head) = (task / heads, task % heads);
        let at = |tokens: usize, token: usize| (picture * tokens + token) * c + head * width;
        let rows =
            |part: &Tokens<'_>, token: usize| -> usize { (picture * part.tokens + token) * part.row + head * width };
        let mut head = Head::new(isa, sizes, parts, rows);
        for first in (0..q.tokens).step_by(QUERIES) {
            let count = QUERIES.min(q.tokens - first);
            for number in 0..count {
                let token = first + number;
                head.set(number, &q.values[rows(&q, token)..], &y[at(q.tokens, token)..], &dy[at(q.tokens, token)..]);
            }
            head.block(count, first == 0);
            for number in 0..count {
                // SAFETY: tasks differ in pictures or heads.
                unsafe { dq.slice(at(q.tokens, first + number), width) }.copy_from_slice(head.dq(number));
            }
        }
        let mut key = 0;
        for ((k, _), (dk, dv)) in parts.iter().zip(&d_parts) {
            for token in 0..k.tokens {
                // SAFETY: tasks differ in pictures or heads.
                unsafe { dk.slice(at(k.tokens, token), width) }.copy_from_slice(&head.dk[key * width..][..width]);
                // SAFETY: as above.
                unsafe { dv.slice(at(k.tokens, token), width) }.copy_from_slice(&head.dv[key * width..][..width]);
                key += 1;
            }
        }
    });
}

/// One head of one picture.
struct Head {
    isa: Isa,
    width: usize,
    keys: usize,
    scale: f32,
    /// kᵀ and vᵀ [width, keys], k [keys, width].
    keys_across: PackedB,
    values_across: PackedB,
    keys_down: PackedB,
    /// Of a block's queries: q and dy [QUERIES, width], Σ dy y, the result.
    q: Vec<f32>,
    dy: Vec<f32>,
    along: Vec<f32>,
    dq: Vec<f32>,
    /// [keys, width], summed over blocks.
    dk: Vec<f32>,
    dv: Vec<f32>,
}

impl Head {
    fn new(isa: Isa, sizes: Heads, parts: &KeyValues, row: impl Fn(&Tokens<'_>, usize) -> usize) -> Self {
        let Heads { width, scale, .. } = sizes;
        let (mut k, mut v) = (Vec::new(), Vec::new());
        for (part_k, part_v) in parts {
            for token in 0..part_k.tokens {
                k.extend_from_slice(&part_k.values[row(part_k, token)..][..width]);
                v.extend_from_slice(&part_v.values[row(part_v, token)..][..width]);
            }
        }
        let keys = k.len() / width;
        let zeros = || vec![0f32; QUERIES * width];
        Self {
            isa,
            width,
            keys,
            scale,
            keys_across: PackedB::pack(isa, width, keys, |i, key| k[key * width + i]),
            values_across: PackedB::pack(isa, width, keys, |i, key| v[key * width + i]),
            keys_down: PackedB::pack(isa, keys, width, |key, i| k[key * width + i]),
            q: zeros(),
            dy: zeros(),
            along: vec![0.0; QUERIES],
            dq: zeros(),
            dk: vec![0.0; keys * width],
            dv: vec![0.0; keys * width],
        }
    }

    fn set(&mut self, number: usize, q: &[f32], y: &[f32], dy: &[f32]) {
        let (width, at) = (self.width, number * self.width);
        self.q[at..at + width].copy_from_slice(&q[..width]);
        self.dy[at..at + width].copy_from_slice(&dy[..width]);
        self.along[number] = y[..width].iter().zip(dy).map(|(y, dy)| y * dy).sum();
    }

    fn dq(&self, number: usize) -> &[f32] {
        &self.dq[number * self.width..][..self.width]
    }

    /// The first `count` queries that were set: their dq, and what they add to dk and dv.
    fn block(&mut self, count: usize, first: bool) {
        let (isa, width, keys) = (self.isa, self.width, self.keys);
        if keys == 0 {
            return self.dq.fill(0.0);
        }
        let (across, cut) = (keys.next_multiple_of(LANES), Cut::new(isa, width));
        with_scratch(2 * count * across + cut.len(count), |scratch| {
            let (scores, rest) = scratch.split_at_mut(count * across);
            let (slopes, packed) = rest.split_at_mut(count * across);
            let product = |a: &[f32], row: usize, b: &PackedB, c: &mut [f32], c_row: usize| {
                let a = Rows { values: a, row, column: 1 };
                assert!(c.len() >= (count - 1) * c_row + b.n());
                let c = c.as_mut_ptr();
                // SAFETY: C was checked to hold `count` rows, and is borrowed for this alone.
                isa.run(unsafe { BlockProduct::new(a, count, b, 0, 0..b.count(), Start::default(), c, c_row) });
            };
            product(&self.q, width, &self.keys_across, scores, across);
            product(&self.dy, width, &self.values_across, slopes, across);
            for ((scores, slopes), &along) in
                scores.chunks_exact_mut(across).zip(slopes.chunks_exact_mut(across)).zip(&self.along)
            {
                isa.run(Slopes { keys, scale: self.scale, along, scores, slopes });
            }
            product(slopes, across, &self.keys_down, &mut self.dq, width);
            for (a, b, c) in [(&*slopes, &self.q, &mut self.dk), (&*scores, &self.dy, &mut self.dv)] {
                for (row, b) in b.chunks_exact(width).take(count).enumerate() {
                    for (panel, b) in b.chunks(cut.width).enumerate() {
                        packed[cut.at(panel * cut.width, row, count)..][..b.len()].copy_from_slice(b);
                    }
                }
                let (b, rows) = (&*packed, 0..count);
                isa.run(Accumulate { a, stride: across, width: keys, b, b_rows: count, rows, cut, c, first });
            }
        });
    }
}

/// One query: scores to their softmax P, dP to dS.
struct Slopes<'a> {
    keys: usize,
    scale: f32,
    along: f32,
    scores: &'a mut [f32],
    slopes: &'a mut [f32],
}

impl Kernel for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { keys, scale, along, scores, slopes } = self;
        scores[keys..].fill(f32::NEG_INFINITY);
        slopes[keys..].fill(0.0);
        let most = largest(v, scores);
        let total = exponentials(v, scores, most, scale);
        for (score, slope) in scores.iter_mut().zip(slopes) {
            *score /= total;
            *slope = *score * (*slope - along) * scale;
        }
    }
}
