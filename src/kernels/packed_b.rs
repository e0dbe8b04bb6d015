//! A matrix B [k, n] in the order in which the register tile reads it: panel by panel, each [k, width].
//!
//! Width is a whole number of vectors of one instruction set; the last panel is filled up with zeros. Several
//! matrices of one size (Winograd's 36) lie together: [panel][matrix][k][width].

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::buffer::Buffer;
use super::half::Half;
use super::isa::Isa;
use super::microkernel::panel_vectors;

/// Packed matrices, ready to be multiplied from the right.
#[derive(Clone, Debug)]
pub struct PackedB {
    isa: Isa,
    matrices: usize,
    k: usize,
    n: usize,
    vectors: usize,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    F32(Buffer),
    /// Each number is to be multiplied by the factor.
    Half(Half, f32, Vec<u16>),
}

impl PackedB {
    /// Zeros of `matrices` matrices [k, n].
    pub fn zeros(isa: Isa, matrices: usize, k: usize, n: usize) -> Self {
        let vectors = panel_vectors(isa, n);
        let width = vectors * isa.lanes();
        let values = Values::F32(Buffer::zeros(n.div_ceil(width) * matrices * k * width));
        Self { isa, matrices, k, n, vectors, values }
    }

    /// One matrix whose element (k, j) is `element(k, j)`.
    pub fn pack(isa: Isa, k: usize, n: usize, element: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let mut panels = Self::zeros(isa, 1, k, n);
        let width = panels.width();
        panels.fill(|columns, panel| {
            for (k, row) in panel.chunks_mut(width).enumerate() {
                for (value, j) in row.iter_mut().zip(columns.clone()) {
                    *value = element(k, j);
                }
            }
        });
        panels
    }

    /// The same matrices times `factor`, rounded to 16 bits before they are multiplied by it.
    pub fn kept_in(self, half: Half, factor: f32) -> Self {
        let values = match self.values {
            Values::F32(values) => {
                Values::Half(half, factor, values.par_iter().map(|value| half.narrow(*value)).collect())
            }
            Values::Half(half, before, values) => Values::Half(half, before * factor, values),
        };
        Self { values, ..self }
    }

    /// Writes the panels side by side: `write(columns, panel)` with a panel as [matrix][k][width]. They must be in f32.
    pub fn fill(&mut self, write: impl Fn(Range<usize>, &mut [f32]) + Sync) {
        let (width, n) = (self.width(), self.n);
        let size = self.matrices * self.k * width;
        let Values::F32(values) = &mut self.values else { unreachable!("panels are filled before they are narrowed") };
        if size > 0 {
            let panels = values.par_chunks_mut(size).enumerate();
            panels.for_each(|(number, panel)| write(number * width..((number + 1) * width).min(n), panel));
        }
    }

    /// The instruction set that they are made for.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Rows of a matrix.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Columns of a matrix.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Vectors across a panel.
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    /// Columns of a panel.
    pub fn width(&self) -> usize {
        self.vectors * self.isa.lanes()
    }

    /// Panels across a matrix.
    pub fn count(&self) -> usize {
        self.n.div_ceil(self.width())
    }

    /// The columns of `panel` that exist.
    pub fn columns(&self, panel: usize) -> usize {
        (self.n - panel * self.width()).min(self.width())
    }

    /// Rows `k` of one panel of one matrix, [k.len(), width]; `wide` has room for `wide_len(k.len())`.
    #[inline(always)]
    pub fn rows<'a>(&'a self, matrix: usize, panel: usize, k: Range<usize>, wide: &'a mut [f32]) -> &'a [f32] {
        let range = self.range(matrix, panel, k);
        match &self.values {
            Values::F32(values) => &values[range],
            Values::Half(half, factor, values) => {
                let wide = &mut wide[..range.len()];
                half.widen(&values[range], *factor, wide);
                wide
            }
        }
    }

    /// Memory that `rows` will read; of 16-bit numbers none, which are half as much to read.
    #[inline(always)]
    pub fn stored(&self, matrix: usize, panel: usize, k: Range<usize>) -> &[f32] {
        match &self.values {
            Values::F32(values) => &values[self.range(matrix, panel, k)],
            Values::Half(..) => &[],
        }
    }

    /// Where rows `k` of one panel of one matrix are.
    #[inline(always)]
    fn range(&self, matrix: usize, panel: usize, k: Range<usize>) -> Range<usize> {
        let start = (panel * self.matrices + matrix) * self.k;
        (start + k.start) * self.width()..(start + k.end) * self.width()
    }

    /// The room that `rows` needs for as many rows.
    pub fn wide_len(&self, k: usize) -> usize {
        match &self.values {
            Values::F32(_) => 0,
            Values::Half(..) => k * self.width(),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match &self.values {
            Values::F32(values) => values.len() * 4,
            Values::Half(_, _, values) => values.len() * 2,
        }
    }
}
