//! Part B's verbs that draw, as the experiments that they are: `sample` of classes, `inpaint` of test digits, `anagram`
//! of digits, on a digit network.

use super::{anagram, inpaint, sample, score};
use crate::error::Result;
use crate::experiments::assemble::Job;
use crate::experiments::runs::{OneRun, runs};
use crate::experiments::{Experiment, Recipe};
use crate::models::digits::Kind;
use crate::models::{Conditions, Model, ModelSummary};

/// A verb of part B as a general experiment.
pub struct General {
    /// The general experiment's recipe, its steps filled in; sources are where they were.
    pub recipe: Recipe,
    /// Its runs.
    pub runs: Vec<OneRun>,
    /// How many source digits all of them are made from, one after the other.
    pub rows: usize,
}

/// `recipe` as a general experiment; nothing for one that is none of part B's, or draws nothing.
pub fn as_general(recipe: &Recipe, summary: &ModelSummary) -> Result<Option<General>> {
    let is = |experiment: &Experiment| recipe.experiment == experiment.verb;
    let draws = is(&sample::EXPERIMENT) || is(&score::EXPERIMENT);
    let Some(kind) = summary.digits.filter(|_| draws || is(&inpaint::EXPERIMENT) || is(&anagram::EXPERIMENT)) else {
        return Ok(None);
    };
    let of = |verb: &str, prompt: Vec<String>, count: usize| {
        let recipe = recipe.clone().with(|recipe| {
            recipe.experiment = verb.to_owned();
            recipe.prompting.prompt = prompt;
            recipe.sampling.count = count;
            recipe.source.image = None;
        });
        recipe.resolved(&summary.recommendations)
    };
    if is(&anagram::EXPERIMENT) {
        let digits = anagram::digits(recipe)?;
        let recipe = of("anagram", digits.iter().map(usize::to_string).collect(), recipe.sampling.count)?;
        return Ok(Some(General { runs: runs(&recipe), recipe, rows: 1 }));
    }
    let pictures = sample::asked_classes(recipe, kind)?.len();
    let nothing = vec![String::new()];
    if draws {
        let recipe = of("sample", nothing, pictures)?;
        return Ok(Some(General { runs: runs(&recipe), recipe, rows: 1 }));
    }
    let rows = match (&recipe.source.image, recipe.digits.pick.len()) {
        (Some(_), _) => 1,
        (None, 0) => recipe.sampling.count,
        (None, picks) => picks,
    };
    let mut general = of("inpaint", nothing, pictures)?;
    let mut runs = runs(&general);
    if recipe.inpainting.mask.is_none() && recipe.source.i_start.is_empty() {
        // A third of the way.
        runs.iter_mut().for_each(|run| run.i_start = run.steps.div_ceil(3));
    }
    general.source.i_start = vec![0]; // under a mask, too, it begins from the digit
    Ok(Some(General { recipe: general, runs, rows }))
}

impl General {
    /// As a job on `model`.
    pub fn job(self, model: &dyn Model, conditions: Conditions) -> Result<Job<'_>> {
        Job::with(self.recipe, &self.runs, model, conditions, None)
    }
}

/// Each picture of a run is to be of its own class; guidance leads away from none.
pub fn own_classes(classes: &[Option<u8>], kind: Kind) -> Conditions {
    match kind.has_class() {
        true => Conditions::classes(vec![classes.iter().map(|class| class.map(usize::from)).collect(), vec![None]]),
        false => Conditions::nothing(2),
    }
}
