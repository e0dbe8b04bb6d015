//! What a model recommends for itself: `lab.json` beside `model_index.json`, one for each stage.

use serde::Deserialize;

use super::catalogue::{find_model, stage_2_folder};
use crate::error::Result;
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

/// What a cascade's stages recommend, each for itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recommendations {
    /// The model's own.
    pub stage_1: Recommendation,
    /// That of the stage II it runs with; nothing where there is none.
    pub stage_2: Recommendation,
}

/// What `model` recommends, with the stage II that `stage_2` chooses (`auto`, `none` or a model).
pub fn recommendations(model: &str, stage_2: &str) -> Result<Recommendations> {
    let folder = find_model(model)?;
    let second = stage_2_folder(&folder, stage_2)?;
    Recommendations::of(&folder, second.as_ref())
}

impl Recommendations {
    /// Those of two folders; nothing from a folder that has no `lab.json`.
    pub(super) fn of(folder: &Folder, second: Option<&Folder>) -> Result<Self> {
        let of = |folder: &Folder| {
            if folder.has("lab.json") { folder.read_json("lab.json") } else { Ok(Recommendation::default()) }
        };
        Ok(Self { stage_1: of(folder)?, stage_2: second.map(of).transpose()?.unwrap_or_default() })
    }
}
