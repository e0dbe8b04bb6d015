//! What the window needs of the worker, so that tests can put a scripted one in its place.

use crate::error::Result;
use crate::experiments::Recipe;
use crate::models::{DeviceChoice, ModelSummary};
use crate::worker::{Event, Frame, Job, JobId, Options, Preview, Worker};

/// Runs jobs elsewhere and says how they go.
pub trait Engine {
    /// Puts a job at the end of the queue.
    fn submit(&self, job: Job) -> JobId;
    /// Puts a job before all others that wait.
    fn submit_first(&self, job: Job) -> JobId {
        self.submit(job)
    }
    /// Moves a waiting job by so many places, towards the front where that is below 0.
    fn reorder(&self, _job: JobId, _by: isize) {}
    /// The steps of a job that were kept since this was last asked.
    fn frames(&self, _job: JobId) -> Vec<Frame> {
        Vec::new()
    }
    /// Lets a training job wait after its next step, or go on again.
    fn pause(&self, _job: JobId, _paused: bool) {}
    /// Gives a training job another learning rate for its first epoch, which decays as before.
    fn set_learning_rate(&self, _job: JobId, _learning_rate: f64) {}
    /// Seconds that a resolved recipe will take, where that is known.
    fn expected_secs(&self, _recipe: &Recipe, _summary: &ModelSummary) -> Option<f64> {
        None
    }
    /// Where jobs that begin from now on compute.
    fn device(&self) -> DeviceChoice {
        DeviceChoice::default()
    }
    /// Chooses that.
    fn set_device(&self, _choice: DeviceChoice) {}
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

    fn submit_first(&self, job: Job) -> JobId {
        Self::submit_first(self, job)
    }

    fn reorder(&self, job: JobId, by: isize) {
        Self::reorder(self, job, by);
    }

    fn frames(&self, job: JobId) -> Vec<Frame> {
        Self::frames(self, job)
    }

    fn pause(&self, job: JobId, paused: bool) {
        Self::pause(self, job, paused);
    }

    fn device(&self) -> DeviceChoice {
        Self::device(self)
    }

    fn set_device(&self, choice: DeviceChoice) {
        Self::set_device(self, choice);
    }

    fn set_learning_rate(&self, job: JobId, learning_rate: f64) {
        Self::set_learning_rate(self, job, learning_rate);
    }

    fn expected_secs(&self, recipe: &Recipe, summary: &ModelSummary) -> Option<f64> {
        Self::expected_secs(self, recipe, summary)
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
    Ok(Box::new(Worker::spawn(Options { background: true, frames: true, ..options }, move || ctx.request_repaint())?))
}
