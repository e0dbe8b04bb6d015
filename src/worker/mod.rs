//! The one thread that owns the device and every loaded model.
//!
//! In: jobs. Out: events in order, and the newest preview of each job. The worker knows no window: it is
//! handed a `wake` closure that it calls whenever there is something to see.

mod ending;
mod event;
mod files;
mod frames;
mod job;
mod loaded;
mod observe;
mod preview;
mod queue;
mod recording;
mod speeds;
mod thread;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, unbounded};

pub use ending::when_asked_to_end;
pub use event::{Event, FinishedPicture, FinishedSheet, JobId, StepProgress, Summary, TrainProgress, What};
pub use files::write_recorded;
pub use frames::{Frame, StepPictures};
pub use job::{Destination, Extras, Job};
pub use preview::Preview;
pub use speeds::Speeds;

use crate::error::{Error, Result};
use crate::experiments::Recipe;
use crate::models::{DeviceChoice, ModelSummary};
use crate::tensors::MapLayout;
use frames::Frames;
use job::{Control, Queued};
use observe::Speaker;
use preview::Slots;
use queue::Queue;

/// Where and how hard the worker computes; never part of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where.
    pub device: DeviceChoice,
    /// Whether the threads step back behind the window.
    pub background: bool,
    /// Compute threads; `None`: one for each core.
    pub threads: Option<usize>,
    /// Whether every step is kept in pictures, to look inside.
    pub frames: bool,
    /// Weights as large as in their files and one network at a time in memory, at the cost of time; pictures differ by
    /// rounding only.
    pub low_memory: bool,
    /// In which layout the processor computes; a GPU knows one alone.
    pub layout: MapLayout,
    /// Whether how long networks take is remembered among the user's settings.
    pub remember: bool,
}

/// The window's and the shell's end of the worker.
pub struct Worker {
    queue: Queue,
    events: Receiver<Event>,
    speaker: Speaker,
    options: Options,
    device: Arc<Mutex<DeviceChoice>>,
    speeds: Arc<Mutex<Speeds>>,
    next: AtomicU64,
    controls: Mutex<Vec<(JobId, Control)>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `wake` is called after each event and each preview.
    pub fn spawn(options: Options, wake: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        let queue = Queue::default();
        let (sender, events) = unbounded();
        let frames = options.frames.then(Frames::default);
        let speaker = Speaker { events: sender, slots: Slots::default(), frames, wake: Arc::new(wake) };
        let speeds = Arc::new(Mutex::new(if options.remember { Speeds::of_user() } else { Speeds::default() }));
        let device = Arc::new(Mutex::new(options.device));
        let (taken, voice, learned, chosen) =
            (queue.clone(), speaker.clone(), Arc::clone(&speeds), Arc::clone(&device));
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || thread::work(options, &chosen, &taken, &voice, &learned))
            .map_err(|error| Error::new(format!("cannot start the worker thread ({error})")))?;
        Ok(Self {
            queue,
            events,
            speaker,
            options,
            device,
            speeds,
            next: AtomicU64::new(1),
            controls: Mutex::new(Vec::new()),
            thread: Some(thread),
        })
    }

    /// Puts a job at the end of the queue.
    pub fn submit(&self, job: Job) -> JobId {
        let queued = self.queued(job);
        let id = queued.id;
        self.queue.push(queued);
        id
    }

    /// Puts a job before every other that waits.
    pub fn submit_first(&self, job: Job) -> JobId {
        let queued = self.queued(job);
        let id = queued.id;
        self.queue.push_first(queued);
        id
    }

    fn queued(&self, job: Job) -> Queued {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed));
        let control = Control::default();
        let mut controls = self.controls();
        controls.retain(|(_, control)| control.is_held());
        controls.push((id, control.clone()));
        Queued { id, job, control }
    }

    /// Moves a job that waits by so many places, towards the front where that is below 0.
    pub fn reorder(&self, job: JobId, by: isize) {
        self.queue.reorder(job, by);
    }

    /// Stops a job: at once where it waits, within one block of the network where it runs.
    pub fn cancel(&self, job: JobId) {
        if self.queue.remove(job) {
            self.speaker.say(job, What::Cancelled);
            return;
        }
        self.with_control(job, Control::cancel);
    }

    /// Stops every job.
    pub fn cancel_all(&self) {
        self.controls().iter().for_each(|(_, control)| control.cancel());
    }

    /// Lets a training job wait after its next step, its state saved, or go on again.
    pub fn pause(&self, job: JobId, paused: bool) {
        self.with_control(job, |control| control.pause(paused));
    }

    /// Gives a training job another learning rate; its decay over the epochs is kept.
    pub fn set_learning_rate(&self, job: JobId, learning_rate: f64) {
        self.with_control(job, |control| control.set_learning_rate(learning_rate));
    }

    /// The events, in order.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// The newest preview of a job, once.
    pub fn preview(&self, job: JobId) -> Option<Preview> {
        self.speaker.slots.take(job)
    }

    /// The steps of a job that were kept since this was last asked.
    pub fn frames(&self, job: JobId) -> Vec<Frame> {
        self.speaker.frames.as_ref().map(|frames| frames.take(job)).unwrap_or_default()
    }

    /// Seconds that a resolved `recipe` will take without loading and encoding, by what the networks took the last time.
    /// `None` where one of them was never timed on this machine, or the recipe cannot run on the model of `summary`.
    pub fn expected_secs(&self, recipe: &Recipe, summary: &ModelSummary) -> Option<f64> {
        let speeds = self.speeds.lock().unwrap_or_else(PoisonError::into_inner);
        let options = Options { device: self.device(), ..self.options };
        speeds.expected_secs(recipe, &options, summary).ok().flatten()
    }

    /// Where jobs that begin from now on compute.
    pub fn device(&self) -> DeviceChoice {
        *self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Chooses where jobs that begin from now on compute; networks elsewhere are let go of.
    pub fn set_device(&self, choice: DeviceChoice) {
        *self.device.lock().unwrap_or_else(PoisonError::into_inner) = choice;
    }

    fn with_control(&self, job: JobId, act: impl Fn(&Control)) {
        self.controls().iter().filter(|(id, _)| *id == job).for_each(|(_, control)| act(control));
    }

    fn controls(&self) -> std::sync::MutexGuard<'_, Vec<(JobId, Control)>> {
        self.controls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Worker {
    /// Stops the running job and waits for the thread, so that no half-written file is left.
    fn drop(&mut self) {
        self.cancel_all();
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
