//! What the window needs of the worker, so that tests can put a scripted one in its place.

use crate::error::Result;
use crate::worker::{Event, Job, JobId, Options, Preview, Worker};

/// Runs jobs elsewhere and says how they go.
pub trait Engine {
    /// Puts a job at the end of the queue.
    fn submit(&self, job: Job) -> JobId;
    /// Stops a job, waiting or running.
    fn cancel(&self, job: JobId);
    /// The next event, if there is one.
    fn event(&self) -> Option<Event>;
    /// The newest preview of a job, once.
    fn preview(&self, job: JobId) -> Option<Preview>;
}

impl Engine for Worker {
    fn submit(&self, job: Job) -> JobId {
        Self::submit(self, job)
    }

    fn cancel(&self, job: JobId) {
        Self::cancel(self, job);
    }

    fn event(&self) -> Option<Event> {
        self.events().try_recv().ok()
    }

    fn preview(&self, job: JobId) -> Option<Preview> {
        Self::preview(self, job)
    }
}

/// The real worker, which wakes `ctx`'s window.
pub fn worker(options: Options, ctx: &egui::Context) -> Result<Box<dyn Engine>> {
    let ctx = ctx.clone();
    Ok(Box::new(Worker::spawn(Options { background: true, ..options }, move || ctx.request_repaint())?))
}
