//! One run of one recipe, and where its results go.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::event::JobId;
use crate::experiments::{Recipe, Wish};

/// What the worker is asked to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// What to run.
    pub recipe: Recipe,
    /// Where its results go.
    pub destination: Destination,
}

/// Where a job's results go.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// Nowhere: the pictures come as events only.
    Nowhere,
    /// A folder of this job's own: `NAME-000.png` …, `grid.png`, `result.json`.
    Folder {
        /// The folder; made if need be.
        path: PathBuf,
        /// What is written beside the pictures.
        extras: Extras,
    },
    /// A folder that many jobs share: each picture gets the next free name, and nothing else is kept.
    Gallery(PathBuf),
}

/// Files beside the pictures, for those who ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// `trajectory.safetensors`.
    pub tensors: bool,
    /// x_t and x̂_0 of every step as GIFs.
    pub gif: bool,
    /// The same as animated PNGs.
    pub apng: bool,
}

/// A job that waits or runs.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub id: JobId,
    pub job: Job,
    pub control: Control,
}

/// What is wanted of a job while it waits or runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Control(Arc<Wanted>);

#[derive(Debug, Default)]
struct Wanted {
    cancelled: AtomicBool,
    paused: AtomicBool,
    /// The bits of another learning rate; 0 is none.
    learning_rate: AtomicU64,
}

impl Control {
    /// Whether someone else holds it too: its job has not ended.
    pub fn is_held(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Stops the job between two blocks of the network.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    pub fn pause(&self, paused: bool) {
        self.0.paused.store(paused, Ordering::Relaxed);
    }

    pub fn set_learning_rate(&self, learning_rate: f64) {
        self.0.learning_rate.store(learning_rate.to_bits(), Ordering::Relaxed);
    }

    pub fn wish(&self) -> Wish {
        let bits = self.0.learning_rate.load(Ordering::Relaxed);
        let learning_rate = (bits != 0).then(|| f64::from_bits(bits));
        Wish { paused: self.0.paused.load(Ordering::Relaxed), learning_rate }
    }
}
