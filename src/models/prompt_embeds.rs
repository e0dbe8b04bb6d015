//! The prompts of a job as embeddings: from a file that has them, from the text encoder, or some from each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use candle_core::Tensor;

use super::model::{Asked, Encoding, Hear};
use super::text::Encoded;
use crate::error::{Error, Result};
use crate::weights::read_embeddings;

/// A model that encodes prompts.
pub(super) trait PromptEncoder {
    /// Whether there is a text encoder for it.
    fn has_text_encoder(&self) -> bool;

    /// Encodes prompts in order; with `clean` after IF's caption cleaning, where that is the model's.
    fn encode(&self, prompts: &[&str], clean: bool, hear: &mut Hear<'_>) -> Result<Vec<Encoded>>;
}

/// Prompts that were encoded before, by the text that was.
#[derive(Default)]
pub(super) struct EncodedPrompts(Mutex<HashMap<String, Encoded>>);

impl EncodedPrompts {
    /// All of `texts` in order; `encode` makes those that are new, in one pass.
    pub fn all(
        &self,
        texts: &[String],
        encode: impl FnOnce(&[String]) -> Result<Vec<Encoded>>,
    ) -> Result<Vec<Encoded>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<String> = texts.iter().filter(|text| !known.contains_key(*text)).cloned().collect();
        new.sort();
        new.dedup();
        if !new.is_empty() {
            let encoded = encode(&new)?;
            known.extend(new.into_iter().zip(encoded));
        }
        let found = texts.iter().map(|text| known.get(text).cloned());
        found.map(|encoded| encoded.ok_or_else(|| Error::new("a prompt was not encoded"))).collect()
    }
}

/// [p + 1, tokens, d] in f32: the prompts in order, then what guidance leads away from.
pub(super) fn prompt_embeds(encoder: &dyn PromptEncoder, asked: &Asked<'_>, hear: &mut Hear<'_>) -> Result<Tensor> {
    if asked.prompts.is_empty() {
        return Err(Error::arguments("no prompt").hint("give one with --prompt"));
    }
    let known = match asked.embeddings {
        None => Vec::new(),
        Some(path) => read_embeddings(path)?,
    };
    let wanted: Vec<&str> = asked.entries().collect();
    let mut rows: Vec<Option<Tensor>> = Vec::new();
    for prompt in &wanted {
        let entry = known.iter().find(|(text, _)| text.trim() == prompt.trim());
        if entry.is_none() && !known.is_empty() && !encoder.has_text_encoder() {
            return Err(unknown(prompt, &known));
        }
        rows.push(entry.map(|(_, embeds)| with_rows(embeds)).transpose()?);
    }
    let new: Vec<&str> = wanted.iter().zip(&rows).filter(|(_, row)| row.is_none()).map(|(text, _)| *text).collect();
    let mut encoded = encode(&new, asked.clean_caption, encoder, hear)?.into_iter();
    let rows: Vec<Tensor> = rows.into_iter().filter_map(|row| row.or_else(|| encoded.next())).collect();
    Tensor::cat(&rows, 0).map_err(|error| {
        Error::new(format!("the embeddings differ in size ({error})")).hint("use one text encoder for all")
    })
}

/// Embeddings by the text encoder, with a word about each prompt that was cut.
fn encode(prompts: &[&str], clean: bool, encoder: &dyn PromptEncoder, hear: &mut Hear<'_>) -> Result<Vec<Tensor>> {
    if prompts.is_empty() {
        return Ok(Vec::new());
    }
    let encoded = encoder.encode(prompts, clean, hear)?;
    for cut in encoded.iter().filter_map(|encoded| encoded.cut.clone()) {
        hear(Encoding::Cut(cut))?;
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

/// At most 60 characters of `text`.
pub fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
