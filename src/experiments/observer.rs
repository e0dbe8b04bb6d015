//! What an experiment says while it runs, and how it is told to stop. It knows no thread and no window.

use super::Picture;
use super::outcome::Trajectory;
use std::sync::Arc;

use image::RgbImage;
use serde_json::{Map, Value};

use crate::diffusion::run::Step;
use crate::diffusion::samplers::Sampler;
use crate::error::Result;
use crate::models::Codec;
use crate::training::TrainStep;

/// One thing said by a running experiment.
pub enum Progress<'a> {
    /// Something that the user should know (a prompt was cut).
    Note(String),
    /// A network is being read, which takes seconds: which one.
    Loading(&'static str),
    /// The text encoder goes on: blocks that are done, and how many there are.
    Encoding {
        /// Blocks that are done.
        done: usize,
        /// Blocks of the encoder.
        of: usize,
    },
    /// How many denoising steps the whole job will take in stage I and in stage II.
    Planned([usize; 2]),
    /// A denoising step is done.
    Step(StageStep<'a>),
    /// A picture is finished.
    Picture(Box<Picture>),
    /// A run's tensors are complete.
    Trajectory(Trajectory),
    /// A training step is done.
    Trained(Trained<'a>),
    /// An epoch's picture is finished.
    Sheet(Sheet),
    /// A file is to be written at once, over an older one of its name; a failure is the experiment's to take.
    File {
        /// Its name in the job's folder.
        name: &'static str,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Training pauses, or goes on.
    Paused(bool),
}

/// A denoising step of one of the two stages.
pub struct StageStep<'a> {
    /// 1 or 2.
    pub stage: usize,
    /// How many steps this run of the stage has.
    pub of: usize,
    /// What the step left.
    pub step: &'a Step,
    /// The sampler that took it.
    pub sampler: Sampler,
    /// How its tensors become pictures.
    pub codec: &'a dyn Codec,
}

/// A training step.
pub struct Trained<'a> {
    /// Steps of the whole run.
    pub of: usize,
    /// Pictures of the step.
    pub batch: usize,
    /// Steps of an epoch.
    pub epoch_steps: usize,
    /// What it came to.
    pub step: &'a TrainStep,
}

/// What the network makes of the same digits or the same noise, epoch after epoch.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The epoch that it shows, from 1.
    pub epoch: usize,
    /// A labelled grid.
    pub pixels: Arc<RgbImage>,
    /// What was measured after the epoch: loss, accuracy.
    pub measures: Map<String, Value>,
}

/// What whoever started an experiment wants of it while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wish {
    /// That training waits.
    pub paused: bool,
    /// Another learning rate for the first epoch.
    pub learning_rate: Option<f64>,
}

/// Whoever started the experiment.
pub trait Observer {
    /// An error (`Error::cancelled`) once the experiment is to stop; asked between steps and within them.
    fn check(&self) -> Result<()>;

    /// Takes what the experiment says; an error ends it.
    fn say(&mut self, progress: Progress<'_>) -> Result<()>;

    /// Whether whole trajectories are wanted.
    fn wants_trajectory(&self) -> bool;

    /// Whether files beside the pictures are kept, such as animations: if not, making them is for nothing.
    fn wants_files(&self) -> bool {
        true
    }

    /// What is wanted of a training run; nothing by default.
    fn wish(&self) -> Wish {
        Wish::default()
    }
}
