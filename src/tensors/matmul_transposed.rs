//! a · bᵀ of row-major slices on the calling thread, for those who share the work out themselves.

/// `y` [rows, columns] = `a` [rows, inner] · `b` [columns, inner]ᵀ.
///
/// # Panics
/// Where a slice is not as long as that.
pub fn matmul_transposed(a: &[f32], b: &[f32], inner: usize, y: &mut [f32]) {
    let (rows, columns) = (a.len() / inner.max(1), b.len() / inner.max(1));
    assert!(a.len() == rows * inner && b.len() == columns * inner && y.len() == rows * columns, "sizes");
    let (a_row, y_row) = (inner as isize, columns as isize);
    // SAFETY: the lengths above are those that the strides reach; `y` is not read and overlaps nothing.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            y.as_mut_ptr(),
            1,
            y_row,
            false,
            a.as_ptr(),
            1,
            a_row,
            b.as_ptr(),
            a_row,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_sum_of_products() {
        let (rows, columns, inner) = (3, 5, 37);
        let numbers = |count: usize, step: usize| -> Vec<f32> { (0..count).map(|i| (i * step % 11) as f32).collect() };
        let (a, b) = (numbers(rows * inner, 3), numbers(columns * inner, 7));
        let mut y = vec![f32::NAN; rows * columns];
        super::matmul_transposed(&a, &b, inner, &mut y);
        for (at, &got) in y.iter().enumerate() {
            let (i, j) = (at / columns, at % columns);
            let wanted: f32 = (0..inner).map(|k| a[i * inner + k] * b[j * inner + k]).sum();
            assert_eq!(got, wanted, "row {i}, column {j}");
        }
    }
}
