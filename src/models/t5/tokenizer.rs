//! Prompt to 77 token ids, as transformers' `T5Tokenizer` with `padding="max_length"` and `truncation`.
//!
//! From `tokenizer.json`, or from `spiece.model` alone: charsmap of the file → split at whitespace → "▁"
//! before every word → unigram. The special pieces (`</s>`, `<pad>`, `<unk>`, `<extra_id_…>`) are recognised
//! in the prompt's text, since transformers does so too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::Precompiled;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, PreTokenizerWrapper};

use super::spiece::{self, ModelProto};
use crate::error::{Error, Result};
use crate::files::{Folder, limits};

/// DeepFloyd's text length; `model_max_length` of the tokenizer is not asked.
pub const TOKENS: usize = 77;

/// A prompt as the encoder takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// `TOKENS` ids; padding is the tokenizer's `<pad>`.
    pub ids: Vec<u32>,
    /// 1 where a token is, 0 where padding is.
    pub mask: Vec<u8>,
    /// Tokens of the whole prompt with its end; more than `TOKENS` where it did not fit.
    pub len: usize,
    /// The part of the prompt that did not fit.
    pub cut: Option<String>,
}

/// A T5 tokenizer.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    eos: u32,
    pad: u32,
    /// Its file, for messages; nothing where it came inside another.
    place: Option<String>,
}

#[derive(Deserialize)]
struct TokenizerConfig {
    #[serde(default = "hundred")]
    extra_ids: usize,
}

fn hundred() -> usize {
    100
}

/// What the tokenizers crate does with a file's tables, which it trusts: a panic in it is a fault of the file.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new("the tokenizer's tables contradict each other").hint("its file is damaged: get it again"))
    })
}

impl Tokenizer {
    /// Opens a `tokenizer/` folder with `spiece.model` or `tokenizer.json`.
    pub fn open(folder: &Folder) -> Result<Self> {
        if folder.has("spiece.model") {
            let bytes = folder.read("spiece.model", limits::TOKENIZER)?;
            let at = |error: Error| error.at(folder.place("spiece.model"));
            let extra_ids = match folder.has("tokenizer_config.json") {
                true => folder.read_json::<TokenizerConfig>("tokenizer_config.json")?.extra_ids,
                false => hundred(),
            };
            let tokenizer = Self::from_spiece(spiece::parse(&bytes).map_err(at)?, extra_ids).map_err(at)?;
            return Ok(Self { place: Some(folder.place("spiece.model")), ..tokenizer });
        }
        if folder.has("tokenizer.json") {
            let bytes = folder.read("tokenizer.json", limits::TOKENIZER)?;
            let at = |error: Error| error.at(folder.place("tokenizer.json"));
            let tokenizer = Self::from_json(&bytes).map_err(at)?;
            return Ok(Self { place: Some(folder.place("tokenizer.json")), ..tokenizer });
        }
        Err(Error::new("no tokenizer in this folder")
            .at(folder.place(""))
            .hint("it should have spiece.model or tokenizer.json"))
    }

    fn from_json(bytes: &[u8]) -> Result<Self> {
        caught(|| Self::from_json_unchecked(bytes))
    }

    fn from_json_unchecked(bytes: &[u8]) -> Result<Self> {
        let wrong = |error| Error::new(format!("cannot use this tokenizer ({error})"));
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(wrong)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(wrong)?;
        let id = |piece: &str| {
            inner.token_to_id(piece).ok_or_else(|| Error::new(format!("no {piece}")).hint("is it T5's tokenizer?"))
        };
        let (eos, pad) = (id("</s>")?, id("<pad>")?);
        Ok(Self { inner, eos, pad, place: None })
    }

    pub(super) fn from_spiece(model: ModelProto, extra_ids: usize) -> Result<Self> {
        let wrong = |error| Error::new(format!("cannot use this tokenizer ({error})"));
        let trainer = model.trainer_spec.clone().unwrap_or_default();
        let normalizer = model.normalizer_spec.clone().unwrap_or_default();
        let mut vocabulary: Vec<(String, f64)> =
            model.pieces.iter().map(|piece| (piece.piece().to_owned(), f64::from(piece.score()))).collect();
        let id = |id: i32, name: &str| {
            let id = usize::try_from(id).ok().filter(|id| *id < model.pieces.len());
            id.ok_or_else(|| Error::new(format!("no piece for {name}")).hint("is it T5's tokenizer?"))
        };
        let unk = id(trainer.unk_id(), "unknown text")?;
        let (eos, pad) = (id(trainer.eos_id(), "the end")?, id(trainer.pad_id(), "padding")?);
        let whole = |kind: i32| [spiece::UNKNOWN, spiece::CONTROL, spiece::USER_DEFINED].contains(&kind);
        let mut special: Vec<String> =
            model.pieces.iter().filter(|piece| whole(piece.kind())).map(|piece| piece.piece().to_owned()).collect();
        for number in (0..extra_ids.min(1000)).rev() {
            let piece = format!("<extra_id_{number}>");
            vocabulary.push((piece.clone(), 0.0));
            special.push(piece);
        }
        let unigram = Unigram::from(vocabulary, Some(unk), false).map_err(wrong)?;
        let mut inner = tokenizers::Tokenizer::new(unigram);
        if !normalizer.precompiled_charsmap().is_empty() {
            let damaged = || Error::new("cannot use this tokenizer (its charsmap is damaged)").hint("get it again");
            if !spiece::charsmap_is_sound(normalizer.precompiled_charsmap()) {
                return Err(damaged());
            }
            let charsmap = Precompiled::from(normalizer.precompiled_charsmap()).map_err(|_| damaged())?;
            inner.with_normalizer(Some(charsmap)).map_err(wrong)?;
        }
        let prefix = if normalizer.add_dummy_prefix() { PrependScheme::Always } else { PrependScheme::Never };
        inner.with_pre_tokenizer(Some(Sequence::new(vec![
            PreTokenizerWrapper::WhitespaceSplit(WhitespaceSplit),
            PreTokenizerWrapper::Metaspace(Metaspace::new('▁', prefix, true)),
        ])));
        let special: Vec<AddedToken> = special.into_iter().map(|piece| AddedToken::from(piece, true)).collect();
        inner.add_special_tokens(special).map_err(wrong)?;
        Ok(Self { inner, eos: eos as u32, pad: pad as u32, place: None })
    }

    /// Words that it knows, special ones included.
    pub fn words(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The ids of a prompt that has been through `plain_caption` or `clean_caption`.
    pub fn tokenize(&self, prompt: &str) -> Result<Tokens> {
        let wrong = |error| Error::new(format!("cannot tokenize ({error})"));
        let encoding =
            caught(|| self.inner.encode(prompt, false).map_err(wrong)).map_err(|error| match &self.place {
                Some(place) => error.at(place),
                None => error,
            })?;
        let all = encoding.get_ids();
        let kept = all.len().min(TOKENS - 1);
        let cut =
            encoding.get_offsets().get(kept).map(|&(start, _)| prompt.get(start..).unwrap_or_default().to_owned());
        let mut ids = all[..kept].to_vec();
        ids.push(self.eos);
        let mut mask = vec![1; ids.len()];
        ids.resize(TOKENS, self.pad);
        mask.resize(TOKENS, 0);
        Ok(Tokens { ids, mask, len: all.len() + 1, cut })
    }
}
