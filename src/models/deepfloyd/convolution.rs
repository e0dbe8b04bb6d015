//! Convolutions and channel mixing, both on [n, c, …] so that attention needs no transpositions.

use candle_core::Tensor;

use crate::error::Result;
use crate::weights::Weights;

/// A convolution with a square kernel that keeps height and width.
#[derive(Clone, Debug)]
pub(super) struct Conv2d {
    weight: Tensor,
    bias: Tensor,
    padding: usize,
}

impl Conv2d {
    /// `weight` [c_out, c_in, kernel, kernel] and `bias`.
    pub fn load(weights: &Weights, c_in: usize, c_out: usize, kernel: usize) -> Result<Self> {
        let weight = weights.take("weight", &[c_out, c_in, kernel, kernel])?;
        let bias = weights.take("bias", &[c_out])?.reshape((1, c_out, 1, 1))?;
        Ok(Self { weight, bias, padding: (kernel - 1) / 2 })
    }

    /// [n, c_in, h, w] to [n, c_out, h, w].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.conv2d(&self.weight, self.padding, 1, 1, 1)?.broadcast_add(&self.bias)?)
    }
}

/// The same linear map of the channels at every place: a 1×1 convolution, or `torch.nn.Linear` on tokens.
#[derive(Clone, Debug)]
pub(super) struct Pointwise {
    weight: Tensor,
    bias: Tensor,
}

impl Pointwise {
    /// `weight` [c_out, c_in] and `bias`.
    pub fn load(weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        Self::new(weights.take("weight", &[c_out, c_in])?, weights, c_out)
    }

    /// `weight` [c_out, c_in, 1, 1] and `bias`.
    pub fn load_conv(weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        let weight = weights.take("weight", &[c_out, c_in, 1, 1])?.reshape((c_out, c_in))?;
        Self::new(weight, weights, c_out)
    }

    fn new(weight: Tensor, weights: &Weights, c_out: usize) -> Result<Self> {
        let bias = weights.take("bias", &[c_out])?.reshape((1, c_out, 1))?;
        Ok(Self { weight: weight.unsqueeze(0)?, bias })
    }

    /// [n, c_in, places] to [n, c_out, places].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (n, _, _) = x.dims3()?;
        let (_, c_out, c_in) = self.weight.dims3()?;
        // The weight is repeated by a stride of 0, not copied.
        let weight = self.weight.broadcast_as((n, c_out, c_in))?;
        Ok(weight.matmul(x)?.broadcast_add(&self.bias)?)
    }

    /// [n, c_in, h, w] to [n, c_out, h, w].
    pub fn forward_2d(&self, x: &Tensor) -> Result<Tensor> {
        let (n, c, h, w) = x.dims4()?;
        let y = self.forward(&x.contiguous()?.reshape((n, c, h * w))?)?;
        let c_out = y.dim(1)?;
        Ok(y.reshape((n, c_out, h, w))?)
    }
}
