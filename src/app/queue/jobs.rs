//! The queue as the window knows it: built from events alone, so it cannot disagree with the worker.

use std::time::Instant;

use crate::error::Error;
use crate::experiments::settings::prompting;
use crate::experiments::{Recipe, Table};
use crate::worker::{Event, FinishedPicture, JobId, StepProgress, What};

/// How far a job is.
#[derive(Clone, Debug)]
pub enum JobState {
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
    pub state: JobState,
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
    /// Whether it only answers a hand that moves: nothing is lost with it.
    pub live: bool,
    expected: usize,
    of_run: usize,
}

impl JobView {
    /// Whether it waits or runs.
    pub fn is_open(&self) -> bool {
        matches!(self.state, JobState::Queued | JobState::Running)
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, JobState::Running)
    }

    /// Bytes of its pictures' pixels.
    pub fn bytes(&self) -> usize {
        self.pictures.iter().map(|picture| picture.pixels.as_raw().len()).sum()
    }

    /// How many pictures it is going to make.
    pub fn expected(&self) -> usize {
        self.expected
    }

    /// How many pictures each of its runs makes.
    pub fn pictures_of_run(&self) -> usize {
        self.of_run
    }

    /// Part of it that is done, 0 to 1.
    pub fn fraction(&self) -> f32 {
        match self.state {
            JobState::Finished(_) => 1.0,
            _ => self.step.map_or(0.0, |step| step.fraction),
        }
    }

    /// Its name for a person.
    pub fn title(&self) -> String {
        if let Ok(experiment) = self.recipe.experiment()
            && !experiment.uses(&prompting::prompt)
        {
            return experiment.title.to_owned();
        }
        match self.recipe.prompting.prompt.as_slice() {
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

/// Jobs that stay on the list.
const KEPT: usize = 30;
/// Bytes that the pictures of all jobs on the list may hold; the gallery has them on the disk.
const KEPT_BYTES: usize = 96 << 20;

impl Jobs {
    /// Takes in a job that was just submitted.
    pub fn add(&mut self, id: JobId, recipe: Recipe) {
        self.add_as(id, recipe, false);
    }

    /// Takes in a job that only answers a hand that moves; an older one gives way to it.
    pub fn add_live(&mut self, id: JobId, recipe: Recipe) {
        self.all.retain(|job| !job.live || job.is_open());
        self.add_as(id, recipe, true);
    }

    fn add_as(&mut self, id: JobId, recipe: Recipe, live: bool) {
        let table = Table::of(&recipe);
        let (expected, of_run) = (table.pictures(), table.of_run());
        let job = JobView {
            id,
            recipe,
            state: JobState::Queued,
            step: None,
            loading: None,
            cancelling: false,
            pictures: Vec::new(),
            started: None,
            live,
            expected,
            of_run,
        };
        self.all.push(job);
        self.forget();
    }

    /// Takes the oldest finished jobs off the list where there are too many, or their pictures are too large.
    fn forget(&mut self) {
        while self.all.len() > 1
            && !self.all[0].is_open()
            && (self.all.len() > KEPT || self.all.iter().map(JobView::bytes).sum::<usize>() > KEPT_BYTES)
        {
            self.all.remove(0);
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &Event) {
        let Some(job) = self.all.iter_mut().find(|job| job.id == event.job) else { return };
        match &event.what {
            What::Started => {
                job.state = JobState::Running;
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
            What::Finished(summary) => job.state = JobState::Finished(summary.seconds),
            What::Failed(error) => job.state = JobState::Failed(error.clone()),
            What::Cancelled => job.state = JobState::Cancelled,
            What::Note(_) | What::Sheet(_) | What::Paused(_) => {}
        }
        if !job.is_open() {
            self.forget();
        }
    }

    /// The job of a name.
    pub fn get(&self, id: JobId) -> Option<&JobView> {
        self.all.iter().find(|job| job.id == id)
    }

    /// The user's job that runs.
    pub fn running(&self) -> Option<&JobView> {
        self.listed().find(|job| job.is_running())
    }

    /// Jobs of the user's that wait or run.
    pub fn open(&self) -> impl Iterator<Item = &JobView> {
        self.listed().filter(|job| job.is_open())
    }

    /// The user's own jobs, oldest first.
    pub fn listed(&self) -> impl DoubleEndedIterator<Item = &JobView> {
        self.all.iter().filter(|job| !job.live)
    }

    /// Lets a waiting job change places with the one before it or after it.
    pub fn reorder(&mut self, id: JobId, earlier: bool) {
        let waits = |job: &JobView| matches!(job.state, JobState::Queued) && !job.live;
        let waiting: Vec<usize> = (0..self.all.len()).filter(|&at| waits(&self.all[at])).collect();
        let Some(place) = waiting.iter().position(|&at| self.all[at].id == id) else { return };
        let other = if earlier { place.checked_sub(1) } else { Some(place + 1) };
        if let Some(&other) = other.and_then(|other| waiting.get(other)) {
            self.all.swap(waiting[place], other);
        }
    }

    /// Notes that a job was asked to stop.
    pub fn cancelling(&mut self, id: JobId) {
        if let Some(job) = self.all.iter_mut().find(|job| job.id == id) {
            job.cancelling = true;
        }
    }
}
