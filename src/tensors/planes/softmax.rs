//! Softmax over the last axis, summed in f32 whatever the type.

use candle_core::{DType, Tensor};
use candle_nn::ops::softmax_last_dim;

use crate::error::Result;

/// Of `scores` […, n], in their type. CUDA's kernel for halves sums in f32 by itself; elsewhere they are widened first.
pub fn softmax(scores: &Tensor) -> Result<Tensor> {
    if scores.device().is_cuda() || scores.dtype() == DType::F32 {
        return Ok(softmax_last_dim(scores)?);
    }
    Ok(softmax_last_dim(&scores.to_dtype(DType::F32)?)?.to_dtype(scores.dtype())?)
}
