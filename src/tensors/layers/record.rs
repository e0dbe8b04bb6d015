//! The record that training keeps: how each map was made, and the way back through it. Autograd for a few large operations.
//!
//! candle's own takes two fresh buffers and two passes on one thread for every gradient (`zeros_like`, then `add`), which
//! is more than the kernels take. Here the first gradient of a map is moved in, later ones are added in place, and each
//! map's memory is free for the next one as soon as it was passed. Drawing makes maps without a record: none of this exists.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::Tensor;
use candle_core::backprop::GradStore;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::memory::Values;
use crate::error::Result;
use crate::tensors::cpu::Shape;

/// Numbers in one task of a pass over memory.
pub const PIECE: usize = 1 << 15;

/// A map without its numbers: enough for a gradient to find the way.
#[derive(Clone)]
pub struct Place {
    shape: Shape,
    node: Option<Arc<Node>>,
}

struct Node {
    /// Counts up, so that what a map is made of has lower numbers.
    number: u64,
    origin: Box<dyn Origin>,
}

/// How a map was made, and the way back.
pub trait Origin: Send + Sync {
    /// The maps it was made of.
    fn inputs(&self) -> Vec<&Place>;

    /// From the gradient by the result to those by inputs and weights. What it kept is not needed again.
    fn backward(&self, gradient: Values, gradients: &mut Gradients) -> Result<()>;
}

impl Place {
    /// Of a map that was made so; `None` where no gradient is wanted.
    pub(super) fn new(shape: Shape, origin: Option<Box<dyn Origin>>) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let node = |origin| Arc::new(Node { number: COUNT.fetch_add(1, Ordering::Relaxed), origin });
        Self { shape, node: origin.map(node) }
    }

    /// [n, h, w, c].
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether a gradient is wanted.
    pub fn tracks(&self) -> bool {
        self.node.is_some()
    }

    /// Follows `gradient` (by this map) back to all weights. What nobody else holds is freed on the way.
    pub fn backward(self, gradient: Values) -> Result<GradStore> {
        let mut gradients = Gradients::default();
        let mut open = BTreeMap::new();
        gradients.add(&self, gradient);
        open.extend(self.node.map(|node| (node.number, node)));
        // Highest number first: whatever a map went into was passed before it.
        while let Some((number, node)) = open.pop_last() {
            let Some(gradient) = gradients.maps.remove(&number) else { continue };
            for input in node.origin.inputs().into_iter().filter_map(|input| input.node.as_ref()) {
                open.insert(input.number, input.clone());
            }
            node.origin.backward(gradient, &mut gradients)?;
        }
        gradients.finish()
    }
}

/// Gradients on the way back.
#[derive(Default)]
pub struct Gradients {
    maps: BTreeMap<u64, Values>,
    weights: GradStore,
    /// Σ of tensors times their gradients: its derivative is what candle's graph is to be followed with.
    followed: Option<Tensor>,
}

impl Gradients {
    /// Adds a gradient by the map of `place`.
    pub fn add(&mut self, place: &Place, gradient: Values) {
        let Some(node) = &place.node else { return };
        match self.maps.get_mut(&node.number) {
            None => {
                self.maps.insert(node.number, gradient);
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

    /// Follows a gradient by a candle tensor through candle's own graph, together with all others at the end: what many
    /// layers are told (a time, a text) is made once and so is passed once.
    pub fn follow(&mut self, tensor: &Tensor, gradient: Vec<f32>) -> Result<()> {
        if tensor.track_op() {
            let gradient = Tensor::from_vec(gradient, tensor.shape(), tensor.device())?;
            let more = (tensor * gradient)?.sum_all()?;
            self.followed = Some(match self.followed.take() {
                Some(sum) => (sum + more)?,
                None => more,
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<GradStore> {
        if let Some(followed) = self.followed {
            self.weights.extend(followed.backward()?)?;
        }
        Ok(self.weights)
    }
}
