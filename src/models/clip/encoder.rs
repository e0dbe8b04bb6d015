//! CLIP's text model in f32: every token looks at those before it, padding included; the states of all 77 are what a UNet
//! is told.

use candle_core::{DType, Device, Tensor};
use candle_nn::{LayerNorm, Module};

use super::config::ClipTextConfig;
use super::layer::{Layer, layer_norm};
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::t5::{TOKENS, Tokens};
use crate::weights::Weights;

/// A text encoder: `Tokens` to hidden states.
#[derive(Clone, Debug)]
pub struct ClipTextEncoder {
    config: ClipTextConfig,
    weights: Weights,
    /// [vocab_size, d].
    token_embedding: Tensor,
    /// [1, 77, d].
    position_embedding: Tensor,
    layers: Vec<Layer>,
    final_layer_norm: LayerNorm,
    /// [77, 77], -∞ where a token would look ahead.
    mask: Tensor,
}

impl ClipTextEncoder {
    /// Opens a `text_encoder/` folder: config and weights, in whatever format.
    pub fn load(folder: &Folder, device: &Device) -> Result<Self> {
        Self::from_weights(ClipTextConfig::open(folder)?, Weights::open(folder)?, device)
    }

    /// An encoder from weights under transformers' names, with `text_model.` before them or, as transformers writes from
    /// 5.6 on, without.
    pub fn from_weights(config: ClipTextConfig, weights: Weights, device: &Device) -> Result<Self> {
        // Numbers that only say 0, 1, 2, …, and what comes after the states.
        let unused = ["text_model.embeddings.position_ids", "embeddings.position_ids", "text_projection."];
        let all = weights.ignoring(&unused).on(device, DType::F32);
        let weights = match all.has("final_layer_norm.weight") {
            true => all.clone(),
            false => all.pp("text_model"),
        };
        let (width, places) = (config.hidden_size, config.max_position_embeddings);
        let embeddings = weights.pp("embeddings");
        let positions = embeddings.take("position_embedding.weight", &[places, width])?;
        let layer = |i: usize| Layer::load(&config, &weights.pp("encoder.layers").pp(i));
        let ahead = |i: usize| if i % TOKENS > i / TOKENS { f32::NEG_INFINITY } else { 0.0 };
        let mask: Vec<f32> = (0..TOKENS * TOKENS).map(ahead).collect();
        let encoder = Self {
            token_embedding: embeddings.take("token_embedding.weight", &[config.vocab_size, width])?,
            position_embedding: positions.narrow(0, 0, TOKENS)?.unsqueeze(0)?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?,
            final_layer_norm: layer_norm(&config, &weights.pp("final_layer_norm"))?,
            mask: Tensor::from_vec(mask, (TOKENS, TOKENS), device)?,
            config,
            weights: all.clone(),
        };
        all.finish()?;
        Ok(encoder)
    }

    /// The encoder's sizes.
    pub fn config(&self) -> &ClipTextConfig {
        &self.config
    }

    /// File or folder, for messages.
    pub fn place(&self) -> &str {
        self.weights.place()
    }

    /// Tells this encoder's weights from others, for the cache of embeddings.
    pub fn fingerprint(&self) -> String {
        self.weights.fingerprint()
    }

    /// The normalised last states of several prompts, [prompts, 77, hidden_size] in f32. `between(done, all)` is called
    /// before each layer; its error ends the encoding.
    pub fn encode_all(
        &self,
        prompts: &[Tokens],
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Tensor> {
        let rows = self.config.vocab_size;
        let ids: Vec<u32> = prompts.iter().flat_map(|tokens| &tokens.ids).copied().collect();
        if let Some(id) = ids.iter().find(|&&id| id as usize >= rows) {
            return Err(Error::new(format!("token {id} is beyond the text encoder's {rows} words"))
                .at(self.place())
                .hint("tokenizer and text_encoder belong to different models"));
        }
        let ids = Tensor::new(ids, self.token_embedding.device())?;
        let embedded = self.token_embedding.index_select(&ids, 0)?;
        let embedded = embedded.reshape((prompts.len(), TOKENS, self.config.hidden_size))?;
        let mut x = embedded.broadcast_add(&self.position_embedding)?;
        for (done, layer) in self.layers.iter().enumerate() {
            between(done, self.layers.len())?;
            x = layer.forward(&x, &self.mask)?;
        }
        Ok(self.final_layer_norm.forward(&x)?)
    }
}
