//! The text encoder of Stable Diffusion: CLIP's, and the tokenizer that goes with it.
//!
//! Sources: transformers 5.24 `models/clip/modeling_clip.py` and `tokenization_clip.py`.

mod config;
mod encoder;
mod layer;
mod tokenizer;

pub use config::ClipTextConfig;
pub use encoder::ClipTextEncoder;
pub use tokenizer::ClipTokenizer;
