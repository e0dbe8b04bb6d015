//! Everything that a job says, in order. Pictures in flight do not queue: they go by the newest-wins
//! [`super::Preview`] slot instead.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::experiments::Recipe;
use crate::training::Point;

/// Names one job for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What happened to a job.
#[derive(Clone, Debug)]
pub struct Event {
    /// The job.
    pub job: JobId,
    /// What happened.
    pub what: What,
}

/// What a job says. Every job ends in exactly one of `Finished`, `Failed`, `Cancelled`.
#[derive(Clone, Debug)]
pub enum What {
    /// It left the queue.
    Started,
    /// It reads a model's files.
    Loading(String),
    /// Something that the user should know (a prompt was cut).
    Note(String),
    /// A denoising step is done.
    Step(StepProgress),
    /// A training step is done.
    Trained(Box<TrainProgress>),
    /// An epoch's picture is finished (and saved, where the job saves).
    Sheet(Box<FinishedSheet>),
    /// Training waits (its state saved), or goes on.
    Paused(bool),
    /// A picture is finished (and saved, where the job saves).
    Picture(Box<FinishedPicture>),
    /// All is done and saved.
    Finished(Summary),
    /// It ended in an error.
    Failed(Error),
    /// The user stopped it.
    Cancelled,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepProgress {
    /// 1 or 2.
    pub stage: usize,
    /// The step that was done in this run of the stage, from 1.
    pub step: usize,
    /// How many steps this run of the stage has.
    pub of: usize,
    /// Where the network was evaluated.
    pub timestep: usize,
    /// Part of the whole job that is done, 0 to 1.
    pub fraction: f32,
    /// Seconds that the last step took.
    pub step_secs: f64,
    /// Seconds until the job ends, from the steps so far; unknown before a stage's first step.
    pub left_secs: Option<f64>,
}

/// How far a training job is: a point of its curves.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainProgress {
    /// Step and time left, as of any job; `timestep` is the epoch.
    pub progress: StepProgress,
    /// Loss, learning rate, seconds so far.
    pub point: Point,
    /// Steps of an epoch.
    pub epoch_steps: usize,
    /// Digits that the network learned from in a second, over the last step.
    pub pictures_per_sec: f64,
    /// Time from 0 to 1 and loss of each example of the step; empty for kinds without time.
    pub by_time: Vec<(f32, f32)>,
}

/// What a network in training makes of the same digits or noise, after an epoch.
#[derive(Clone, Debug)]
pub struct FinishedSheet {
    /// The epoch, from 1.
    pub epoch: usize,
    /// A labelled grid.
    pub pixels: Arc<RgbImage>,
    /// What was measured after the epoch.
    pub measures: Map<String, Value>,
    /// Where it was saved, if it was.
    pub path: Option<PathBuf>,
}

/// A finished picture of a job.
#[derive(Clone, Debug)]
pub struct FinishedPicture {
    /// Its number in the job.
    pub index: usize,
    /// Its pixels.
    pub pixels: Arc<RgbImage>,
    /// The recipe that makes this picture alone.
    pub recipe: Recipe,
    /// Where it was saved, if it was.
    pub path: Option<PathBuf>,
}

/// What a finished job comes to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many pictures it made.
    pub pictures: usize,
    /// The files that it wrote, by name.
    pub files: Vec<String>,
    /// Seconds from its start to its end.
    pub seconds: f64,
    /// Its figure, where it has one: captioned pictures such as source, comparisons and results.
    pub figure: Vec<(String, Arc<RgbImage>)>,
}
