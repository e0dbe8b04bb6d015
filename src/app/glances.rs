//! What the open panel's model says of itself without its weights: its size and its schedule, read once by the helper;
//! and from it, which timestep an entry of a recipe's list is.

use super::helper::{Helper, Request};
use crate::diffusion::plan::PlanSpec;
use crate::error::Result;
use crate::experiments::Recipe;
use crate::models::{ModelSummary, Recommendations, StageSummary};

/// The names of the model and its stage II, and what is known of them.
#[derive(Default)]
pub struct Glances {
    of: (String, String),
    summary: Option<Box<ModelSummary>>,
    wrong: Option<String>,
}

impl Glances {
    /// What is known, once it is there.
    pub fn summary(&self) -> Option<&ModelSummary> {
        self.summary.as_deref()
    }

    /// Its stage I.
    pub fn get(&self) -> Option<&StageSummary> {
        self.summary()?.stage_1().ok()
    }

    /// Why nothing is known.
    pub fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }

    /// Follows the recipe's model and stage II.
    pub fn follow(&mut self, model: &str, stage_2: &str, helper: &Helper) {
        let of = (model.to_owned(), stage_2.to_owned());
        if self.of != of {
            *self = Self { of: of.clone(), ..Self::default() };
            helper.ask(Request::Glance(of.0, of.1));
        }
    }

    /// Takes in what was read.
    pub fn glanced(&mut self, of: &(String, String), summary: Result<Box<ModelSummary>>) {
        if self.of == *of {
            match summary {
                Ok(summary) => self.summary = Some(summary),
                Err(error) => self.wrong = Some(error.to_string()),
            }
        }
    }

    /// The list of timesteps that `recipe` walks, for its first number of steps.
    pub fn timesteps(&self, recipe: &Recipe, recommendations: &Recommendations) -> Option<Vec<usize>> {
        let stage = self.get()?;
        let recipe = recipe.resolved(recommendations).ok()?;
        let spec = PlanSpec {
            stepping: recipe.stepping,
            steps: recipe.steps.first().copied().unwrap_or(0),
            timesteps: recipe.timesteps.as_ref(),
            i_start: 0,
            sampler: recipe.sampler,
            repaint: None,
        };
        stage.entries(&spec).ok()
    }

    /// The timesteps at which `recipe` starts from its picture, in the order of its entries.
    pub fn starts(&self, recipe: &Recipe, recommendations: &Recommendations) -> Vec<usize> {
        let Some(list) = self.timesteps(recipe, recommendations) else { return Vec::new() };
        recipe.i_start.iter().filter_map(|&entry| list.get(entry).copied()).collect()
    }
}
