//! `TextTimeEmbedding`: one vector from all text tokens by attention pooling.

use candle_core::{D, DType, Tensor};
use candle_nn::ops::{layer_norm_slow, softmax, softmax_last_dim};
use candle_nn::{LayerNorm, Linear, Module};

use super::config::UnetConfig;
use crate::error::Result;
use crate::models::layers::linear;
use crate::weights::Weights;

fn layer_norm(weights: &Weights, size: usize) -> Result<LayerNorm> {
    Ok(LayerNorm::new(weights.take("weight", &[size])?, weights.take("bias", &[size])?, 1e-5))
}

/// candle's layer norm and softmax in one pass have no gradient; where one is wanted they are made of operations that do.
fn normalised(norm: &LayerNorm, x: &Tensor) -> Result<Tensor> {
    match norm.bias() {
        Some(bias) if norm.weight().is_variable() => Ok(layer_norm_slow(x, norm.weight(), bias, 1e-5)?),
        _ => Ok(norm.forward(x)?),
    }
}

fn softmax_of(scores: &Tensor) -> Result<Tensor> {
    Ok(if scores.track_op() { softmax(scores, D::Minus1)? } else { softmax_last_dim(scores)? })
}

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
