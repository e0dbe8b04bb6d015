//! GGUF, llama.cpp's file of quantised weights (versions 2 and 3, little-endian).
//!
//! Read here and not by candle, whose reader allocates whatever length a damaged file names. Every count and length is
//! held against the file's size before anything is made of it.
//! Format: ggml's `docs/gguf.md`.

mod reader;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use candle_core::quantized::GgmlDType;
use reader::Reader;
pub use value::Value;

use super::stored::Stored;
use super::stored_dtype::StoredDtype;
use crate::error::{Error, Result};

/// Axes of a tensor; the format has no more.
const MOST_AXES: u32 = 4;
/// Where tensors lie unless `general.alignment` says otherwise: at multiples of so many bytes.
const ALIGNMENT: u64 = 32;

/// A file's facts and the places of its tensors.
#[derive(Clone, Debug)]
pub struct Gguf {
    metadata: BTreeMap<String, Value>,
    tensors: Vec<(String, Stored)>,
}

impl Gguf {
    /// Reads the head of a file; its tensors stay where they are.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        super::safetensors::refuse_other_files(bytes)?;
        let mut reader = Reader::new(bytes);
        if reader.take(4).ok() != Some(b"GGUF".as_slice()) {
            return Err(Error::new("not a GGUF file").hint("is it another kind of file with this ending?"));
        }
        match reader.u32()? {
            2 | 3 => {}
            1 => return Err(Error::new("a GGUF file of version 1").hint("get a newer conversion of the model")),
            other if other.swap_bytes() <= 3 => {
                return Err(Error::new("a big-endian GGUF file").hint("get the ordinary, little-endian one"));
            }
            other => {
                return Err(Error::new(format!("a GGUF file of version {other}")).hint("versions 2 and 3 can be read"));
            }
        }
        // A tensor's entry has at least 24 bytes, a fact's 13.
        let (tensors, facts) = (reader.count(24)?, reader.count(13)?);
        let mut metadata = BTreeMap::new();
        for _ in 0..facts {
            let key = reader.text()?;
            let value = Value::read(&mut reader).map_err(|error| error.at(&key))?;
            metadata.insert(key, value);
        }
        let alignment = metadata.get("general.alignment").and_then(Value::whole).unwrap_or(ALIGNMENT);
        if !alignment.is_multiple_of(8) || !(8..=1 << 20).contains(&alignment) {
            return Err(damaged(&format!("alignment {alignment}")));
        }
        let mut found = Vec::with_capacity(tensors);
        for _ in 0..tensors {
            found.push(entry(&mut reader, alignment)?);
        }
        let start = reader.position().next_multiple_of(alignment as usize);
        let mut names = BTreeSet::new();
        for (name, stored) in &mut found {
            stored.start = stored.start.checked_add(start).ok_or_else(|| damaged("an offset is out of range"))?;
            if !names.insert(name.clone()) {
                return Err(damaged(&format!("{name} is there twice")));
            }
            if stored.range().end > bytes.len() {
                return Err(Error::new(format!("the file ends inside {name}")).hint("it is cut short: get it again"));
            }
        }
        Ok(Self { metadata, tensors: found })
    }

    /// The fact `key`.
    pub fn fact(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// Name and place of every tensor, as of file number `file` of its set.
    pub(super) fn tensors(self, file: usize) -> Vec<(String, Stored)> {
        self.tensors.into_iter().map(|(name, stored)| (name, Stored { file, ..stored })).collect()
    }

    /// The shape of the tensor `name`.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.iter().find(|(known, _)| known == name).map(|(_, stored)| stored.shape.as_slice())
    }
}

/// Name, shape, type and offset of one tensor.
fn entry(reader: &mut Reader, alignment: u64) -> Result<(String, Stored)> {
    let name = reader.text()?;
    let axes = reader.u32()?;
    if axes > MOST_AXES {
        return Err(damaged(&format!("{name} has {axes} axes")));
    }
    let mut shape = Vec::new();
    for _ in 0..axes {
        shape.push(usize::try_from(reader.u64()?).map_err(|_| damaged(&format!("{name} is too large")))?);
    }
    // The innermost axis comes first.
    shape.reverse();
    let dtype = dtype(reader.u32()?);
    let offset = reader.u64()?;
    let elements = shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
    let sound = elements.is_some_and(|elements| elements.checked_mul(8).is_some());
    if !sound || !offset.is_multiple_of(alignment) {
        return Err(damaged(&format!("{name} is {shape:?} at {offset}")));
    }
    if !shape.last().copied().unwrap_or(1).is_multiple_of(dtype.block().0) {
        return Err(damaged(&format!("{name} has rows of {:?} in blocks of {dtype}", shape.last())));
    }
    let start = usize::try_from(offset).map_err(|_| damaged("an offset is out of range"))?;
    Ok((name, Stored { file: 0, start, dtype, shape, strides: None, scale: 1.0 }))
}

/// ggml's number of a type.
fn dtype(code: u32) -> StoredDtype {
    StoredDtype::Quantized(match code {
        0 => return StoredDtype::F32,
        1 => return StoredDtype::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        9 => GgmlDType::Q8_1,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        15 => GgmlDType::Q8K,
        16..=23 | 29 => return StoredDtype::Other("an IQ quantisation"),
        28 => return StoredDtype::F64,
        30 => return StoredDtype::BF16,
        _ => return StoredDtype::Other("an unknown type"),
    })
}

fn damaged(what: &str) -> Error {
    Error::new(format!("damaged GGUF file ({what})")).hint("get it again")
}
