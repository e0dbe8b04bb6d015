//! Layer normalisation of the channels of every pixel.

use candle_core::Tensor;
use candle_nn::{LayerNorm as CandleNorm, Module};

use super::layout::floats;
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::{self, Isa, RowNorm};
use crate::tensors::layers::Pixels;
use crate::weights::Weights;

/// diffusers leaves PyTorch's default.
const EPS: f64 = 1e-5;

/// A `torch.nn.LayerNorm` over the channels of feature maps.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    planes: CandleNorm,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl LayerNorm {
    pub fn load(weights: &Weights, channels: usize) -> Result<Self> {
        let (weight, bias) = (weights.take("weight", &[channels])?, weights.take("bias", &[channels])?);
        let values = |x: &Tensor| floats(&x.to_dtype(candle_core::DType::F32)?);
        Ok(Self { weight: values(&weight)?, bias: values(&bias)?, planes: CandleNorm::new(weight, bias, EPS) })
    }

    /// [n, c, h, w], normalised.
    pub fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        match x {
            FeatureMap::Planes(x) => {
                let (n, c, h, w) = x.dims4()?;
                let tokens = x.reshape((n, c, h * w))?.transpose(1, 2)?.contiguous()?;
                let normalised = self.planes.forward(&tokens)?.transpose(1, 2)?.contiguous()?;
                Ok(FeatureMap::Planes(normalised.reshape((n, c, h, w))?))
            }
            FeatureMap::Pixels(x) if x.tracks() => Err(Error::new("a layer norm of pixels is not trained")),
            FeatureMap::Pixels(x) => {
                let norm = RowNorm { eps: EPS as f32, weight: &self.weight, bias: &self.bias };
                let write = |y: &mut [f32]| cpu::layer_norm(Isa::get(), x.values(), norm, y);
                Ok(FeatureMap::Pixels(Pixels::new(x.pool(), x.shape(), write)))
            }
        }
    }
}
