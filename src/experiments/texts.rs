//! The texts of a job, encoded once: its prompts in order, then what guidance leads away from.

use std::path::Path;

use candle_core::Tensor;
use sha2::{Digest, Sha256};

use super::Recipe;
use super::observer::{Observer, Progress};
use crate::error::{Error, Result};
use crate::models::Cascade;
use crate::weights::read_embeddings;

/// Embeddings of a job's texts.
pub struct Texts {
    /// [p + 1, 77, d] in f32: the prompts, then the negative prompt.
    pub embeds: Tensor,
    /// The hash of all of them.
    pub sha256: String,
}

impl Texts {
    /// Encodes the texts of `recipe`, or takes them from its file of embeddings.
    pub fn new(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Self> {
        if recipe.prompt.is_empty() {
            return Err(Error::arguments("no prompt").hint("give one with --prompt"));
        }
        let known = match &recipe.embeddings {
            None => Vec::new(),
            Some(path) => read_embeddings(Path::new(path))?,
        };
        let mut rows = Vec::new();
        for prompt in recipe.prompt.iter().chain([&recipe.negative]) {
            observer.check()?;
            rows.push(match known.iter().find(|(text, _)| text.trim() == prompt.trim()) {
                Some((_, embeds)) => with_rows(embeds)?,
                None if !known.is_empty() && !cascade.has_text_encoder() => return Err(unknown(prompt, &known)),
                None => {
                    let encoded = cascade.encode(prompt, recipe.clean_caption)?;
                    if let Some(cut) = encoded.cut {
                        observer.say(Progress::Note(format!(
                            "the prompt is longer than 77 tokens and was cut; not used: \"{}\"",
                            shortened(&cut)
                        )))?;
                    }
                    encoded.embeds
                }
            });
        }
        let device = cascade.device();
        let rows: Vec<Tensor> = rows.iter().map(|row| Ok(row.to_device(device)?)).collect::<Result<_>>()?;
        let embeds = Tensor::cat(&rows, 0).map_err(|error| {
            Error::new(format!("the embeddings differ in size ({error})")).hint("use one text encoder for all")
        })?;
        let sha256 = hash(&embeds)?;
        Ok(Self { embeds, sha256 })
    }

    /// The prompts' embeddings alone, [p, 77, d].
    pub fn prompt_embeds(&self) -> Result<Tensor> {
        Ok(self.embeds.narrow(0, 0, self.embeds.dim(0)? - 1)?)
    }
}

fn with_rows(embeds: &Tensor) -> Result<Tensor> {
    let embeds = if embeds.rank() == 2 { embeds.unsqueeze(0)? } else { embeds.clone() };
    Ok(embeds.to_dtype(candle_core::DType::F32)?)
}

fn unknown(prompt: &str, known: &[(String, Tensor)]) -> Error {
    let names: Vec<String> = known.iter().take(12).map(|(text, _)| format!("\"{}\"", shortened(text))).collect();
    Error::arguments(format!("the embeddings have no entry for \"{}\"", shortened(prompt)))
        .hint(format!("they have {}", names.join(", ")))
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

fn hash(embeds: &Tensor) -> Result<String> {
    let mut hasher = Sha256::new();
    for value in embeds.flatten_all()?.to_vec1::<f32>()? {
        hasher.update(value.to_le_bytes());
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
