//! What a model recommends for itself: `lab.json` beside `model_index.json`, one for each stage.

use serde::Deserialize;

use super::catalogue::stage_2_folder;
use super::family::Family;
use super::summary::ModelSummary;
use crate::error::{Error, Result};
use crate::files::Folder;

/// One stage's `lab.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recommendation {
    /// γ.
    pub guidance: Option<f64>,
    /// Number of steps.
    pub steps: Option<usize>,
    /// Prompts that it follows well.
    pub prompts: Vec<String>,
}

impl Recommendation {
    /// Within what the settings of the same names allow.
    fn checked(self) -> Result<Self> {
        if let Some(guidance) = self.guidance.filter(|guidance| !(-30.0..=30.0).contains(guidance)) {
            return Err(Error::new(format!("guidance {guidance}")).hint("γ is from -30 to 30"));
        }
        if let Some(steps) = self.steps.filter(|steps| !(1..=1000).contains(steps)) {
            return Err(Error::new(format!("steps {steps}")).hint("from 1 to 1000"));
        }
        Ok(self)
    }
}

/// What a model can be told of the pictures that it is to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conditioning {
    /// Any words.
    #[default]
    Text,
    /// Classes that it knows, by name or number.
    Classes,
    /// Nothing.
    None,
}

/// What a model's stages recommend, each for itself, and what decides which prompts and steps can suit at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recommendations {
    /// The model's own.
    pub stage_1: Recommendation,
    /// That of the stage II it runs with; nothing where there is none.
    pub stage_2: Recommendation,
    /// What prompts are to it.
    pub conditioning: Conditioning,
    /// T, where a run visits every timestep unless it is told otherwise.
    pub every_timestep: Option<usize>,
    /// T, where it is not the 1000 that experiments' own timesteps are of.
    pub num_train_timesteps: Option<usize>,
}

/// What `model` recommends, with the stage II that `stage_2` chooses (`auto`, `none` or a model).
pub fn recommendations(model: &str, stage_2: &str) -> Result<Recommendations> {
    match Family::of(model)? {
        Family::DeepFloyd(folder) => {
            let second = stage_2_folder(&folder, stage_2)?;
            Recommendations::of(&folder, second.as_ref())
        }
        _ => Ok(ModelSummary::at(model, stage_2)?.recommendations),
    }
}

impl Recommendations {
    /// Those of two folders; nothing from a folder that has no `lab.json`.
    pub(super) fn of(folder: &Folder, second: Option<&Folder>) -> Result<Self> {
        let of = |folder: &Folder| match folder.has("lab.json") {
            true => {
                folder.read_json::<Recommendation>("lab.json")?.checked().map_err(|e| e.at(folder.place("lab.json")))
            }
            false => Ok(Recommendation::default()),
        };
        let stage_2 = second.map(of).transpose()?.unwrap_or_default();
        Ok(Self { stage_1: of(folder)?, stage_2, ..Self::default() })
    }
}
