//! Every run that the dashboard shows, oldest first, kept up by the worker's events and by what is read from folders.

use std::path::{Path, PathBuf};

use super::files::ReadRun;
use super::run::{EpochSamples, Run, RunState};
use crate::app::home::free_folder;
use crate::experiments::{ForeignRecipe, Recipe};
use crate::worker::{Event, JobId, TrainProgress, What};

/// How much of the mean number of digits a second each step is.
const PACE: f64 = 0.1;

/// The runs.
#[derive(Default)]
pub struct Runs {
    /// In the order of their colours.
    pub all: Vec<Run>,
    /// Runs so far, gone ones included: each has its own colour as long as there are colours.
    begun: usize,
}

impl Runs {
    /// Takes in a run that was just submitted as `job`, with files in `folder`.
    pub fn begin(&mut self, job: JobId, recipe: Recipe, folder: PathBuf) {
        let run = Run {
            job: Some(job),
            recipe: Some(ForeignRecipe::own(recipe)),
            ..Run::new(name(&folder), folder, RunState::Waiting)
        };
        self.add(run);
    }

    /// Takes in a run that was read. Of a live run only what came before it is new.
    pub fn read(&mut self, read: ReadRun, factor: f64) {
        if let Some(live) = self.all.iter_mut().find(|run| run.job.is_some() && run.folder == read.folder) {
            live.curve.precede(&read.points);
            return;
        }
        let old = self.all.iter().position(|run| run.folder == read.folder);
        let mut run = Run { recipe: read.recipe, ..Run::new(name(&read.folder), read.folder, RunState::Read) };
        run.curve = super::curve::Curve::new(&read.points, factor);
        read.samples.into_iter().for_each(|samples| run.add_samples(samples));
        match old {
            Some(at) => {
                let Run { name, colour, .. } = self.all.swap_remove(at);
                self.all.push(Run { name, colour, ..run });
                let last = self.all.len() - 1;
                self.all.swap(at, last);
            }
            None => self.add(run),
        }
    }

    fn add(&mut self, run: Run) {
        self.all.push(Run { colour: self.begun, ..run });
        self.begun += 1;
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &Event) {
        let Some(run) = self.all.iter_mut().find(|run| run.job == Some(event.job)) else { return };
        if matches!(event.what, What::Cancelled) && run.curve.points().is_empty() {
            // It came to nothing and left no files.
            return self.all.retain(|run| run.job != Some(event.job));
        }
        match &event.what {
            What::Started => run.state = RunState::Running,
            What::Trained(trained) => take_step(run, trained),
            What::Sheet(sheet) => run.add_samples(EpochSamples {
                epoch: sheet.epoch,
                pixels: sheet.pixels.clone(),
                measures: sheet.measures.clone(),
            }),
            What::Paused(true) => run.state = RunState::Paused,
            What::Paused(false) => run.state = RunState::Running,
            What::Finished(summary) => run.state = RunState::Finished(summary.seconds),
            What::Failed(error) => run.state = RunState::Failed(error.to_string()),
            What::Cancelled => run.state = RunState::Stopped,
            What::Loading(_) | What::Note(_) | What::Step(_) | What::Picture(_) => {}
        }
    }

    /// The run of a job.
    pub fn of(&self, job: JobId) -> Option<&Run> {
        self.all.iter().find(|run| run.job == Some(job))
    }

    /// The run of a job, to change.
    pub fn of_mut(&mut self, job: JobId) -> Option<&mut Run> {
        self.all.iter_mut().find(|run| run.job == Some(job))
    }

    /// The run that trains or pauses now.
    pub fn live(&self) -> Option<&Run> {
        let trains = |run: &&Run| matches!(run.state, RunState::Running | RunState::Pausing | RunState::Paused);
        self.all.iter().find(trains)
    }

    /// Where a new run of this kind keeps its files: `class-001` and so on, the next that neither is there nor is
    /// taken by a run that waits.
    pub fn free_folder(&self, runs: &Path, kind: &str) -> PathBuf {
        free_folder(runs, kind, self.all.iter().map(|run| &run.folder))
    }
}

fn take_step(run: &mut Run, trained: &TrainProgress) {
    run.curve.note_epoch_steps(trained.epoch_steps);
    run.curve.push(trained.point);
    run.by_time.push(trained.point.step, &trained.by_time);
    run.progress = Some(trained.progress);
    run.epoch_steps = Some(trained.epoch_steps);
    let pace = trained.pictures_per_sec;
    run.pictures_per_sec = Some(run.pictures_per_sec.map_or(pace, |mean| mean + PACE * (pace - mean)));
}

/// A run is called as its folder is.
fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
