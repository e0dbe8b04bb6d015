//! A matrix that stays in its file: a network too large for the memory multiplies with a few rows at a time.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

use super::numbers::Check;
use super::stored::Stored;
use super::weight_set::Set;
use crate::error::{Error, Result};

/// A matrix [out, in] in a file. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Matrix {
    set: Arc<Set>,
    name: String,
    shape: [usize; 2],
    /// `None` where the file has no such matrix, which `Weights::finish` tells.
    stored: Option<Stored>,
}

impl Matrix {
    pub(super) fn new(set: Arc<Set>, name: String, shape: [usize; 2], stored: Option<Stored>) -> Self {
        Self { set, name, shape, stored }
    }

    /// [out, in].
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// Whether rows follow each other in the file, so that `rows_into` can be asked for some of them.
    pub fn has_rows(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.strides.is_none())
    }

    /// Rows `rows` as f32 into `out`, on this thread. Numbers that cannot be used are noted for `Weights::finish`.
    pub fn rows_into(&self, rows: Range<usize>, out: &mut [f32]) -> Result<()> {
        let stored = self.stored()?;
        let read = stored.rows_into(self.set.file(stored), rows, out);
        self.note(read.map_err(|error| self.set.at(&self.name, error))?);
        Ok(())
    }

    /// The whole of it as f32 on `device`; halves travel as they are and are widened there.
    pub fn tensor(&self, device: &Device) -> Result<Tensor> {
        let stored = self.stored()?;
        let halves = stored.halves().filter(|_| !device.is_cpu());
        let read = stored.read_as(self.set.file(stored), halves.unwrap_or(DType::F32), device);
        let (tensor, check) = read.map_err(|error| self.set.at(&self.name, error))?;
        if let Some(fault) = check.fault(DType::F32) {
            self.set.note_unusable(&self.name, fault);
        }
        Ok(tensor.to_dtype(DType::F32)?)
    }

    /// Says that it will soon be read.
    pub fn prefetch(&self) {
        if let Some(stored) = &self.stored {
            self.set.file(stored).prefetch(stored.range());
        }
    }

    /// Gives back the memory that reading it took.
    pub fn release(&self) {
        if let Some(stored) = &self.stored {
            self.set.file(stored).release(stored.range());
        }
    }

    fn note(&self, check: Check) {
        if let Some(fault) = check.fault(DType::F32) {
            self.set.note_unusable(&self.name, fault);
        }
    }

    fn stored(&self) -> Result<&Stored> {
        self.stored.as_ref().ok_or_else(|| self.set.at(&self.name, Error::new("no such tensor")))
    }
}
