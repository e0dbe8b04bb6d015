//! A1.1: the forward process. A picture noised to chosen timesteps; the network is not asked.

use candle_core::Tensor;

use super::assemble::Job;
use super::settings::{networks, sampling, source};
use super::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, Trajectory, sections};
use crate::diffusion::forward::forward;
use crate::error::{Error, Result};
use crate::models::Model;
use crate::tensors::Generators;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "forward",
    title: "Add noise",
    group: "Pictures to pictures",
    sentence: "Noise a picture to any timestep",
    sections: &[
        Section::Head(&[&source::image]),
        Section::Open("Noise", &[&source::t, &sampling::seed, &sampling::count]),
        sections::GRID,
        Section::Closed("Model", &[&networks::model, &networks::dtype]),
    ],
    needs: &[&source::image],
    picture: Some("lighthouse"),
    guidance: None,
    defaults: |recipe| {
        recipe.source.t = vec![250, 500, 750];
        recipe.networks.stage_2 = "none".to_owned();
    },
    presets: &[Preset {
        name: "a1.1",
        title: "The forward process at t = 250, 500, 750",
        recipe: || EXPERIMENT.recipe(),
    }],
    run: Run::Model(run),
};

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let stage = model.summary().stage_1()?;
    if stage.flows() {
        return Err(Error::arguments("a flow network has no forward process of DDPM's")
            .at(&model.summary().name)
            .hint("choose `class` or `time`, such as the model digits-class"));
    }
    let job = Job::new(recipe, model, observer)?;
    let picture = job.picture(stage)?.ok_or_else(|| Error::arguments("no picture to noise"))?;
    let (_, c, h, w) = picture.dims4()?;
    let mut cells = Vec::new();
    for (index, run) in job.runs.iter().map(|planned| &planned.run).enumerate() {
        observer.check()?;
        let t = run.t.unwrap_or(0);
        let alpha_prod = stage.alpha_prod(t)?;
        let noise = Generators::new(run.seed, recipe.sampling.count).randn((c, h, w), picture.device())?;
        let x_t = forward(&picture, &noise, alpha_prod)?;
        if observer.wants_trajectory() {
            let timesteps = Tensor::from_vec(vec![t as i64], 1, &candle_core::Device::Cpu)?;
            let tensors = vec![("timesteps", timesteps), ("x_t", x_t.unsqueeze(0)?), ("noise", noise)];
            let trajectory = Trajectory { stage: 1, run: index, runs: job.runs.len(), tensors };
            observer.say(Progress::Trajectory(trajectory))?;
        }
        let label = format!("t = {t}");
        cells.extend(
            job.report_pictures(index, stage, &x_t, observer)?.into_iter().map(|picture| (label.clone(), picture)),
        );
    }
    let per_row = cells.len().min(8);
    Ok(Outcome::figure(cells, per_row))
}
