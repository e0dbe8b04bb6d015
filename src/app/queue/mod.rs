//! Jobs: what the window knows of them, the worker that runs them, and the bar at the bottom that shows both.

mod bar;
pub mod engine;
mod jobs;
mod list;

pub use engine::Engine;
pub use jobs::{JobState, JobView, Jobs};

use std::time::{SystemTime, UNIX_EPOCH};

use crate::experiments::Recipe;
use crate::worker::{Destination, Event, Job, JobId};

/// Jobs and their worker.
pub struct Queue {
    /// Every job since the window opened.
    pub jobs: Jobs,
    /// What runs them.
    pub engine: Box<dyn Engine>,
    /// Seconds since 1970 at which it began: with a job's number, a name that no other window gives.
    pub opened_at: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new(engine: Box<dyn Engine>) -> Self {
        // 0 where the clock says otherwise.
        let opened_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { jobs: Jobs::default(), engine, opened_at }
    }

    /// Puts a job at the end.
    pub fn submit(&mut self, recipe: Recipe, destination: Destination) -> JobId {
        let id = self.engine.submit(Job { recipe: recipe.clone(), destination });
        self.jobs.add(id, recipe);
        id
    }

    /// Puts a job that only answers a hand that moves before all others; older ones of that kind are stopped.
    pub fn submit_live(&mut self, recipe: Recipe) -> JobId {
        let old: Vec<JobId> = self.jobs.all.iter().filter(|job| job.live && job.is_open()).map(|job| job.id).collect();
        old.into_iter().for_each(|id| self.cancel(id));
        let id = self.engine.submit_first(Job { recipe: recipe.clone(), destination: Destination::Nowhere });
        self.jobs.add_live(id, recipe);
        id
    }

    /// Stops a job.
    pub fn cancel(&mut self, id: JobId) {
        self.jobs.cancelling(id);
        self.engine.cancel(id);
    }

    /// Stops the job that runs, else the first that waits.
    pub fn cancel_first(&mut self) {
        let first = self.jobs.running().or_else(|| self.jobs.open().next()).map(|job| job.id);
        first.into_iter().for_each(|id| self.cancel(id));
    }

    /// Stops every job.
    pub fn cancel_all(&mut self) {
        self.jobs.open().map(|job| job.id).collect::<Vec<_>>().into_iter().for_each(|id| self.cancel(id));
    }

    /// Lets a waiting job change places with the one before it or after it.
    pub fn reorder(&mut self, id: JobId, earlier: bool) {
        self.jobs.reorder(id, earlier);
        self.engine.reorder(id, if earlier { -1 } else { 1 });
    }

    /// The worker's next event, which the list of jobs has taken in.
    pub fn event(&mut self) -> Option<Event> {
        let event = self.engine.event()?;
        self.jobs.apply(&event);
        Some(event)
    }
}
