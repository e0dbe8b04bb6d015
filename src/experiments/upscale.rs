//! A2: stage II alone. Any picture, brought to stage I's size, enlarged with a prompt and a noise level.

use super::assemble::enlarge;
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, groups};
use crate::error::Result;
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "upscale",
    title: "Upscale",
    group: "Words to pictures",
    sentence: "Enlarge a small picture with stage II, guided by a prompt",
    settings: &[
        &["image", "prompt", "negative", "guidance", "steps", "noise_level", "seed", "count"],
        groups::LOOP,
        groups::GUIDANCE,
        groups::GRID,
        groups::MODEL,
        &["stage_2"],
    ],
    needs: &["image"],
    guidance: None,
    steps: None,
    defaults: |_| {},
    presets: &[Preset { name: "a2", title: "64 px to 256 px at noise level 250", recipe: || Recipe::new("upscale") }],
    run: Run::Model(run),
};

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    Ok(enlarge(recipe, model, observer)?.outcome)
}
