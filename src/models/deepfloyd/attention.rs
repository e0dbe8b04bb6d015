//! Attention with added K and V: image tokens look at text tokens and, unless `only_cross_attention`, at each
//! other. `AttnAddedKVProcessor2_0`; no mask, so padding counts. Everything stays [n, c, tokens].

use candle_core::{D, DType, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::config::UnetConfig;
use super::convolution::Pointwise;
use super::resnet::load_norm;
use crate::error::Result;
use crate::tensors::GroupNorm;
use crate::weights::Weights;

/// Fixed in diffusers for this attention's two norms, whatever `norm_eps` and `norm_num_groups` say.
const EPS: f64 = 1e-5;
const NORM_CROSS_GROUPS: usize = 32;

/// K and V of the text tokens, [n, c, tokens] each.
#[derive(Clone, Debug)]
pub(super) struct TextKv {
    pub k: Tensor,
    pub v: Tensor,
}

#[derive(Clone, Debug)]
pub(super) struct Attention {
    group_norm: GroupNorm,
    norm_cross: Option<GroupNorm>,
    to_q: Pointwise,
    to_kv: Option<(Pointwise, Pointwise)>,
    add_k_proj: Pointwise,
    add_v_proj: Pointwise,
    to_out: Pointwise,
    heads: usize,
}

impl Attention {
    /// For `channels` image channels in heads of `head_dim`.
    pub fn load(
        config: &UnetConfig,
        weights: &Weights,
        channels: usize,
        head_dim: usize,
        only_cross_attention: bool,
    ) -> Result<Self> {
        let text = config.cross_attention_dim;
        let square = |name: &str| Pointwise::load(&weights.pp(name), channels, channels);
        let norm_cross = || load_norm(&weights.pp("norm_cross"), text, NORM_CROSS_GROUPS, EPS);
        Ok(Self {
            group_norm: load_norm(&weights.pp("group_norm"), channels, config.norm_num_groups, EPS)?,
            norm_cross: config.cross_attention_norm.then(norm_cross).transpose()?,
            to_q: square("to_q")?,
            to_kv: if only_cross_attention { None } else { Some((square("to_k")?, square("to_v")?)) },
            add_k_proj: Pointwise::load(&weights.pp("add_k_proj"), text, channels)?,
            add_v_proj: Pointwise::load(&weights.pp("add_v_proj"), text, channels)?,
            to_out: square("to_out.0")?,
            heads: channels / head_dim,
        })
    }

    /// What depends on the text alone; `text` is [n, cross_attention_dim, tokens].
    pub fn text(&self, text: &Tensor) -> Result<TextKv> {
        let text = match &self.norm_cross {
            Some(norm) => norm.forward(text)?,
            None => text.clone(),
        };
        Ok(TextKv { k: self.add_k_proj.forward(&text)?, v: self.add_v_proj.forward(&text)? })
    }

    /// x [n, c, h, w], residual included.
    pub fn forward(&self, x: &Tensor, text: &TextKv) -> Result<Tensor> {
        let (n, c, h, w) = x.dims4()?;
        let tokens = self.group_norm.forward(x)?.reshape((n, c, h * w))?;
        let q = self.to_q.forward(&tokens)?;
        let (k, v) = match &self.to_kv {
            // Text first, as the softmax does not care but the sums' rounding does.
            Some((to_k, to_v)) => (
                Tensor::cat(&[&text.k, &to_k.forward(&tokens)?], 2)?,
                Tensor::cat(&[&text.v, &to_v.forward(&tokens)?], 2)?,
            ),
            None => (text.k.clone(), text.v.clone()),
        };
        let mixed = self.attend(&q, &k, &v)?;
        let out = self.to_out.forward(&mixed)?.reshape((n, c, h, w))?;
        Ok((out + x)?)
    }

    /// softmax(qᵀk / √d) of each head, applied to v. q [n, c, a], k and v [n, c, b], to [n, c, a].
    fn attend(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
        let (n, c, a) = q.dims3()?;
        let b = k.dim(2)?;
        let head_dim = c / self.heads;
        let q = (q * (head_dim as f64).powf(-0.5))?.reshape((n * self.heads, head_dim, a))?;
        let k = k.contiguous()?.reshape((n * self.heads, head_dim, b))?;
        let v = v.contiguous()?.reshape((n * self.heads, head_dim, b))?;
        let scores = q.transpose(1, 2)?.matmul(&k)?;
        let weights = softmax_last_dim(&scores.to_dtype(DType::F32)?)?.to_dtype(v.dtype())?;
        Ok(v.matmul(&weights.transpose(D::Minus2, D::Minus1)?)?.reshape((n, c, a))?)
    }
}
