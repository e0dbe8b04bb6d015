//! The picture in flight: a slot in which the newest wins, so that a slow window never queues pictures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;

use super::event::JobId;

/// x̂_0 of the last step of a job.
#[derive(Clone, Debug)]
pub struct Preview {
    /// 1 or 2.
    pub stage: usize,
    /// The pictures of the run, side by side in the order of their seeds.
    pub pixels: Arc<RgbImage>,
}

/// One slot a job.
#[derive(Clone, Default)]
pub(super) struct Slots(Arc<Mutex<HashMap<JobId, Preview>>>);

impl Slots {
    pub fn put(&self, job: JobId, preview: Preview) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job, preview);
    }

    pub fn take(&self, job: JobId) -> Option<Preview> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&job)
    }
}
