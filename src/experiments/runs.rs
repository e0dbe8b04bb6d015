//! The runs of a recipe: one for each combination of its repeated values, in the order of the pictures.

use super::Recipe;
use super::composition::is_composed;

/// One combination.
#[derive(Clone, Debug)]
pub struct OneRun {
    /// The prompt's number in the recipe.
    pub prompt: usize,
    /// Evaluations of the network (0 where a list of timesteps says it).
    pub steps: usize,
    /// γ.
    pub guidance_scale: f64,
    /// The entry of the list to begin with.
    pub i_start: usize,
    /// The timestep to begin at, instead.
    pub t: Option<usize>,
    /// The first picture's seed.
    pub seed: u64,
}

/// Every run: prompt outermost, then steps, γ, i_start or t, seed.
pub fn runs(recipe: &Recipe) -> Vec<OneRun> {
    let prompts = if is_composed(recipe) { 1 } else { recipe.prompting.prompt.len() };
    let steps: &[usize] = if recipe.sampling.steps.is_empty() { &[0] } else { &recipe.sampling.steps };
    let starts: Vec<(usize, Option<usize>)> = if !recipe.source.t.is_empty() {
        recipe.source.t.iter().map(|&t| (0, Some(t))).collect()
    } else if recipe.source.i_start.is_empty() {
        vec![(0, None)]
    } else {
        recipe.source.i_start.iter().map(|&i_start| (i_start, None)).collect()
    };
    let mut runs = Vec::new();
    for prompt in 0..prompts {
        for &steps in steps {
            for &guidance_scale in &recipe.guidance.scale {
                for &(i_start, t) in &starts {
                    for &seed in &recipe.sampling.seed {
                        runs.push(OneRun { prompt, steps, guidance_scale, i_start, t, seed });
                    }
                }
            }
        }
    }
    runs
}

/// The recipe that makes picture `index` of `run` alone.
pub fn alone(recipe: &Recipe, run: &OneRun, index: usize) -> Recipe {
    let prompt = if is_composed(recipe) {
        recipe.prompting.prompt.clone()
    } else {
        vec![recipe.prompting.prompt[run.prompt].clone()]
    };
    recipe.clone().with(|it| {
        it.prompting.prompt = prompt;
        it.sampling.steps = if recipe.sampling.steps.is_empty() { Vec::new() } else { vec![run.steps] };
        it.guidance.scale = vec![run.guidance_scale];
        it.source.i_start = if recipe.source.i_start.is_empty() { Vec::new() } else { vec![run.i_start] };
        it.source.t = run.t.into_iter().collect();
        it.sampling.seed = vec![run.seed.wrapping_add(index as u64)];
        it.sampling.count = 1;
    })
}
