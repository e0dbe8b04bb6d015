//! Prompt embeddings in files: the course's `prompt_embeds_dict.pth` and our own `.safetensors`, both a
//! dictionary prompt → [1, 77, d]. They are read as f32, whatever they are written in.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use super::stored::Stored;
use super::{pth, safetensors};
use crate::error::{Error, Result};
use crate::files::{Folder, atomic_write, limits};

/// Embeddings in f32 are at most so many times as large as their file: 2 where it holds f16, 4 bytes for each of f8.
const MOST_GROWTH: usize = 5;

/// The embeddings in the file at `path`: prompt and tensor [1, tokens, d] in f32 on the CPU, in the order of
/// a `.pth`, in alphabetical order from a `.safetensors`.
pub fn read_embeddings(path: &Path) -> Result<Vec<(String, Tensor)>> {
    let folder = Folder::Disk(path.parent().unwrap_or(Path::new("")).to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = folder.read(&name, limits::EMBEDDINGS)?;
    read(&bytes, &name).map_err(|error| error.at(path.display()))
}

fn read(bytes: &[u8], name: &str) -> Result<Vec<(String, Tensor)>> {
    let contents = if name.ends_with(".safetensors") {
        let sorted: BTreeMap<String, Stored> = safetensors::contents(bytes, 0)?.into_iter().collect();
        sorted.into_iter().collect()
    } else {
        pth::tensors_by_key(bytes)?
    };
    // A file can name the same bytes again and again.
    let wanted =
        contents.iter().map(|(_, stored)| stored.shape.iter().product::<usize>()).fold(0, usize::saturating_add);
    if wanted.saturating_mul(4) > bytes.len().saturating_mul(MOST_GROWTH) {
        return Err(Error::new("damaged file: its embeddings are larger than itself").hint("get it again"));
    }
    let mut embeddings = Vec::with_capacity(contents.len());
    for (prompt, stored) in contents {
        let (tensor, check) = stored.read_as(bytes, DType::F32, &Device::Cpu)?;
        if let Some(fault) = check.fault(DType::F32) {
            return Err(Error::new(format!("the embedding of {prompt:?} is {fault}")).hint("encode that prompt again"));
        }
        let tensor = match *tensor.dims() {
            [_, _] => tensor.unsqueeze(0)?,
            [1, _, _] => tensor,
            ref shape => {
                return Err(Error::new(format!("the embedding of {prompt:?} is {shape:?}, should be [1, 77, d]"))
                    .hint("is this a file of prompt embeddings?"));
            }
        };
        embeddings.push((prompt, tensor));
    }
    if embeddings.is_empty() {
        return Err(Error::new("no prompt embeddings in this file").hint("it should map prompts to [1, 77, d]"));
    }
    Ok(embeddings)
}

/// Writes a `.safetensors` file of embeddings, each under its prompt.
pub fn write_embeddings(path: &Path, embeddings: &[(String, Tensor)]) -> Result<()> {
    let bytes = safetensors::to_safetensors(embeddings, &BTreeMap::new()).map_err(|error| error.at(path.display()))?;
    atomic_write(path, &bytes)
}
