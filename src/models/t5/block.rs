//! One block of T5's encoder: attention, then a gated feed-forward layer, each after an RMS norm and added to its input.

use candle_core::{D, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::config::T5Config;
use super::linear::Linear;
use crate::error::Result;
use crate::weights::Weights;

/// A block's weights: linear maps as [out, in], norms as [d].
#[derive(Clone, Debug)]
pub(super) struct Block {
    attention_norm: Tensor,
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    feed_forward_norm: Tensor,
    wi_0: Linear,
    wi_1: Linear,
    wo: Linear,
}

impl Block {
    /// Block `number`; its matrices stay in the file unless `keep`.
    pub fn load(config: &T5Config, weights: &Weights, number: usize, keep: bool) -> Result<Self> {
        let layer = weights.pp("encoder.block").pp(number).pp("layer");
        let (attention, feed_forward) = (layer.pp("0.SelfAttention"), layer.pp("1.DenseReluDense"));
        let (d, inner, wide) = (config.d_model, config.num_heads * config.d_kv, config.d_ff);
        Ok(Self {
            attention_norm: layer.take("0.layer_norm.weight", &[d])?,
            q: Linear::load(&attention, "q.weight", [inner, d], keep)?,
            k: Linear::load(&attention, "k.weight", [inner, d], keep)?,
            v: Linear::load(&attention, "v.weight", [inner, d], keep)?,
            o: Linear::load(&attention, "o.weight", [d, inner], keep)?,
            feed_forward_norm: layer.take("1.layer_norm.weight", &[d])?,
            wi_0: Linear::load(&feed_forward, "wi_0.weight", [wide, d], keep)?,
            wi_1: Linear::load(&feed_forward, "wi_1.weight", [wide, d], keep)?,
            wo: Linear::load(&feed_forward, "wo.weight", [d, wide], keep)?,
        })
    }

    /// Says that it will soon be used.
    pub fn prefetch(&self) {
        for linear in [&self.q, &self.k, &self.v, &self.o, &self.wi_0, &self.wi_1, &self.wo] {
            linear.prefetch();
        }
    }

    /// x [prompts · tokens, d_model]; `bias` [prompts, heads, tokens, tokens] is added to the scores.
    pub fn forward(&self, config: &T5Config, x: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let h = rms_norm(x, &self.attention_norm, config.layer_norm_epsilon)?;
        let x = (x + self.attend(config, &h, bias)?)?;
        let h = rms_norm(&x, &self.feed_forward_norm, config.layer_norm_epsilon)?;
        // candle's `gelu` is the tanh form, which T5 v1.1 calls gelu_new.
        let gated = (self.wi_0.forward(&h)?.gelu()? * self.wi_1.forward(&h)?)?;
        Ok((x + self.wo.forward(&gated)?)?)
    }

    /// Scores are not scaled by 1/√d in T5.
    fn attend(&self, config: &T5Config, h: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let (prompts, heads, tokens, _) = bias.dims4()?;
        let of_heads = |x: Tensor| -> Result<Tensor> {
            Ok(x.reshape((prompts, tokens, heads, config.d_kv))?.transpose(1, 2)?.contiguous()?)
        };
        let (q, k) = (of_heads(self.q.forward(h)?)?, of_heads(self.k.forward(h)?)?);
        let v = of_heads(self.v.forward(h)?)?;
        let scores = (q.matmul(&k.transpose(2, 3)?)? + bias)?;
        let mixed = softmax_last_dim(&scores)?.matmul(&v)?;
        self.o.forward(&mixed.transpose(1, 2)?.contiguous()?.reshape((prompts * tokens, heads * config.d_kv))?)
    }
}

/// T5's norm of each row: no mean, no bias.
pub(super) fn rms_norm(x: &Tensor, weight: &Tensor, eps: f64) -> Result<Tensor> {
    let mean_square = x.sqr()?.mean_keepdim(D::Minus1)?;
    Ok(x.broadcast_div(&(mean_square + eps)?.sqrt()?)?.broadcast_mul(weight)?)
}
