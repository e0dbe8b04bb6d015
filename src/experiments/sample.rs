//! A0, A1.5, A1.6: words to a picture. Stage I from pure noise, then stage II where the model has one.
//!
//! Several prompts, step counts, γ or seeds make one labelled table, so that each of those rows of the course
//! is one command.

use serde_json::{Map, Value};

use super::assemble::make;
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, groups};
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "sample",
    title: "Sample",
    group: "Words to pictures",
    sentence: "Draw pictures from prompts, at chosen steps, seeds and guidance",
    settings: &[
        &["prompt", "negative", "guidance", "steps", "seed", "count"],
        groups::LOOP,
        groups::GUIDANCE,
        groups::STAGE_2,
        &["branch"],
        groups::GRID,
        groups::MODEL,
    ],
    needs: &[],
    guidance: None,
    steps: None,
    defaults: || Recipe::new("sample"),
    presets: &[
        Preset { name: "a0", title: "Three prompts at 5, 20 and 40 steps", recipe: a0 },
        Preset { name: "a1.5", title: "Ten pictures from pure noise, unguided", recipe: a1_5 },
        Preset { name: "a1.6", title: "Five pictures with classifier-free guidance", recipe: a1_6 },
    ],
    run: Run::Model(run),
};

/// How much work a picture of a cascade gets. Unlike rows of the course, these leave prompt and model as they are.
pub static PACES: &[Preset] = &[
    Preset {
        name: "fast",
        title: "DPM-Solver++, 25 + 15 steps: less than a third of the reference's work",
        recipe: fast,
    },
    Preset { name: "reference", title: "DDPM, 100 + 50 steps, as diffusers runs IF by default", recipe: reference },
];

/// The keys that a pace sets.
const PACED: [&str; 6] = ["stepping", "sampler", "steps", "timesteps", "stage_2_sampler", "stage_2_steps"];

fn fast() -> Recipe {
    Recipe {
        sampler: Sampler::DpmSolverPp2m,
        steps: vec![25],
        stage_2_sampler: Sampler::DpmSolverPp2m,
        stage_2_steps: Some(15),
        ..Recipe::new("sample")
    }
}

fn reference() -> Recipe {
    Recipe { steps: vec![100], stage_2_steps: Some(50), ..Recipe::new("sample") }
}

/// What `recipe` says of its pace, as keys of a recipe.
pub fn pace(recipe: &Recipe) -> Result<Map<String, Value>> {
    let mut all = serde_json::to_value(recipe).map_err(|error| Error::new(error.to_string()))?;
    Ok(PACED.iter().map(|key| ((*key).to_owned(), all[*key].take())).collect())
}

fn a0() -> Recipe {
    let prompts = ["an oil painting of a snowy mountain village", "a man wearing a hat", "a rocket ship"];
    Recipe {
        prompt: prompts.map(str::to_owned).to_vec(),
        steps: vec![5, 20, 40],
        guidance: vec![7.0],
        ..Recipe::new("sample")
    }
}

fn a1_5() -> Recipe {
    Recipe { count: 10, guidance: vec![1.0], stepping: Stepping::Course, ..Recipe::new("sample") }
}

fn a1_6() -> Recipe {
    Recipe { count: 5, guidance: vec![7.0], ..a1_5() }
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    Ok(make(recipe, model, observer)?.outcome)
}
