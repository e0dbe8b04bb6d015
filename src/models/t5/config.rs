//! `text_encoder/config.json`. Our own and not candle's, which refuses files with `dense_act_fn` spelled anew
//! and knows no checks.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files::{Folder, limits};
use crate::weights::Weights;

/// No width or count beyond this is believed.
const LARGEST: usize = 1 << 20;

/// The sizes of a T5 v1.1 encoder; defaults are transformers' `T5Config`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default)]
pub struct T5Config {
    /// Rows of the embedding.
    pub vocab_size: usize,
    /// Width of the states.
    pub d_model: usize,
    /// Width of an attention head.
    pub d_kv: usize,
    /// Width inside the feed-forward layers.
    pub d_ff: usize,
    /// Blocks.
    pub num_layers: usize,
    /// Attention heads.
    pub num_heads: usize,
    /// Distances that are told apart, both ways together.
    pub relative_attention_num_buckets: usize,
    /// From here on distances are one.
    pub relative_attention_max_distance: usize,
    /// ε of the norms.
    pub layer_norm_epsilon: f64,
    pub(super) feed_forward_proj: String,
    pub(super) model_type: String,
    pub(super) architectures: Vec<String>,
}

impl Default for T5Config {
    fn default() -> Self {
        Self {
            vocab_size: 32128,
            d_model: 512,
            d_kv: 64,
            d_ff: 2048,
            num_layers: 6,
            num_heads: 8,
            relative_attention_num_buckets: 32,
            relative_attention_max_distance: 128,
            layer_norm_epsilon: 1e-6,
            feed_forward_proj: "relu".into(),
            model_type: "t5".into(),
            architectures: Vec::new(),
        }
    }
}

impl T5Config {
    /// The sizes of an encoder in a file without a config, from its tensors under transformers' names.
    pub fn of_weights(weights: &Weights) -> Result<Self> {
        let entries = weights.entries();
        let shape = |name: &str| {
            let entry = entries.iter().find(|entry| entry.name == name);
            entry.map(|entry| entry.shape.as_slice()).ok_or_else(|| {
                Error::new(format!("no text encoder: there is no {name}"))
                    .at(weights.place())
                    .hint("a T5 v1.1 encoder under transformers' names is expected, such as t5xxl_fp16.safetensors")
            })
        };
        let side = |name: &str, axis: usize| shape(name).map(|shape| shape.get(axis).copied().unwrap_or(0));
        let embedding = if shape("shared.weight").is_ok() { "shared.weight" } else { "encoder.embed_tokens.weight" };
        let attention = "encoder.block.0.layer.0.SelfAttention";
        let num_heads = side(&format!("{attention}.relative_attention_bias.weight"), 1)?;
        let blocks = (0..).take_while(|n| shape(&format!("encoder.block.{n}.layer.0.layer_norm.weight")).is_ok());
        let config = Self {
            vocab_size: side(embedding, 0)?,
            d_model: side(embedding, 1)?,
            d_kv: side(&format!("{attention}.q.weight"), 0)? / num_heads.max(1),
            d_ff: side("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", 0)?,
            num_layers: blocks.count(),
            num_heads,
            relative_attention_num_buckets: side(&format!("{attention}.relative_attention_bias.weight"), 0)?,
            feed_forward_proj: "gated-gelu".into(),
            ..Self::default()
        };
        config.check().map(|()| config).map_err(|error| error.at(weights.place()))
    }

    /// Reads and checks `config.json` of a component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let config: Self = folder.read_json("config.json")?;
        config.check().map_err(|error| {
            error.at(folder.place("config.json")).hint("the text encoder must be a T5 v1.1 encoder, as DeepFloyd IF's")
        })?;
        Ok(config)
    }

    pub(super) fn check(&self) -> Result<()> {
        let named = |what: String| Err(Error::new(what));
        if let Some(class) = self.architectures.iter().find(|class| !class.starts_with("T5")) {
            return named(format!("a text encoder of class {class}, not T5EncoderModel"));
        }
        if self.model_type != "t5" {
            return named(format!("a text encoder of type {}, not t5", self.model_type));
        }
        if self.feed_forward_proj != "gated-gelu" {
            return named(format!("feed_forward_proj {} (T5 v1.0) is not supported", self.feed_forward_proj));
        }
        for (key, value) in [
            ("vocab_size", self.vocab_size),
            ("d_model", self.d_model),
            ("d_kv", self.d_kv),
            ("d_ff", self.d_ff),
            ("num_layers", self.num_layers),
            ("num_heads", self.num_heads),
        ] {
            let largest = if key == "num_layers" { limits::LAYERS } else { LARGEST };
            if value == 0 || value > largest {
                return named(format!("{key} {value} is out of range"));
            }
        }
        let (buckets, distance) = (self.relative_attention_num_buckets, self.relative_attention_max_distance);
        if !(4..=LARGEST).contains(&buckets) || !buckets.is_multiple_of(2) || distance <= buckets / 4 {
            return named(format!("{buckets} buckets for distances up to {distance}"));
        }
        if !(self.layer_norm_epsilon >= 0.0 && self.layer_norm_epsilon < 1.0) {
            return named(format!("layer_norm_epsilon {} is out of range", self.layer_norm_epsilon));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::T5Config;

    #[test]
    fn other_encoders_are_refused_by_name() {
        for (json, told) in [
            (r#"{"feed_forward_proj": "relu"}"#, "relu (T5 v1.0)"),
            (r#"{"architectures": ["CLIPTextModel"]}"#, "CLIPTextModel"),
            (r#"{"model_type": "umt5", "feed_forward_proj": "gated-gelu"}"#, "umt5"),
            (r#"{"num_heads": 0, "feed_forward_proj": "gated-gelu"}"#, "num_heads 0"),
        ] {
            let config: T5Config = serde_json::from_str(json).unwrap();
            let line = config.check().unwrap_err().to_string();
            assert!(line.contains(told), "{line}");
        }
    }
}
