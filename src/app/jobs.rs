//! The queue as the window knows it: built from events alone, so it cannot disagree with the worker.

use std::time::Instant;

use crate::error::Error;
use crate::experiments::{Recipe, Table};
use crate::worker::{Event, FinishedPicture, JobId, StepProgress, What};

/// How far a job is.
#[derive(Clone, Debug)]
pub enum State {
    /// It waits.
    Queued,
    /// It runs.
    Running,
    /// It is done, in so many seconds.
    Finished(f64),
    /// It ended in an error.
    Failed(Error),
    /// The user stopped it.
    Cancelled,
}

/// One job.
#[derive(Clone, Debug)]
pub struct JobView {
    /// Its name.
    pub id: JobId,
    /// What it runs.
    pub recipe: Recipe,
    /// How far it is.
    pub state: State,
    /// Its last step.
    pub step: Option<StepProgress>,
    /// What it reads just now.
    pub loading: Option<String>,
    /// Whether it was asked to stop.
    pub cancelling: bool,
    /// Its pictures so far, in the order of their numbers.
    pub pictures: Vec<FinishedPicture>,
    /// When it left the queue.
    pub started: Option<Instant>,
}

impl JobView {
    /// Whether it waits or runs.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Queued | State::Running)
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running)
    }

    /// How many pictures it is going to make.
    pub fn expected(&self) -> usize {
        Table::of(&self.recipe).pictures()
    }

    /// Part of it that is done, 0 to 1.
    pub fn fraction(&self) -> f32 {
        match self.state {
            State::Finished(_) => 1.0,
            _ => self.step.map_or(0.0, |step| step.fraction),
        }
    }

    /// Its name for a person.
    pub fn title(&self) -> String {
        match self.recipe.prompt.as_slice() {
            [] => self.recipe.experiment.clone(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} + {}", rest.len()),
        }
    }
}

/// Every job since the window opened, oldest first.
#[derive(Default)]
pub struct Jobs {
    /// The jobs.
    pub all: Vec<JobView>,
}

/// Finished jobs that stay on the list.
const KEPT: usize = 30;

impl Jobs {
    /// Takes in a job that was just submitted.
    pub fn add(&mut self, id: JobId, recipe: Recipe) {
        let job = JobView {
            id,
            recipe,
            state: State::Queued,
            step: None,
            loading: None,
            cancelling: false,
            pictures: Vec::new(),
            started: None,
        };
        self.all.push(job);
        while self.all.len() > KEPT && !self.all[0].is_open() {
            self.all.remove(0);
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &Event) {
        let Some(job) = self.all.iter_mut().find(|job| job.id == event.job) else { return };
        match &event.what {
            What::Started => {
                job.state = State::Running;
                job.started = Some(Instant::now());
            }
            What::Loading(what) => job.loading = Some(what.clone()),
            What::Step(step) => {
                job.loading = None;
                job.step = Some(*step);
            }
            What::Trained(trained) => job.step = Some(trained.progress),
            What::Picture(picture) => {
                job.pictures.push((**picture).clone());
                job.pictures.sort_by_key(|picture| picture.index);
            }
            What::Finished(summary) => job.state = State::Finished(summary.seconds),
            What::Failed(error) => job.state = State::Failed(error.clone()),
            What::Cancelled => job.state = State::Cancelled,
            What::Note(_) | What::Sheet(_) | What::Paused(_) => {}
        }
    }

    /// The job of a name.
    pub fn get(&self, id: JobId) -> Option<&JobView> {
        self.all.iter().find(|job| job.id == id)
    }

    /// The job that runs.
    pub fn running(&self) -> Option<&JobView> {
        self.all.iter().find(|job| job.is_running())
    }

    /// Jobs that wait or run.
    pub fn open(&self) -> impl Iterator<Item = &JobView> {
        self.all.iter().filter(|job| job.is_open())
    }

    /// Notes that a job was asked to stop.
    pub fn cancelling(&mut self, id: JobId) {
        if let Some(job) = self.all.iter_mut().find(|job| job.id == id) {
            job.cancelling = true;
        }
    }
}
