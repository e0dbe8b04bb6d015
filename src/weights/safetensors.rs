//! The table of contents of a `.safetensors` file, and such files from tensors. The `safetensors` crate checks header and offsets; the
//! lines below say what a failed check means to the person who has the file.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::stored::Stored;
use super::stored_dtype::StoredDtype;
use crate::error::{Error, Result};

/// Name and place of every tensor in `bytes`, file number `file` of its set.
pub(super) fn contents(bytes: &[u8], file: usize) -> Result<Vec<(String, Stored)>> {
    refuse_other_files(bytes)?;
    let (header, _) = SafeTensors::read_metadata(bytes).map_err(explain)?;
    let table = SafeTensors::deserialize(bytes).map_err(explain)?;
    // A tensor's data lies behind the 8 bytes of the header's length and the header.
    let base = bytes.as_ptr() as usize;
    let mut found: Vec<(String, Stored)> = Vec::with_capacity(table.len());
    for (name, view) in table.iter() {
        let start = if view.data().is_empty() { header + 8 } else { view.data().as_ptr() as usize - base };
        let stored =
            Stored { file, start, dtype: dtype(view.dtype()), shape: view.shape().to_vec(), strides: None, scale: 1.0 };
        found.push((name.to_owned(), stored));
    }
    Ok(found)
}

/// The text that a file carries beside its tensors, by key.
pub(super) fn metadata(bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(explain)?;
    Ok(header.metadata().clone().unwrap_or_default().into_iter().collect())
}

/// Named tensors as the bytes of a file, each in its own type, with `metadata` in the order of its keys: equal
/// tensors give equal bytes.
pub fn to_safetensors(tensors: &[(String, Tensor)], metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let failed = |error: String| Error::new(format!("cannot write the tensors ({error})"));
    let mut named = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        named.push((name, tensor.to_device(&Device::Cpu)?.contiguous()?));
    }
    let bytes = ::safetensors::serialize(named.iter().map(|(name, tensor)| (name.as_str(), tensor)), None)
        .map_err(|error| failed(error.to_string()))?;
    if metadata.is_empty() {
        return Ok(bytes);
    }
    // The crate would write the keys in an order of its own, another each time.
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| failed("no header".to_owned()))?;
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let text = serde_json::to_string(metadata).map_err(|error| failed(error.to_string()))?;
    let comma = if tensors.is_empty() { "" } else { "," };
    let mut header = [b"{\"__metadata__\":", text.as_bytes(), comma.as_bytes(), &header[1..]].concat();
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok([&(header.len() as u64).to_le_bytes()[..], &header, data].concat())
}

/// Files that are recognisably something else get their own line.
pub(super) fn refuse_other_files(bytes: &[u8]) -> Result<()> {
    let what = match bytes {
        [] => "an empty file",
        _ if bytes.starts_with(b"version https://git-lfs") => "a Git LFS pointer, not the weights themselves",
        _ if bytes.starts_with(b"<!DOCTYPE") || bytes.starts_with(b"<html") => "a web page, not weights",
        _ => return Ok(()),
    };
    Err(Error::new(what).hint("the download did not work: get it again"))
}

fn dtype(dtype: Dtype) -> StoredDtype {
    match dtype {
        Dtype::F64 => StoredDtype::F64,
        Dtype::F32 => StoredDtype::F32,
        Dtype::F16 => StoredDtype::F16,
        Dtype::BF16 => StoredDtype::BF16,
        Dtype::F8_E4M3 => StoredDtype::F8E4M3,
        Dtype::I64 => StoredDtype::I64,
        Dtype::I32 => StoredDtype::I32,
        Dtype::I16 => StoredDtype::I16,
        Dtype::I8 => StoredDtype::I8,
        Dtype::U8 => StoredDtype::U8,
        Dtype::BOOL => StoredDtype::Bool,
        Dtype::F8_E5M2 => StoredDtype::Other("f8e5m2"),
        Dtype::U16 => StoredDtype::Other("u16"),
        Dtype::U32 => StoredDtype::Other("u32"),
        Dtype::U64 => StoredDtype::Other("u64"),
        _ => StoredDtype::Other("an unknown type"),
    }
}

fn explain(error: SafeTensorError) -> Error {
    match error {
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength => {
            Error::new("cut short, or not a safetensors file").hint("get it again")
        }
        SafeTensorError::MetadataIncompleteBuffer => {
            Error::new("the file's length is not what its header says").hint("it is cut short: get it again")
        }
        SafeTensorError::HeaderTooLarge
        | SafeTensorError::InvalidHeader(_)
        | SafeTensorError::InvalidHeaderDeserialization(_) => {
            Error::new("not a safetensors file").hint("is it another kind of file with this ending?")
        }
        other => Error::new(format!("damaged safetensors file ({other})")).hint("get it again"),
    }
}
