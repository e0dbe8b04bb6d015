//! The slots of the loop, filled from a recipe: start, estimate and constraint of one run on one stage.

use candle_core::Tensor;

use super::assemble::{Job, Ready};
use super::composition::{estimate, held_part};
use super::recipe::InpaintMode;
use super::runs::OneRun;
use super::stages::{Resume, StageRun, Start};
use crate::diffusion::constraint::Constraint;
use crate::diffusion::estimate::Estimate;
use crate::diffusion::plan::Plan;
use crate::error::{Error, Result};
use crate::models::Stage;
use crate::pictures::{tensor_from_mask, tensor_from_picture};

/// What fills the slots of one run.
pub struct Slots {
    /// The source picture, [b, 3, h, w], where this stage keeps it.
    picture: Option<Tensor>,
    /// What is done after each step.
    constraint: Option<Constraint>,
    /// What is thought of each x_t.
    estimate: Estimate,
    /// The mask whose surroundings are never noised.
    unnoised: Option<Tensor>,
}

impl Job<'_> {
    /// The source picture for `stage`, once for each picture of a run.
    pub fn picture(&self, stage: &Stage) -> Result<Option<Tensor>> {
        let Some(source) = &self.recipe.image else { return Ok(None) };
        let picture = tensor_from_picture(&source.at(stage.sample_size)?, self.cascade.device())?;
        Ok(Some(picture.repeat((self.recipe.count, 1, 1, 1))?))
    }

    /// The mask for `stage`, [1, 1, h, w].
    pub fn mask(&self, stage: &Stage) -> Result<Option<Tensor>> {
        let Some(source) = &self.recipe.mask else { return Ok(None) };
        let hard = self.recipe.inpaint_mode == InpaintMode::Diffusers;
        Ok(Some(tensor_from_mask(&source.at(stage.sample_size)?, hard, self.cascade.device())?))
    }

    /// What the recipe keeps of its picture after each step.
    fn constraint(&self, stage: &Stage, base: usize, picture: Option<&Tensor>) -> Result<Option<Constraint>> {
        let mask = self.mask(stage)?;
        let needed = |what: &str| {
            let picture = picture.cloned();
            picture.ok_or_else(|| Error::arguments(format!("{what} needs a picture")).hint("give one with --image"))
        };
        match (&mask, &self.recipe.hold) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Error::arguments("a mask and a held part cannot be combined")
                .at("hold")
                .hint("leave one of them out")),
            (None, Some(name)) => {
                let part = held_part(&self.recipe, name, stage.sample_size, base)?;
                Ok(Some(Constraint::Hold { part, reference: needed("a held part")? }))
            }
            (Some(mask), None) => {
                let (mask, original) = (mask.clone(), needed("a mask")?);
                Ok(Some(match self.recipe.inpaint_mode {
                    InpaintMode::Renoise => Constraint::Renoise { mask, original },
                    InpaintMode::Diffusers => Constraint::Unnoised { mask, original },
                }))
            }
        }
    }

    /// What fills the slots of the loop for `run` on a stage.
    pub fn slots(&self, stage: &Stage, run: &OneRun, second: bool) -> Result<Slots> {
        let recipe = &self.recipe;
        let base = self.cascade.low_resolution_size();
        // Stage II of edits and held parts is plain super-resolution; inpainting keeps its constraint.
        let kept = !second || recipe.mask.is_some();
        let picture = if kept { self.picture(stage)? } else { None };
        let constraint = if kept { self.constraint(stage, base, picture.as_ref())? } else { None };
        let scale = if second && !recipe.upscales() { recipe.second().0 } else { run.guidance_scale };
        let negative = self.texts.embeds.dim(0)? - 1;
        let estimate = estimate(recipe, run, stage.sample_size, base, negative, scale)?;
        let unnoised = self.mask(stage)?.filter(|_| recipe.inpaint_mode == InpaintMode::Diffusers);
        Ok(Slots { picture, constraint, estimate, unnoised })
    }

    /// Fills the slots of the loop for `run` on a stage, and hands the filled loop to `with`.
    pub fn filled<R>(
        &self,
        (stage, ready): (&Stage, &Ready),
        run: &OneRun,
        plan: &Plan,
        low: Option<&Tensor>,
        with: impl FnOnce(&StageRun<'_>) -> Result<R>,
    ) -> Result<R> {
        let recipe = &self.recipe;
        let second = low.is_some();
        let Slots { picture, constraint, estimate, unnoised } = self.slots(stage, run, second)?;
        let starts_from_picture = !second && (!recipe.i_start.is_empty() || run.t.is_some());
        let start = match (&picture, &unnoised) {
            (Some(picture), Some(mask)) => Start::NoisedInside { picture, mask },
            (Some(picture), None) if starts_from_picture => Start::Noised(picture),
            _ => Start::Noise,
        };
        with(&StageRun {
            stage,
            unet: &ready.unet,
            number: if second { 2 } else { 1 },
            texts: &ready.texts,
            start,
            estimate: &estimate,
            sampler: if second && !recipe.upscales() { recipe.stage_2_sampler } else { recipe.sampler },
            eta: recipe.eta,
            constraint: constraint.as_ref(),
            plan,
            seed: run.seed,
            resume: self.recorded.as_ref().filter(|_| !second).map(|recorded| Resume {
                x: &recorded.x,
                original: recorded.original.as_ref(),
                moves: recorded.moves_before(plan).unwrap_or(0),
            }),
            low_resolution: low.map(|low| (low, recipe.noise_level)),
        })
    }
}
