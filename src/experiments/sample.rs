//! A0, A1.5, A1.6: words to a picture. Stage I from pure noise, then stage II where the model has one.
//!
//! Several prompts, step counts, γ or seeds make one labelled table, so that each of those rows of the course
//! is one command.

use serde_json::{Map, Value};

use super::assemble::make;
use super::settings::{guidance, prompting, sampling, stage_2};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, Setting, sections};
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "sample",
    title: "Sample",
    group: "Words to pictures",
    sentence: "Draw pictures from prompts, at chosen steps, seeds and guidance",
    sections: &[
        Section::Head(&[&prompting::prompt, &prompting::negative]),
        Section::Open("Sampling", &[&sampling::steps, &guidance::scale, &sampling::seed, &sampling::count]),
        sections::LOOP,
        sections::GUIDANCE,
        sections::STAGE_2,
        sections::GRID_AND_BRANCH,
        sections::MODEL,
    ],
    needs: &[],
    picture: None,
    guidance: None,
    defaults: |_| {},
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

/// What a pace sets.
static PACED: [&Setting; 6] = [
    &sampling::stepping,
    &sampling::sampler,
    &sampling::steps,
    &sampling::timesteps,
    &stage_2::sampler,
    &stage_2::steps,
];

fn fast() -> Recipe {
    Recipe::new("sample").with(|recipe| {
        recipe.sampling.sampler = Sampler::DpmSolverPp2m;
        recipe.sampling.steps = vec![25];
        recipe.stage_2.sampler = Sampler::DpmSolverPp2m;
        recipe.stage_2.steps = Some(15);
    })
}

fn reference() -> Recipe {
    Recipe::new("sample").with(|recipe| {
        recipe.sampling.steps = vec![100];
        recipe.stage_2.steps = Some(50);
    })
}

/// What `recipe` says of its pace, as keys of a recipe.
pub fn pace(recipe: &Recipe) -> Map<String, Value> {
    PACED.iter().map(|setting| (setting.key.to_owned(), (setting.field.get)(recipe))).collect()
}

fn a0() -> Recipe {
    let prompts = ["an oil painting of a snowy mountain village", "a man wearing a hat", "a rocket ship"];
    Recipe::new("sample").with(|recipe| {
        recipe.prompting.prompt = prompts.map(str::to_owned).to_vec();
        recipe.sampling.steps = vec![5, 20, 40];
        recipe.guidance.scale = vec![7.0];
    })
}

fn a1_5() -> Recipe {
    Recipe::new("sample").with(|recipe| {
        recipe.sampling.count = 10;
        recipe.guidance.scale = vec![1.0];
        recipe.sampling.stepping = Stepping::Course;
    })
}

fn a1_6() -> Recipe {
    a1_5().with(|recipe| {
        recipe.sampling.count = 5;
        recipe.guidance.scale = vec![7.0];
    })
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    Ok(make(recipe, model, observer)?.outcome)
}
