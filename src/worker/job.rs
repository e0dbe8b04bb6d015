//! One run of one recipe, and where its results go.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::event::JobId;
use crate::experiments::Recipe;

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
    /// A folder that many jobs share: each picture gets the next free name.
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
    pub cancel: Cancel,
}

/// A flag that stops a job between two blocks of the network.
#[derive(Clone, Debug, Default)]
pub(super) struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
