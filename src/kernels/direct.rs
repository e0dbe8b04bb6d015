//! A convolution of any kernel and stride with weights that are packed once: its surroundings are gathered, block by
//! block, and multiplied while they are in the cache (`gather`). No im2col matrix exists.

use super::gather::Strided;
use super::half::Half;
use super::isa::Isa;
use super::microkernel::Start;
use super::packed_b::PackedB;
use super::shape::Pictures;

/// A convolution's packed weights, [kernel · kernel · c_in, c_out], and its geometry.
#[derive(Clone, Debug)]
pub struct Direct {
    panels: PackedB,
    c_in: usize,
    kernel: usize,
    stride: usize,
    /// Zeros before the first row and column, and after the last.
    padding: (usize, usize),
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
        let panels = PackedB::pack(isa, kernel * kernel * c_in, c_out, |k, o| weight(o, k % c_in, k / c_in));
        Self { panels, c_in, kernel, stride, padding: (padding, padding) }
    }

    /// The same with so many zeros after the last row and column.
    pub fn padded_after(self, zeros: usize) -> Self {
        Self { padding: (self.padding.0, zeros), ..self }
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
        let side = |side: usize| (side + self.padding.0 + self.padding.1 - self.kernel) / self.stride + 1;
        Pictures { n: pictures.n, h: side(pictures.h), w: side(pictures.w) }
    }

    /// y = start + x convolved, zeros around it; x is [n, h, w, c_in], y [n, h', w', c_out].
    pub fn forward(&self, x: &[f32], pictures: Pictures, start: Start, y: &mut [f32]) {
        let out = self.out(pictures);
        let geometry = Strided {
            n: pictures.n,
            large: (pictures.h, pictures.w),
            c: self.c_in,
            small: (out.h, out.w),
            d: self.c_out(),
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding.0,
        };
        geometry.gather(x, &self.panels, start, y);
    }
}
