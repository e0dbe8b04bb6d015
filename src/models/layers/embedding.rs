//! The vector that every resnet is told: sinusoids of a number and two linear maps, and each resnet's own map of it.

use candle_core::{DType, Device, Tensor};
use candle_nn::{Linear, Module};

use super::convolution::PixelMap;
use super::layout::Layout;
use crate::error::{Error, Result};
use crate::tensors::cpu::Activation;
use crate::tensors::gelu;
use crate::weights::Weights;

/// A `torch.nn.Linear` with bias on the last axis.
pub fn linear(weights: &Weights, c_in: usize, c_out: usize) -> Result<Linear> {
    Ok(Linear::new(weights.take("weight", &[c_out, c_in])?, Some(weights.take("bias", &[c_out])?)))
}

/// A linear map of the embedding, [n, c_in] to [n, c_out], whose rows do not depend on how many there are.
#[derive(Clone, Debug)]
pub enum Projection {
    Candle(Linear),
    Packed(PixelMap),
}

impl Projection {
    pub fn load(layout: Layout, weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        let (weight, bias) = (weights.take("weight", &[c_out, c_in])?, weights.take("bias", &[c_out])?);
        Ok(match layout.packs(&weight) {
            Some(packing) => Self::Packed(PixelMap::new(packing, &[(weight, Some(bias))])?),
            None => Self::Candle(Linear::new(weight, Some(bias))),
        })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Candle(linear) => Ok(linear.forward(x)?),
            Self::Packed(map) => map.forward_rows(x),
        }
    }
}

/// The activation of a vector, with a gradient where one is wanted.
pub fn activated(x: &Tensor, activation: Activation) -> Result<Tensor> {
    Ok(match activation {
        Activation::Identity => x.clone(),
        Activation::Silu => x.silu()?,
        // candle's GELU in one pass has a derivative of six digits.
        Activation::Gelu if x.track_op() => gelu(x)?,
        Activation::Gelu => x.gelu_erf()?,
    })
}

/// The sinusoids of a number (`get_timestep_embedding`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sinusoids {
    /// Half of them cosines.
    pub channels: usize,
    /// Cosines before sines.
    pub flip_sin_to_cos: bool,
    /// Offset in the frequencies' denominator.
    pub freq_shift: f64,
}

impl Sinusoids {
    /// Of a timestep, which may be a fraction, or a noise level: [1, channels], in f32 and then `dtype`.
    pub fn of(&self, step: f64, device: &Device, dtype: DType) -> Result<Tensor> {
        let half = self.channels / 2;
        let angle = |i: usize| {
            let exponent = -(10000f32.ln()) * i as f32 / (half as f32 - self.freq_shift as f32);
            step as f32 * exponent.exp()
        };
        let sines = (0..half).map(|i| angle(i).sin());
        let cosines = (0..half).map(|i| angle(i).cos());
        let values: Vec<f32> =
            if self.flip_sin_to_cos { cosines.chain(sines).collect() } else { sines.chain(cosines).collect() };
        Ok(Tensor::from_vec(values, (1, 2 * half), device)?.to_dtype(dtype)?)
    }
}

/// `TimestepEmbedding`: two linear maps with an activation between.
#[derive(Clone, Debug)]
pub struct TimestepEmbedding {
    cond_proj: Option<Linear>,
    linear_1: Linear,
    linear_2: Linear,
    activation: Activation,
}

impl TimestepEmbedding {
    /// From `channels` sinusoids to `width`; `cond` is the width of what else may be told (`time_cond_proj_dim`).
    pub fn load(
        weights: &Weights,
        (channels, width): (usize, usize),
        activation: Activation,
        cond: Option<usize>,
    ) -> Result<Self> {
        let cond_proj =
            |cond| -> Result<Linear> { Ok(Linear::new(weights.take("cond_proj.weight", &[channels, cond])?, None)) };
        Ok(Self {
            cond_proj: cond.map(cond_proj).transpose()?,
            linear_1: linear(&weights.pp("linear_1"), channels, width)?,
            linear_2: linear(&weights.pp("linear_2"), width, width)?,
            activation,
        })
    }

    /// [n, channels] to [n, width]; `cond` [n, its width] for embeddings that take it and for them alone.
    pub fn forward(&self, x: &Tensor, cond: Option<&Tensor>) -> Result<Tensor> {
        let x = match (&self.cond_proj, cond) {
            (Some(proj), Some(cond)) => (x + proj.forward(cond)?)?,
            (None, None) => x.clone(),
            (Some(_), None) => return Err(Error::new("this network wants an embedding of the guidance scale")),
            (None, Some(_)) => return Err(Error::new("this network takes no embedding of the guidance scale")),
        };
        Ok(self.linear_2.forward(&activated(&self.linear_1.forward(&x)?, self.activation)?)?)
    }
}
