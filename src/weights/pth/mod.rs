//! PyTorch's zip files (`.bin`, `.pth`), read without running anything that is in them.
//!
//! `torch.save` writes a zip whose entries are stored uncompressed: `NAME/data.pkl`, a pickle that describes
//! dictionaries of tensors, and `NAME/data/KEY`, the bytes of each storage. Unpickling in Python can call any
//! function; `unpickle` here knows the few that a state dict needs and refuses every other by name.
//! candle's own reader is not used: it drops nested dictionaries and strided tensors silently and panics on
//! some damaged files.

mod archive;
mod opcodes;
mod unpickle;
mod value;

use archive::Archive;
use value::{Tree, Value};

use super::stored::Stored;
use crate::error::{Error, Result};

/// Keys under which training scripts put the state dict itself.
const WRAPPERS: [&str; 4] = ["state_dict", "model_state_dict", "module", "params"];

/// Dictionaries are followed so deep.
const MAX_DEPTH: usize = 4;

/// Name and place of every tensor of a state dict, file number `file` of its set.
pub(super) fn state_dict(bytes: &[u8], file: usize) -> Result<Vec<(String, Stored)>> {
    let archive = Archive::open(bytes)?;
    let tree = unpickle::unpickle(archive.pickle())?;
    let mut dict = tree.root();
    for _ in 0..MAX_DEPTH {
        let inner = WRAPPERS.iter().find_map(|name| tree.get(&dict, name)).filter(|value| tree.dict(value).is_some());
        match inner {
            Some(inner) => dict = inner,
            None => break,
        }
    }
    let pairs = tree.dict(&dict).ok_or_else(|| Error::new("holds no dictionary of tensors"))?;
    let mut tensors = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        if let (Value::Str(name), Value::Tensor(number)) = (key, value) {
            tensors.push((name.to_string(), archive.locate(tree.tensor(*number), file)?));
        }
    }
    Ok(tensors)
}

/// A dictionary whose values are tensors, or lists whose first element is a tensor, with any strings as keys:
/// the course's `prompt_embeds_dict.pth`. In the order of the file.
pub fn tensors_by_key(bytes: &[u8]) -> Result<Vec<(String, Stored)>> {
    let archive = Archive::open(bytes)?;
    let tree = unpickle::unpickle(archive.pickle())?;
    let root = tree.root();
    let pairs = tree.dict(&root).ok_or_else(|| Error::new("holds no dictionary of tensors"))?;
    let mut tensors = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        if let (Value::Str(name), Some(number)) = (key, first_tensor(&tree, value)) {
            tensors.push((name.to_string(), archive.locate(tree.tensor(number), 0)?));
        }
    }
    Ok(tensors)
}

fn first_tensor(tree: &Tree, value: &Value) -> Option<usize> {
    match value {
        Value::Tensor(number) => Some(*number),
        other => match tree.list(other)?.first()? {
            Value::Tensor(number) => Some(*number),
            _ => None,
        },
    }
}
