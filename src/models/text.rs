//! A text encoder with its tokenizer, wherever the two are: in the model's folder, in a file of its own, or in a
//! model of the hub's cache that brings them for all others.

use std::path::Path;

use candle_core::{Device, Tensor};

use super::catalogue::{find_model, hub_snapshot, text_repositories};
use super::embedding_cache::EmbeddingCache;
use super::t5::{TextEncoder, Tokenizer};
use crate::error::{Error, Result};
use crate::files::Folder;

/// Names of the encoder's and the tokenizer's folders: DeepFloyd IF's, Stable Diffusion 3's, Flux's.
const PARTS: [(&str, &str); 3] =
    [("text_encoder", "tokenizer"), ("text_encoder_3", "tokenizer_3"), ("text_encoder_2", "tokenizer_2")];

/// An embedding has rows for words that no tokenizer has, to fill it up; so many are believed.
const MOST_UNUSED: usize = 128;

/// An encoded prompt.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// [1, 77, d] in f32.
    pub embeds: Tensor,
    /// The end of the prompt that did not fit, if any.
    pub cut: Option<String>,
}

/// A text encoder and its tokenizer, loaded.
#[derive(Clone, Debug)]
pub struct Text {
    tokenizer: Tokenizer,
    encoder: TextEncoder,
    /// Where a slow encoder's results are kept.
    cache: Option<EmbeddingCache>,
}

/// Where the two are.
enum Place {
    Folders { encoder: Folder, tokenizer: Folder },
    File { folder: Folder, name: String },
}

impl Text {
    /// The text encoder that `choice` names: a file, a folder, a hub id, or `auto` for the one of the model in
    /// `model` and, where it has none, one in the hub's cache.
    pub fn open(model: &Folder, choice: &str, device: &Device) -> Result<Self> {
        let (tokenizer, encoder) = match place(model, choice)? {
            Place::Folders { encoder, tokenizer } => {
                (Tokenizer::open(&tokenizer)?, TextEncoder::load(&encoder, device)?)
            }
            Place::File { folder, name } => {
                let (encoder, inside) = TextEncoder::load_file(&folder, &name, device)?;
                let tokenizer = match inside {
                    Some(tokenizer) => tokenizer,
                    None => tokenizer_beside(&folder, model, &encoder)?,
                };
                (tokenizer, encoder)
            }
        };
        let cache = if encoder.is_streamed() { EmbeddingCache::of_user(&encoder.fingerprint()) } else { None };
        Ok(Self { tokenizer, encoder, cache })
    }

    /// Whether `open` would find one.
    pub fn is_there(model: &Folder, choice: &str) -> bool {
        place(model, choice).is_ok()
    }

    /// Encodes captions, all that are new in one pass. `between(done, all)` is called before each block of a streamed
    /// encoder; its error ends the encoding.
    pub fn encode(
        &self,
        captions: &[String],
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<Encoded>> {
        let tokens: Vec<_> = captions.iter().map(|caption| self.tokenizer.tokenize(caption)).collect::<Result<_>>()?;
        let width = self.encoder.config().d_model;
        let kept = |caption: &String| self.cache.as_ref()?.get(caption, width);
        let mut embeds: Vec<Option<Tensor>> = captions.iter().map(kept).collect();
        let new: Vec<usize> = (0..captions.len()).filter(|&at| embeds[at].is_none()).collect();
        if !new.is_empty() {
            let prompts: Vec<_> = new.iter().map(|&at| tokens[at].clone()).collect();
            // A small encoder is done before anyone could stop it, and has no progress to tell.
            let states = match self.encoder.is_streamed() {
                true => self.encoder.encode_all(&prompts, between)?,
                false => self.encoder.encode_all(&prompts, &mut |_, _| Ok(()))?,
            };
            for (row, &at) in new.iter().enumerate() {
                // A row of its own memory: a few prompts must not hold all others.
                let state = states.narrow(0, row, 1)?.force_contiguous()?;
                if let Some(cache) = &self.cache {
                    cache.put(&captions[at], &state);
                }
                embeds[at] = Some(state);
            }
        }
        let device = &Device::Cpu;
        let encoded = embeds.into_iter().zip(tokens).map(|(embeds, tokens)| {
            let embeds = embeds.ok_or_else(|| Error::new("a prompt was not encoded"))?;
            Ok(Encoded { embeds: embeds.to_device(device)?, cut: tokens.cut })
        });
        encoded.collect()
    }
}

fn place(model: &Folder, choice: &str) -> Result<Place> {
    if choice == "auto" {
        return auto(model);
    }
    let path = Path::new(choice);
    if path.is_file() {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Place::File { folder: Folder::open(parent)?, name });
    }
    let folder = match hub_snapshot(choice) {
        Some(folder) => folder,
        None => find_model(choice)?,
    };
    in_folder(&folder).ok_or_else(|| {
        Error::new("no text encoder in this folder")
            .at(folder.place(""))
            .hint("a folder has text_encoder and tokenizer, or a .gguf file")
    })
}

/// The model's own, or one that the hub's cache has for every model of the family.
fn auto(model: &Folder) -> Result<Place> {
    let shared = || text_repositories().filter_map(hub_snapshot).find_map(|at| in_folder(&at));
    let halved = PARTS.iter().find(|(encoder, _)| model.subfolder(encoder).is_some());
    let missing = halved.map_or(PARTS[0].0, |(_, tokenizer)| tokenizer);
    in_folder(model).or_else(shared).ok_or_else(|| {
        Error::new(format!("the model has no {missing} folder")).at(model.place("")).hint(
            "get one with `diffusion-lab models fetch t5-q4`, name one with --text-encoder, or give prompt embeddings \
             with --embeddings",
        )
    })
}

/// The parts of a pipeline's folder, the encoder's own folder, or a GGUF file.
fn in_folder(folder: &Folder) -> Option<Place> {
    for (encoder, tokenizer) in PARTS {
        if let (Some(encoder), Some(tokenizer)) = (folder.subfolder(encoder), folder.subfolder(tokenizer)) {
            return Some(Place::Folders { encoder, tokenizer });
        }
    }
    if folder.has("config.json") && has_tokenizer(folder) {
        return Some(Place::Folders { encoder: folder.clone(), tokenizer: folder.clone() });
    }
    let name = folder.file_names().into_iter().find(|name| name.to_lowercase().ends_with(".gguf"))?;
    Some(Place::File { folder: folder.clone(), name })
}

fn has_tokenizer(folder: &Folder) -> bool {
    folder.has("spiece.model") || folder.has("tokenizer.json")
}

/// The words for an encoder in a file without any: beside it, in the model's folder, or in the hub's cache.
fn tokenizer_beside(folder: &Folder, model: &Folder, encoder: &TextEncoder) -> Result<Tokenizer> {
    let of = |folder: &Folder| -> Vec<Folder> {
        let parts = PARTS.iter().filter_map(|(_, name)| folder.subfolder(name));
        std::iter::once(folder.clone()).chain(parts).filter(has_tokenizer).collect()
    };
    let hub = text_repositories().filter_map(hub_snapshot);
    let rows = encoder.config().vocab_size;
    for place in [folder.clone(), model.clone()].into_iter().chain(hub).flat_map(|folder| of(&folder)) {
        let tokenizer = Tokenizer::open(&place)?;
        if tokenizer.words() <= rows && rows - tokenizer.words() <= MOST_UNUSED {
            return Ok(tokenizer);
        }
    }
    Err(Error::new(format!("no tokenizer for this text encoder of {rows} words"))
        .at(encoder.place())
        .hint("put T5's spiece.model or tokenizer.json beside it, or use a .gguf file, which brings its own"))
}
