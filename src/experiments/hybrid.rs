//! A1.9: hybrid images by factorized diffusion (Geng et al. 2024; Oliva et al. 2006). Each part of the picture,
//! its low and its high frequencies for example, follows a prompt of its own.

use super::assemble::make;
use super::composition::needs_conditions;
use super::settings::{inpainting, parts, prompting, source, views};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, figures, sections};
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "hybrid",
    title: "Hybrid image",
    group: "Illusions",
    sentence: "A picture that reads as one prompt from afar and as another from near",
    sections: &[
        Section::Head(&[&prompting::prompt, &parts::decomposition, &parts::apart, &prompting::negative]),
        sections::SAMPLING,
        sections::LOOP_FROM_ENTRY,
        sections::GUIDANCE,
        Section::Closed(
            "Combine",
            &[
                &views::view,
                &views::weight,
                &views::reduce,
                &parts::hold,
                &source::image,
                &inpainting::mask,
                &inpainting::mode,
                &inpainting::repaint,
            ],
        ),
        sections::STAGE_2,
        sections::GRID_AND_BRANCH,
        sections::MODEL,
    ],
    needs: &[],
    picture: None,
    guidance: None,
    defaults,
    presets: &[
        Preset { name: "a1.9", title: "A skull from afar, waterfalls from near", recipe: a1_9 },
        Preset {
            name: "ink-over-paint",
            title: "A painted village from afar, an inked skull from near",
            recipe: ink_over_paint,
        },
    ],
    run: Run::Model(run),
};

fn defaults(recipe: &mut Recipe) {
    let prompts = ["a lithograph of a skull", "a lithograph of waterfalls"];
    recipe.prompting.prompt = prompts.map(str::to_owned).to_vec();
    recipe.parts.decomposition = "low_high".parse().ok();
    recipe.sampling.stepping = Stepping::Course;
}

fn a1_9() -> Recipe {
    EXPERIMENT.recipe().with(|recipe| recipe.guidance.scale = vec![7.0])
}

/// Paint is all patches and ink all lines: two styles that part as low and high frequencies do. Each sees little of the
/// other, so that the skull is not drawn as a village's outline.
fn ink_over_paint() -> Recipe {
    let prompts = ["an oil painting of a snowy mountain village", "a cartoon of a skull"];
    EXPERIMENT.recipe().with(|recipe| {
        recipe.prompting.prompt = prompts.map(str::to_owned).to_vec();
        recipe.parts.apart = 0.7;
    })
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    if recipe.parts.decomposition.is_none() {
        return Err(Error::arguments("no decomposition").hint("give one with --decomposition, such as low_high"));
    }
    if recipe.parts.hold.is_none() {
        needs_conditions(recipe, model)?;
    }
    let made = make(recipe, model, observer)?;
    figures::near_and_far(&made)
}
