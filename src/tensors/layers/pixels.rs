//! The one feature map of the processor: pixels [n, h, w, c], f32, in memory from a pool, with a record where training wants one.

use std::sync::Arc;

use super::memory::{Pool, Values};
use super::record::{Origin, Place};
use crate::tensors::cpu::Shape;

/// A batch of pictures with c channels; a clone is the same map.
#[derive(Clone)]
pub struct Pixels {
    place: Place,
    values: Arc<Values>,
}

impl Pixels {
    /// Numbers that `write` fills, without a record; its slice holds anything before, [n, h, w, c].
    pub fn new(pool: &Pool, shape: Shape, write: impl FnOnce(&mut [f32])) -> Self {
        Self::made(shape, Values::written(pool, shape.count(), write), None)
    }

    /// Numbers with the way back to what they were made of; `None` where no gradient is wanted.
    pub fn made(shape: Shape, values: Values, origin: Option<Box<dyn Origin>>) -> Self {
        assert_eq!(shape.count(), values.len());
        Self { place: Place::new(shape, origin), values: Arc::new(values) }
    }

    /// [n, h, w, c].
    pub fn shape(&self) -> Shape {
        self.place.shape()
    }

    /// The numbers.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Where maps made of this one get their memory.
    pub fn pool(&self) -> &Pool {
        self.values.pool()
    }

    /// Where a gradient by it goes on.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether a gradient is wanted.
    pub fn tracks(&self) -> bool {
        self.place.tracks()
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({:?})", self.shape())
    }
}
