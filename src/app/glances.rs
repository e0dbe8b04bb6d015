//! What the open panel's model says of itself without its weights: its size and its schedule, read once by the helper;
//! and from it, which timestep an entry of a recipe's list is.

use super::helper::{Helper, Request};
use crate::diffusion::plan::{Plan, PlanSpec};
use crate::error::Result;
use crate::experiments::Recipe;
use crate::models::{Glance, Recommendations};

/// The model's name, and what is known of it.
#[derive(Default)]
pub struct Glances {
    of: String,
    glance: Option<Box<Glance>>,
    wrong: Option<String>,
}

impl Glances {
    /// What is known, once it is there.
    pub fn get(&self) -> Option<&Glance> {
        self.glance.as_deref()
    }

    /// Why nothing is known.
    pub fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }

    /// Follows the recipe's model.
    pub fn follow(&mut self, model: &str, helper: &Helper) {
        if self.of != model {
            *self = Self { of: model.to_owned(), ..Self::default() };
            helper.ask(Request::Glance(model.to_owned()));
        }
    }

    /// Takes in what was read.
    pub fn glanced(&mut self, model: &str, glance: Result<Box<Glance>>) {
        if self.of == model {
            match glance {
                Ok(glance) => self.glance = Some(glance),
                Err(error) => self.wrong = Some(error.to_string()),
            }
        }
    }

    /// The list of timesteps that `recipe` walks, for its first number of steps.
    pub fn timesteps(&self, recipe: &Recipe, recommendations: &Recommendations) -> Option<Vec<usize>> {
        let glance = self.get()?;
        let recipe = recipe.resolved(recommendations).ok()?;
        let spec = PlanSpec {
            stepping: recipe.stepping,
            steps: recipe.steps.first().copied().unwrap_or(0),
            timesteps: recipe.timesteps.as_ref(),
            i_start: 0,
            sampler: recipe.sampler,
            repaint: None,
        };
        Plan::entries(&glance.config, glance.schedule.num_train_timesteps(), &spec).ok()
    }

    /// The timesteps at which `recipe` starts from its picture, in the order of its entries.
    pub fn starts(&self, recipe: &Recipe, recommendations: &Recommendations) -> Vec<usize> {
        let Some(list) = self.timesteps(recipe, recommendations) else { return Vec::new() };
        recipe.i_start.iter().filter_map(|&entry| list.get(entry).copied()).collect()
    }
}
