//! A product of row-major A with packed B: linear layers, 1×1 convolutions, and the blocks of every other one.

use std::ops::Range;

use super::isa::{Kernel, Vector};
use super::microkernel::{Place, Rows, Start, panel_product, tile_rows};
use super::packed_b::PackedB;
use super::split::{self, Scratch, Shared};

/// Rows of B taken at once, so that a panel's stay in the first cache while rows of A pass by.
pub(super) const K_BLOCK: usize = 256;
/// Rows of A that one task takes, about: as much of them as a K block covers fits the second cache.
const ROW_BLOCK: usize = 96;

/// C = bias + factor · add + A · B. A is [rows, k] as `a` says; C [rows, n] with `c_row` from row to row.
pub fn matmul(a: Rows, rows: usize, b: &PackedB, start: Start, c: &mut [f32], c_row: usize) {
    if rows == 0 || b.n() == 0 {
        return;
    }
    check(start, rows, b.n(), c_row, c.len());
    let tall = tile_rows(b.isa(), b.vectors());
    let block = tall * (ROW_BLOCK / tall);
    let tasks = split::tasks(rows * b.n() * b.k());
    // Rows shared out evenly; what is still missing to so many tasks comes from splitting the columns.
    let row_blocks = rows.div_ceil(block);
    let groups = tasks.div_ceil(row_blocks).min(b.count());
    let shared = Shared::new(c);
    split::run(row_blocks * groups, |task| {
        let (group, number) = (task / row_blocks, task % row_blocks);
        let first = number * block;
        let count = block.min(rows - first);
        let a = Rows { values: &a.values[first * a.row..], ..a };
        let panels = b.count() * group / groups..b.count() * (group + 1) / groups;
        let c = shared.at(first * c_row, (count - 1) * c_row + b.n());
        let add = start.add.map(|(add, factor)| (&add[first * c_row..], factor));
        // SAFETY: `at` and `check` saw all of C, bias and addend; tasks differ in rows or panels.
        b.isa().run(unsafe { BlockProduct::new(a, count, b, 0, panels, Start { add, ..start }, c, c_row) });
    });
}

/// Bias and addend are as large as C.
pub(super) fn check(start: Start, rows: usize, n: usize, c_row: usize, c_len: usize) {
    let needed = (rows - 1) * c_row + n;
    assert!(n <= c_row && needed <= c_len, "C is too short");
    assert!(start.bias.is_none_or(|bias| bias.len() >= n), "the bias is too short");
    assert!(start.add.is_none_or(|(add, _)| add.len() >= needed), "the addend is too short");
}

/// Some rows of A times some panels of one matrix, on one thread.
pub struct BlockProduct<'a> {
    a: Rows<'a>,
    rows: usize,
    b: &'a PackedB,
    matrix: usize,
    panels: Range<usize>,
    place: Place,
    k: Range<usize>,
    onto: bool,
}

impl<'a> BlockProduct<'a> {
    /// `c` is the element of C in the first row of `a` and column 0 of B, `start` begins there too.
    ///
    /// # Safety
    /// C, bias and addend must be valid for these rows and panels, and no one else may touch that part of C.
    #[allow(clippy::too_many_arguments, reason = "a kernel: each is a register")]
    pub unsafe fn new(
        a: Rows<'a>,
        rows: usize,
        b: &'a PackedB,
        matrix: usize,
        panels: Range<usize>,
        start: Start<'a>,
        c: *mut f32,
        c_row: usize,
    ) -> Self {
        let bias = start.bias.map_or(std::ptr::null(), <[f32]>::as_ptr);
        let (add, factor) = start.add.map_or((std::ptr::null(), 0.0), |(add, factor)| (add.as_ptr(), factor));
        Self { a, rows, b, matrix, panels, place: Place { c, row: c_row, bias, add, factor }, k: 0..b.k(), onto: false }
    }

    /// Only these rows of B, with `a` beginning at the first of them; `onto` what C holds instead of the start.
    pub fn of_k(self, k: Range<usize>, onto: bool) -> Self {
        Self { k, onto, ..self }
    }
}

impl Kernel for BlockProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { a, rows, b, matrix, panels, place, k: all, onto } = self;
        let width = b.width();
        let mut wide = Scratch::of(b.wide_len(K_BLOCK.min(all.len())));
        let mut k = all.start;
        loop {
            let end = (k + K_BLOCK).min(all.end);
            let a = Rows { values: &a.values[((k - all.start) * a.column).min(a.values.len())..], ..a };
            for panel in panels.clone() {
                let by = panel * width;
                let at = |from: *const f32| if from.is_null() { from } else { from.wrapping_add(by) };
                let c = place.c.wrapping_add(by);
                let place = if k == all.start && !onto {
                    Place { c, bias: at(place.bias), add: at(place.add), ..place }
                } else {
                    Place { c, bias: std::ptr::null(), add: c, factor: 1.0, ..place }
                };
                let next = match panel + 1 < panels.end {
                    true => b.stored(matrix, panel + 1, k..end),
                    false => b.stored(matrix, panels.start, end..(end + K_BLOCK).min(all.end)),
                };
                let b_rows = b.rows(matrix, panel, k..end, &mut wide);
                // SAFETY: whoever made this vouched for C and what is added to it.
                unsafe { panel_product(v, b.vectors(), a, rows, b_rows, next, place, b.columns(panel)) }
            }
            k = end;
            if k == all.end {
                break;
            }
        }
    }
}
