//! What is known of the open panel's model without its weights: its size and schedule, what it recommends, and from these
//! which timestep an entry of a recipe's list is; and the models that there are.

use crate::app::background::{Background, Latest, Pending};
use crate::diffusion::plan::PlanSpec;
use crate::error::Error;
use crate::experiments::settings::networks::Networks;
use crate::experiments::{Recipe, is_place};
use crate::models::{ModelInfo, ModelSummary, Recommendations, StageSummary, models, recommendations};

/// The model's facts.
#[derive(Default)]
pub struct ModelFacts {
    /// By model and stage II.
    summary: Latest<(String, String), ModelSummary>,
    /// Likewise.
    recommended: Latest<(String, String), Recommendations>,
    /// What is recommended while nothing is known.
    nothing: Recommendations,
    models: Vec<ModelInfo>,
    listing: Option<Pending<Vec<ModelInfo>>>,
}

impl ModelFacts {
    /// Follows the recipe's model.
    pub fn follow(&mut self, recipe: &Recipe, background: &Background) {
        let Networks { model, stage_2, .. } = &recipe.networks;
        self.summary.follow((recipe.model_name(), stage_2.clone()), |(model, stage_2)| {
            let opens = is_place(model) || is_place(stage_2);
            let (name, model, stage_2) = (format!("looking at the model {model}"), model.clone(), stage_2.clone());
            background.run_opening(opens, name, move || ModelSummary::at(&model, &stage_2))
        });
        let key = (model.clone(), stage_2.clone());
        if self.recommended.key() == Some(&key) {
            return;
        }
        if model == "built-in" && ["auto", "none", "built-in"].contains(&stage_2.as_str()) {
            // Inside the program, so at once.
            return self.recommended.know(key, recommendations(model, stage_2).unwrap_or_default());
        }
        self.recommended.follow(key, |(model, stage_2)| {
            let opens = is_place(model) || is_place(stage_2);
            let (name, model, stage_2) = (format!("looking at the model {model}"), model.clone(), stage_2.clone());
            // A model that is not there recommends nothing; the job says what is wrong with it.
            background.run_opening(opens, name, move || Ok(recommendations(&model, &stage_2).unwrap_or_default()))
        });
    }

    /// Looks for models again.
    pub fn list_models(&mut self, background: &Background) {
        self.listing = Some(background.run("looking for models", || Ok(models())));
    }

    /// Takes in what was read; what went wrong that is not said where it is needed.
    pub fn poll(&mut self) -> Option<Error> {
        self.summary.poll();
        let recommended = self.recommended.poll().and_then(Result::err);
        match Pending::take_from(&mut self.listing) {
            Some(Ok(models)) => self.models = models,
            Some(Err(error)) => return Some(error),
            None => {}
        }
        recommended
    }

    /// What its configs say, once it is read.
    pub fn summary(&self) -> Option<&ModelSummary> {
        self.summary.get()
    }

    /// The same of its stage I.
    pub fn stage_1(&self) -> Option<&StageSummary> {
        self.summary()?.stage_1().ok()
    }

    /// Why its configs say nothing.
    pub fn wrong(&self) -> Option<String> {
        self.summary.error().map(ToString::to_string)
    }

    /// What it recommends.
    pub fn recommendations(&self) -> &Recommendations {
        self.recommended.get().unwrap_or(&self.nothing)
    }

    /// The models that there are.
    pub fn models(&self) -> &[ModelInfo] {
        &self.models
    }

    /// The list of timesteps that `recipe` walks, for its first number of steps.
    fn timesteps(&self, recipe: &Recipe) -> Option<Vec<usize>> {
        let stage = self.stage_1()?;
        let recipe = recipe.resolved(self.recommendations()).ok()?;
        let spec = PlanSpec {
            stepping: recipe.sampling.stepping,
            steps: recipe.sampling.steps.first().copied().unwrap_or(0),
            timesteps: recipe.sampling.timesteps.as_ref(),
            i_start: 0,
            sampler: recipe.sampling.sampler,
            repaint: None,
        };
        stage.entries(&spec).ok()
    }

    /// The timesteps at which `recipe` starts from its picture, in the order of its entries.
    pub fn starts(&self, recipe: &Recipe) -> Vec<usize> {
        let Some(list) = self.timesteps(recipe) else { return Vec::new() };
        recipe.source.i_start.iter().filter_map(|&entry| list.get(entry).copied()).collect()
    }
}
