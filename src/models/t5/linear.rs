//! A linear map whose matrix is in memory, or stays in its file and is multiplied with a few rows at a time.
//!
//! T5 XXL's matrices are 19 GB in f32. Streamed, each thread converts some rows into memory of its own that fits a
//! cache and multiplies all tokens of all prompts with them at once; nothing of the matrix stays behind.

use candle_core::{Device, Tensor};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::error::Result;
use crate::tensors::{MapLayout, matmul_transposed};
use crate::weights::{Matrix, Weights};

/// Rows of a matrix that a thread takes at a time: the tokens are packed anew for each, so not too few.
const ROWS: usize = 128;

/// x [tokens, in] to x Wᵀ [tokens, out].
#[derive(Clone, Debug)]
pub(super) enum Linear {
    /// W [out, in].
    Kept(Tensor),
    Streamed(Matrix),
}

impl Linear {
    /// The matrix `name` of `shape` [out, in].
    pub fn load(weights: &Weights, name: &str, shape: [usize; 2], keep: bool) -> Result<Self> {
        Ok(if keep { Self::Kept(weights.take(name, &shape)?) } else { Self::Streamed(weights.matrix(name, shape)) })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Kept(weight) => Ok(x.matmul(&weight.t()?)?),
            Self::Streamed(matrix) => {
                let y = if MapLayout::of(x.device()) == MapLayout::Pixels && matrix.has_rows() {
                    by_rows(matrix, x)
                } else {
                    Ok(x.matmul(&matrix.tensor(x.device())?.t()?)?)
                };
                matrix.release();
                y
            }
        }
    }

    /// Says that it will soon be used.
    pub fn prefetch(&self) {
        if let Self::Streamed(matrix) = self {
            matrix.prefetch();
        }
    }
}

fn by_rows(matrix: &Matrix, x: &Tensor) -> Result<Tensor> {
    let (tokens, inner) = x.dims2()?;
    let [outer, _] = matrix.shape();
    let values: Vec<f32> = x.flatten_all()?.to_vec1()?;
    let mut y = vec![0f32; outer * tokens];
    let scratch = || vec![0f32; ROWS * inner];
    y.par_chunks_mut(ROWS * tokens).enumerate().try_for_each_init(scratch, |scratch, (number, y)| {
        let (first, rows) = (number * ROWS, y.len() / tokens);
        let weights = &mut scratch[..rows * inner];
        matrix.rows_into(first..first + rows, weights)?;
        matmul_transposed(weights, &values, inner, y);
        Result::Ok(())
    })?;
    Ok(Tensor::from_vec(y, (outer, tokens), &Device::Cpu)?.t()?.contiguous()?)
}
