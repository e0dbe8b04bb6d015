//! A2: stage II alone. Any picture, brought to stage I's size, enlarged with a prompt and a noise level.

use super::assemble::enlarge;
use super::settings::{guidance, networks, prompting, sampling, source, stage_2};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, sections};
use crate::error::Result;
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "upscale",
    title: "Upscale",
    group: "Words to pictures",
    sentence: "Enlarge a small picture with stage II, guided by a prompt",
    sections: &[
        Section::Head(&[&source::image, &prompting::prompt, &prompting::negative]),
        Section::Open(
            "Sampling",
            &[&stage_2::noise_level, &sampling::steps, &guidance::scale, &sampling::seed, &sampling::count],
        ),
        sections::LOOP,
        sections::GUIDANCE,
        sections::GRID,
        Section::Closed(
            "Model",
            &[
                &networks::model,
                &networks::stage_2,
                &networks::dtype,
                &prompting::clean_caption,
                &networks::text_encoder,
                &prompting::embeddings,
            ],
        ),
    ],
    needs: &[&source::image],
    picture: Some("portrait"),
    guidance: None,
    defaults: |_| {},
    presets: &[Preset { name: "a2", title: "64 px to 256 px at noise level 250", recipe: || Recipe::new("upscale") }],
    run: Run::Model(run),
};

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    Ok(enlarge(recipe, model, observer)?.outcome)
}
