//! A0, A1.5, A1.6: words to a picture. Stage I from pure noise, then stage II where the model has one.
//!
//! Several prompts, step counts, γ or seeds make one labelled table, so that each of those rows of the course
//! is one command.

use serde_json::{Map, Value, json};

use super::runs::{OneRun, alone, layout, runs};
use super::stages::{StageRun, plan, stage_2_plan};
use super::texts::Texts;
use super::{Experiment, Observer, Outcome, Picture, Preset, Progress, Recipe, Trajectory};
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::Cascade;
use crate::pictures::pictures_from_tensor;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "sample",
    title: "Sample",
    group: "Words to pictures",
    sentence: "Draw pictures from prompts, at chosen steps, seeds and guidance",
    settings: &[
        "prompt",
        "negative",
        "guidance",
        "steps",
        "seed",
        "count",
        "stepping",
        "sampler",
        "timesteps",
        "noise_level",
        "stage_2_guidance",
        "stage_2_steps",
        "model",
        "stage_2",
        "dtype",
        "clean_caption",
        "embeddings",
    ],
    guidance: None,
    steps: None,
    defaults: || Recipe::new("sample"),
    presets: &[
        Preset { name: "a0", title: "Three prompts at 5, 20 and 40 steps", recipe: a0 },
        Preset { name: "a1.5", title: "Ten pictures from pure noise, unguided", recipe: a1_5 },
        Preset { name: "a1.6", title: "Five pictures with classifier-free guidance", recipe: a1_6 },
    ],
    run,
};

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

fn run(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Outcome> {
    let stage_1 = cascade.stage_1()?;
    let texts = Texts::new(recipe, cascade, observer)?;
    let all = runs(recipe);
    let mut plans = Vec::new();
    for run in &all {
        plans.push(plan(stage_1, recipe, run.steps)?);
    }
    let second = match &cascade.stage_2 {
        Some(stage) => Some((stage, stage_2_plan(stage, recipe)?, stage.unet.text(&texts.embeds)?)),
        None => None,
    };
    let second_steps = second.as_ref().map_or(0, |(_, plan, _)| plan.steps.len());
    observer.say(Progress::Planned([plans.iter().map(|plan| plan.steps.len()).sum(), all.len() * second_steps]))?;

    let job = Job { recipe, all: &all, hashes: hashes(cascade, &texts), prompt_embeds: texts.prompt_embeds()? };
    let context = stage_1.unet.text(&texts.embeds)?;
    for (index, (run, plan)) in all.iter().zip(plans).enumerate() {
        let first = StageRun {
            recipe,
            stage: stage_1,
            number: 1,
            texts: &context,
            text: run.prompt,
            guidance_scale: run.guidance_scale,
            plan,
            seed: run.seed,
            low_resolution: None,
        };
        let (mut x, trajectory) = first.run_from_noise(recipe.count, observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        if let Some((stage, plan, context)) = &second {
            let enlarge = StageRun {
                stage,
                number: 2,
                texts: context,
                guidance_scale: recipe.stage_2_guidance,
                plan: plan.clone(),
                low_resolution: Some((&x, recipe.noise_level)),
                ..first
            };
            let (enlarged, trajectory) = enlarge.run_from_noise(recipe.count, observer)?;
            job.report_trajectory(index, trajectory, observer)?;
            x = enlarged;
        }
        job.report_pictures(index, &x, observer)?;
    }
    Ok(layout(recipe))
}

/// What every run of a job shares when it reports.
pub(super) struct Job<'a> {
    pub recipe: &'a Recipe,
    pub all: &'a [OneRun],
    pub hashes: Map<String, Value>,
    pub prompt_embeds: candle_core::Tensor,
}

impl Job<'_> {
    /// Hands on the tensors of run `index`, with the embeddings of the job's prompts.
    pub fn report_trajectory(
        &self,
        index: usize,
        trajectory: Option<Trajectory>,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let Some(mut trajectory) = trajectory else { return Ok(()) };
        trajectory.tensors.push(("prompt_embeds", self.prompt_embeds.clone()));
        trajectory.run = index;
        trajectory.runs = self.all.len();
        observer.say(Progress::Trajectory(trajectory))
    }

    /// Hands on the finished pictures of run `index`, `x` [b, 3, h, w].
    pub fn report_pictures(&self, index: usize, x: &candle_core::Tensor, observer: &mut dyn Observer) -> Result<()> {
        for (i, pixels) in pictures_from_tensor(x)?.into_iter().enumerate() {
            observer.say(Progress::Picture(Box::new(Picture {
                index: index * self.recipe.count + i,
                pixels: pixels.into(),
                recipe: alone(self.recipe, &self.all[index], i),
                hashes: self.hashes.clone(),
            })))?;
        }
        Ok(())
    }
}

/// Hashes of everything that a picture was made with.
pub(super) fn hashes(cascade: &Cascade, texts: &Texts) -> Map<String, Value> {
    let mut hashes = Map::new();
    for (name, stage) in [("stage_1", &cascade.stage_1), ("stage_2", &cascade.stage_2)] {
        if let Some(stage) = stage {
            hashes.insert(format!("{name}_sha256"), json!(stage.sha256));
        }
    }
    hashes.insert("prompt_embeds_sha256".to_owned(), json!(texts.sha256));
    hashes
}
