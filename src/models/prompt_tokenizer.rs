//! The tokenizer of whatever model takes prompts: T5's or CLIP's, told by its files.

use super::clip::ClipTokenizer;
use super::t5::{Tokenizer, Tokens, plain_caption};
use crate::error::Result;
use crate::files::Folder;

/// One of the two.
pub enum PromptTokenizer {
    /// DeepFloyd's.
    T5(Tokenizer),
    /// Stable Diffusion's.
    Clip(ClipTokenizer),
}

impl PromptTokenizer {
    /// The one in a model's `tokenizer` folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        match folder.has("merges.txt") {
            true => ClipTokenizer::open(folder).map(Self::Clip),
            false => Tokenizer::open(folder).map(Self::T5),
        }
    }

    /// The ids of a prompt, after what its model does to prompts.
    pub fn tokenize(&self, prompt: &str) -> Result<Tokens> {
        match self {
            Self::T5(tokenizer) => tokenizer.tokenize(&plain_caption(prompt)),
            Self::Clip(tokenizer) => tokenizer.tokenize(prompt),
        }
    }
}
