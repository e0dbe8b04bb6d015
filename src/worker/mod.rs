//! The one thread that owns the device and every loaded model.
//!
//! In: jobs. Out: events in order, and the newest preview of each job. The worker knows no window: it is
//! handed a `wake` closure that it calls whenever there is something to see.

mod event;
mod files;
mod job;
mod loaded;
mod observe;
mod preview;
mod recording;
mod thread;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};

pub use event::{Event, FinishedPicture, JobId, StepProgress, Summary, What};
pub use files::peak_memory_bytes;
pub use job::{Destination, Extras, Job};
pub use preview::Preview;

use crate::error::{Error, Result};
use crate::models::DeviceChoice;
use job::{Cancel, Queued};
use preview::Slots;

/// Where and how hard the worker computes; never part of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where.
    pub device: DeviceChoice,
    /// Whether the threads step back behind the window.
    pub background: bool,
    /// Compute threads; `None`: one for each core.
    pub threads: Option<usize>,
    /// Weights as large as in their files, at the cost of time; pictures differ by rounding only.
    pub low_memory: bool,
}

/// The window's and the shell's end of the worker.
pub struct Worker {
    jobs: Option<Sender<Queued>>,
    events: Receiver<Event>,
    slots: Slots,
    next: AtomicU64,
    cancels: std::sync::Mutex<Vec<(JobId, Cancel)>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `wake` is called after each event and each preview.
    pub fn spawn(options: Options, wake: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        let (jobs, queue) = unbounded();
        let (sender, events) = unbounded();
        let slots = Slots::default();
        let speaker = observe::Speaker { events: sender, slots: slots.clone(), wake: Arc::new(wake) };
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || thread::work(options, &queue, &speaker))
            .map_err(|error| Error::new(format!("cannot start the worker thread ({error})")))?;
        Ok(Self {
            jobs: Some(jobs),
            events,
            slots,
            next: AtomicU64::new(1),
            cancels: std::sync::Mutex::new(Vec::new()),
            thread: Some(thread),
        })
    }

    /// Puts a job at the end of the queue.
    pub fn submit(&self, job: Job) -> JobId {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed));
        let cancel = Cancel::default();
        self.cancels().push((id, cancel.clone()));
        if let Some(jobs) = &self.jobs {
            // The thread lives until this handle is dropped, so the channel is open.
            let _ = jobs.send(Queued { id, job, cancel });
        }
        id
    }

    /// Stops a job, waiting or running, within one block of the network.
    pub fn cancel(&self, job: JobId) {
        self.cancels().iter().filter(|(id, _)| *id == job).for_each(|(_, cancel)| cancel.raise());
    }

    /// Stops every job.
    pub fn cancel_all(&self) {
        self.cancels().iter().for_each(|(_, cancel)| cancel.raise());
    }

    /// The events, in order.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// The newest preview of a job, once.
    pub fn preview(&self, job: JobId) -> Option<Preview> {
        self.slots.take(job)
    }

    fn cancels(&self) -> std::sync::MutexGuard<'_, Vec<(JobId, Cancel)>> {
        self.cancels.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Worker {
    /// Stops the running job and waits for the thread, so that no half-written file is left.
    fn drop(&mut self) {
        self.cancel_all();
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
