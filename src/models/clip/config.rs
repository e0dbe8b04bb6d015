//! `text_encoder/config.json` of a CLIP text model.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::check_sizes;
use crate::models::t5::TOKENS;

/// What stands between the two maps of a feed-forward layer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(super) enum Activation {
    /// x σ(1.702 x): OpenAI's.
    #[serde(rename = "quick_gelu")]
    QuickGelu,
    /// x Φ(x) by erf: OpenCLIP's.
    #[serde(rename = "gelu")]
    Gelu,
}

/// The sizes of a CLIP text model; defaults are transformers' `CLIPTextConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default)]
pub struct ClipTextConfig {
    /// Rows of the embedding.
    pub vocab_size: usize,
    /// Width of the states.
    pub hidden_size: usize,
    /// Width inside the feed-forward layers.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads of each attention.
    pub num_attention_heads: usize,
    /// Tokens that have a place.
    pub max_position_embeddings: usize,
    /// ε of the norms.
    pub layer_norm_eps: f64,
    pub(super) hidden_act: Activation,
    pub(super) model_type: String,
}

impl Default for ClipTextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: TOKENS,
            layer_norm_eps: 1e-5,
            hidden_act: Activation::QuickGelu,
            model_type: "clip_text_model".into(),
        }
    }
}

impl ClipTextConfig {
    /// Reads and checks `config.json` of a component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let config: Self = folder
            .read_json("config.json")
            .map_err(|error| error.hint("a CLIP text model of hidden_act quick_gelu or gelu is expected here"))?;
        config.check().map(|()| config).map_err(|error| error.at(folder.place("config.json")))
    }

    /// Stable Diffusion 1's, for files without a config.
    pub fn of_stable_diffusion_1() -> Self {
        Self { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, ..Self::default() }
    }

    /// Stable Diffusion 2's: OpenCLIP's without its last layer.
    pub fn of_stable_diffusion_2() -> Self {
        Self {
            hidden_size: 1024,
            intermediate_size: 4096,
            num_hidden_layers: 23,
            num_attention_heads: 16,
            hidden_act: Activation::Gelu,
            ..Self::default()
        }
    }

    fn check(&self) -> Result<()> {
        if self.model_type != "clip_text_model" {
            return Err(Error::new(format!("model_type {} is not supported, only clip_text_model", self.model_type)));
        }
        check_sizes([
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("max_position_embeddings", self.max_position_embeddings),
        ])?;
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            let (heads, width) = (self.num_attention_heads, self.hidden_size);
            return Err(Error::new(format!("num_attention_heads {heads} does not divide hidden_size {width}")));
        }
        if self.max_position_embeddings < TOKENS {
            let places = self.max_position_embeddings;
            return Err(Error::new(format!(
                "max_position_embeddings {places} is less than the {TOKENS} tokens of a prompt"
            )));
        }
        if !(self.layer_norm_eps.is_finite() && self.layer_norm_eps > 0.0) {
            return Err(Error::new("layer_norm_eps must be positive"));
        }
        Ok(())
    }
}
