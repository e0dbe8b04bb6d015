//! Group normalisation with its scale, shift and activation, in candle's operations: for planes [n, c, …] on any device.
//!
//! Statistics and affine are in f32 whatever the type. Pixels on the CPU have a kernel of their own in `cpu`.

use candle_core::{DType, Tensor};

use super::cpu::Activation;
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

    /// The activation of the normalised input, [n, c, …].
    pub fn forward(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        group_norm(x, &self.weight.unsqueeze(0)?, &self.bias.unsqueeze(0)?, self.groups, self.eps, activation)
    }

    /// The activation of norm(x) · (1 + scale) + shift; scale and shift are [n, c].
    pub fn forward_scale_shift(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        activation: Activation,
    ) -> Result<Tensor> {
        let factor = (scale + 1.0)?;
        let gain = self.weight.broadcast_mul(&factor)?;
        let offset = (self.bias.broadcast_mul(&factor)? + shift)?;
        self.forward_affine(x, &gain, &offset, activation)
    }

    /// The activation of the input, normalised without weight and bias, · gain + offset; both are [n, c].
    pub fn forward_affine(&self, x: &Tensor, gain: &Tensor, offset: &Tensor, activation: Activation) -> Result<Tensor> {
        group_norm(x, gain, offset, self.groups, self.eps, activation)
    }
}

/// norm(x) · gain + offset and then the activation. x is [n, c, …], gain and offset [n, c] or [1, c].
fn group_norm(
    x: &Tensor,
    gain: &Tensor,
    offset: &Tensor,
    groups: usize,
    eps: f64,
    activation: Activation,
) -> Result<Tensor> {
    let (n, c) = (x.dim(0)?, x.dim(1)?);
    let grouped = x.to_dtype(DType::F32)?.reshape((n, groups, ()))?;
    let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
    let variance = centred.sqr()?.mean_keepdim(2)?;
    let normalised = centred.broadcast_div(&(variance + eps)?.sqrt()?)?.reshape((n, c, ()))?;
    let (gain, offset) = (gain.to_dtype(DType::F32)?.unsqueeze(2)?, offset.to_dtype(DType::F32)?.unsqueeze(2)?);
    let y = normalised.broadcast_mul(&gain)?.broadcast_add(&offset)?;
    let y = match activation {
        Activation::Identity => y,
        Activation::Gelu => y.gelu_erf()?,
        Activation::Silu => y.silu()?,
    };
    Ok(y.reshape(x.shape())?.to_dtype(x.dtype())?)
}
