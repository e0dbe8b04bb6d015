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
        let wanted: Vec<&str> = recipe.prompt.iter().chain([&recipe.negative]).map(String::as_str).collect();
        let mut rows: Vec<Option<Tensor>> = Vec::new();
        for prompt in &wanted {
            let entry = known.iter().find(|(text, _)| text.trim() == prompt.trim());
            if entry.is_none() && !known.is_empty() && !cascade.has_text_encoder() {
                return Err(unknown(prompt, &known));
            }
            rows.push(entry.map(|(_, embeds)| with_rows(embeds)).transpose()?);
        }
        let new: Vec<&str> = wanted.iter().zip(&rows).filter(|(_, row)| row.is_none()).map(|(text, _)| *text).collect();
        let mut encoded = encode(&new, recipe.clean_caption, cascade, observer)?.into_iter();
        let rows: Vec<Tensor> = rows.into_iter().filter_map(|row| row.or_else(|| encoded.next())).collect();
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

/// Embeddings by the text encoder, with a word about each prompt that was cut.
fn encode(prompts: &[&str], clean: bool, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Vec<Tensor>> {
    if prompts.is_empty() {
        return Ok(Vec::new());
    }
    let encoded = cascade.encode(prompts, clean, &mut |done, of| {
        observer.check()?;
        observer.say(Progress::Encoding { done, of })
    })?;
    for cut in encoded.iter().filter_map(|encoded| encoded.cut.as_deref()) {
        observer.say(Progress::Note(format!(
            "the prompt is longer than 77 tokens and was cut; not used: \"{}\"",
            shortened(cut)
        )))?;
    }
    Ok(encoded.into_iter().map(|encoded| encoded.embeds).collect())
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
