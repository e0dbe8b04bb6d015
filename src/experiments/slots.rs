//! The slots of the loop, filled from a recipe: start, estimate and constraint of one run on one stage.

use candle_core::Tensor;

use super::assemble::Job;
use super::composition::{Square, estimate, held_part};
use super::plan::PlannedRun;
use super::settings::inpainting::InpaintMode;
use super::stages::{Resume, StageRun, Start};
use crate::diffusion::constraint::Constraint;
use crate::diffusion::estimate::Estimate;
use crate::diffusion::plan::Plan;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::{StageSummary, ToldNetwork};
use crate::pictures::tensor_from_mask;

/// What fills the slots of one run.
pub struct Slots {
    /// The source picture, [b, c, h, w], where this stage keeps it.
    picture: Option<Tensor>,
    /// Whether the run begins from that picture, noised.
    starts_from_picture: bool,
    /// What is done after each step.
    constraint: Option<Constraint>,
    /// What is thought of each x_t.
    estimate: Estimate,
    /// The mask whose surroundings are never noised.
    unnoised: Option<Tensor>,
}

impl Job<'_> {
    /// The source picture in the space of `stage`, once for each picture of a run.
    pub fn picture(&self, stage: &StageSummary) -> Result<Option<Tensor>> {
        let picture = match (&self.source, &self.recipe.source.image) {
            (Some(source), _) => source.clone(),
            (None, Some(source)) => {
                self.model.codec(stage).encode(&source.at(stage.sample_size)?, self.model.device())?
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(picture.repeat((self.recipe.sampling.count, 1, 1, 1))?))
    }

    /// The mask for `stage`, [1, 1, h, w].
    pub fn mask(&self, stage: &StageSummary) -> Result<Option<Tensor>> {
        let Some(source) = &self.recipe.inpainting.mask else { return Ok(None) };
        let hard = self.recipe.inpainting.mode == InpaintMode::Diffusers;
        Ok(Some(tensor_from_mask(&source.at(stage.space.height)?, hard, self.model.device())?))
    }

    /// What the recipe keeps of its picture after each step.
    fn constraint(&self, stage: &StageSummary, picture: Option<&Tensor>) -> Result<Option<Constraint>> {
        let mask = self.mask(stage)?;
        let needed = |what: &str| {
            let picture = picture.cloned();
            picture.ok_or_else(|| Error::arguments(format!("{what} needs a picture")).hint("give one with --image"))
        };
        match (&mask, &self.recipe.parts.hold) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Error::arguments("a mask and a held part cannot be combined")
                .at("hold")
                .hint("leave one of them out")),
            (None, Some(name)) => {
                let part = held_part(&self.recipe, name, self.square(stage))?;
                Ok(Some(Constraint::Hold { part, reference: needed("a held part")? }))
            }
            (Some(mask), None) => {
                let (mask, original) = (mask.clone(), needed("a mask")?);
                Ok(Some(match self.recipe.inpainting.mode {
                    InpaintMode::Renoise => Constraint::Renoise { mask, original },
                    InpaintMode::Diffusers => Constraint::Unnoised { mask, original },
                }))
            }
        }
    }

    fn square(&self, stage: &StageSummary) -> Square {
        Square::of(stage, self.model.summary().base())
    }

    /// What fills the slots of the loop for `planned` on a stage.
    pub fn slots(&self, stage: &StageSummary, planned: &PlannedRun, second: bool) -> Result<Slots> {
        let (recipe, run) = (&self.recipe, &planned.run);
        // Stage II of edits and held parts is plain super-resolution; inpainting keeps its constraint.
        let kept = !second || recipe.inpainting.mask.is_some();
        let picture = if kept { self.picture(stage)? } else { None };
        let constraint = if kept { self.constraint(stage, picture.as_ref())? } else { None };
        let starts_from_picture =
            !second && picture.is_some() && (!recipe.source.i_start.is_empty() || run.t.is_some());
        if stage.flows() && (starts_from_picture || constraint.is_some()) {
            return Err(Error::arguments("a flow network does not start from a noised picture, nor keep one")
                .at(&self.model.summary().name)
                .hint("choose `class` or `time`, such as the model digits-class"));
        }
        let asks_twice = self.conditions.guides() && !stage.asked_once;
        let scale = if asks_twice { self.guidance_scale(planned, second) } else { 1.0 };
        let estimate = estimate(recipe, run, self.square(stage), self.conditions.negative(), scale)?;
        let unnoised = self.mask(stage)?.filter(|_| recipe.inpainting.mode == InpaintMode::Diffusers);
        Ok(Slots { picture, starts_from_picture, constraint, estimate, unnoised })
    }

    /// γ of a stage.
    fn guidance_scale(&self, planned: &PlannedRun, second: bool) -> f64 {
        if second && !self.recipe.upscales() { self.recipe.second().0 } else { planned.run.guidance_scale }
    }

    /// Fills the slots of the loop for `planned` on a stage, which enlarges `low` where that is given, and hands the
    /// filled loop to `with`.
    pub fn filled<R>(
        &self,
        (stage, network): (&StageSummary, &dyn ToldNetwork),
        planned: &PlannedRun,
        plan: &Plan,
        low: Option<&Tensor>,
        with: impl FnOnce(&StageRun<'_>) -> Result<R>,
    ) -> Result<R> {
        let recipe = &self.recipe;
        let second = low.is_some();
        let Slots { picture, starts_from_picture, constraint, estimate, unnoised } =
            self.slots(stage, planned, second)?;
        let start = match (&picture, &unnoised) {
            (Some(picture), Some(mask)) => Start::NoisedInside { picture, mask },
            (Some(picture), None) if starts_from_picture => Start::Noised(picture),
            _ => Start::Noise,
        };
        with(&StageRun {
            stage,
            network,
            device: self.model.device(),
            codec: self.model.codec(stage),
            start,
            estimate: &estimate,
            sampler: match second && !recipe.upscales() {
                true => stage.sampler(recipe.stage_2.sampler, Stepping::Scheduler),
                false => stage.sampler(recipe.sampling.sampler, recipe.sampling.stepping),
            },
            eta: recipe.sampling.eta,
            guidance_scale: self.guidance_scale(planned, second),
            constraint: constraint.as_ref(),
            plan,
            seed: planned.run.seed,
            resume: self.recorded.as_ref().filter(|_| !second).map(|recorded| Resume {
                x: &recorded.x,
                original: recorded.original.as_ref(),
                moves: planned.made,
            }),
            low_resolution: low.map(|low| (low, recipe.stage_2.noise_level)),
        })
    }
}
