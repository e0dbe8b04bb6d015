//! Convolutions of any kernel, stride and padding, forward and backward, plain and transposed: three products.
//!
//! A large map [n, H, W, c] and a small one [n, h, w, d] are tied by weights [d, c, k, k]; that is PyTorch's order for
//! `Conv2d` (large to small) and for `ConvTranspose2d` (small to large) alike, and each is the other's gradient:
//!
//! | | `Conv2d` | `ConvTranspose2d` |
//! |---|---|---|
//! | `gather`: small = patches(large) · W | forward | gradient by input |
//! | `scatter`: large = Σ of patches, small · Wᵀ | gradient by input | forward |
//! | `weight_gradient`: patches(large)ᵀ · small | gradient by weight | gradient by weight |
//!
//! Patches are [pixel of the small map, k · k · c] and exist a block at a time, in the second cache. Where the small map
//! has one pixel that sees all of the large one (7×7 of stride 7), or the kernel is 1×1, they are the large map itself.
//! What is drawn with packed weights (`direct`) and what is trained is gathered here alike.

use super::accumulate::{Accumulate, Cut, ROW_BLOCK};
use super::isa::{Isa, Kernel, Vector};
use super::matmul::{BlockProduct, K_BLOCK, check, matmul};
use super::microkernel::{Rows, Start, tile_rows};
use super::packed_b::PackedB;
use super::rows::{load, store};
use super::split::{self, Shared, with_scratch};

/// Pixels of the small map in a block, about.
const PIXELS: usize = 96;
/// Pixels of the small map whose weight gradient is summed between two barriers.
const CHUNK: usize = 2048;
/// Columns of the patches in one task of the weight gradient.
const COLUMNS: usize = 96;

/// Sizes of both maps and how a kernel ties them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strided {
    /// Pictures.
    pub n: usize,
    /// Height and width of the large map.
    pub large: (usize, usize),
    /// Channels of the large map.
    pub c: usize,
    /// Height and width of the small map.
    pub small: (usize, usize),
    /// Channels of the small map.
    pub d: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Pixels of the large map from one of the small map to the next.
    pub stride: usize,
    /// Rings of zeros around the large map.
    pub padding: usize,
}

impl Strided {
    /// Numbers in a patch.
    pub fn patch(&self) -> usize {
        self.kernel * self.kernel * self.c
    }

    /// Pixels of the small map.
    pub fn pixels(&self) -> usize {
        self.n * self.small.0 * self.small.1
    }

    fn large_len(&self) -> usize {
        self.n * self.large.0 * self.large.1 * self.c
    }

    /// Whether patches one after the other are the large map: it is seen by one pixel, or pixel by pixel.
    fn patches_are_large(&self) -> bool {
        let one = self.small == (1, 1) && self.large == (self.kernel, self.kernel);
        self.padding == 0 && (one || (self.kernel == 1 && self.stride == 1))
    }

    /// W [k · k · c, d] for `gather`; `weight` is [d, c, k, k].
    pub fn gather_weights(&self, isa: Isa, weight: &[f32]) -> PackedB {
        let (taps, patch) = (self.kernel * self.kernel, self.patch());
        let mut panels = PackedB::zeros(isa, 1, patch, self.d);
        let width = panels.width();
        panels.fill(|columns, panel| {
            for (lane, d) in columns.enumerate() {
                let weight = &weight[d * patch..(d + 1) * patch];
                for tap in 0..taps {
                    for channel in 0..self.c {
                        panel[(tap * self.c + channel) * width + lane] = weight[channel * taps + tap];
                    }
                }
            }
        });
        panels
    }

    /// Wᵀ [d, k · k · c] for `scatter`.
    pub fn scatter_weights(&self, isa: Isa, weight: &[f32]) -> PackedB {
        let (taps, patch) = (self.kernel * self.kernel, self.patch());
        let mut panels = PackedB::zeros(isa, 1, self.d, patch);
        let width = panels.width();
        panels.fill(|columns, panel| {
            for (lane, column) in columns.enumerate() {
                let (tap, channel) = (column / self.c, column % self.c);
                for d in 0..self.d {
                    panel[d * width + lane] = weight[d * patch + channel * taps + tap];
                }
            }
        });
        panels
    }

    /// small = start + patches(large) · W.
    pub fn gather(&self, large: &[f32], weights: &PackedB, start: Start, small: &mut [f32]) {
        let (patch, pixels, d) = (self.patch(), self.pixels(), self.d);
        assert!(large.len() == self.large_len() && small.len() == pixels * d);
        assert!(weights.k() == patch && weights.n() == d);
        if pixels == 0 {
            return;
        }
        if self.patches_are_large() {
            return matmul(Rows { values: large, row: patch, column: 1 }, pixels, weights, start, small, d);
        }
        check(start, pixels, d, d, small.len());
        let tall = tile_rows(weights.isa(), weights.vectors());
        // As near to that as can be in equal blocks: each reads all weights.
        let blocks = ((pixels + PIXELS / 2) / PIXELS).max(1);
        let block = pixels.div_ceil(blocks).next_multiple_of(tall);
        let blocks = pixels.div_ceil(block);
        let groups = split::tasks(pixels * d * patch).div_ceil(blocks).min(weights.count());
        let small = Shared::new(small);
        split::run(blocks * groups, |task| {
            let (group, number) = (task / blocks, task % blocks);
            let first = number * block;
            let count = block.min(pixels - first);
            let panels = weights.count() * group / groups..weights.count() * (group + 1) / groups;
            let add = start.add.map(|(add, factor)| (&add[first * d..], factor));
            let c = small.at(first * d, count * d);
            with_scratch(count * K_BLOCK.min(patch), |rows| {
                for k in (0..patch).step_by(K_BLOCK) {
                    let k = k..(k + K_BLOCK).min(patch);
                    let rows = &mut rows[..count * k.len()];
                    for (number, row) in rows.chunks_exact_mut(k.len()).enumerate() {
                        self.take(large, first + number, k.start, row);
                    }
                    let a = Rows { values: rows, row: k.len(), column: 1 };
                    let start = Start { add, ..start };
                    // SAFETY: `check` saw all of the small map, bias and addend; tasks differ in pixels or panels.
                    let block = unsafe { BlockProduct::new(a, count, weights, 0, panels.clone(), start, c, d) };
                    weights.isa().run(block.of_k(k.clone(), k.start > 0));
                }
            });
        });
    }

    /// large = bias [c] + Σ of patches small · Wᵀ.
    pub fn scatter(&self, small: &[f32], weights: &PackedB, bias: Option<&[f32]>, large: &mut [f32]) {
        let (patch, pixels, (h, w)) = (self.patch(), self.pixels(), self.small);
        assert!(large.len() == self.large_len() && small.len() == pixels * self.d);
        assert!(weights.k() == self.d && weights.n() == patch && bias.is_none_or(|bias| bias.len() == self.c));
        if self.patches_are_large() {
            matmul(Rows { values: small, row: self.d, column: 1 }, pixels, weights, Start::default(), large, patch);
            if let Some(bias) = bias {
                large.chunks_exact_mut(self.c).for_each(|row| row.iter_mut().zip(bias).for_each(|(x, b)| *x += b));
            }
            return;
        }
        let isa = weights.isa();
        let picture = self.large.0 * self.large.1 * self.c;
        let together = PIXELS.div_ceil(h * w).min(self.n.div_ceil(rayon::current_num_threads())).max(1);
        let large = Shared::new(large);
        split::run(self.n.div_ceil(together), |task| {
            let pictures = task * together..((task + 1) * together).min(self.n);
            // SAFETY: each task has pictures of its own.
            let large = unsafe { large.slice(pictures.start * picture, pictures.len() * picture) };
            match bias {
                Some(bias) => large.chunks_exact_mut(self.c).for_each(|row| row.copy_from_slice(bias)),
                None => large.fill(0.0),
            }
            let (first, last) = (pictures.start * h * w, pictures.end * h * w);
            for first in (first..last).step_by(PIXELS) {
                let count = PIXELS.min(last - first);
                with_scratch(count * patch, |patches| {
                    let a = Rows { values: &small[first * self.d..], row: self.d, column: 1 };
                    let c = patches.as_mut_ptr();
                    // SAFETY: the scratch has `count` rows of a patch.
                    isa.run(unsafe {
                        BlockProduct::new(a, count, weights, 0, 0..weights.count(), Start::default(), c, patch)
                    });
                    let first = first - pictures.start * h * w;
                    isa.run(Give { geometry: self, patches, first, large });
                });
            }
        });
    }

    /// dL/dW [d, c, k, k] from the large map and the small one, one of which is a gradient.
    pub fn weight_gradient(&self, isa: Isa, large: &[f32], small: &[f32], dw: &mut [f32]) {
        let (patch, pixels, d, c) = (self.patch(), self.pixels(), self.d, self.c);
        assert!(large.len() == self.large_len() && small.len() == pixels * d && dw.len() == patch * d);
        let cut = Cut::new(isa, d);
        let blocks = patch.div_ceil(COLUMNS);
        let chunk = CHUNK.min(pixels.max(1));
        with_scratch(patch * d + cut.len(chunk), |scratch| {
            let (sums, packed) = scratch.split_at_mut(patch * d);
            if pixels == 0 {
                sums.fill(0.0);
            }
            let (sums, packed) = (Shared::new(sums), Shared::new(packed));
            for start in (0..pixels).step_by(chunk) {
                let count = chunk.min(pixels - start);
                split::run(cut.panels(), |panel| {
                    let columns = panel * cut.width..((panel + 1) * cut.width).min(d);
                    // SAFETY: each task packs a panel of its own.
                    let to = unsafe { packed.slice(panel * count * cut.width, count * cut.width) };
                    for (row, to) in to.chunks_exact_mut(cut.width).enumerate() {
                        to[..columns.len()].copy_from_slice(&small[(start + row) * d..][columns.clone()]);
                    }
                });
                // SAFETY: the packing is done.
                let b = unsafe { &*packed.slice(0, cut.len(count)) };
                split::run(blocks, |block| {
                    let columns = block * COLUMNS..((block + 1) * COLUMNS).min(patch);
                    let width = columns.len();
                    // SAFETY: each task has rows of its own.
                    let c = unsafe { sums.slice(columns.start * d, width * d) };
                    with_scratch(ROW_BLOCK * width, |a| {
                        for from in (0..count).step_by(ROW_BLOCK) {
                            let rows = from..(from + ROW_BLOCK).min(count);
                            let a = &mut a[..rows.len() * width];
                            for (row, number) in a.chunks_exact_mut(width).zip(rows.clone()) {
                                self.take(large, start + number, columns.start, row);
                            }
                            let first = start + from == 0;
                            isa.run(Accumulate { a, stride: width, width, b, b_rows: count, rows, cut, c, first });
                        }
                    });
                });
            }
            // SAFETY: all tasks are done.
            let sums = unsafe { &*sums.slice(0, patch * d) };
            let taps = self.kernel * self.kernel;
            let dw = Shared::new(dw);
            split::run(d, |d_at| {
                // SAFETY: each task has weights of its own.
                let dw = unsafe { dw.slice(d_at * patch, patch) };
                for (channel, dw) in dw.chunks_exact_mut(taps).enumerate() {
                    for (tap, value) in dw.iter_mut().enumerate() {
                        *value = sums[(tap * c + channel) * d + d_at];
                    }
                }
            });
        });
    }

    /// Picture, and the place of the patch's corner in the padded large map.
    #[inline(always)]
    fn corner(&self, pixel: usize) -> (usize, usize, usize) {
        let (h, w) = self.small;
        (pixel / (h * w), pixel / w % h * self.stride, pixel % w * self.stride)
    }

    /// Columns of the kernel that meet the large map when its corner is at `left`, and where they begin there.
    #[inline(always)]
    fn across(&self, left: usize) -> (std::ops::Range<usize>, usize) {
        let first = self.padding.saturating_sub(left).min(self.kernel);
        let last = (self.large.1 + self.padding).saturating_sub(left).min(self.kernel).max(first);
        (first..last, (left + first).saturating_sub(self.padding))
    }

    /// Columns of a patch from `first` on, as many as `row` takes.
    fn take(&self, large: &[f32], pixel: usize, first: usize, row: &mut [f32]) {
        let (picture, top, left) = self.corner(pixel);
        let (c, (height, width), row_len) = (self.c, self.large, self.kernel * self.c);
        let (columns, x) = self.across(left);
        let inside = columns.start * c..columns.end * c;
        let mut rest = row;
        let mut at = first;
        while !rest.is_empty() {
            let (ky, from) = (at / row_len, at % row_len);
            let (to, after) = rest.split_at_mut((row_len - from).min(rest.len()));
            let y = (top + ky).wrapping_sub(self.padding);
            // The part of these columns that meets the large map; what is before and after it is zeros.
            let (low, high) = (inside.start.clamp(from, from + to.len()), inside.end.clamp(from, from + to.len()));
            if y < height && low < high {
                let begin = ((picture * height + y) * width + x) * c + low - inside.start;
                to[..low - from].fill(0.0);
                to[low - from..high - from].copy_from_slice(&large[begin..begin + high - low]);
                to[high - from..].fill(0.0);
            } else {
                to.fill(0.0);
            }
            at += to.len();
            rest = after;
        }
    }
}

/// Adds patches to the large map, of pixels from `first` on.
struct Give<'a> {
    geometry: &'a Strided,
    patches: &'a [f32],
    first: usize,
    large: &'a mut [f32],
}

impl Kernel for Give<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { geometry, patches, first, large } = self;
        let (c, (height, width)) = (geometry.c, geometry.large);
        let row_len = geometry.kernel * c;
        for (number, patch) in patches.chunks_exact(geometry.patch()).enumerate() {
            let (picture, top, left) = geometry.corner(first + number);
            let (columns, x) = geometry.across(left);
            for (ky, row) in patch.chunks_exact(row_len).enumerate() {
                let y = (top + ky).wrapping_sub(geometry.padding);
                if y >= height {
                    continue;
                }
                let to = ((picture * height + y) * width + x) * c;
                let to = &mut large[to..to + columns.len() * c];
                let from = &row[columns.start * c..columns.end * c];
                for at in (0..to.len()).step_by(V::F32_LANES) {
                    let sum = v.add_f32s(load(v, to, at), load(v, from, at));
                    store(v, to, at, sum);
                }
            }
        }
    }
}
