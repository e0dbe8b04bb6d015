//! The zip around a pickle: where the pickle and the storages lie in the file.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::value::TensorRef;
use crate::error::{Error, Result};
use crate::weights::safetensors::refuse_other_files;
use crate::weights::stored::Stored;

/// A tensor that repeats its storage (strides of 0) may have so many elements more than the storage.
const MAX_EXPANSION: usize = 1 << 20;

/// The entries of a PyTorch file, by name without the leading folder.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    pickle: Range<usize>,
    storages: HashMap<String, Range<usize>>,
}

impl<'a> Archive<'a> {
    /// Reads the zip's directory and checks that every entry lies inside the file.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        refuse_other_files(bytes)?;
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(not_a_zip(bytes));
        }
        let damaged = |error: zip::result::ZipError| {
            Error::new(format!("damaged or cut short ({error})")).hint("get the file again")
        };
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut entries = HashMap::new();
        for number in 0..zip.len() {
            let entry = zip.by_index_raw(number).map_err(damaged)?;
            let name = entry.name().map_err(damaged)?.into_owned();
            if entry.compression() != CompressionMethod::Stored {
                return Err(Error::new(format!("{name} is compressed inside the file"))
                    .hint("save it with torch.save, which stores tensors as they are"));
            }
            let range = entry.data_start().and_then(|start| {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(usize::try_from(entry.size()).ok()?)?;
                (end <= bytes.len()).then_some(start..end)
            });
            let range =
                range.ok_or_else(|| Error::new(format!("{name} lies outside the file")).hint("get it again"))?;
            entries.insert(name, range);
        }
        Self::sort(bytes, entries)
    }

    fn sort(bytes: &'a [u8], entries: HashMap<String, Range<usize>>) -> Result<Self> {
        let (prefix, pickle) = entries
            .iter()
            .filter_map(|(name, range)| Some((name.strip_suffix("data.pkl")?.to_owned(), range.clone())))
            .min_by_key(|(prefix, _)| prefix.len())
            .ok_or_else(|| Error::new("a zip, but not one that torch.save wrote (no data.pkl)"))?;
        if entries.get(&format!("{prefix}byteorder")).is_some_and(|range| bytes[range.clone()].starts_with(b"big")) {
            return Err(Error::new("written on a big-endian machine").hint("save it again on an ordinary one"));
        }
        let data = format!("{prefix}data/");
        let storages =
            entries.into_iter().filter_map(|(name, range)| Some((name.strip_prefix(&data)?.to_owned(), range)));
        Ok(Self { bytes, pickle, storages: storages.collect() })
    }

    /// The pickle's bytes.
    pub fn pickle(&self) -> &'a [u8] {
        &self.bytes[self.pickle.clone()]
    }

    /// Where a tensor lies in the file; sizes, strides and storage are held against each other.
    pub fn locate(&self, tensor: &TensorRef, file: usize) -> Result<Stored> {
        let storage = &tensor.storage;
        let wrong = |what: &str| Error::new(format!("damaged file: a tensor {what} (storage {})", storage.key));
        let range = self.storages.get(&*storage.key).ok_or_else(|| wrong("without its data"))?;
        let size = storage.dtype.bytes(1);
        let held = range.len() / size;
        if storage.elements > held {
            return Err(wrong("has less data than it says"));
        }
        let elements = tensor.shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        let elements = elements.filter(|&n| n <= held.saturating_add(MAX_EXPANSION));
        let elements = elements.ok_or_else(|| wrong("is larger than its data"))?;
        if elements > 0 && tensor.last().is_none_or(|last| last >= held) {
            return Err(wrong("reaches beyond its data"));
        }
        let start = if elements == 0 { range.start } else { range.start + tensor.offset * size };
        let strides = (elements > 0 && !tensor.is_row_major()).then(|| tensor.strides.clone());
        Ok(Stored { file, start, dtype: storage.dtype, shape: tensor.shape.clone(), strides, scale: 1.0 })
    }
}

fn not_a_zip(bytes: &[u8]) -> Error {
    // A bare pickle: protocol mark 0x80 and version, as torch.save wrote before 1.6.
    if bytes.len() > 2 && bytes[0] == 0x80 && bytes[1] <= 5 {
        return Error::new("an old PyTorch file, from before version 1.6")
            .hint("load and save it again: torch.save(torch.load(\"old.bin\"), \"new.bin\")");
    }
    Error::new("not a PyTorch file (no zip)").hint("is it another kind of file with this ending, or cut short?")
}
