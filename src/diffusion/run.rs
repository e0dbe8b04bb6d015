//! The denoising loop, written once: an iterator of steps.
//!
//! Four slots make every experiment: the start (`x`), the estimate, the sampler, and what callers do
//! between two steps (preview, cancel, record). The noise of a step is drawn here, from one generator a
//! picture, only where the sampler adds noise, so that the order of draws is diffusers'.

use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::estimate::{Denoiser, Estimate, evaluate};
use super::plan::Plan;
use super::prediction::{Prediction, noise_and_original};
use super::samplers::Sampler;
use crate::error::Result;
use crate::tensors::Generators;

/// What a run is made of.
pub struct Run<'a> {
    /// The network.
    pub denoiser: &'a dyn Denoiser,
    /// What is thought of each x_t.
    pub estimate: &'a Estimate,
    /// From the estimate to the next picture.
    pub sampler: Sampler,
    /// Which steps are taken.
    pub plan: &'a Plan,
    /// More input channels for the network, the same at every step (stage II's upscaled picture).
    pub conditioning: Option<Tensor>,
    /// One generator a picture.
    pub generators: &'a mut Generators,
    /// x_t, [b, c, h, w], f32.
    pub x: Tensor,
    /// How many steps of the plan are done.
    pub done: usize,
}

/// What one step leaves.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in the plan, from 0.
    pub index: usize,
    /// Where the network was evaluated.
    pub timestep: usize,
    /// The picture that the step arrived at, [b, c, h, w].
    pub x_t: Tensor,
    /// ε̂ and x̂_0.
    pub prediction: Prediction,
    /// How long it took.
    pub elapsed: Duration,
}

impl Run<'_> {
    fn step(&mut self, index: usize) -> Result<Step> {
        let started = Instant::now();
        let planned = self.plan.steps[index];
        let channels = self.x.dim(1)?;
        let input = match &self.conditioning {
            None => self.x.clone(),
            Some(conditioning) => Tensor::cat(&[&self.x, conditioning], 1)?,
        };
        let composed = evaluate(self.estimate, self.denoiser, &input, planned.timestep, channels)?;
        let (noise_pred, original) = noise_and_original(
            self.denoiser.prediction_type(),
            planned.leap.alpha_prod,
            &self.x,
            &composed.model_output,
        )?;
        let prediction = Prediction {
            noise_pred,
            pred_original_sample: self.plan.threshold.apply(&original)?,
            predicted_variance: composed.predicted_variance,
        };
        let noise = match self.sampler.wants_noise(&planned.leap) {
            true => Some(self.generators.randn_like(&self.x)?),
            false => None,
        };
        self.x = self.sampler.step(&planned.leap, &self.x, &prediction, noise.as_ref())?;
        Ok(Step { index, timestep: planned.timestep, x_t: self.x.clone(), prediction, elapsed: started.elapsed() })
    }
}

impl Iterator for Run<'_> {
    type Item = Result<Step>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done >= self.plan.steps.len() {
            return None;
        }
        let index = self.done;
        self.done += 1;
        Some(self.step(index))
    }
}
