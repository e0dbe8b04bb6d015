//! One training run as the dashboard knows it, live or read from its folder: plain data, apart from what draws it.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde_json::{Map, Value};

use super::by_time::ByTime;
use super::curve::Curve;
use crate::experiments::{ForeignRecipe, training_settings};
use crate::models::digits::Kind;
use crate::training::{Point, Settings};
use crate::worker::{JobId, StepProgress};

/// How a run is.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// It waits for other jobs.
    Waiting,
    /// It trains.
    Running,
    /// It is asked to wait, and waits after its next step.
    Pausing,
    /// It waits, saved.
    Paused,
    /// It is over, after so many seconds.
    Finished(f64),
    /// It was stopped, and saved.
    Stopped,
    /// It ended in an error.
    Failed(String),
    /// It was read from its folder.
    Read,
}

impl RunState {
    /// Whether it waits, runs or pauses.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running | Self::Pausing | Self::Paused)
    }

    /// In a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "training",
            Self::Pausing => "pausing…",
            Self::Paused => "paused, saved",
            Self::Finished(_) => "finished",
            Self::Stopped => "stopped, saved",
            Self::Failed(_) => "failed",
            Self::Read => "from its folder",
        }
    }
}

/// What the network made of the same digits or noise after an epoch.
#[derive(Clone, Debug)]
pub struct EpochSamples {
    /// From 1.
    pub epoch: usize,
    /// A labelled grid.
    pub pixels: Arc<RgbImage>,
    /// What was measured after the epoch.
    pub measures: Map<String, Value>,
}

impl EpochSamples {
    /// A measure that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.measures.get(name)?.as_f64()
    }
}

/// A run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it is called; can be edited.
    pub name: String,
    /// Its job, where the window started it.
    pub job: Option<JobId>,
    /// Where its files are.
    pub folder: PathBuf,
    /// What it was started with, where that is known.
    pub recipe: Option<ForeignRecipe>,
    /// How it is.
    pub state: RunState,
    /// Which colour of the palette it has.
    pub colour: usize,
    /// Whether it is drawn.
    pub shown: bool,
    /// Loss and learning rate.
    pub curve: Curve,
    /// Loss by diffusion time.
    pub by_time: ByTime,
    /// A picture of each epoch, in their order.
    pub samples: Vec<EpochSamples>,
    /// Its last step.
    pub progress: Option<StepProgress>,
    /// Steps of an epoch, once it runs.
    pub epoch_steps: Option<usize>,
    /// Digits a second, the mean of its last steps.
    pub pictures_per_sec: Option<f64>,
}

impl Run {
    /// A run without a step yet.
    pub fn new(name: String, folder: PathBuf, state: RunState) -> Self {
        Self {
            name,
            job: None,
            folder,
            recipe: None,
            state,
            colour: 0,
            shown: true,
            curve: Curve::default(),
            by_time: ByTime::default(),
            samples: Vec::new(),
            progress: None,
            epoch_steps: None,
            pictures_per_sec: None,
        }
    }

    /// What decides it, where its recipe is known.
    pub fn settings(&self) -> Option<Settings> {
        self.recipe.as_ref().map(|recipe| training_settings(recipe.harmless()))
    }

    /// What it trains: as its recipe says, else as its folder is called.
    pub fn kind(&self) -> Option<Kind> {
        let called = || {
            let folder = self.folder.file_name()?.to_string_lossy();
            Kind::of_name(folder.trim_end_matches(|sign: char| sign.is_ascii_digit()).trim_end_matches('-'))
        };
        self.settings().map(|settings| settings.kind).or_else(called)
    }

    /// Its newest point.
    pub fn last(&self) -> Option<&Point> {
        self.curve.points().last()
    }

    /// Adds an epoch's picture, in place of an older one of that epoch.
    pub fn add_samples(&mut self, samples: EpochSamples) {
        match self.samples.binary_search_by_key(&samples.epoch, |known| known.epoch) {
            Ok(at) => self.samples[at] = samples,
            Err(at) => self.samples.insert(at, samples),
        }
    }

    /// The names of what was measured as a number after its epochs.
    pub fn measured(&self) -> Vec<&str> {
        let all = self.samples.iter().flat_map(|samples| &samples.measures);
        let mut names: Vec<&str> = all.filter(|(_, value)| value.is_number()).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
