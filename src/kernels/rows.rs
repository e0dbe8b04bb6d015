//! How the kernels walk maps: a row is the channels of one pixel, taken a vector at a time with a shorter last one.

use super::isa::Vector;

/// Rows in one task: a fixed number, so that sums are split alike on any number of threads.
pub const ROWS: usize = 256;

/// The vector that begins at `at`; lanes past the row's end are 0.
#[inline(always)]
pub fn load<S: Vector>(simd: S, row: &[f32], at: usize) -> S::f32s {
    let rest = &row[at..];
    match S::as_simd_f32s(rest).0.first() {
        Some(&vector) => vector,
        None => simd.partial_load_f32s(rest),
    }
}

/// Writes the vector that begins at `at`; lanes past the row's end are dropped.
#[inline(always)]
pub fn store<S: Vector>(simd: S, row: &mut [f32], at: usize, value: S::f32s) {
    let rest = &mut row[at..];
    match S::as_mut_simd_f32s(rest).0.first_mut() {
        Some(vector) => *vector = value,
        None => simd.partial_store_f32s(rest, value),
    }
}

/// Adds a vector to the row at `at`.
#[inline(always)]
pub fn add<S: Vector>(simd: S, row: &mut [f32], at: usize, value: S::f32s) {
    let sum = simd.add_f32s(load(simd, row, at), value);
    store(simd, row, at, sum);
}
