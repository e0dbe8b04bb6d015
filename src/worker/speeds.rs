//! How fast the networks are on this machine, from the last job that asked them, so that the time of the next is known
//! before it begins. Kept among the settings: seconds a picture, by network and by how it was computed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Options;
use crate::error::Result;
use crate::experiments::{JobPlan, Recipe};
use crate::files::{UserFolder, atomic_write, limits, read_file, user_folder};
use crate::models::ModelSummary;
use crate::tensors::MapLayout;

const FILE: &str = "speeds.json";

/// Seconds that networks take to be shown one picture.
#[derive(Debug, Default)]
pub struct Speeds {
    path: Option<PathBuf>,
    known: BTreeMap<String, f64>,
}

impl Speeds {
    /// What the settings folder remembers; a file that cannot be read is nothing remembered.
    pub fn of_user() -> Self {
        Self::at(user_folder(UserFolder::Config).join(FILE))
    }

    /// What the file at `path` remembers.
    pub fn at(path: PathBuf) -> Self {
        let known = read_file(&path, limits::SETTINGS).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path: Some(path), known: known.unwrap_or_default() }
    }

    /// Seconds that a resolved `recipe` on the model of `summary` will take without loading and encoding; `None` where a
    /// network of it was never timed here in this way. An error where it cannot run.
    pub fn expected_secs(&self, recipe: &Recipe, options: &Options, summary: &ModelSummary) -> Result<Option<f64>> {
        let plan = JobPlan::of(recipe, summary)?;
        let each = self.secs_a_step(recipe, options, &plan);
        let secs = |stage: usize| match plan.evaluations[stage] {
            0 => Some(0.0),
            steps => Some(each[stage]? * steps as f64),
        };
        Ok(secs(0).zip(secs(1)).map(|(first, second)| first + second).filter(|secs| *secs > 0.0))
    }

    /// Mean seconds of a step of each stage by `plan`, where its network was timed here in this way.
    pub fn secs_a_step(&self, recipe: &Recipe, options: &Options, plan: &JobPlan) -> [Option<f64>; 2] {
        let mut secs = [None; 2];
        for (stage, secs) in secs.iter_mut().enumerate().filter(|(stage, _)| plan.evaluations[*stage] > 0) {
            let shown = plan.shown[stage] as f64 / plan.evaluations[stage] as f64;
            *secs = self.known.get(&key(recipe, options, stage)).map(|secs| secs * shown);
        }
        secs
    }

    /// Remembers what each stage's network took for a picture, as far as it was asked. That this cannot be written is
    /// no reason to stop.
    pub fn learn(&mut self, recipe: &Recipe, options: &Options, secs: [Option<f64>; 2]) {
        if secs == [None; 2] {
            return;
        }
        for (stage, secs) in secs.into_iter().enumerate() {
            if let Some(secs) = secs.filter(|secs| secs.is_finite()) {
                self.known.insert(key(recipe, options, stage), secs);
            }
        }
        if let (Some(path), Ok(text)) = (&self.path, serde_json::to_vec_pretty(&self.known)) {
            let made = path.parent().is_none_or(|folder| std::fs::create_dir_all(folder).is_ok());
            let _ = made.then(|| atomic_write(path, &text));
        }
    }
}

/// A network and how it is computed, in words.
fn key(recipe: &Recipe, options: &Options, stage: usize) -> String {
    let own = stage == 0 || recipe.networks.stage_2 == "auto";
    let model = if own { recipe.model_name() } else { recipe.networks.stage_2.clone() };
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let memory = if options.low_memory { ", low memory" } else { "" };
    let layout = if options.layout == MapLayout::Planes { ", planes" } else { "" };
    let (device, dtype) =
        (options.device.of_this_build(), serde_json::to_value(recipe.networks.dtype).unwrap_or_default());
    let dtype = dtype.as_str().unwrap_or_default();
    format!("{model}, stage {}, {device}, {dtype}, {threads} threads{memory}{layout}", stage + 1)
}
