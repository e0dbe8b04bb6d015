//! How often a recipe asks each network, known before it runs: what its time is made of.

use super::Recipe;
use super::runs::runs;
use super::sweep::cells;
use super::table::steps;
use crate::diffusion::estimate::Reduce;
use crate::diffusion::guidance::needs_unconditional;
use crate::error::Result;

/// How many pictures the networks of stage I and II are shown for a resolved `recipe`, where the model has a stage II
/// or not; `None` where a list of timesteps or the model's own spacing says it. At most so many: γ may hold in some
/// timesteps only.
pub fn shown(recipe: &Recipe, has_stage_2: bool) -> Result<Option<[u64; 2]>> {
    let mut total = [0; 2];
    if !recipe.experiment()?.reads("stepping") {
        return Ok(Some(total)); // noising asks no network
    }
    for cell in cells(recipe)? {
        for run in runs(&cell) {
            let Some(steps) = steps(&cell, &run)? else { return Ok(None) };
            let first = (steps * cell.count * a_step(&cell, run.guidance_scale)) as u64;
            if cell.upscales() {
                total[1] += first;
                continue;
            }
            total[0] += first;
            if has_stage_2 {
                let (guidance_scale, steps) = cell.second();
                total[1] += (steps * cell.count * a_step(&cell, guidance_scale)) as u64;
            }
        }
    }
    Ok(Some(total))
}

/// How many a step shows for each picture that it makes: each view with each of its prompts, and once without.
fn a_step(recipe: &Recipe, guidance_scale: f64) -> usize {
    let views = &recipe.view;
    let distinct = (0..views.len()).filter(|&at| !views[..at].contains(&views[at])).count().max(1);
    let prompted = match &recipe.prompt[..] {
        [_] => distinct,
        prompts if views.is_empty() && recipe.decomposition.is_none() => prompts.len().min(1),
        prompts => prompts.len(),
    };
    // Parts that are apart see pictures of their own.
    let apart = recipe.decomposition.as_ref().filter(|_| recipe.apart != 0.0);
    let parts = apart.map_or(1, |decomposition| decomposition.entry().parts.len());
    let (prompted, distinct) = (prompted.max(distinct * parts), distinct * parts);
    let (prompted, distinct) = match recipe.reduce {
        Reduce::Alternate if !views.is_empty() => ((prompted / views.len()).max(1), 1),
        _ => (prompted, distinct),
    };
    prompted + if needs_unconditional(guidance_scale) { distinct } else { 0 }
}
