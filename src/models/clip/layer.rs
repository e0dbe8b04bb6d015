//! One layer of CLIP's text model: attention to what came before, then a feed-forward layer, each after a norm and added
//! to its input.

use candle_core::Tensor;
use candle_nn::ops::{sigmoid, softmax_last_dim};
use candle_nn::{LayerNorm, Linear, Module};

use super::config::{Activation, ClipTextConfig};
use crate::error::Result;
use crate::models::layers::linear;
use crate::weights::Weights;

/// The norm that `weights`' prefix names.
pub(super) fn layer_norm(config: &ClipTextConfig, weights: &Weights) -> Result<LayerNorm> {
    let size = [config.hidden_size];
    Ok(LayerNorm::new(weights.take("weight", &size)?, weights.take("bias", &size)?, config.layer_norm_eps))
}

#[derive(Clone, Debug)]
pub(super) struct Layer {
    layer_norm1: LayerNorm,
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    layer_norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: usize,
    activation: Activation,
}

impl Layer {
    pub fn load(config: &ClipTextConfig, weights: &Weights) -> Result<Self> {
        let (width, wide) = (config.hidden_size, config.intermediate_size);
        let square = |name: &str| linear(&weights.pp("self_attn").pp(name), width, width);
        Ok(Self {
            layer_norm1: layer_norm(config, &weights.pp("layer_norm1"))?,
            q_proj: square("q_proj")?,
            k_proj: square("k_proj")?,
            v_proj: square("v_proj")?,
            out_proj: square("out_proj")?,
            layer_norm2: layer_norm(config, &weights.pp("layer_norm2"))?,
            fc1: linear(&weights.pp("mlp.fc1"), width, wide)?,
            fc2: linear(&weights.pp("mlp.fc2"), wide, width)?,
            heads: config.num_attention_heads,
            activation: config.hidden_act,
        })
    }

    /// x [n, tokens, d]; `mask` [tokens, tokens] is added to the scores.
    pub fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let x = (x + self.attend(&self.layer_norm1.forward(x)?, mask)?)?;
        let wide = self.fc1.forward(&self.layer_norm2.forward(&x)?)?;
        let wide = match self.activation {
            Activation::QuickGelu => (&wide * sigmoid(&(&wide * 1.702)?)?)?,
            Activation::Gelu => wide.gelu_erf()?,
        };
        Ok((x + self.fc2.forward(&wide)?)?)
    }

    fn attend(&self, h: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (n, tokens, width) = h.dims3()?;
        let head = width / self.heads;
        let of_heads = |x: Tensor| -> Result<Tensor> {
            Ok(x.reshape((n, tokens, self.heads, head))?.transpose(1, 2)?.contiguous()?)
        };
        let q = (of_heads(self.q_proj.forward(h)?)? * (head as f64).powf(-0.5))?;
        let (k, v) = (of_heads(self.k_proj.forward(h)?)?, of_heads(self.v_proj.forward(h)?)?);
        let scores = q.matmul(&k.transpose(2, 3)?)?.broadcast_add(mask)?;
        let mixed = softmax_last_dim(&scores)?.matmul(&v)?;
        Ok(self.out_proj.forward(&mixed.transpose(1, 2)?.contiguous()?.reshape((n, tokens, width))?)?)
    }
}
