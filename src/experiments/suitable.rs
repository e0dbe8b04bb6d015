//! What a recipe leaves open, filled in: γ and numbers of steps by the stepping, the experiment, the model or IF;
//! entries and prompts that suit the model.

use super::Recipe;
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::models::{Conditioning, Recommendations};

/// IF's own γ and steps of stage II, as its pipeline has them by default.
const STAGE_2_GUIDANCE: f64 = 4.0;
const STAGE_2_STEPS: usize = 50;

/// Evaluations of the course's strided list, of which experiments' own entries are.
pub const COURSE_STEPS: usize = 33;

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

impl Recipe {
    /// The recipe with every "what suits" replaced by what suits the model of these `recommendations`.
    pub fn resolved(&self, recommendations: &Recommendations) -> Result<Self> {
        let mut recipe = self.clone();
        let suitable = self.suitable(recommendations)?;
        if recipe.guidance.scale.is_empty() {
            recipe.guidance.scale = vec![suitable.guidance];
        }
        if recipe.sampling.timesteps.is_some() {
            recipe.sampling.steps.clear(); // the list says how many
        } else if recipe.sampling.steps.is_empty() {
            recipe.sampling.steps = vec![suitable.steps];
        }
        recipe.suit_prompts(recommendations)?;
        match recommendations.every_timestep {
            Some(timesteps) => recipe.stretch_entries(timesteps)?,
            None => {
                recipe.keep_entries()?;
                recipe.stretch_timesteps(recommendations.num_train_timesteps.unwrap_or(1000))?;
            }
        }
        recipe.stage_2.guidance.get_or_insert(suitable.stage_2_guidance);
        recipe.stage_2.steps.get_or_insert(suitable.stage_2_steps);
        Ok(recipe)
    }

    /// Puts prompts that the model knows in the place of the experiment's own, where it is told no words.
    fn suit_prompts(&mut self, recommendations: &Recommendations) -> Result<()> {
        let known = &recommendations.stage_1.prompts;
        let own = self.prompting.prompt == self.experiment()?.recipe().prompting.prompt;
        if own && recommendations.conditioning != Conditioning::Text && !known.is_empty() {
            self.prompting.prompt = known.iter().cycle().take(self.prompting.prompt.len()).cloned().collect();
        }
        Ok(())
    }

    /// Moves the experiment's own entries and timesteps to the same share of a run over all of `timesteps`; those that
    /// are given stay.
    fn stretch_entries(&mut self, timesteps: usize) -> Result<()> {
        let own = self.experiment()?.recipe();
        let steps = self.sampling.steps.iter().copied().min().unwrap_or(timesteps);
        if self.source.i_start == own.source.i_start {
            self.source.i_start.iter_mut().for_each(|entry| *entry = *entry * steps / COURSE_STEPS);
        }
        self.stretch_timesteps(timesteps)
    }

    /// The same for its own timesteps alone.
    fn stretch_timesteps(&mut self, timesteps: usize) -> Result<()> {
        if self.source.t == self.experiment()?.recipe().source.t {
            self.source.t.iter_mut().for_each(|t| *t = *t * timesteps / 1000);
        }
        Ok(())
    }

    /// Leaves out the experiment's own entries that a shorter list does not have; entries that are given stay.
    fn keep_entries(&mut self) -> Result<()> {
        if self.source.i_start.is_empty() || self.source.i_start != self.experiment()?.recipe().source.i_start {
            return Ok(());
        }
        let most = match &self.sampling.timesteps {
            Some(list) => list.entries(1000)?.len(),
            None => self.sampling.steps.iter().copied().min().unwrap_or(0),
        };
        let last = if self.sampling.timesteps.is_some() && self.sampling.stepping == Stepping::Course {
            most - 1
        } else {
            most
        };
        self.source.i_start.retain(|&entry| entry < last);
        if self.source.i_start.is_empty() {
            self.source.i_start.push(last / 3);
        }
        Ok(())
    }

    /// The recipe of an experiment that names its network by kind or checkpoint, with its γ; steps stay empty for the
    /// checkpoint's own T.
    pub fn resolved_alone(&self) -> Result<Self> {
        let mut recipe = self.clone();
        recipe.digits.classes = self.digits.classes.trim().to_owned();
        if recipe.guidance.scale.is_empty() {
            recipe.guidance.scale = vec![self.experiment()?.guidance.unwrap_or(1.0)];
        }
        Ok(recipe)
    }

    /// What suits the experiment and the stepping on the model of these `recommendations`.
    pub fn suitable(&self, recommendations: &Recommendations) -> Result<Suitable> {
        let experiment = self.experiment()?;
        let Recommendations { stage_1, stage_2, every_timestep, .. } = recommendations;
        let stage_2_guidance = stage_2.guidance.unwrap_or(STAGE_2_GUIDANCE);
        let stage_2_steps = stage_2.steps.unwrap_or(STAGE_2_STEPS);
        let (guidance, steps) = match self.upscales() {
            true => (stage_2_guidance, stage_2_steps),
            false => (experiment.guidance.or(stage_1.guidance).unwrap_or(7.0), stage_1.steps.unwrap_or(20)),
        };
        let steps = match every_timestep {
            Some(timesteps) => *timesteps,
            None if self.sampling.stepping == Stepping::Course => COURSE_STEPS,
            None => steps,
        };
        Ok(Suitable { guidance, steps, stage_2_guidance, stage_2_steps })
    }

    /// Stage II's γ and number of steps after a stage I.
    pub fn second(&self) -> (f64, usize) {
        (self.stage_2.guidance.unwrap_or(STAGE_2_GUIDANCE), self.stage_2.steps.unwrap_or(STAGE_2_STEPS))
    }
}
