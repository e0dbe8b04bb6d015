//! The T5 v1.1 encoder with its attention mask, block by block, in f32.
//!
//! candle-transformers' T5 has no mask, so that padding would be attended to, and keeps all weights at once.
//! Here the blocks of a large encoder (T5-XXL: 0.8 GB each in f32) are read from the mapped file as they are
//! used and dropped again. In f32 neither the residuals' overflow of f16 nor the f32 copy of `wo` that
//! published f16 files carry needs any care.

use candle_core::{D, DType, Device, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::config::T5Config;
use super::tokenizer::Tokens;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::weights::Weights;

/// Encoders whose files are smaller stay loaded.
const KEEP_BELOW_BYTES: usize = 1 << 28;

/// A text encoder: `Tokens` to hidden states.
#[derive(Clone, Debug)]
pub struct TextEncoder {
    config: T5Config,
    weights: Weights,
    embedding: &'static str,
    relative_attention_bias: Tensor,
    final_layer_norm: Tensor,
    kept: Vec<Block>,
}

/// One block's weights: linear maps as [out, in], norms as [d].
#[derive(Clone, Debug)]
struct Block {
    attention_norm: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    o: Tensor,
    feed_forward_norm: Tensor,
    wi_0: Tensor,
    wi_1: Tensor,
    wo: Tensor,
}

impl TextEncoder {
    /// Opens a `text_encoder/` folder: config and weights, in whatever format.
    pub fn load(folder: &Folder, device: &Device) -> Result<Self> {
        Self::from_weights(T5Config::open(folder)?, Weights::open(folder)?, device)
    }

    /// An encoder from weights under transformers' names; a decoder beside it is ignored.
    pub fn from_weights(config: T5Config, weights: Weights, device: &Device) -> Result<Self> {
        let small = weights.file_bytes() < KEEP_BELOW_BYTES;
        Self::build(config, weights, device, small)
    }

    fn build(config: T5Config, weights: Weights, device: &Device, keep: bool) -> Result<Self> {
        let shared = weights.has("shared.weight") || !weights.has("encoder.embed_tokens.weight");
        let embedding = if shared { "shared.weight" } else { "encoder.embed_tokens.weight" };
        let weights = weights.ignoring(&["decoder.", "lm_head.", "encoder.embed_tokens.weight"]).on(device, DType::F32);
        weights.expect(embedding, &[config.vocab_size, config.d_model])?;
        let bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        let relative_attention_bias = weights.take(bias, &[config.relative_attention_num_buckets, config.num_heads])?;
        let final_layer_norm = weights.take("encoder.final_layer_norm.weight", &[config.d_model])?;
        let mut kept = Vec::new();
        for number in 0..config.num_layers {
            if keep {
                kept.push(Block::load(&config, &weights, number, &Weights::take)?);
            } else {
                // Only names and shapes: the placeholder block costs nothing.
                Block::load(&config, &weights, number, &Weights::expect)?;
            }
        }
        weights.finish()?;
        Ok(Self { config, weights, embedding, relative_attention_bias, final_layer_norm, kept })
    }

    /// The encoder's sizes.
    pub fn config(&self) -> &T5Config {
        &self.config
    }

    /// SHA-256 of the weights, for recipes and for the cache of embeddings.
    pub fn sha256(&self) -> String {
        self.weights.sha256()
    }

    /// The last hidden state, [1, 77, d_model] in f32. Padded places are not attended to but have rows too.
    pub fn encode(&self, tokens: &Tokens) -> Result<Tensor> {
        self.encode_with(tokens, &|_, _| Ok(()))
    }

    /// The same; `between(done, all)` is called between blocks, its error ends the encoding.
    pub fn encode_with(&self, tokens: &Tokens, between: &dyn Fn(usize, usize) -> Result<()>) -> Result<Tensor> {
        let config = &self.config;
        if let Some(id) = tokens.ids.iter().find(|&&id| id as usize >= config.vocab_size) {
            return Err(Error::new(format!("token {id} is beyond this encoder's {} words", config.vocab_size))
                .at(self.weights.place())
                .hint("tokenizer and text encoder belong to different models"));
        }
        let mut x = self.weights.take_rows(self.embedding, &[config.vocab_size, config.d_model], &tokens.ids)?;
        let bias = self.attention_bias(tokens)?;
        for number in 0..config.num_layers {
            between(number, config.num_layers)?;
            x = match self.kept.get(number) {
                Some(block) => block.forward(config, &x, &bias)?,
                None => {
                    let block = Block::load(config, &self.weights, number, &Weights::take)?;
                    self.weights.finish()?;
                    block.forward(config, &x, &bias)?
                }
            };
        }
        self.weights.finish()?;
        Ok(rms_norm(&x, &self.final_layer_norm, config.layer_norm_epsilon)?.unsqueeze(0)?)
    }

    /// What is added to the scores: relative position and mask, [heads, tokens, tokens].
    fn attention_bias(&self, tokens: &Tokens) -> Result<Tensor> {
        let length = tokens.ids.len();
        let buckets: Vec<u32> = (0..length)
            .flat_map(|query| (0..length).map(move |key| (query, key)))
            .map(|(q, k)| self.bucket(q, k))
            .collect();
        let device = self.relative_attention_bias.device();
        let index = Tensor::from_vec(buckets, length * length, device)?;
        let bias = self.relative_attention_bias.index_select(&index, 0)?.reshape((length, length, ()))?;
        let mask: Vec<f32> = tokens.mask.iter().map(|&real| if real == 1 { 0.0 } else { f32::MIN }).collect();
        let mask = Tensor::from_vec(mask, (1, 1, length), device)?;
        Ok(bias.permute((2, 0, 1))?.contiguous()?.broadcast_add(&mask)?)
    }

    /// `T5Attention._relative_position_bucket`, both ways, in f32 as there.
    fn bucket(&self, query: usize, key: usize) -> u32 {
        let half = self.config.relative_attention_num_buckets / 2;
        let exact = half / 2;
        let base = if key > query { half } else { 0 };
        let distance = key.abs_diff(query);
        if distance < exact {
            return (base + distance) as u32;
        }
        let ratio = (self.config.relative_attention_max_distance as f64 / exact as f64).ln() as f32;
        let beyond = (distance as f32 / exact as f32).ln() / ratio * (half - exact) as f32;
        (base + (exact + beyond as usize).min(half - 1)) as u32
    }
}

type Take<'a> = &'a dyn Fn(&Weights, &str, &[usize]) -> Result<Tensor>;

impl Block {
    fn load(config: &T5Config, weights: &Weights, number: usize, take: Take) -> Result<Self> {
        let layer = weights.pp("encoder.block").pp(number).pp("layer");
        let (attention, feed_forward) = (layer.pp("0.SelfAttention"), layer.pp("1.DenseReluDense"));
        let (d, inner, wide) = (config.d_model, config.num_heads * config.d_kv, config.d_ff);
        Ok(Self {
            attention_norm: take(&layer, "0.layer_norm.weight", &[d])?,
            q: take(&attention, "q.weight", &[inner, d])?,
            k: take(&attention, "k.weight", &[inner, d])?,
            v: take(&attention, "v.weight", &[inner, d])?,
            o: take(&attention, "o.weight", &[d, inner])?,
            feed_forward_norm: take(&layer, "1.layer_norm.weight", &[d])?,
            wi_0: take(&feed_forward, "wi_0.weight", &[wide, d])?,
            wi_1: take(&feed_forward, "wi_1.weight", &[wide, d])?,
            wo: take(&feed_forward, "wo.weight", &[d, wide])?,
        })
    }

    /// x [tokens, d_model].
    fn forward(&self, config: &T5Config, x: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let h = rms_norm(x, &self.attention_norm, config.layer_norm_epsilon)?;
        let x = (x + self.attend(config, &h, bias)?)?;
        let h = rms_norm(&x, &self.feed_forward_norm, config.layer_norm_epsilon)?;
        // candle's `gelu` is the tanh form, which T5 v1.1 calls gelu_new.
        let gated = (linear(&h, &self.wi_0)?.gelu()? * linear(&h, &self.wi_1)?)?;
        Ok((x + linear(&gated, &self.wo)?)?)
    }

    /// Scores are not scaled by 1/√d in T5.
    fn attend(&self, config: &T5Config, h: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let length = h.dim(0)?;
        let heads = |x: Tensor| -> Result<Tensor> {
            Ok(x.reshape((length, config.num_heads, config.d_kv))?.transpose(0, 1)?.contiguous()?)
        };
        let (q, k, v) = (heads(linear(h, &self.q)?)?, heads(linear(h, &self.k)?)?, heads(linear(h, &self.v)?)?);
        let scores = (q.matmul(&k.transpose(1, 2)?)? + bias)?;
        let mixed = softmax_last_dim(&scores)?.matmul(&v)?;
        linear(&mixed.transpose(0, 1)?.contiguous()?.reshape((length, config.num_heads * config.d_kv))?, &self.o)
    }
}

fn linear(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    Ok(x.matmul(&weight.t()?)?)
}

/// T5's norm: no mean, no bias.
fn rms_norm(x: &Tensor, weight: &Tensor, eps: f64) -> Result<Tensor> {
    let mean_square = x.sqr()?.mean_keepdim(D::Minus1)?;
    Ok(x.broadcast_div(&(mean_square + eps)?.sqrt()?)?.broadcast_mul(weight)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::{T5Config, TextEncoder};
    use crate::files::Folder;
    use crate::models::t5::Tokenizer;
    use crate::weights::Weights;

    #[test]
    fn blocks_read_as_they_are_used_give_the_same_bits() {
        let root = Folder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/built-in")).unwrap();
        let folder = root.subfolder("text_encoder").unwrap();
        let tokens = Tokenizer::open(&root.subfolder("tokenizer").unwrap()).unwrap().tokenize("a rocket ship").unwrap();
        let states = |keep: bool| {
            let (config, weights) = (T5Config::open(&folder).unwrap(), Weights::open(&folder).unwrap());
            let encoder = TextEncoder::build(config, weights, &Device::Cpu, keep).unwrap();
            assert_eq!(encoder.kept.is_empty(), !keep);
            encoder.encode(&tokens).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(states(true), states(false));
    }
}
