//! The vector that every resnet is told: timestep, noise level, and the pooled text.

use candle_core::{D, DType, Device, Tensor};
use candle_nn::ops::{layer_norm_slow, softmax, softmax_last_dim};
use candle_nn::{LayerNorm, Linear, Module};

use super::config::UnetConfig;
use super::convolution::PixelMap;
use super::layout::Layout;
use crate::error::Result;
use crate::tensors::gelu;
use crate::weights::Weights;

/// A `torch.nn.Linear` with bias on the last axis.
pub(super) fn linear(weights: &Weights, c_in: usize, c_out: usize) -> Result<Linear> {
    Ok(Linear::new(weights.take("weight", &[c_out, c_in])?, Some(weights.take("bias", &[c_out])?)))
}

/// A linear map of the embedding, [n, c_in] to [n, c_out], whose rows do not depend on how many there are.
#[derive(Clone, Debug)]
pub(super) enum Projection {
    Candle(Linear),
    Packed(PixelMap),
}

impl Projection {
    pub fn load(layout: Layout, weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        let (weight, bias) = (weights.take("weight", &[c_out, c_in])?, weights.take("bias", &[c_out])?);
        Ok(match layout.packs(&weight) {
            Some(packing) => Self::Packed(PixelMap::new(packing, &[(weight, bias)])?),
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

fn layer_norm(weights: &Weights, size: usize) -> Result<LayerNorm> {
    Ok(LayerNorm::new(weights.take("weight", &[size])?, weights.take("bias", &[size])?, 1e-5))
}

/// candle's layer norm and softmax in one pass have no gradient; where one is wanted they are made of operations that do,
/// and GELU of those whose derivative is exact.
fn normalised(norm: &LayerNorm, x: &Tensor) -> Result<Tensor> {
    match norm.bias() {
        Some(bias) if norm.weight().is_variable() => Ok(layer_norm_slow(x, norm.weight(), bias, 1e-5)?),
        _ => Ok(norm.forward(x)?),
    }
}

fn softmax_of(scores: &Tensor) -> Result<Tensor> {
    Ok(if scores.track_op() { softmax(scores, D::Minus1)? } else { softmax_last_dim(scores)? })
}

/// x Φ(x).
pub(super) fn activated(x: &Tensor) -> Result<Tensor> {
    if x.track_op() { gelu(x) } else { Ok(x.gelu_erf()?) }
}

/// Sinusoids of a timestep or noise level, [1, channels], in f32 and then `dtype` (`get_timestep_embedding`).
pub(super) fn sinusoids(step: usize, config: &UnetConfig, device: &Device, dtype: DType) -> Result<Tensor> {
    let half = config.block_out_channels[0] / 2;
    let angle = |i: usize| {
        let exponent = -(10000f32.ln()) * i as f32 / (half as f32 - config.freq_shift as f32);
        step as f32 * exponent.exp()
    };
    let sines = (0..half).map(|i| angle(i).sin());
    let cosines = (0..half).map(|i| angle(i).cos());
    let values: Vec<f32> =
        if config.flip_sin_to_cos { cosines.chain(sines).collect() } else { sines.chain(cosines).collect() };
    Ok(Tensor::from_vec(values, (1, 2 * half), device)?.to_dtype(dtype)?)
}

/// `TimestepEmbedding`: two linear maps with a GELU between.
#[derive(Clone, Debug)]
pub(super) struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
}

impl TimestepEmbedding {
    pub fn load(config: &UnetConfig, weights: &Weights) -> Result<Self> {
        let width = config.time_embed_dim();
        Ok(Self {
            linear_1: linear(&weights.pp("linear_1"), config.block_out_channels[0], width)?,
            linear_2: linear(&weights.pp("linear_2"), width, width)?,
        })
    }

    /// [n, c₀] to [n, e].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.linear_2.forward(&activated(&self.linear_1.forward(x)?)?)?)
    }
}

/// `TextTimeEmbedding`: one vector from all text tokens by attention pooling.
#[derive(Clone, Debug)]
pub(super) struct TextPooling {
    norm1: LayerNorm,
    positional_embedding: Tensor,
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    proj: Linear,
    norm2: LayerNorm,
    heads: usize,
}

impl TextPooling {
    pub fn load(config: &UnetConfig, weights: &Weights) -> Result<Self> {
        let (width, out) = (config.encoder_hid_dim, config.time_embed_dim());
        let pool = weights.pp("pool");
        Ok(Self {
            norm1: layer_norm(&weights.pp("norm1"), width)?,
            positional_embedding: pool.take("positional_embedding", &[1, width])?,
            q_proj: linear(&pool.pp("q_proj"), width, width)?,
            k_proj: linear(&pool.pp("k_proj"), width, width)?,
            v_proj: linear(&pool.pp("v_proj"), width, width)?,
            proj: linear(&weights.pp("proj"), width, out)?,
            norm2: layer_norm(&weights.pp("norm2"), out)?,
            heads: config.addition_embed_type_num_heads,
        })
    }

    /// [n, tokens, d] to [n, e].
    pub fn forward(&self, text: &Tensor) -> Result<Tensor> {
        let text = normalised(&self.norm1, &text.contiguous()?)?;
        let (n, tokens, width) = text.dims3()?;
        let class_token = text.mean_keepdim(1)?.broadcast_add(&self.positional_embedding)?;
        let all = Tensor::cat(&[&class_token, &text], 1)?;
        let head_dim = width / self.heads;
        let split = |x: Tensor, length: usize| -> Result<Tensor> {
            Ok(x.reshape((n, length, self.heads, head_dim))?.transpose(1, 2)?.contiguous()?)
        };
        // The root of the scale on each side keeps f16 in range.
        let scale = (head_dim as f64).powf(-0.25);
        let q = (split(self.q_proj.forward(&class_token)?, 1)? * scale)?;
        let k = (split(self.k_proj.forward(&all)?, tokens + 1)? * scale)?;
        let v = split(self.v_proj.forward(&all)?, tokens + 1)?;
        let scores = q.matmul(&k.transpose(D::Minus2, D::Minus1)?)?;
        let weights = softmax_of(&scores.to_dtype(DType::F32)?)?.to_dtype(v.dtype())?;
        let pooled = weights.matmul(&v)?.reshape((n, width))?;
        normalised(&self.norm2, &self.proj.forward(&pooled)?)
    }
}
