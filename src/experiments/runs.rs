//! The runs of a recipe: one for each combination of its repeated values, in the order of the pictures.

use super::Recipe;
use super::outcome::Outcome;

/// One combination.
#[derive(Clone, Debug)]
pub struct OneRun {
    /// The prompt's number in the recipe.
    pub prompt: usize,
    /// Evaluations of the network (0 where a list of timesteps says it).
    pub steps: usize,
    /// γ.
    pub guidance_scale: f64,
    /// The first picture's seed.
    pub seed: u64,
}

/// Every run: prompt outermost, then steps, γ, seed.
pub fn runs(recipe: &Recipe) -> Vec<OneRun> {
    let steps: &[usize] = if recipe.steps.is_empty() { &[0] } else { &recipe.steps };
    let mut runs = Vec::new();
    for prompt in 0..recipe.prompt.len() {
        for &steps in steps {
            for &guidance_scale in &recipe.guidance {
                for &seed in &recipe.seed {
                    runs.push(OneRun { prompt, steps, guidance_scale, seed });
                }
            }
        }
    }
    runs
}

/// The recipe that makes picture `index` of `run` alone.
pub fn alone(recipe: &Recipe, run: &OneRun, index: usize) -> Recipe {
    Recipe {
        prompt: vec![recipe.prompt[run.prompt].clone()],
        steps: if recipe.steps.is_empty() { Vec::new() } else { vec![run.steps] },
        guidance: vec![run.guidance_scale],
        seed: vec![run.seed.wrapping_add(index as u64)],
        count: 1,
        ..recipe.clone()
    }
}

/// The table of a recipe's pictures: the first value that varies goes down, the others across.
pub fn layout(recipe: &Recipe) -> Outcome {
    let axes = [
        recipe.prompt.clone(),
        recipe.steps.iter().map(|steps| format!("{steps} steps")).collect(),
        recipe.guidance.iter().map(|guidance| format!("γ {guidance}")).collect(),
        seeds(recipe),
    ];
    let varying: Vec<&Vec<String>> = axes.iter().filter(|values| values.len() > 1).collect();
    match varying.split_first() {
        None => Outcome { per_row: 1, ..Outcome::default() },
        Some((only, [])) => {
            let per_row = if only.len() <= 6 { only.len() } else { only.len().div_ceil(2).clamp(5, 8) };
            Outcome { per_row, captions: only.to_vec(), ..Outcome::default() }
        }
        Some((down, across)) => {
            let columns = across.iter().fold(vec![String::new()], |labels, values| {
                labels.iter().flat_map(|label| values.iter().map(move |value| joined(label, value))).collect()
            });
            Outcome { per_row: columns.len(), columns, rows: down.to_vec(), captions: Vec::new() }
        }
    }
}

fn seeds(recipe: &Recipe) -> Vec<String> {
    let count = recipe.count as u64;
    recipe.seed.iter().flat_map(|seed| (0..count).map(|i| format!("seed {}", seed.wrapping_add(i)))).collect()
}

fn joined(label: &str, value: &str) -> String {
    if label.is_empty() { value.to_owned() } else { format!("{label} · {value}") }
}
