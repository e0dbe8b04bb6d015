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
    let prompts = if is_composed(recipe) { 1 } else { recipe.prompt.len() };
    let steps: &[usize] = if recipe.steps.is_empty() { &[0] } else { &recipe.steps };
    let starts: Vec<(usize, Option<usize>)> = if !recipe.t.is_empty() {
        recipe.t.iter().map(|&t| (0, Some(t))).collect()
    } else if recipe.i_start.is_empty() {
        vec![(0, None)]
    } else {
        recipe.i_start.iter().map(|&i_start| (i_start, None)).collect()
    };
    let mut runs = Vec::new();
    for prompt in 0..prompts {
        for &steps in steps {
            for &guidance_scale in &recipe.guidance {
                for &(i_start, t) in &starts {
                    for &seed in &recipe.seed {
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
    let prompt = if is_composed(recipe) { recipe.prompt.clone() } else { vec![recipe.prompt[run.prompt].clone()] };
    Recipe {
        prompt,
        steps: if recipe.steps.is_empty() { Vec::new() } else { vec![run.steps] },
        guidance: vec![run.guidance_scale],
        i_start: if recipe.i_start.is_empty() { Vec::new() } else { vec![run.i_start] },
        t: run.t.into_iter().collect(),
        seed: vec![run.seed.wrapping_add(index as u64)],
        count: 1,
        ..recipe.clone()
    }
}
