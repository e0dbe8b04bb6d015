//! The text encoder of DeepFloyd IF: T5 v1.1, its tokenizer, and what is done to a prompt before.
//!
//! Sources: transformers 5.24 `models/t5/modeling_t5.py` and `tokenization_t5.py`, sentencepiece's
//! `sentencepiece_model.proto`, diffusers' `IFPipeline._clean_caption`.

mod block;
mod clean_caption;
mod config;
mod encoder;
mod gguf;
mod html;
mod linear;
mod spiece;
mod tokenizer;

pub use clean_caption::{clean_caption, plain_caption};
pub use config::T5Config;
pub use encoder::TextEncoder;
pub(super) use tokenizer::caught;
pub use tokenizer::{TOKENS, Tokenizer, Tokens};
