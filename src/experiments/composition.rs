//! A recipe's prompts, views and decompositions as the tree that the loop evaluates.

use std::sync::Arc;

use candle_core::Tensor;

use super::{Recipe, runs::OneRun};
use crate::decompositions::Decomposition;
use crate::diffusion::estimate::{Branch, Estimate, Mapping, Part, Reduce};
use crate::diffusion::guidance::Guidance;
use crate::error::{Error, Result};
use crate::models::{Conditioning, Model, StageSummary};
use crate::views::View;

/// Whether all prompts of `recipe` go into one picture.
pub fn is_composed(recipe: &Recipe) -> bool {
    !recipe.views.view.is_empty() || recipe.parts.decomposition.is_some()
}

/// An error where `model` is told nothing, so that one reading of a picture could not differ from another.
pub fn needs_conditions(recipe: &Recipe, model: &dyn Model) -> Result<()> {
    let summary = model.summary();
    if summary.recommendations.conditioning != Conditioning::None {
        return Ok(());
    }
    Err(Error::arguments(format!(
        "`{}` needs a model with prompts or classes, this one has neither",
        recipe.experiment
    ))
    .at(&summary.name)
    .hint("choose built-in or digits-class"))
}

/// A view as an estimate uses it.
pub struct Seen(pub View);

impl Mapping for Seen {
    fn view(&self, x: &Tensor) -> Result<Tensor> {
        self.0.view(x)
    }

    fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        self.0.inverse_view(x)
    }

    fn inverse_view_variance(&self, x: &Tensor) -> Result<Tensor> {
        self.0.inverse_view_variance(x)
    }
}

/// One part of a decomposition, by its number, as an estimate or a constraint uses it.
pub struct OnePart(pub Arc<Decomposition>, pub usize);

impl Part for OnePart {
    fn part(&self, x: &Tensor) -> Result<Tensor> {
        self.0.part(self.1, x)
    }
}

/// The square pictures that views and parts are made for.
#[derive(Clone, Copy, Debug)]
pub struct Square {
    /// Their side in the network's space.
    pub size: usize,
    /// Stage I's.
    pub base: usize,
    /// Whether values lie about 0, so that -x is a picture too.
    pub signed: bool,
}

impl Square {
    /// Those of `stage`, where stage I's side is `base`.
    pub fn of(stage: &StageSummary, base: usize) -> Self {
        Self { size: stage.space.height, base, signed: stage.pixels.is_signed() }
    }
}

/// The estimate of `run` on pictures of `square`; `negative` is a text's number.
pub fn estimate(recipe: &Recipe, run: &OneRun, square: Square, negative: usize, scale: f64) -> Result<Estimate> {
    let guidance = Guidance {
        scale,
        rescale: recipe.guidance.rescale,
        interval: recipe.guidance.interval.map(|pair| (pair.0, pair.1)),
        schedule: recipe.guidance.schedule,
    };
    let guided = |text: usize| Estimate::Guided { text, negative, guidance };
    let decomposition =
        recipe.parts.decomposition.as_ref().map(|spec| spec.at(square.size, square.base)).transpose()?.map(Arc::new);
    let parts_each = decomposition.as_ref().map_or(1, |decomposition| decomposition.parts().len());
    if !is_composed(recipe) {
        return Ok(guided(run.prompt));
    }
    let wanted = recipe.views.view.len().max(1) * parts_each;
    let given = recipe.prompting.prompt.len();
    if given != wanted && given != 1 {
        return Err(Error::arguments(format!("{given} prompts for {}", counted(recipe, parts_each)))
            .at("prompt")
            .hint(format!("give {wanted}, in order, or one for all")));
    }
    let text = |number: usize| if given == 1 { 0 } else { number };
    let leaf = |view: usize| match &decomposition {
        None => guided(text(view)),
        Some(decomposition) => {
            let part = |index| {
                let part = OnePart(Arc::clone(decomposition), index);
                (Arc::new(part) as Arc<dyn Part>, guided(text(view * parts_each + index)))
            };
            Estimate::Parts { parts: (0..parts_each).map(part).collect(), apart: recipe.parts.apart }
        }
    };
    if recipe.views.view.is_empty() {
        return Ok(leaf(0));
    }
    Ok(Estimate::Views { branches: branches(recipe, square, leaf)?, reduce: recipe.views.reduce })
}

/// A branch for each of the recipe's views, of what `leaf` makes of its number.
fn branches(recipe: &Recipe, square: Square, leaf: impl Fn(usize) -> Estimate) -> Result<Vec<Branch>> {
    if let Some(spec) = recipe.views.view.iter().find(|spec| spec.entry().name == "negate" && !square.signed) {
        return Err(Error::arguments(format!("`{spec}` does not suit this model, in whose space -x is no picture"))
            .at("view")
            .hint("choose a view that moves pixels"));
    }
    let weights = &recipe.views.weight;
    if !weights.is_empty() && weights.len() != recipe.views.view.len() {
        return Err(Error::arguments(format!("{} weights for {} views", weights.len(), recipe.views.view.len()))
            .at("weight")
            .hint("give one for each view, or none"));
    }
    let mut branches: Vec<Branch> = Vec::new();
    for (number, spec) in recipe.views.view.iter().enumerate() {
        // The same view twice is one: what the network says of it is asked once a prompt.
        let view = match recipe.views.view[..number].iter().position(|earlier| earlier == spec) {
            Some(earlier) => Arc::clone(&branches[earlier].view),
            None => Arc::new(Seen(spec.at(square.size, square.base)?)) as Arc<dyn Mapping>,
        };
        branches.push(Branch { view, weight: weights.get(number).copied().unwrap_or(1.0), estimate: leaf(number) });
    }
    let total: f64 = branches.iter().map(|branch| branch.weight).sum();
    if total.abs() < 1e-9 && recipe.views.reduce != Reduce::Sum {
        return Err(Error::arguments("the weights of a mean sum to 0").at("weight"));
    }
    if recipe.views.reduce == Reduce::Upper && branches.iter().any(|branch| branch.weight < 0.0) {
        return Err(Error::arguments("shares of a picture cannot be below 0").at("weight"));
    }
    Ok(branches)
}

/// The part that `--hold` names, on pictures of `square`.
pub fn held_part(recipe: &Recipe, name: &str, square: Square) -> Result<Arc<dyn Part>> {
    let spec = recipe.parts.decomposition.as_ref().ok_or_else(|| {
        Error::arguments("a held part needs a decomposition").at("hold").hint("give one with --decomposition")
    })?;
    let index = spec.part_index(name)?;
    Ok(Arc::new(OnePart(Arc::new(spec.at(square.size, square.base)?), index)))
}

fn counted(recipe: &Recipe, parts: usize) -> String {
    match (recipe.views.view.len(), parts) {
        (0, parts) => format!("{parts} parts"),
        (views, 1) => format!("{views} views"),
        (views, parts) => format!("{views} views of {parts} parts"),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use candle_core::{DType, Device};

    use super::super::runs::runs;
    use super::*;
    use crate::diffusion::estimate::{Denoiser, Moment};
    use crate::diffusion::prediction::{PredictionType, Terms};

    /// Counts the rows that it is asked for.
    struct Counting(Cell<usize>);

    impl Denoiser for Counting {
        fn prediction_type(&self) -> PredictionType {
            PredictionType::Epsilon
        }

        fn forward(&self, input: &Tensor, _: &Moment, texts: &[usize]) -> Result<Tensor> {
            self.0.set(self.0.get() + texts.len());
            Ok(input.clone())
        }
    }

    /// Forwards of a step: a plain guided sample is 2, and what branches share is asked once.
    #[test]
    fn a_step_costs_its_distinct_leaves() {
        for (views, decomposition, prompts, guidance, rows) in [
            (&[][..], None, 1, 7.0, 2),
            (&["identity", "flip_vertical"], None, 2, 7.0, 4),
            (&["identity", "flip_vertical"], None, 1, 1.0, 2),
            (&["identity", "identity"], None, 1, 1.0, 1),
            (&["identity", "identity"], None, 2, 7.0, 3),
            (&[], Some("low_high"), 2, 7.0, 3),
            (&["identity", "flip_vertical"], Some("grey_colour"), 4, 7.0, 6),
        ] {
            let recipe = Recipe::new("anagram").with(|recipe| {
                recipe.prompting.prompt = ["a", "b", "c", "d"][..prompts].iter().map(|&text| text.to_owned()).collect();
                recipe.views.view = views.iter().map(|name| name.parse().unwrap()).collect();
                recipe.parts.decomposition = decomposition.map(|name: &str| name.parse().unwrap());
                recipe.guidance.scale = vec![guidance];
            });
            let square = Square { size: 64, base: 64, signed: true };
            let estimate = estimate(&recipe, &runs(&recipe)[0], square, prompts, guidance).unwrap();
            let denoiser = Counting(Cell::new(0));
            let x = Tensor::zeros((1, 3, 64, 64), DType::F32, &Device::Cpu).unwrap();
            let terms = Terms { prediction_type: PredictionType::Epsilon, alpha_prod: 0.5 };
            let moment = Moment { terms, timestep: 500, time: 500.0, index: 0, progress: 0.0 };
            let _ = estimate.evaluate(&denoiser, &x, None, moment, 3).unwrap();
            assert_eq!(
                (denoiser.0.get(), estimate.rows(moment)),
                (rows, rows),
                "{views:?} {decomposition:?} {prompts} {guidance}"
            );
        }
    }
}
