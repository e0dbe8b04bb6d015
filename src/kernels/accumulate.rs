//! C += Aᵀ · B over many rows, the product that weight gradients are made of.
//!
//! A and B hold one pixel (or tile) a row; B lies in panels [panel][row][width], so that the register tile reads it in
//! order. What is summed, and in which order, depends on the rows alone.

use std::ops::Range;

use super::isa::{Isa, Kernel, Vector};
use super::microkernel::{Place, Rows, panel_product, panel_vectors};

/// Rows summed at a time, so that a panel's and A's stay in the first cache.
pub const ROW_BLOCK: usize = 128;

/// How `columns` columns of B are cut into panels.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Columns.
    pub columns: usize,
    /// Vectors across a panel.
    pub vectors: usize,
    /// Columns of a panel.
    pub width: usize,
}

impl Cut {
    /// As the register tile of `isa` likes it.
    pub fn new(isa: Isa, columns: usize) -> Self {
        let vectors = panel_vectors(isa, columns);
        Self { columns, vectors, width: vectors * isa.lanes() }
    }

    /// How many panels.
    pub fn panels(self) -> usize {
        self.columns.div_ceil(self.width)
    }

    /// f32 that `rows` rows take.
    pub fn len(self, rows: usize) -> usize {
        self.panels() * rows * self.width
    }

    /// Where column `column` of row `row` is, of `rows` rows in all.
    pub fn at(self, column: usize, row: usize, rows: usize) -> usize {
        (column / self.width * rows + row) * self.width + column % self.width
    }
}

/// C [width of A, columns of B] += Aᵀ · B, or = where `first`.
pub struct Accumulate<'a> {
    /// [rows, width], `stride` apart.
    pub a: &'a [f32],
    /// From one row of A to the next.
    pub stride: usize,
    /// Columns of A: rows of C.
    pub width: usize,
    /// In panels.
    pub b: &'a [f32],
    /// Rows that B has.
    pub b_rows: usize,
    /// Those of B that go with A's rows.
    pub rows: Range<usize>,
    /// How B is cut.
    pub cut: Cut,
    /// Row-major, as wide as B has columns.
    pub c: &'a mut [f32],
    /// Whether C is overwritten.
    pub first: bool,
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { a, stride, width, b, b_rows, rows, cut, c, first } = self;
        assert!(c.len() >= width * cut.columns && b.len() >= cut.len(b_rows) && rows.end <= b_rows);
        let c = c.as_mut_ptr();
        for start in rows.clone().step_by(ROW_BLOCK) {
            let end = (start + ROW_BLOCK).min(rows.end);
            let a = Rows { values: &a[(start - rows.start) * stride..], row: 1, column: stride };
            for panel in 0..cut.panels() {
                let b = &b[(panel * b_rows + start) * cut.width..(panel * b_rows + end) * cut.width];
                let c = c.wrapping_add(panel * cut.width);
                let add = if first && start == rows.start { std::ptr::null() } else { c.cast_const() };
                let place = Place { c, row: cut.columns, bias: std::ptr::null(), add, factor: 1.0 };
                let columns = (cut.columns - panel * cut.width).min(cut.width);
                // SAFETY: C was checked to hold `width` rows of all columns, and is borrowed for this alone.
                unsafe { panel_product(v, cut.vectors, a, width, b, &[], place, columns) };
            }
        }
    }
}
