//! A2: stage II alone. Any picture, brought to stage I's size, enlarged with a prompt and a noise level.

use super::runs::{layout, runs};
use super::sample::{Job, hashes};
use super::source::Source;
use super::stages::{StageRun, plan};
use super::texts::Texts;
use super::{Experiment, Observer, Outcome, Preset, Progress, Recipe};
use crate::error::{Error, Result};
use crate::models::{Cascade, TextContext};
use crate::pictures::{fit_square, tensor_from_picture};

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "upscale",
    title: "Upscale",
    group: "Words to pictures",
    sentence: "Enlarge a small picture with stage II, guided by a prompt",
    settings: &[
        "image",
        "prompt",
        "negative",
        "guidance",
        "steps",
        "noise_level",
        "seed",
        "count",
        "stepping",
        "sampler",
        "timesteps",
        "model",
        "stage_2",
        "dtype",
        "clean_caption",
        "embeddings",
    ],
    guidance: Some(4.0),
    steps: Some(50),
    defaults: || Recipe::new("upscale"),
    presets: &[Preset { name: "a2", title: "64 px to 256 px at noise level 250", recipe: || Recipe::new("upscale") }],
    run,
};

fn run(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Outcome> {
    let stage = cascade.stage_2()?;
    let source = recipe.image.as_ref().ok_or_else(|| {
        Error::arguments("no picture to enlarge").hint("give one with --image, or drop one on the window")
    })?;
    let size = cascade.low_resolution_size() as u32;
    let picture = fit_square(&*source.load()?, size);
    let low = tensor_from_picture(&picture, cascade.device())?.repeat((recipe.count, 1, 1, 1))?;
    let recipe = &Recipe { image: Some(Source::Held(picture.into())), ..recipe.clone() };

    let texts = Texts::new(recipe, cascade, observer)?;
    let context: TextContext = stage.unet.text(&texts.embeds)?;
    let all = runs(recipe);
    let mut plans = Vec::new();
    for run in &all {
        plans.push(plan(stage, recipe, run.steps)?);
    }
    observer.say(Progress::Planned([0, plans.iter().map(|plan| plan.steps.len()).sum()]))?;
    let job = Job { recipe, all: &all, hashes: hashes(cascade, &texts), prompt_embeds: texts.prompt_embeds()? };
    for (index, (run, plan)) in all.iter().zip(plans).enumerate() {
        let enlarge = StageRun {
            recipe,
            stage,
            number: 2,
            texts: &context,
            text: run.prompt,
            guidance_scale: run.guidance_scale,
            plan,
            seed: run.seed,
            low_resolution: Some((&low, recipe.noise_level)),
        };
        let (x, trajectory) = enlarge.run_from_noise(recipe.count, observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        job.report_pictures(index, &x, observer)?;
    }
    Ok(layout(recipe))
}
