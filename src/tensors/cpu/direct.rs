//! Convolutions of any kernel and stride as a product: a block of pixels' surroundings is gathered, K block by K
//! block, and multiplied while it is in the cache. No im2col matrix exists.

use super::half::Half;
use super::isa::{Isa, Kernel, Vector};
use super::matmul::{BlockProduct, K_BLOCK, check};
use super::panels::Panels;
use super::split::{self, Shared, with_scratch};
use super::tile::{Rows, Start, tile_rows};
use super::winograd::Pictures;

/// Pixels that one task gathers at once, about.
const PIXELS: usize = 96;

/// A convolution's packed weights, [kernel · kernel · c_in, c_out], and its geometry.
#[derive(Clone, Debug)]
pub struct Direct {
    panels: Panels,
    c_in: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Direct {
    /// `weight(o, i, tap)` from input channel i to output channel o, taps row by row (PyTorch's order).
    pub fn new(
        isa: Isa,
        (c_in, c_out): (usize, usize),
        kernel: usize,
        stride: usize,
        padding: usize,
        weight: impl Fn(usize, usize, usize) -> f32 + Sync,
    ) -> Self {
        let panels = Panels::pack(isa, kernel * kernel * c_in, c_out, |k, o| weight(o, k % c_in, k / c_in));
        Self { panels, c_in, kernel, stride, padding }
    }

    /// The same with its weights times `factor`, rounded to 16 bits before they are multiplied by it.
    pub fn kept_in(self, half: Half, factor: f32) -> Self {
        Self { panels: self.panels.kept_in(half, factor), ..self }
    }

    /// Input channels.
    pub fn c_in(&self) -> usize {
        self.c_in
    }

    /// Output channels.
    pub fn c_out(&self) -> usize {
        self.panels.n()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.panels.bytes()
    }

    /// The sizes of what it makes of such pictures, which must not be smaller than the kernel.
    pub fn out(&self, pictures: Pictures) -> Pictures {
        let side = |side: usize| (side + 2 * self.padding - self.kernel) / self.stride + 1;
        Pictures { n: pictures.n, h: side(pictures.h), w: side(pictures.w) }
    }

    /// y = start + x convolved, zeros around it; x is [n, h, w, c_in], y [n, h', w', c_out].
    pub fn forward(&self, x: &[f32], pictures: Pictures, start: Start, y: &mut [f32]) {
        let out = self.out(pictures);
        let (pixels, c_out, b) = (out.pixels(), self.c_out(), &self.panels);
        if pixels == 0 {
            return;
        }
        assert_eq!(x.len(), pictures.pixels() * self.c_in);
        check(start, pixels, c_out, c_out, y.len());
        let tall = tile_rows(b.isa(), b.vectors());
        // As near to that as can be in equal blocks: each reads all weights.
        let blocks = ((pixels + PIXELS / 2) / PIXELS).max(1);
        let block = pixels.div_ceil(blocks).next_multiple_of(tall);
        let blocks = pixels.div_ceil(block);
        let groups = split::tasks(pixels * c_out * b.k()).div_ceil(blocks).min(b.count());
        let y = Shared::new(y);
        split::run(blocks * groups, |task| {
            let (group, number) = (task / blocks, task % blocks);
            let first = number * block;
            let count = block.min(pixels - first);
            let panels = b.count() * group / groups..b.count() * (group + 1) / groups;
            let add = start.add.map(|(add, factor)| (&add[first * c_out..], factor));
            let c = y.at(first * c_out, count * c_out);
            with_scratch(count * K_BLOCK, |rows| {
                let rows = Shared::new(rows);
                b.isa().run(Block {
                    conv: self,
                    x,
                    pictures,
                    out,
                    first,
                    count,
                    rows,
                    panels,
                    start: Start { add, ..start },
                    c,
                });
            });
        });
    }

    /// The values k.start … k.end of the surroundings of output pixel `number`, tap by tap.
    #[inline(always)]
    fn gather(&self, x: &[f32], pictures: Pictures, out: Pictures, number: usize, k: (usize, usize), row: &mut [f32]) {
        let (picture, place) = (number / (out.h * out.w), number % (out.h * out.w));
        let (top, left) = (place / out.w * self.stride, place % out.w * self.stride);
        let mut at = k.0;
        let mut rest = row;
        while at < k.1 {
            let (tap, channel) = (at / self.c_in, at % self.c_in);
            let count = (self.c_in - channel).min(k.1 - at);
            let (values, after) = rest.split_at_mut(count);
            let y = (top + tap / self.kernel).wrapping_sub(self.padding);
            let x_at = (left + tap % self.kernel).wrapping_sub(self.padding);
            if y < pictures.h && x_at < pictures.w {
                let from = ((picture * pictures.h + y) * pictures.w + x_at) * self.c_in + channel;
                values.copy_from_slice(&x[from..from + count]);
            } else {
                values.fill(0.0);
            }
            rest = after;
            at += count;
        }
    }
}

struct Block<'a> {
    conv: &'a Direct,
    x: &'a [f32],
    pictures: Pictures,
    out: Pictures,
    first: usize,
    count: usize,
    rows: Shared<'a>,
    panels: std::ops::Range<usize>,
    start: Start<'a>,
    c: *mut f32,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { conv, count, c, .. } = self;
        let whole = conv.panels.k();
        let mut k = 0;
        while k < whole {
            let end = (k + K_BLOCK).min(whole);
            let width = end - k;
            // SAFETY: the scratch is this task's alone, and no product is under way.
            let rows = unsafe { self.rows.slice(0, count * width) };
            for (number, row) in rows.chunks_mut(width).enumerate() {
                conv.gather(self.x, self.pictures, self.out, self.first + number, (k, end), row);
            }
            let a = Rows { values: rows, row: width, column: 1 };
            // SAFETY: `forward` checked all of y, bias and addend; tasks differ in pixels or panels.
            let block = unsafe {
                BlockProduct::new(a, count, &conv.panels, 0, self.panels.clone(), self.start, c, conv.c_out())
            };
            block.of_k(k..end, k > 0).run(v);
            k = end;
        }
    }
}
