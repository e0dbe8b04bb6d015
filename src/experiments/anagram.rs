//! A1.8: visual anagrams (Geng et al. 2023). One picture that reads as one prompt, and as another when it is
//! turned: the noise estimates of all views, brought back and averaged.

use super::assemble::make;
use super::composition::needs_conditions;
use super::settings::{inpainting, parts, prompting, source, views};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, figures, sections};
use crate::diffusion::estimate::Reduce;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::Model;
use crate::views::ViewSpec;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "anagram",
    title: "Visual anagram",
    group: "Illusions",
    sentence: "A picture that reads as one prompt, and as another when it is turned",
    sections: &[
        Section::Head(&[&prompting::prompt, &views::view, &views::weight, &prompting::negative]),
        sections::SAMPLING,
        Section::Open("Views", &[&views::reduce]),
        sections::LOOP_FROM_ENTRY,
        sections::GUIDANCE,
        Section::Closed(
            "Combine",
            &[
                &parts::decomposition,
                &parts::apart,
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
        Preset { name: "a1.8", title: "An old man, upside down people around a campfire", recipe: a1_8 },
        Preset { name: "playing-card", title: "Waterfalls, upside down a skull", recipe: playing_card },
    ],
    run: Run::Model(run),
};

fn defaults(recipe: &mut Recipe) {
    let prompts = ["an oil painting of an old man", "an oil painting of people around a campfire"];
    let views = ["identity", "flip_vertical"];
    recipe.prompting.prompt = prompts.map(str::to_owned).to_vec();
    recipe.views.view = views.iter().filter_map(|name| name.parse::<ViewSpec>().ok()).collect();
    recipe.sampling.stepping = Stepping::Course;
}

fn a1_8() -> Recipe {
    EXPERIMENT.recipe().with(|recipe| recipe.guidance.scale = vec![7.0])
}

/// Each reading is given its own top; a mean of both is often neither where the network is small.
fn playing_card() -> Recipe {
    let prompts = ["an oil painting of waterfalls", "an oil painting of a skull"];
    let views = ["identity", "rotate_180"];
    EXPERIMENT.recipe().with(|recipe| {
        recipe.prompting.prompt = prompts.map(str::to_owned).to_vec();
        recipe.views.view = views.iter().filter_map(|name| name.parse::<ViewSpec>().ok()).collect();
        recipe.views.reduce = Reduce::Upper;
        recipe.sampling.stepping = Stepping::Scheduler;
    })
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    if recipe.views.view.is_empty() {
        return Err(Error::arguments("no views").hint("give one --view for each --prompt"));
    }
    needs_conditions(recipe, model)?;
    let made = make(recipe, model, observer)?;
    figures::turned(&made, observer.wants_files())
}
