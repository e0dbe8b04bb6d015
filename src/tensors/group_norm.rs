//! Group normalisation with its scale, shift and GELU, in candle's operations: for planes [n, c, …] on any device.
//!
//! Statistics and affine are in f32 whatever the type. Pixels on the CPU have a kernel of their own in `cpu`.

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

    /// [c].
    pub fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// [c].
    pub fn bias(&self) -> &Tensor {
        &self.bias
    }

    /// Normalised, [n, c, …].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, &self.weight.unsqueeze(0)?, &self.bias.unsqueeze(0)?, self.groups, self.eps, false)
    }

    /// GELU of the normalised input.
    pub fn forward_gelu(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, &self.weight.unsqueeze(0)?, &self.bias.unsqueeze(0)?, self.groups, self.eps, true)
    }

    /// GELU of norm(x) · (1 + scale) + shift; scale and shift are [n, c].
    pub fn forward_scale_shift_gelu(&self, x: &Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
        let factor = (scale + 1.0)?;
        let gain = self.weight.broadcast_mul(&factor)?;
        let offset = (self.bias.broadcast_mul(&factor)? + shift)?;
        group_norm(x, &gain, &offset, self.groups, self.eps, true)
    }
}

/// norm(x) · gain + offset, with GELU after it if `gelu`. x is [n, c, …], gain and offset [n, c] or [1, c].
fn group_norm(x: &Tensor, gain: &Tensor, offset: &Tensor, groups: usize, eps: f64, gelu: bool) -> Result<Tensor> {
    let (n, c) = (x.dim(0)?, x.dim(1)?);
    let grouped = x.to_dtype(DType::F32)?.reshape((n, groups, ()))?;
    let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
    let variance = centred.sqr()?.mean_keepdim(2)?;
    let normalised = centred.broadcast_div(&(variance + eps)?.sqrt()?)?.reshape((n, c, ()))?;
    let (gain, offset) = (gain.to_dtype(DType::F32)?.unsqueeze(2)?, offset.to_dtype(DType::F32)?.unsqueeze(2)?);
    let mut y = normalised.broadcast_mul(&gain)?.broadcast_add(&offset)?;
    if gelu {
        y = y.gelu_erf()?;
    }
    Ok(y.reshape(x.shape())?.to_dtype(x.dtype())?)
}
