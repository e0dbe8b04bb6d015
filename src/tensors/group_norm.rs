//! Group normalisation in candle's operations, two passes in f32, with a gradient: for texts [n, c, tokens] on any device.
//!
//! Maps have faster ways: pixels a kernel of their own in `cpu`, planes one of candle's in `planes`.

use candle_core::{DType, Tensor};

use crate::error::Result;

/// `torch.nn.GroupNorm` of inputs [n, c, …].
#[derive(Clone, Debug)]
pub struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// Weight and bias are [c]; `groups` divides c.
    pub fn new(weight: &Tensor, bias: &Tensor, groups: usize, eps: f64) -> Result<Self> {
        Ok(Self { weight: weight.clone(), bias: bias.clone(), groups, eps })
    }

    /// Normalised, [n, c, …], in the type of `x`; statistics and affine map are in f32.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (n, c) = (x.dim(0)?, x.dim(1)?);
        let grouped = x.to_dtype(DType::F32)?.reshape((n, self.groups, ()))?;
        let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
        let variance = centred.sqr()?.mean_keepdim(2)?;
        let normalised = centred.broadcast_div(&(variance + self.eps)?.sqrt()?)?.reshape((n, c, ()))?;
        let of_channels = |vector: &Tensor| vector.to_dtype(DType::F32)?.reshape((1, c, 1));
        let y = normalised.broadcast_mul(&of_channels(&self.weight)?)?.broadcast_add(&of_channels(&self.bias)?)?;
        Ok(y.reshape(x.shape())?.to_dtype(x.dtype())?)
    }
}
