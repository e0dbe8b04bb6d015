//! A1.7.2: inpainting. Inside the mask new, outside kept: after each step the surroundings are put back, noised
//! to where the step arrived (Lugmayr et al. 2022); the finished picture is exact outside the mask.

use super::assemble::make;
use super::settings::{inpainting, parts, prompting, source, views};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, figures, sections};
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "inpaint",
    title: "Inpaint",
    group: "Pictures to pictures",
    sentence: "Make part of a picture new, under a mask painted by hand",
    sections: &[
        Section::Head(&[&source::image, &inpainting::mask, &prompting::prompt, &prompting::negative]),
        sections::SAMPLING,
        Section::Open("Around the mask", &[&inpainting::mode, &inpainting::repaint]),
        sections::LOOP_FROM_ENTRY,
        sections::GUIDANCE,
        Section::Closed(
            "Combine",
            &[&views::view, &views::weight, &views::reduce, &parts::decomposition, &parts::apart],
        ),
        sections::STAGE_2,
        sections::GRID_AND_BRANCH,
        sections::MODEL,
    ],
    needs: &[&source::image, &inpainting::mask],
    picture: Some("landscape"),
    guidance: None,
    defaults: |recipe| recipe.sampling.stepping = Stepping::Course,
    presets: &[Preset { name: "a1.7.2", title: "Inpainting under a mask", recipe: a1_7_2 }],
    run: Run::Model(run),
};

fn a1_7_2() -> Recipe {
    EXPERIMENT.recipe().with(|recipe| recipe.guidance.scale = vec![7.0])
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let made = make(recipe, model, observer)?;
    figures::masked(&made)
}
