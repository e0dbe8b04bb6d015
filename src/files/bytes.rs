//! The bytes of one file, mapped or embedded: read when they are used, and let go of when they are not.
//!
//! A mapped page counts as this program's memory from its first use on. Weights that are used once, in order, are
//! therefore let go of behind the reader and asked for ahead of it.

use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use super::cut_short::Guard;
use super::input::open_file;
use super::limits::Limit;
use crate::error::{Error, Result};

/// The bytes of one file. Clones share them.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// A mapped file.
    Mapped(Arc<Map>),
    /// Bytes of the program itself.
    Static(&'static [u8]),
}

/// A mapped file under guard, which is taken away first.
#[derive(Debug)]
pub struct Map {
    _guard: Guard,
    bytes: Mmap,
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => &map.bytes,
            Self::Static(bytes) => bytes,
        }
    }
}

impl Bytes {
    /// The file at `path`, mapped; refused as [`read_file`](super::read_file) does.
    pub fn map(path: &Path, limit: Limit) -> Result<Self> {
        let (file, length) = open_file(path, limit)?;
        if length == 0 {
            return Ok(Self::Static(&[]));
        }
        // SAFETY: the map is read-only. Weights are replaced by rename (here and by the hub's tools), which keeps the mapped
        // bytes alive; what another program cuts short is guarded.
        let bytes = unsafe { Mmap::map(&file) }.map_err(|error| Error::from(error).at(path.display()))?;
        let guard = Guard::over(&bytes, path.display().to_string());
        Ok(Self::Mapped(Arc::new(Map { _guard: guard, bytes })))
    }

    /// Says that this range will soon be read: a disk can then work ahead.
    pub fn prefetch(&self, range: Range<usize>) {
        #[cfg(unix)]
        if let Some((map, range)) = self.mapped(range) {
            // A hint: where it is not taken, reading is slower.
            let _ = map.advise_range(memmap2::Advice::WillNeed, range.start, range.len());
        }
        #[cfg(not(unix))]
        let _ = range;
    }

    /// Gives the memory of this range back; the bytes are read from the file again if they are wanted again.
    pub fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        if let Some((map, range)) = self.mapped(range) {
            // SAFETY: a read-only map of a file has no changes that could be lost: its pages come back the same.
            let _ = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, range.len()) };
        }
        #[cfg(not(unix))]
        let _ = range;
    }

    #[cfg(unix)]
    fn mapped(&self, range: Range<usize>) -> Option<(&Mmap, Range<usize>)> {
        match self {
            Self::Mapped(map) if range.start < range.end && range.end <= map.bytes.len() => Some((&map.bytes, range)),
            _ => None,
        }
    }
}
