//! The tables of part B's pictures: what varies over them, outermost first, as the experiments number them.

use super::{denoise, noise, sample};
use crate::experiments::Recipe;
use crate::models::digits::Kind;

/// The values that vary over the pictures of a recipe of part B; `None` for part A's. Of a checkpoint whose kind is
/// not said, the classes are taken to count.
pub fn axes(recipe: &Recipe) -> Option<Vec<Vec<String>>> {
    let seeds = || recipe.seed.iter().map(|seed| format!("seed {seed}")).collect::<Vec<_>>();
    let repeats = || (1..=recipe.count).map(|number| format!("no. {number}")).collect::<Vec<_>>();
    let verb = recipe.experiment.as_str();
    if verb == sample::EXPERIMENT.verb {
        let steps = recipe.steps.iter().map(|steps| format!("{steps} steps")).collect();
        let guidance = recipe.guidance.iter().map(|guidance| format!("γ {guidance}")).collect();
        let told = recipe.classes != "none" && recipe.kind.is_none_or(Kind::has_class);
        let classes = recipe.classes.chars().filter(|_| told).map(|class| format!("digit {class}")).collect();
        return Some(vec![steps, guidance, seeds(), repeats(), classes]);
    }
    if verb == denoise::EXPERIMENT.verb && recipe.kind == Some(Kind::NoiseDenoiser) {
        return Some(vec![seeds(), repeats()]);
    }
    if verb == denoise::EXPERIMENT.verb || verb == noise::EXPERIMENT.verb {
        let rows = match (&recipe.image, recipe.pick.as_slice()) {
            (Some(_), _) => Vec::new(),
            (None, []) => (0..recipe.count).map(|pick| format!("digit {pick}")).collect(),
            (None, picks) => picks.iter().map(|pick| format!("digit {pick}")).collect(),
        };
        let sigmas = recipe.noise_sigma.iter().map(|sigma| format!("σ {sigma}")).collect();
        return Some(vec![seeds(), rows, sigmas]);
    }
    None
}
