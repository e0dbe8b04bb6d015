//! How much one recipe may ask for. 26 KB of JSON can name 10¹² pictures, so what is given is counted before anything is
//! multiplied: texts and lists as they are read, pictures and steps before a job is planned.

use serde_json::{Map, Value};

use super::Recipe;
use super::composition::is_composed;
use super::settings::digits;
use crate::error::{Error, Result};
use crate::files::limits;

/// Evaluations of a run whose recipe leaves them to the model.
const USUAL_STEPS: usize = 50;

/// An error where a text or a list in a recipe's JSON is longer than any that is meant.
pub fn check_given(given: &Map<String, Value>) -> Result<()> {
    for (key, value) in given {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if items.len() > limits::RUNS {
            return Err(Error::arguments(format!("{} values are too many", items.len()))
                .at(key)
                .hint(format!("give at most {}", limits::RUNS)));
        }
        if let Some(long) = items.iter().filter_map(Value::as_str).map(str::len).find(|&len| len > limits::TEXT) {
            return Err(Error::arguments(format!("a text of {long} bytes is too long"))
                .at(key)
                .hint(format!("give at most {}", limits::TEXT)));
        }
    }
    Ok(())
}

/// How many pictures `recipe` asks for at most, counted without a list of them: what its lists come to together.
pub fn most_pictures(recipe: &Recipe) -> usize {
    let prompts = if is_composed(recipe) { 1 } else { recipe.prompting.prompt.len() };
    let lists = [
        prompts,
        recipe.sampling.steps.len(),
        recipe.guidance.scale.len(),
        recipe.source.i_start.len().max(recipe.source.t.len()),
        recipe.sampling.seed.len(),
        recipe.digits.noise_sigma.len(),
        recipe.digits.pick.len(),
        if is_drawn_by_class(recipe) { recipe.digits.classes.len() } else { 1 },
        recipe.sampling.count,
        cells(recipe),
    ];
    lists.into_iter().fold(1, |product, len| product.saturating_mul(len.max(1)))
}

fn is_drawn_by_class(recipe: &Recipe) -> bool {
    recipe.experiment().is_ok_and(|experiment| experiment.uses(&digits::classes))
}

/// How many cells the recipe's grid has.
fn cells(recipe: &Recipe) -> usize {
    let side = |axis: &Option<super::Axis>| axis.as_ref().map_or(1, |axis| axis.values.len());
    side(&recipe.grid.x).saturating_mul(side(&recipe.grid.y))
}

/// An error where `recipe` asks for more pictures, steps or texts than one job may have.
pub fn check_work(recipe: &Recipe) -> Result<()> {
    let pictures = most_pictures(recipe);
    if pictures > limits::RUNS {
        return Err(Error::arguments(format!("the recipe asks for {pictures} pictures"))
            .hint(format!("one job makes at most {}: give fewer prompts, seeds or values", limits::RUNS)));
    }
    // Each cell has every text of the recipe.
    let texts: usize = recipe.prompting.prompt.iter().map(String::len).sum();
    if texts.saturating_mul(cells(recipe)) > limits::TEXTS {
        return Err(Error::arguments("the prompts of all cells together are too long")
            .at("prompt")
            .hint(format!("give at most {} bytes", limits::TEXTS)));
    }
    if !recipe.experiment()?.walks() {
        return Ok(());
    }
    let lists = pictures / recipe.sampling.steps.len().max(1) / recipe.sampling.count.max(1);
    let steps = if recipe.sampling.steps.is_empty() { USUAL_STEPS } else { recipe.sampling.steps.iter().sum() };
    let ways_back = recipe.inpainting.repaint.map_or(1, |pair| pair.0.max(1));
    let steps = lists.saturating_mul(steps).saturating_mul(ways_back);
    if steps > limits::STEPS {
        return Err(Error::arguments(format!("the recipe asks for {steps} steps"))
            .hint(format!("one job takes at most {}: give fewer runs or steps", limits::STEPS)));
    }
    Ok(())
}
