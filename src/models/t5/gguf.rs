//! A T5 encoder in llama.cpp's GGUF: its config, its tensors under transformers' names, and the words inside.
//!
//! Names from llama.cpp's `gguf-py/gguf/constants.py` (T5 and T5ENCODER) and `tensor_mapping.py`; the file's words are
//! those of `spiece.model`, followed by unused ones up to the embedding's rows.

use super::config::T5Config;
use super::spiece::{ModelProto, NormalizerSpec, Piece, TrainerSpec, USER_DEFINED, checked};
use super::tokenizer::Tokenizer;
use crate::error::{Error, Result};
use crate::weights::gguf::{Gguf, Value};

/// `tokenizer.ggml.token_type` of rows that no word has.
const UNUSED: i32 = 5;

impl T5Config {
    /// The sizes that a GGUF file tells; other architectures are refused by name.
    pub fn of_gguf(gguf: &Gguf) -> Result<Self> {
        let architecture = gguf.fact("general.architecture").and_then(Value::text).unwrap_or("none");
        if !["t5", "t5encoder"].contains(&architecture) {
            return Err(Error::new(format!("a GGUF file of architecture {architecture}, not t5encoder or t5"))
                .hint("the text encoder must be T5 v1.1, as t5-v1_1-xxl-encoder-Q4_K_M.gguf"));
        }
        let fact = |name: &str| gguf.fact(&format!("{architecture}.{name}"));
        let size = |name: &str| {
            let whole = fact(name).and_then(Value::whole).and_then(|size| usize::try_from(size).ok());
            whole.ok_or_else(|| {
                Error::new(format!("the file does not tell {architecture}.{name}")).hint("get another conversion")
            })
        };
        let (d_model, num_heads) = (size("embedding_length")?, size("attention.head_count")?);
        let epsilon = ["attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"];
        let gated = gguf.shape("enc.blk.0.ffn_gate.weight").is_some();
        let config = Self {
            vocab_size: gguf.shape("token_embd.weight").and_then(|shape| shape.first()).copied().unwrap_or(0),
            d_model,
            d_kv: size("attention.key_length").unwrap_or(d_model / num_heads.max(1)),
            d_ff: size("feed_forward_length")?,
            num_layers: size("block_count")?,
            num_heads,
            relative_attention_num_buckets: size("attention.relative_buckets_count").unwrap_or(32),
            layer_norm_epsilon: epsilon.iter().find_map(|name| fact(name)?.number()).unwrap_or(1e-6),
            feed_forward_proj: if gated { "gated-gelu" } else { "relu" }.to_owned(),
            ..Self::default()
        };
        config.check().map(|()| config)
    }
}

/// transformers' name of the tensor that llama.cpp calls `name`.
pub(super) fn name_from_gguf(name: &str) -> String {
    let inner = match name.split_once('.') {
        Some(("dec", _)) | Some(("output", _)) => return format!("decoder.{name}"),
        Some(("token_embd", rest)) => return format!("shared.{rest}"),
        Some(("enc", inner)) => inner,
        _ => return name.to_owned(),
    };
    if let Some(rest) = inner.strip_prefix("output_norm.") {
        return format!("encoder.final_layer_norm.{rest}");
    }
    let mut parts = inner.splitn(4, '.');
    let (Some("blk"), Some(number), Some(part), Some(rest)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return name.to_owned();
    };
    let part = match part {
        "attn_q" => "0.SelfAttention.q",
        "attn_k" => "0.SelfAttention.k",
        "attn_v" => "0.SelfAttention.v",
        "attn_o" => "0.SelfAttention.o",
        "attn_rel_b" => "0.SelfAttention.relative_attention_bias",
        "attn_norm" => "0.layer_norm",
        "ffn_gate" => "1.DenseReluDense.wi_0",
        "ffn_up" => "1.DenseReluDense.wi_1",
        "ffn_down" => "1.DenseReluDense.wo",
        "ffn_norm" => "1.layer_norm",
        _ => return name.to_owned(),
    };
    format!("encoder.block.{number}.layer.{part}.{rest}")
}

/// The tokenizer inside a GGUF file, if it has one.
pub(super) fn tokenizer_of(gguf: &Gguf) -> Result<Option<Tokenizer>> {
    let fact = |name: &str| gguf.fact(&format!("tokenizer.ggml.{name}"));
    let (Some(words), Some(scores)) = (fact("tokens").and_then(Value::texts), fact("scores").and_then(Value::numbers))
    else {
        return Ok(None);
    };
    let kinds = fact("token_type").and_then(Value::numbers).unwrap_or_default();
    if words.len() != scores.len() || words.len() != kinds.len() {
        return Err(Error::new("the words in this GGUF file are not as many as their scores and types")
            .hint("it is damaged: get it again, or put spiece.model beside it"));
    }
    let used = kinds.iter().rposition(|&kind| kind as i32 != UNUSED).map_or(0, |last| last + 1);
    let piece = |at: usize| Piece {
        piece: Some(words[at].clone()),
        score: Some(scores[at] as f32),
        kind: Some(kinds[at] as i32),
    };
    let mut pieces: Vec<Piece> = (0..used).map(piece).collect();
    let has_extra = pieces.iter().any(|piece| piece.piece().starts_with("<extra_id_"));
    for piece in pieces.iter_mut().filter(|piece| piece.piece().starts_with("<extra_id_")) {
        piece.kind = Some(USER_DEFINED);
    }
    let id = |name: &str, usual: i32| fact(name).and_then(Value::whole).map_or(usual, |id| id as i32);
    let charsmap = fact("precompiled_charsmap").and_then(Value::numbers).unwrap_or_default();
    let model = ModelProto {
        pieces,
        trainer_spec: Some(TrainerSpec {
            model_type: None,
            unk_id: Some(id("unknown_token_id", 2)),
            eos_id: Some(id("eos_token_id", 1)),
            pad_id: Some(id("padding_token_id", 0)),
        }),
        normalizer_spec: Some(NormalizerSpec {
            precompiled_charsmap: Some(charsmap.iter().map(|&byte| byte as i64 as u8).collect()),
            add_dummy_prefix: Some(fact("add_space_prefix").and_then(Value::truth).unwrap_or(true)),
        }),
    };
    // What transformers adds behind the pieces of spiece.model.
    let extra_ids = if has_extra { 0 } else { 100.min(words.len() - used) };
    Tokenizer::from_spiece(checked(model)?, extra_ids).map(Some)
}
