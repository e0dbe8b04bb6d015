//! The order in which an epoch goes through a set: shuffled by torch's own permutation, the last, smaller batch kept
//! (`DataLoader(shuffle=True, drop_last=False)`).

use crate::tensors::Generator;

/// One epoch's order, cut into batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batches {
    order: Vec<usize>,
    size: usize,
}

impl Batches {
    /// A fresh order of `count` pictures, in batches of `size`, at least 1.
    pub fn shuffled(count: usize, size: usize, generator: &mut Generator) -> Self {
        Self::of(generator.randperm(count), size)
    }

    /// A given order in batches of `size`, at least 1.
    pub fn of(order: Vec<usize>, size: usize) -> Self {
        Self { order, size: size.max(1) }
    }

    /// How many batches there are.
    pub fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// The pictures of batch `index`.
    pub fn get(&self, index: usize) -> Option<&[usize]> {
        self.order.chunks(self.size).nth(index)
    }

    /// The whole order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }
}
