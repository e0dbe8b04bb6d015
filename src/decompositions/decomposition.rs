//! A decomposition made for a size, and what its file implements.

use std::fmt;
use std::sync::Arc;

use candle_core::Tensor;

use super::DecompositionSpec;
use crate::error::{Error, Result};

/// A part's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartName {
    /// On the command line and in recipes.
    pub name: &'static str,
    /// In forms.
    pub label: &'static str,
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What the file of a decomposition implements.
pub(super) trait Parts: Send + Sync {
    /// Part `index` of `x` [b, c, size, size]; never asked for the last, which is what the others leave.
    fn part(&self, index: usize, x: &Tensor) -> Result<Tensor>;

    /// What the first `others` parts leave of `x`.
    fn rest(&self, others: usize, x: &Tensor) -> Result<Tensor> {
        let mut rest = x.clone();
        for other in 0..others {
            rest = (rest - self.part(other, x)?)?;
        }
        Ok(rest)
    }
}

/// Parts of pictures [b, c, size, size] that sum to the whole; cheap to clone.
#[derive(Clone)]
pub struct Decomposition {
    spec: DecompositionSpec,
    size: usize,
    parts: Arc<dyn Parts>,
}

impl Decomposition {
    pub(super) fn new(spec: DecompositionSpec, size: usize, parts: Box<dyn Parts>) -> Self {
        Self { spec, size, parts: parts.into() }
    }

    /// What it was made from.
    pub fn spec(&self) -> &DecompositionSpec {
        &self.spec
    }

    /// The side of its pictures, in pixels.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &'static [PartName] {
        self.spec.entry().parts
    }

    /// Part `index` of `x` [b, c, size, size], in the same shape. The last is x minus all others.
    pub fn part(&self, index: usize, x: &Tensor) -> Result<Tensor> {
        let ((_, _, h, w), size) = (x.dims4()?, self.size);
        let name = self.spec.entry().name;
        if (w, h) != (size, size) {
            return Err(Error::new(format!("parts for {size} × {size} px were asked of {w} × {h}")).at(name));
        }
        let last = self.parts().len() - 1;
        if index < last {
            return self.parts.part(index, x);
        }
        if index > last {
            return Err(Error::new(format!("there are {} parts, none has the index {index}", last + 1)).at(name));
        }
        self.parts.rest(last, x)
    }
}

impl fmt::Debug for Decomposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decomposition({} at {} px)", self.spec, self.size)
    }
}
