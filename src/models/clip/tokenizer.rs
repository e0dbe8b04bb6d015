//! Prompt to 77 token ids, as transformers' `CLIPTokenizer` with `padding="max_length"` and `truncation`.
//!
//! From `vocab.json` and `merges.txt`, or the same two out of `tokenizer.json`: NFC, one space for each run of white, lower
//! case → words, contractions, single digits and runs of other signs → bytes → pairs merged. The special pieces are
//! recognised in the prompt's text, since transformers does so too; one of them is the padding, which is the end's own in
//! Stable Diffusion 1 and `!` in 2: nothing is masked, so that the wrong one changes every picture.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tokenizers::AddedToken;

use crate::error::{Error, Result};
use crate::files::{Folder, limits};
use crate::models::t5::{TOKENS, Tokens, caught};

const BEGIN: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";

/// What a piece of a prompt is before its pairs are merged.
const PIECES: &str = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// A CLIP tokenizer.
#[derive(Clone, Debug)]
pub struct ClipTokenizer {
    inner: tokenizers::Tokenizer,
    begin: u32,
    end: u32,
    pad: u32,
    /// Its folder, for messages.
    place: String,
}

/// Pieces and their ids.
type Vocabulary = BTreeMap<String, u32>;

/// Two pieces that become one.
type Pair = [String; 2];

/// A special piece as `special_tokens_map.json` and `tokenizer_config.json` write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Special {
    Text(String),
    Told {
        content: String,
        #[serde(default)]
        lstrip: bool,
        #[serde(default)]
        rstrip: bool,
        #[serde(default)]
        single_word: bool,
        #[serde(default)]
        normalized: bool,
    },
}

impl Special {
    fn content(&self) -> &str {
        match self {
            Self::Text(content) | Self::Told { content, .. } => content,
        }
    }

    fn token(&self) -> AddedToken {
        match self {
            Self::Text(content) => AddedToken::from(content.clone(), true).normalized(false),
            Self::Told { content, lstrip, rstrip, single_word, normalized } => {
                let token = AddedToken::from(content.clone(), true).normalized(*normalized);
                token.lstrip(*lstrip).rstrip(*rstrip).single_word(*single_word)
            }
        }
    }
}

#[derive(Default)]
struct Specials {
    bos_token: Option<Special>,
    eos_token: Option<Special>,
    unk_token: Option<Special>,
    pad_token: Option<Special>,
}

#[derive(Deserialize)]
struct TokenizerFile {
    model: BpeFile,
}

#[derive(Deserialize)]
struct BpeFile {
    vocab: Vocabulary,
    merges: Vec<Merge>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Line(String),
    Both(Pair),
}

impl ClipTokenizer {
    /// Opens a `tokenizer/` folder with `vocab.json` and `merges.txt`, or `tokenizer.json`.
    pub fn open(folder: &Folder) -> Result<Self> {
        let at = |error: Error| error.at(folder.place(""));
        let (vocabulary, merges) = tables(folder)?;
        let specials = specials(folder)?;
        caught(|| Self::new(vocabulary, merges, &specials, folder.place(""))).map_err(at)
    }

    fn new(vocabulary: Vocabulary, merges: Vec<Pair>, specials: &Specials, place: String) -> Result<Self> {
        let plain = |content: &str| Special::Text(content.to_owned());
        let or = |given: &Option<Special>, content: &str| given.clone().unwrap_or_else(|| plain(content));
        let (begin, end) = (or(&specials.bos_token, BEGIN), or(&specials.eos_token, END));
        let (unknown, pad) = (or(&specials.unk_token, END), or(&specials.pad_token, END));
        let id = |piece: &Special| {
            let missing = || Error::new(format!("no {}", piece.content())).hint("is it CLIP's tokenizer?");
            vocabulary.get(piece.content()).copied().ok_or_else(missing)
        };
        let (begin_id, end_id, pad_id) = (id(&begin)?, id(&end)?, id(&pad)?);
        let table = json!({
            "version": "1.0",
            "added_tokens": [],
            "normalizer": { "type": "Sequence", "normalizers": [
                { "type": "NFC" },
                { "type": "Replace", "pattern": { "Regex": r"\s+" }, "content": " " },
                { "type": "Lowercase" },
            ]},
            "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
                { "type": "Split", "pattern": { "Regex": PIECES }, "behavior": "Removed", "invert": true },
                { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
            ]},
            "model": {
                "type": "BPE",
                "unk_token": unknown.content(),
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "</w>",
                "fuse_unk": false,
                "vocab": vocabulary,
                "merges": merges,
            },
        });
        let wrong = |error| {
            Error::new(format!("cannot use this tokenizer ({error})")).hint("its files are damaged: get them again")
        };
        let mut inner = tokenizers::Tokenizer::from_bytes(table.to_string().as_bytes()).map_err(wrong)?;
        inner.add_special_tokens([&begin, &end, &unknown, &pad].map(Special::token).to_vec()).map_err(wrong)?;
        Ok(Self { inner, begin: begin_id, end: end_id, pad: pad_id, place })
    }

    /// The same with `piece` as padding.
    pub fn padded_with(self, piece: &str) -> Result<Self> {
        match self.inner.token_to_id(piece) {
            Some(pad) => Ok(Self { pad, ..self }),
            None => Err(Error::new(format!("no {piece}")).at(&self.place).hint("is it CLIP's tokenizer?")),
        }
    }

    /// Words that it knows, special ones included.
    pub fn words(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The ids of a prompt: the beginning, at most 75 pieces, the end, and padding.
    pub fn tokenize(&self, prompt: &str) -> Result<Tokens> {
        let wrong = |error| Error::new(format!("cannot tokenize ({error})"));
        let encoding = caught(|| self.inner.encode(prompt, false).map_err(wrong));
        let encoding = encoding.map_err(|error| error.at(&self.place))?;
        let all = encoding.get_ids();
        let kept = all.len().min(TOKENS - 2);
        let cut =
            encoding.get_offsets().get(kept).map(|&(start, _)| prompt.get(start..).unwrap_or_default().to_owned());
        let mut ids = Vec::with_capacity(TOKENS);
        ids.push(self.begin);
        ids.extend_from_slice(&all[..kept]);
        ids.push(self.end);
        let mut mask = vec![1; ids.len()];
        ids.resize(TOKENS, self.pad);
        mask.resize(TOKENS, 0);
        Ok(Tokens { ids, mask, len: all.len() + 2, cut })
    }
}

/// The vocabulary and the pairs in the order in which they are merged.
fn tables(folder: &Folder) -> Result<(Vocabulary, Vec<Pair>)> {
    let pair = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [a, b] => Ok([a.to_owned(), b.to_owned()]),
        _ => Err(Error::new(format!("“{line}” is no pair of pieces")).hint("the file is damaged: get it again")),
    };
    if folder.has("vocab.json") && folder.has("merges.txt") {
        let text = folder.read_text("merges.txt")?;
        // The first line is a header.
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("#version"));
        let merges = lines.map(pair).collect::<Result<_>>().map_err(|error| error.at(folder.place("merges.txt")))?;
        return Ok((folder.read_json("vocab.json")?, merges));
    }
    if folder.has("tokenizer.json") {
        let bytes = folder.read("tokenizer.json", limits::TOKENIZER)?;
        let at = |error: Error| error.at(folder.place("tokenizer.json"));
        let file: TokenizerFile = serde_json::from_slice(&bytes)
            .map_err(|error| at(Error::new(format!("no table of a CLIP tokenizer ({error})"))))?;
        let merge = |merge: Merge| match merge {
            Merge::Line(line) => pair(&line),
            Merge::Both(both) => Ok(both),
        };
        let merges = file.model.merges.into_iter().map(merge).collect::<Result<_>>().map_err(at)?;
        return Ok((file.model.vocab, merges));
    }
    Err(Error::new("no tokenizer in this folder")
        .at(folder.place(""))
        .hint("it should have vocab.json and merges.txt, or tokenizer.json"))
}

/// What the folder says of its special pieces; what it does not say is CLIP's.
fn specials(folder: &Folder) -> Result<Specials> {
    let mut specials = Specials::default();
    for name in ["special_tokens_map.json", "tokenizer_config.json"] {
        if !folder.has(name) {
            continue;
        }
        // Values of kinds that are of no matter here are let be.
        let json: Value = folder.read_json(name)?;
        let one = |key: &str| json.get(key).and_then(|value| Special::deserialize(value).ok());
        specials.bos_token = specials.bos_token.or_else(|| one("bos_token"));
        specials.eos_token = specials.eos_token.or_else(|| one("eos_token"));
        specials.unk_token = specials.unk_token.or_else(|| one("unk_token"));
        specials.pad_token = specials.pad_token.or_else(|| one("pad_token"));
    }
    Ok(specials)
}
