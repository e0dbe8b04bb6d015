//! The register tile: a few rows of A times one panel of B, summed in registers. All products end here.
//!
//! C[m][j] = bias[j] + factor · add[m][j] + Σ_k A[m][k] · B[k][j], summed over k in order, so that no split of
//! the work changes a bit of the result.

use super::isa::{Isa, Kernel, Vector};

/// The widest panel (4 vectors of 16) and the tallest tile.
const MOST_COLUMNS: usize = 64;
const MOST_ROWS: usize = 12;

/// How many vectors wide a panel of B with `n` columns is best made: the least padding, then the shape that
/// needs the fewest loads for its multiply-adds.
pub fn panel_vectors(isa: Isa, n: usize) -> usize {
    let shapes: &[usize] = if isa.registers() >= 32 { &[3, 4, 2, 1] } else { &[2, 1] };
    let needed = n.div_ceil(isa.lanes()).max(1);
    let padded = |vectors: &usize| needed.div_ceil(*vectors) * vectors;
    let most = *shapes.iter().max().unwrap_or(&1);
    // A little padding costs less than narrow tiles.
    let narrow = |vectors: &usize| if needed > most && *vectors == 1 { needed } else { 0 };
    shapes.iter().copied().min_by_key(|vectors| padded(vectors) + narrow(vectors)).unwrap_or(1)
}

/// The rows of the tallest tile over a panel that is `vectors` wide; blocks of rows are best multiples of it.
pub fn tile_rows(isa: Isa, vectors: usize) -> usize {
    height(isa.registers(), vectors)
}

const fn height(registers: usize, vectors: usize) -> usize {
    match (registers >= 32, vectors) {
        (true, 1) => 8,
        (true, 2) => 12,
        (true, 3) => 8,
        (true, _) => 6,
        (false, 1) => 8,
        (false, _) => 6,
    }
}

/// Rows of A: element (m, k) is at `m * row + k * column` of `values`.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The memory.
    pub values: &'a [f32],
    /// From one row to the next.
    pub row: usize,
    /// From one k to the next.
    pub column: usize,
}

/// What the sums start from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start<'a> {
    /// One value for each column; as long as C is wide.
    pub bias: Option<&'a [f32]>,
    /// Something as large as C, and its factor.
    pub add: Option<(&'a [f32], f32)>,
}

/// A place in C and in what is added to it: element (m, j) is at `m * row + j` from here.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The tile's first element.
    pub c: *mut f32,
    /// From one row of C to the next.
    pub row: usize,
    /// The bias of its first column, or null.
    pub bias: *const f32,
    /// What is added to its first element, or null; same rows as C. May be `c` itself.
    pub add: *const f32,
    /// The factor of what is added.
    pub factor: f32,
}

/// `rows` rows of A times one panel of `vectors` vectors, of which the first `columns` columns exist in C. Meanwhile what
/// is multiplied `next` is fetched from memory: with few rows a product is over before its weights would arrive.
///
/// # Safety
/// `place` must be valid for `rows` × `columns`, and nothing else may touch that part of C meanwhile.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a kernel: each is a register")]
pub unsafe fn panel_product<V: Vector>(
    v: V,
    vectors: usize,
    a: Rows,
    rows: usize,
    b: &[f32],
    next: &[f32],
    place: Place,
    columns: usize,
) {
    let k = b.len() / (vectors * V::F32_LANES);
    if rows == 0 {
        return;
    }
    assert!(k == 0 || (rows - 1) * a.row + (k - 1) * a.column < a.values.len(), "A is too short");
    assert!(columns <= vectors * V::F32_LANES && rows * columns > 0);
    let (a_row, a_column, b) = (a.row, a.column, b.as_ptr());
    let product = Product { a: a.values.as_ptr(), a_row, a_column, k, b, ahead: b, ahead_step: 0, place, columns };
    // The product: A's last element was checked above, B holds k whole rows, and the caller vouches for `place`.
    match vectors {
        1 => v.call(Ladder::<1> { product, rows, next }),
        2 => v.call(Ladder::<2> { product, rows, next }),
        3 => v.call(Ladder::<3> { product, rows, next }),
        4 => v.call(Ladder::<4> { product, rows, next }),
        _ => unreachable!("panels are one to four vectors wide"),
    }
}

/// Checked by `panel_product`, the only place that makes one.
#[derive(Clone, Copy)]
struct Product {
    a: *const f32,
    a_row: usize,
    a_column: usize,
    k: usize,
    b: *const f32,
    /// A line of memory to fetch at each k, and from one to the next.
    ahead: *const f32,
    ahead_step: usize,
    place: Place,
    columns: usize,
}

/// Tall tiles, then shorter ones for the rest.
struct Ladder<'a, const N: usize> {
    product: Product,
    rows: usize,
    next: &'a [f32],
}

impl<const N: usize> Kernel for Ladder<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let (mut row, mut fetched) = (0, 0);
        while row < self.rows {
            let left = self.rows - row;
            let Product { a, a_row, place, k, b, .. } = self.product;
            // Where there is nothing more to fetch, what is here already: that costs nothing.
            let (ahead, ahead_step) = match self.next.get(fetched..) {
                Some(next) if !next.is_empty() => (next.as_ptr(), LINE),
                _ => (b, 0),
            };
            fetched += k * LINE;
            // SAFETY: the tile's rows are among those that `panel_product` checked.
            unsafe {
                let product =
                    Product { a: a.add(row * a_row), ahead, ahead_step, place: place.below(row), ..self.product };
                macro_rules! tile {
                    ($m:literal) => {{
                        tile::<V, $m, N>(v, product);
                        row += $m;
                    }};
                }
                match (height(V::REGISTER_COUNT, N), left) {
                    (12, 12..) => tile!(12),
                    (8 | 12, 8..) => tile!(8),
                    (6, 6..) => tile!(6),
                    (_, 4..) => tile!(4),
                    (_, 2..) => tile!(2),
                    _ => tile!(1),
                }
            }
        }
    }
}

impl Place {
    /// The same place `rows` rows further down.
    ///
    /// # Safety
    /// C must have those rows.
    #[inline(always)]
    unsafe fn below(self, rows: usize) -> Self {
        let by = rows * self.row;
        // SAFETY: the caller stays inside C.
        unsafe { Self { c: self.c.add(by), add: if self.add.is_null() { self.add } else { self.add.add(by) }, ..self } }
    }

    /// A place in `copy`, [rows, width], that starts from what this one's first `columns` columns start from.
    ///
    /// # Safety
    /// This place must be valid for `rows` × `columns`, and `copy` for `rows` × `width`.
    unsafe fn copied(self, rows: usize, columns: usize, width: usize, copy: *mut f32) -> Self {
        // SAFETY: the caller's, for all that is read; the copy is its own.
        unsafe {
            std::ptr::write_bytes(copy, 0, rows * width);
            for m in 0..rows {
                let row = copy.add(m * width);
                if !self.bias.is_null() {
                    std::ptr::copy_nonoverlapping(self.bias, row, columns);
                }
                if !self.add.is_null() {
                    let add = self.add.add(m * self.row);
                    for j in 0..columns {
                        *row.add(j) += self.factor * *add.add(j);
                    }
                }
            }
        }
        Self { c: copy, row: width, bias: std::ptr::null(), add: copy, factor: 1.0 }
    }
}

/// One tile. Where the panel is wider than C it goes through a copy of C.
///
/// # Safety
/// The product's pointers must be valid for M rows, `k` and N vectors, its place for M × `columns`.
#[inline(always)]
unsafe fn tile<V: Vector, const M: usize, const N: usize>(v: V, product: Product) {
    let Product { mut a, a_row, a_column, k, mut b, mut ahead, ahead_step, place: whole, columns } = product;
    let width = N * V::F32_LANES;
    let mut copy = std::mem::MaybeUninit::<[f32; MOST_ROWS * MOST_COLUMNS]>::uninit();
    let place = if columns == width {
        whole
    } else {
        // SAFETY: the caller's, for `columns` columns; the copy has room for all of them.
        unsafe { whole.copied(M, columns, width, copy.as_mut_ptr().cast()) }
    };
    let lanes = V::F32_LANES;
    let mut sums = [[v.splat_f32s(0.0); N]; M];
    // SAFETY: the caller vouches for every element of A, B and C that the tile covers; vectors are read and
    // written unaligned.
    unsafe {
        if !place.bias.is_null() {
            for j in 0..N {
                let bias = load(v, place.bias.add(j * lanes));
                for row in &mut sums {
                    row[j] = bias;
                }
            }
        }
        if !place.add.is_null() {
            let factor = v.splat_f32s(place.factor);
            for (m, row) in sums.iter_mut().enumerate() {
                for (j, sum) in row.iter_mut().enumerate() {
                    *sum = v.madd(load(v, place.add.add(m * place.row + j * lanes)), factor, *sum);
                }
            }
        }
        for _ in 0..k {
            let mut columns = [v.splat_f32s(0.0); N];
            for (j, column) in columns.iter_mut().enumerate() {
                *column = load(v, b.add(j * lanes));
            }
            for (m, row) in sums.iter_mut().enumerate() {
                let value = v.splat_f32s(*a.add(m * a_row));
                for (sum, column) in row.iter_mut().zip(columns) {
                    *sum = v.madd(value, column, *sum);
                }
            }
            fetch(ahead);
            // Wrapping, as the last step may point past the end.
            ahead = ahead.wrapping_add(ahead_step);
            a = a.wrapping_add(a_column);
            b = b.wrapping_add(N * lanes);
        }
        for (m, row) in sums.iter().enumerate() {
            for (j, sum) in row.iter().enumerate() {
                store(v, place.c.add(m * place.row + j * lanes), *sum);
            }
        }
    }
    if columns < width {
        for m in 0..M {
            // SAFETY: the copy was filled above, and C has `columns` columns.
            unsafe { std::ptr::copy_nonoverlapping(place.c.add(m * width), whole.c.add(m * whole.row), columns) };
        }
    }
}

/// f32 in a line of memory.
const LINE: usize = 16;

/// Asks for a line of memory before it is needed; any address will do.
#[inline(always)]
fn fetch(line: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it reads nothing and faults nowhere.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(line.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// A vector from memory that need not be aligned.
///
/// # Safety
/// `from` must be valid for a whole vector.
#[inline(always)]
pub unsafe fn load<V: Vector>(_: V, from: *const f32) -> V::f32s {
    // SAFETY: the caller's; f32s are plain numbers.
    unsafe { from.cast::<V::f32s>().read_unaligned() }
}

/// A vector to memory that need not be aligned.
///
/// # Safety
/// `to` must be valid for a whole vector.
#[inline(always)]
pub unsafe fn store<V: Vector>(_: V, to: *mut f32, values: V::f32s) {
    // SAFETY: the caller's.
    unsafe { to.cast::<V::f32s>().write_unaligned(values) }
}
