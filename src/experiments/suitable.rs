//! γ and numbers of steps where a recipe gives none: the stepping's, the experiment's, the model's own, or IF's.

use super::Recipe;
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::Recommendations;

/// IF's own γ and steps of stage II, as its pipeline has them by default.
const STAGE_2_GUIDANCE: f64 = 4.0;
const STAGE_2_STEPS: usize = 50;

/// γ and numbers of steps where none are given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Suitable {
    /// γ of the experiment.
    pub guidance: f64,
    /// Its number of steps.
    pub steps: usize,
    /// γ of a stage II after it.
    pub stage_2_guidance: f64,
    /// Steps of a stage II after it.
    pub stage_2_steps: usize,
}

impl Suitable {
    /// What suits a recipe's `key`.
    pub fn of(&self, key: &str) -> Option<f64> {
        Some(match key {
            "guidance" => self.guidance,
            "steps" => self.steps as f64,
            "stage_2_guidance" => self.stage_2_guidance,
            "stage_2_steps" => self.stage_2_steps as f64,
            _ => return None,
        })
    }
}

impl Recipe {
    /// What suits the experiment and the stepping on the model of these `recommendations`.
    pub fn suitable(&self, recommendations: &Recommendations) -> Result<Suitable> {
        let experiment = self.experiment()?;
        let Recommendations { stage_1, stage_2 } = recommendations;
        let stage_2_guidance = stage_2.guidance.unwrap_or(STAGE_2_GUIDANCE);
        let stage_2_steps = stage_2.steps.unwrap_or(STAGE_2_STEPS);
        let (guidance, steps) = match self.upscales() {
            true => (stage_2_guidance, stage_2_steps),
            false => (
                experiment.guidance.or(stage_1.guidance).unwrap_or(7.0),
                experiment.steps.or(stage_1.steps).unwrap_or(20),
            ),
        };
        let steps = if self.stepping == Stepping::Course { 33 } else { steps };
        Ok(Suitable { guidance, steps, stage_2_guidance, stage_2_steps })
    }

    /// Stage II's γ and number of steps after a stage I.
    pub fn second(&self) -> (f64, usize) {
        (self.stage_2_guidance.unwrap_or(STAGE_2_GUIDANCE), self.stage_2_steps.unwrap_or(STAGE_2_STEPS))
    }
}
