//! `spiece.model`: sentencepiece's protobuf, as much of it as a unigram tokenizer needs.
//!
//! Field numbers from `sentencepiece_model.proto`. The only tokenizer file in DeepFloyd's repositories.

use prost::Message;

use crate::error::{Error, Result};

/// A piece's `type`.
pub(super) const UNKNOWN: i32 = 2;
pub(super) const CONTROL: i32 = 3;
pub(super) const USER_DEFINED: i32 = 4;

/// `trainer_spec.model_type` of a unigram model, the only kind that T5 has.
const UNIGRAM: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(super) struct ModelProto {
    #[prost(message, repeated, tag = "1")]
    pub pieces: Vec<Piece>,
    #[prost(message, optional, tag = "2")]
    pub trainer_spec: Option<TrainerSpec>,
    #[prost(message, optional, tag = "3")]
    pub normalizer_spec: Option<NormalizerSpec>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Piece {
    #[prost(string, optional, tag = "1")]
    pub piece: Option<String>,
    #[prost(float, optional, tag = "2")]
    pub score: Option<f32>,
    #[prost(int32, optional, tag = "3", default = "1")]
    pub kind: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TrainerSpec {
    #[prost(int32, optional, tag = "3", default = "1")]
    pub model_type: Option<i32>,
    #[prost(int32, optional, tag = "40", default = "0")]
    pub unk_id: Option<i32>,
    #[prost(int32, optional, tag = "42", default = "2")]
    pub eos_id: Option<i32>,
    #[prost(int32, optional, tag = "43", default = "-1")]
    pub pad_id: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct NormalizerSpec {
    #[prost(bytes = "vec", optional, tag = "2")]
    pub precompiled_charsmap: Option<Vec<u8>>,
    #[prost(bool, optional, tag = "3", default = "true")]
    pub add_dummy_prefix: Option<bool>,
}

/// Reads the protobuf and refuses what is no unigram model.
pub(super) fn parse(bytes: &[u8]) -> Result<ModelProto> {
    checked(ModelProto::decode(bytes).map_err(|_| other("no protobuf of that kind"))?)
}

/// The model, if it is a unigram model with sound pieces.
pub(super) fn checked(model: ModelProto) -> Result<ModelProto> {
    if model.pieces.is_empty() {
        return Err(other("no pieces"));
    }
    if model.pieces.iter().any(|piece| piece.piece().is_empty()) {
        return Err(other("empty pieces"));
    }
    if model.pieces.iter().any(|piece| !piece.score().is_finite()) {
        return Err(other("scores that are no numbers"));
    }
    let kind = model.trainer_spec.as_ref().map_or(UNIGRAM, TrainerSpec::model_type);
    if kind != UNIGRAM {
        return Err(Error::new("a sentencepiece model, but not a unigram one as T5's").hint("is it another model's?"));
    }
    Ok(model)
}

fn other(what: &str) -> Error {
    Error::new(format!("not a sentencepiece model ({what})")).hint("get spiece.model again, or use tokenizer.json")
}

/// Holds a charsmap against what its reader believes unchecked: [u32 bytes of trie][trie of u32][text]. The trie
/// is a double array (darts-clone): a unit's offset leads to its children, a leaf's value into the text.
pub(super) fn charsmap_is_sound(charsmap: &[u8]) -> bool {
    let Some((size, rest)) = charsmap.split_first_chunk::<4>() else { return false };
    let size = u32::from_le_bytes(*size) as usize;
    let Some((trie, text)) = rest.split_at_checked(size) else { return false };
    let (units, []) = trie.as_chunks::<4>() else { return false };
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let unit = |at: usize| units.get(at).map(|unit| u32::from_le_bytes(*unit) as usize);
    let sound = |at: usize, unit_at: usize| {
        if unit_at >> 31 == 1 {
            return true;
        }
        let children = at ^ ((unit_at >> 10) << ((unit_at & (1 << 9)) >> 6));
        let leaf = (unit_at >> 8) & 1 == 1;
        let value = unit(children).map(|value| value & 0x7FFF_FFFF);
        (children | 0xFF) < units.len() && (!leaf || value.is_some_and(|value| text.is_char_boundary(value)))
    };
    !units.is_empty() && (0..units.len()).all(|at| unit(at).is_some_and(|unit| sound(at, unit)))
}
