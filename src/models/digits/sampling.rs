//! A digit network as the denoising loop sees it: which class each row is told, which time, which moves there are.

use candle_core::Tensor;

use super::conditioning::{CLASSES, Condition};
use super::layers::Mode;
use super::network::Network;
use crate::diffusion::estimate::Denoiser;
use crate::diffusion::plan::Plan;
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use crate::diffusion::timesteps::Stepping;
use crate::diffusion::variance::VarianceType;
use crate::error::{Error, Result};
use crate::models::memory::in_chunks;

/// The text of an estimate that means "the class that each picture was asked for".
pub const OWN_CLASS: usize = 0;
/// The text that means "no class": what guidance leads away from.
pub const NO_CLASS: usize = 1;
/// The text of digit 0; digit d is `FIRST_DIGIT + d`, the same for every picture.
pub const FIRST_DIGIT: usize = 2;

/// Rows of one batched forward, so that many pictures do not exhaust the memory.
const ROWS_AT_ONCE: usize = 128;

/// The schedule of part B: β_1 … β_T = linspace(1e-4, 0.02, T). Index 0 is t = 1.
pub fn schedule(timesteps: usize) -> Result<Schedule> {
    Schedule::new(&SchedulerConfig {
        num_train_timesteps: timesteps,
        beta_start: 1e-4,
        beta_end: 0.02,
        beta_schedule: BetaSchedule::Linear,
        ..SchedulerConfig::default()
    })
}

/// A network with the classes that the pictures of a run were asked for.
pub struct DigitDenoiser<'a> {
    /// The network.
    pub network: &'a Network,
    /// Of each picture; `None` is no class.
    pub classes: &'a [Option<u8>],
    /// How many steps a flow's run has.
    pub steps: usize,
    /// An error once the run is to stop; asked between two chunks of a batch.
    pub check: &'a dyn Fn() -> Result<()>,
}

impl DigitDenoiser<'_> {
    fn one_hot(&self, texts: &[usize]) -> Result<Tensor> {
        let mut values = vec![0.0_f32; texts.len() * CLASSES];
        for (row, &text) in texts.iter().enumerate() {
            // Rows come leaf by leaf, each with all pictures.
            let class = match text {
                OWN_CLASS => self.classes[row % self.classes.len().max(1)].map(usize::from),
                NO_CLASS => None,
                digit => Some(digit - FIRST_DIGIT),
            };
            if let Some(class) = class.filter(|&class| class < CLASSES) {
                values[row * CLASSES + class] = 1.0;
            }
        }
        Ok(Tensor::from_vec(values, (texts.len(), CLASSES), self.network.device())?)
    }
}

impl Denoiser for DigitDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        if self.network.spec().kind.is_flow() { PredictionType::Velocity } else { PredictionType::Epsilon }
    }

    fn forward(&self, input: &Tensor, timestep: usize, texts: &[usize]) -> Result<Tensor> {
        let spec = self.network.spec();
        let time = match self.prediction_type() {
            PredictionType::Velocity => timestep as f64 / self.steps.max(1) as f64,
            _ => (timestep + 1) as f64 / spec.timesteps as f64,
        };
        let c = if spec.kind.has_class() { Some(self.one_hot(texts)?) } else { None };
        let outputs = in_chunks(texts.len(), ROWS_AT_ONCE, |start, rows| {
            (self.check)()?;
            let t = Tensor::full(time as f32, rows, self.network.device())?;
            let c = c.as_ref().map(|c| c.narrow(0, start, rows)).transpose()?;
            let condition = Condition { t: Some(&t), c: c.as_ref() };
            self.network.forward(&input.narrow(0, start, rows)?, condition, Mode::Evaluate)
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}

impl Network {
    /// How many steps a run has when none are asked for: the checkpoint's T.
    pub fn own_steps(&self) -> usize {
        self.spec().timesteps
    }

    /// The sampler of a run when none is asked for.
    pub fn own_sampler(&self) -> Sampler {
        if self.spec().kind.is_flow() { Sampler::Euler } else { Sampler::Ddpm }
    }

    /// The moves of a run of `steps` evaluations. `course` adds noise of √β_t, but only where every timestep is
    /// visited; else DDPM's noise has the posterior variance.
    pub fn plan(&self, sampler: Sampler, stepping: Stepping, steps: usize) -> Result<Plan> {
        let spec = self.spec();
        let refuse = |what: &str, hint: &str| Err(Error::arguments(what.to_owned()).at("sampler").hint(hint));
        match (spec.kind.is_flow(), sampler) {
            (true, Sampler::Euler) => Plan::flow(steps),
            (true, _) => refuse("a flow network is sampled by euler", "leave --sampler out"),
            (false, Sampler::Euler) => refuse("euler is for flow networks", "choose ddpm or ddim"),
            (false, Sampler::DpmSolverPp2m) => {
                refuse("dpm-solver-pp-2m is for part A's schedules", "choose ddpm or ddim")
            }
            (false, _) => {
                let large = stepping == Stepping::Course && steps == spec.timesteps;
                let variance_type = if large { VarianceType::FixedLarge } else { VarianceType::FixedSmall };
                Plan::to_clean(&schedule(spec.timesteps)?, steps, variance_type)
            }
        }
    }
}
