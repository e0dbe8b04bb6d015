//! The T5 v1.1 encoder with its attention mask, block by block, in f32.
//!
//! candle-transformers' T5 has no mask, so that padding would be attended to, and keeps all weights at once.
//! Here the matrices of a large encoder (T5 XXL: 9.5 GB in f16) stay in the mapped file and pass through memory once
//! for any number of prompts. In f32 neither the residuals' overflow of f16 nor the f32 copy of `wo` that published
//! f16 files carry needs any care.

use candle_core::{DType, Device, Tensor};

use super::block::{Block, rms_norm};
use super::config::T5Config;
use super::gguf;
use super::tokenizer::{Tokenizer, Tokens};
use crate::error::{Error, Result};
use crate::files::{Folder, limits};
use crate::weights::Weights;
use crate::weights::gguf::Gguf;

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
    blocks: Vec<Block>,
    streamed: bool,
}

impl TextEncoder {
    /// Opens a `text_encoder/` folder: config and weights, in whatever format.
    pub fn load(folder: &Folder, device: &Device) -> Result<Self> {
        Self::from_weights(T5Config::open(folder)?, Weights::open(folder)?, device)
    }

    /// An encoder in the one file `name` of `folder`: GGUF, or tensors under transformers' names. With it comes the
    /// tokenizer that a GGUF file can have inside.
    pub fn load_file(folder: &Folder, name: &str, device: &Device) -> Result<(Self, Option<Tokenizer>)> {
        let weights = Weights::open_file(folder, name)?;
        if !name.to_lowercase().ends_with(".gguf") {
            let config = T5Config::of_weights(&weights)?;
            return Ok((Self::from_weights(config, weights, device)?, None));
        }
        let at = |error: Error| error.at(folder.place(name));
        let gguf = Gguf::read(&folder.read(name, limits::WEIGHTS)?).map_err(at)?;
        let config = T5Config::of_gguf(&gguf).map_err(at)?;
        let tokenizer = gguf::tokenizer_of(&gguf).map_err(at)?;
        Ok((Self::from_weights(config, weights.renamed(gguf::name_from_gguf), device)?, tokenizer))
    }

    /// An encoder from weights under transformers' names; a decoder beside it is ignored.
    pub fn from_weights(config: T5Config, weights: Weights, device: &Device) -> Result<Self> {
        let keep = weights.file_bytes() < KEEP_BELOW_BYTES;
        Self::build(config, weights, device, keep)
    }

    fn build(config: T5Config, weights: Weights, device: &Device, keep: bool) -> Result<Self> {
        let shared = weights.has("shared.weight") || !weights.has("encoder.embed_tokens.weight");
        let embedding = if shared { "shared.weight" } else { "encoder.embed_tokens.weight" };
        let weights = weights.ignoring(&["decoder.", "lm_head.", "encoder.embed_tokens.weight"]).on(device, DType::F32);
        weights.expect(embedding, &[config.vocab_size, config.d_model])?;
        let bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        let relative_attention_bias = weights.take(bias, &[config.relative_attention_num_buckets, config.num_heads])?;
        let final_layer_norm = weights.take("encoder.final_layer_norm.weight", &[config.d_model])?;
        let blocks =
            (0..config.num_layers).map(|number| Block::load(&config, &weights, number, keep)).collect::<Result<_>>()?;
        weights.finish()?;
        Ok(Self { config, weights, embedding, relative_attention_bias, final_layer_norm, blocks, streamed: !keep })
    }

    /// The encoder's sizes.
    pub fn config(&self) -> &T5Config {
        &self.config
    }

    /// Whether its weights pass through memory for every call: then a call is slow, and one for many prompts hardly
    /// slower than one for one.
    pub fn is_streamed(&self) -> bool {
        self.streamed
    }

    /// File or folder, for messages.
    pub fn place(&self) -> &str {
        self.weights.place()
    }

    /// Tells this encoder's weights from others, for the cache of embeddings.
    pub fn fingerprint(&self) -> String {
        self.weights.fingerprint()
    }

    /// The last hidden state, [1, 77, d_model] in f32. Padded places are not attended to but have rows too.
    pub fn encode(&self, tokens: &Tokens) -> Result<Tensor> {
        self.encode_all(std::slice::from_ref(tokens), &mut |_, _| Ok(()))
    }

    /// The last hidden state of several prompts, [prompts, 77, d_model] in f32, with each matrix read once.
    /// `between(done, all)` is called before each block; its error ends the encoding.
    pub fn encode_all(
        &self,
        prompts: &[Tokens],
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Tensor> {
        let config = &self.config;
        let ids: Vec<u32> = prompts.iter().flat_map(|tokens| &tokens.ids).copied().collect();
        if let Some(id) = ids.iter().find(|&&id| id as usize >= config.vocab_size) {
            return Err(Error::new(format!("token {id} is beyond this encoder's {} words", config.vocab_size))
                .at(self.weights.place())
                .hint("tokenizer and text encoder belong to different models"));
        }
        let mut x = self.weights.take_rows(self.embedding, &[config.vocab_size, config.d_model], &ids)?;
        let bias: Vec<Tensor> = prompts.iter().map(|tokens| self.attention_bias(tokens)).collect::<Result<_>>()?;
        let bias = Tensor::stack(&bias, 0)?;
        for (number, block) in self.blocks.iter().enumerate() {
            between(number, config.num_layers)?;
            if let Some(next) = self.blocks.get(number + 1) {
                next.prefetch();
            }
            x = block.forward(config, &x, &bias)?;
            self.weights.finish()?;
        }
        let x = rms_norm(&x, &self.final_layer_norm, config.layer_norm_epsilon)?;
        Ok(x.reshape((prompts.len(), (), config.d_model))?)
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

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::{T5Config, TextEncoder};
    use crate::files::Folder;
    use crate::models::t5::Tokenizer;
    use crate::weights::Weights;

    /// Streamed products are summed in blocks of another size than whole ones.
    const TOLERANCE: f32 = 2e-5;

    #[test]
    fn streamed_and_together_is_as_kept_and_alone() {
        let root = Folder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/built-in")).unwrap();
        let folder = root.subfolder("text_encoder").unwrap();
        let tokenizer = Tokenizer::open(&root.subfolder("tokenizer").unwrap()).unwrap();
        let prompts = ["a rocket ship", "", "a red ball"].map(|prompt| tokenizer.tokenize(prompt).unwrap());
        let encoder = |keep: bool| {
            let (config, weights) = (T5Config::open(&folder).unwrap(), Weights::open(&folder).unwrap());
            TextEncoder::build(config, weights, &Device::Cpu, keep).unwrap()
        };
        let (kept, streamed) = (encoder(true), encoder(false));
        let mut heard = Vec::new();
        let together = streamed
            .encode_all(&prompts, &mut |done, all| {
                heard.push((done, all));
                Ok(())
            })
            .unwrap();
        assert_eq!(heard, [(0, 3), (1, 3), (2, 3)]);
        assert_eq!(together.dims(), [3, 77, 256]);
        for (row, tokens) in prompts.iter().enumerate() {
            let difference = (together.narrow(0, row, 1).unwrap() - kept.encode(tokens).unwrap()).unwrap();
            let worst = difference.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(worst <= TOLERANCE, "{row}: {worst}");
        }
    }

    #[test]
    fn the_encoding_ends_between_two_blocks_when_it_is_told_to() {
        let root = Folder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/built-in")).unwrap();
        let encoder = TextEncoder::load(&root.subfolder("text_encoder").unwrap(), &Device::Cpu).unwrap();
        let tokens = Tokenizer::open(&root.subfolder("tokenizer").unwrap()).unwrap().tokenize("a cat").unwrap();
        let mut asked = 0;
        let ended = encoder.encode_all(&[tokens], &mut |done, _| {
            asked += 1;
            if done == 1 { Err(crate::error::Error::cancelled()) } else { Ok(()) }
        });
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(asked, 2);
    }
}
