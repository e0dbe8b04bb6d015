//! The tables of part B's pictures: what varies over them, outermost first, as the experiments number them.

use super::{anagram, denoise, inpaint, noise, sample};
use crate::experiments::{Experiment, Recipe};
use crate::models::digits::Kind;

/// The values that vary over the pictures of a recipe of part B, and how many of its axes, the last ones, one run makes
/// side by side; `None` for part A's. Of a checkpoint whose kind is not said, the classes are taken to count.
pub fn axes(recipe: &Recipe) -> Option<(Vec<Vec<String>>, usize)> {
    let labels = |name: &str, values: &[f64]| values.iter().map(|value| format!("{name} {value}")).collect::<Vec<_>>();
    let steps = || recipe.sampling.steps.iter().map(|steps| format!("{steps} steps")).collect::<Vec<_>>();
    let guidance = || labels("γ", &recipe.guidance.scale);
    let seeds = || recipe.sampling.seed.iter().map(|seed| format!("seed {seed}")).collect::<Vec<_>>();
    let repeats = || (1..=recipe.sampling.count).map(|number| format!("no. {number}")).collect::<Vec<_>>();
    let classes = || {
        let told = recipe.digits.classes != "none" && recipe.digits.kind.is_none_or(Kind::has_class);
        recipe.digits.classes.chars().filter(|_| told).map(|class| format!("digit {class}")).collect::<Vec<_>>()
    };
    let rows = || match (&recipe.source.image, recipe.digits.pick.as_slice()) {
        (Some(_), _) => Vec::new(),
        (None, []) => (0..recipe.sampling.count).map(|pick| format!("test digit {pick}")).collect(),
        (None, picks) => picks.iter().map(|pick| format!("test digit {pick}")).collect(),
    };
    let is = |experiment: &Experiment| recipe.experiment == experiment.verb;
    if is(&sample::EXPERIMENT) {
        return Some((vec![steps(), guidance(), seeds(), repeats(), classes()], 2));
    }
    if is(&inpaint::EXPERIMENT) {
        let starts = recipe.source.i_start.iter().map(|i_start| format!("i_start {i_start}")).collect();
        return Some((vec![rows(), steps(), guidance(), starts, seeds(), classes()], 1));
    }
    if is(&anagram::EXPERIMENT) {
        let readings: Vec<String> = recipe.digits.classes.chars().map(String::from).collect();
        return Some((vec![steps(), guidance(), seeds(), repeats(), vec![readings.join(" / ")]], 2));
    }
    if is(&denoise::EXPERIMENT) && recipe.digits.kind == Some(Kind::NoiseDenoiser) {
        return Some((vec![seeds(), repeats()], 1));
    }
    if is(&denoise::EXPERIMENT) || is(&noise::EXPERIMENT) {
        return Some((vec![seeds(), rows(), labels("σ", &recipe.digits.noise_sigma)], 0));
    }
    None
}
