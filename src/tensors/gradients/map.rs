//! Maps that remember how they were made, and the way back through them: autograd for a few large operations.
//!
//! candle's own takes two fresh buffers and two passes on one thread for every gradient (`zeros_like`, then `add`), which
//! is more than the kernels take. Here the first gradient of a map is moved in, later ones are added in place, and each
//! map's memory is free for the next one as soon as it was passed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::Tensor;
use candle_core::backprop::GradStore;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::memory::Values;
use crate::error::Result;

/// Numbers in one task of a pass over memory.
pub const PIECE: usize = 1 << 15;

/// Pictures [n, h, w, c]; a clone is the same map.
#[derive(Clone)]
pub struct Map {
    place: Place,
    values: Arc<Values>,
}

/// A map without its numbers: enough for a gradient to find the way.
#[derive(Clone)]
pub struct Place(Arc<Node>);

struct Node {
    /// Counts up, so that what a map is made of has lower numbers.
    number: u64,
    shape: Shape,
    origin: Option<Box<dyn Origin>>,
}

/// [n, h, w, c].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Pictures.
    pub n: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
    /// Channels.
    pub c: usize,
}

impl Shape {
    /// Pixels of all pictures.
    pub fn pixels(self) -> usize {
        self.n * self.h * self.w
    }

    /// Numbers.
    pub fn count(self) -> usize {
        self.pixels() * self.c
    }
}

/// How a map was made, and the way back.
pub trait Origin: Send + Sync {
    /// The maps it was made of.
    fn inputs(&self) -> Vec<&Place>;

    /// From the gradient by the result to those by inputs and weights. What it kept is not needed again.
    fn backward(&self, gradient: Values, gradients: &mut Gradients) -> Result<()>;
}

impl Map {
    /// Numbers as they are.
    pub fn new(shape: Shape, values: Values) -> Self {
        Self::made(shape, values, None)
    }

    /// Numbers with the way back to what they were made of; `None` where no gradient is wanted.
    pub fn made(shape: Shape, values: Values, origin: Option<Box<dyn Origin>>) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        assert_eq!(shape.count(), values.len());
        let node = Node { number: COUNT.fetch_add(1, Ordering::Relaxed), shape, origin };
        Self { place: Place(Arc::new(node)), values: Arc::new(values) }
    }

    /// [n, h, w, c].
    pub fn shape(&self) -> Shape {
        self.place.shape()
    }

    /// The numbers.
    pub fn values(&self) -> &[f32] {
        &self.values
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

impl Place {
    /// [n, h, w, c].
    pub fn shape(&self) -> Shape {
        self.0.shape
    }

    /// Whether a gradient is wanted.
    pub fn tracks(&self) -> bool {
        self.0.origin.is_some()
    }

    /// Follows `gradient` (by this map) back to all weights. What nobody else holds is freed on the way.
    pub fn backward(self, gradient: Values) -> Result<GradStore> {
        let mut gradients = Gradients::default();
        gradients.add(&self, gradient);
        let mut open = BTreeMap::from([(self.0.number, self)]);
        // Highest number first: whatever a map went into was passed before it.
        while let Some((number, place)) = open.pop_last() {
            let (Some(origin), Some(gradient)) = (&place.0.origin, gradients.maps.remove(&number)) else { continue };
            for input in origin.inputs().into_iter().filter(|input| input.tracks()) {
                open.insert(input.0.number, input.clone());
            }
            origin.backward(gradient, &mut gradients)?;
        }
        Ok(gradients.weights)
    }
}

/// Gradients on the way back.
#[derive(Default)]
pub struct Gradients {
    maps: BTreeMap<u64, Values>,
    weights: GradStore,
}

impl Gradients {
    /// Adds a gradient by the map of `place`.
    pub fn add(&mut self, place: &Place, gradient: Values) {
        if !place.tracks() {
            return;
        }
        match self.maps.get_mut(&place.0.number) {
            None => {
                self.maps.insert(place.0.number, gradient);
            }
            Some(sum) => {
                let pieces = sum.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE));
                pieces.for_each(|(sum, more)| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more));
            }
        }
    }

    /// Keeps a gradient by a candle tensor, of that tensor's shape.
    pub fn keep(&mut self, tensor: &Tensor, gradient: Vec<f32>) -> Result<()> {
        let mut more = GradStore::default();
        more.insert(tensor, Tensor::from_vec(gradient, tensor.shape(), tensor.device())?);
        Ok(self.weights.extend(more)?)
    }

    /// Follows a gradient by a candle tensor through candle's own graph.
    pub fn follow(&mut self, tensor: &Tensor, gradient: Vec<f32>) -> Result<()> {
        if tensor.track_op() {
            let gradient = Tensor::from_vec(gradient, tensor.shape(), tensor.device())?;
            self.weights.extend((tensor * gradient)?.sum_all()?.backward()?)?;
        }
        Ok(())
    }
}
