//! The denoising loop, written once: an iterator of steps.
//!
//! Four slots make every experiment: the start (`x`), the estimate, the sampler, the constraint. What callers
//! do between two steps is theirs: preview, cancel, record, branch. Noise is drawn here, from one generator a
//! picture, in diffusers' order: the sampler's where it adds any, then the constraint's, then RePaint's.

use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::constraint::Constraint;
use super::estimate::{Denoiser, Estimate, Moment};
use super::plan::{Move, Plan};
use super::prediction::{Prediction, Terms};
use super::samplers::{Leap, Stepper};
use super::variance::VarianceType;
use crate::error::Result;
use crate::tensors::Generators;

/// What a run is made of.
pub struct Run<'a> {
    /// The network.
    pub denoiser: &'a dyn Denoiser,
    /// What is thought of each x_t.
    pub estimate: &'a Estimate,
    /// From the estimate to the next picture.
    pub stepper: Box<dyn Stepper>,
    /// Applied after each step.
    pub constraint: Option<&'a Constraint>,
    /// Which moves are made.
    pub plan: &'a Plan,
    /// More input channels for the network, the same at every step (stage II's upscaled picture).
    pub conditioning: Option<Tensor>,
    /// One generator a picture.
    pub generators: &'a mut Generators,
    /// x_t, [b, c, h, w], f32.
    pub x: Tensor,
    /// x̂_0 of the step before, [b, c, h, w]; nothing at first.
    pub original: Option<Tensor>,
    /// How many moves of the plan are made.
    pub moved: usize,
    /// How many evaluations are done.
    pub done: usize,
}

/// What one step leaves.
#[derive(Clone, Debug)]
pub struct Step {
    /// The number of its evaluation, from 0.
    pub index: usize,
    /// Where the network was evaluated.
    pub timestep: usize,
    /// Where the step began and arrived on the schedule.
    pub leap: Leap,
    /// The picture that the network was asked about, [b, c, h, w].
    pub sample: Tensor,
    /// The picture that the step and its constraint left, [b, c, h, w].
    pub x_t: Tensor,
    /// ε̂ and x̂_0.
    pub prediction: Prediction,
    /// x̂_0 before thresholding, [b, c, h, w].
    pub unlimited_original: Tensor,
    /// x̂_0 with what the constraint keeps in its place: what to look at while it runs, [b, c, h, w].
    pub kept_original: Tensor,
    /// How long it took, until the device was done with it.
    pub elapsed: Duration,
}

impl<'a> Run<'a> {
    /// One that begins at the plan's first move and keeps nothing: `x` [b, c, h, w] is noise, or where the plan begins.
    pub fn from_start(
        denoiser: &'a dyn Denoiser,
        estimate: &'a Estimate,
        stepper: Box<dyn Stepper>,
        plan: &'a Plan,
        generators: &'a mut Generators,
        x: Tensor,
    ) -> Self {
        let (constraint, conditioning, original) = (None, None, None);
        Self { denoiser, estimate, stepper, constraint, plan, conditioning, generators, x, original, moved: 0, done: 0 }
    }
}

impl Run<'_> {
    fn step(&mut self, leap: &Leap) -> Result<Step> {
        let started = Instant::now();
        let sample = self.x.clone();
        let (prediction, unlimited_original) = self.predict(leap)?;
        self.original = Some(prediction.pred_original_sample.clone());
        let noise = match self.stepper.wants_noise(leap) {
            true => Some(self.generators.randn_like(&self.x)?),
            false => None,
        };
        self.x = self.stepper.step(leap, &self.x, &prediction, noise.as_ref())?;
        if let Some(constraint) = self.constraint {
            let noise = match constraint.wants_noise() {
                true => Some(self.generators.randn_like(&self.x)?),
                false => None,
            };
            self.x = constraint.apply(&self.x, leap.alpha_prod_prev, noise.as_ref())?;
        }
        let original = &prediction.pred_original_sample;
        let kept_original = match self.constraint {
            Some(constraint) => constraint.apply(original, 1.0, None)?,
            None => original.clone(),
        };
        let index = self.done;
        self.done += 1;
        // A GPU is told its work and goes on alone: without waiting for it the clock would tell how long the telling took.
        self.x.device().synchronize()?;
        let (timestep, x_t, elapsed) = (leap.timestep, self.x.clone(), started.elapsed());
        Ok(Step { index, timestep, leap: *leap, sample, x_t, prediction, unlimited_original, kept_original, elapsed })
    }

    /// The prediction, and x̂_0 before thresholding.
    fn predict(&self, leap: &Leap) -> Result<(Prediction, Tensor)> {
        let channels = self.x.dim(1)?;
        let input = match &self.conditioning {
            None => self.x.clone(),
            Some(conditioning) => Tensor::cat(&[&self.x, conditioning], 1)?,
        };
        let terms = Terms { prediction_type: self.denoiser.prediction_type(), alpha_prod: leap.alpha_prod };
        let of = self.plan.evaluations();
        let progress = if of > 1 { self.done as f64 / (of - 1) as f64 } else { 1.0 };
        let moment = Moment { terms, timestep: leap.timestep, time: leap.time, index: self.done, progress };
        let composed = self.estimate.evaluate(self.denoiser, &input, self.original.as_ref(), moment, channels)?;
        let original = terms.original(&self.x, composed.x.as_ref(), &composed.model_output)?;
        let prediction = Prediction {
            noise_pred: terms.noise(composed.x.as_ref().unwrap_or(&self.x), &composed.model_output)?,
            pred_original_sample: self.plan.threshold.apply(&original)?,
            predicted_variance: composed
                .predicted_variance
                .filter(|_| leap.variance_type == VarianceType::LearnedRange),
            model_output: composed.model_output,
            prediction_type: terms.prediction_type,
        };
        Ok((prediction, original))
    }

    fn renoise(&mut self, alpha: f32) -> Result<()> {
        let noise = self.generators.randn_like(&self.x)?;
        let kept = (&self.x * f64::from(alpha.sqrt()))?;
        self.x = (kept + (noise * f64::from((1.0 - alpha).sqrt()))?)?;
        self.stepper.forget();
        Ok(())
    }
}

impl Iterator for Run<'_> {
    type Item = Result<Step>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let planned = *self.plan.moves.get(self.moved)?;
            self.moved += 1;
            match planned {
                Move::Step(leap) => return Some(self.step(&leap)),
                Move::Renoise { alpha } => {
                    if let Err(error) = self.renoise(alpha) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}
