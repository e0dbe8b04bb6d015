//! A1.7: image-to-image (SDEdit, Meng et al. 2022). A picture noised to an entry of the list, then denoised with
//! guidance: the earlier the entry, the freer the result.

use super::assemble::make;
use super::settings::{guidance, inpainting, parts, prompting, sampling, source, views};
use super::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section, Source, figures, sections};
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "edit",
    title: "Edit",
    group: "Pictures to pictures",
    sentence: "Noise a picture or a drawing to chosen levels and let the model finish it",
    sections: &[
        Section::Head(&[&source::image, &prompting::prompt, &prompting::negative]),
        Section::Open(
            "Sampling",
            &[&source::i_start, &guidance::scale, &sampling::steps, &sampling::seed, &sampling::count],
        ),
        sections::LOOP,
        sections::GUIDANCE,
        Section::Closed(
            "Combine",
            &[
                &views::view,
                &views::weight,
                &views::reduce,
                &parts::decomposition,
                &parts::apart,
                &parts::hold,
                &inpainting::mask,
                &inpainting::mode,
                &inpainting::repaint,
            ],
        ),
        sections::STAGE_2,
        sections::GRID_AND_BRANCH,
        sections::MODEL,
    ],
    needs: &[&source::image],
    picture: Some("drawing"),
    guidance: None,
    defaults: |recipe| {
        recipe.sampling.stepping = Stepping::Course;
        recipe.source.i_start = vec![1, 3, 5, 7, 10, 20];
    },
    presets: &[
        Preset { name: "a1.7", title: "Image-to-image from six noise levels", recipe: a1_7 },
        Preset { name: "a1.7.1", title: "The same from a drawing", recipe: a1_7_1 },
        Preset { name: "a1.7.3", title: "The same, guided to a rocket ship", recipe: a1_7_3 },
    ],
    run: Run::Model(run),
};

fn a1_7() -> Recipe {
    EXPERIMENT.recipe().with(|recipe| recipe.guidance.scale = vec![7.0])
}

fn a1_7_1() -> Recipe {
    a1_7().with(|recipe| recipe.source.image = Some(Source::BuiltIn("drawing".to_owned())))
}

fn a1_7_3() -> Recipe {
    a1_7().with(|recipe| recipe.prompting.prompt = vec!["a rocket ship".to_owned()])
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let made = make(recipe, model, observer)?;
    figures::beside_source(&made)
}
