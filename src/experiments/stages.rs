//! The two stages of a cascade as runs of the one loop: start, estimate, sampler, and the report of each step.

use std::cell::RefCell;

use candle_core::{DType, Tensor};

use super::observer::{Observer, Progress, StageStep};
use super::{Recipe, Trajectory};
use crate::diffusion::estimate::{Denoiser, Estimate};
use crate::diffusion::forward::forward;
use crate::diffusion::plan::Plan;
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::run::Run;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::{Stage, TextContext};
use crate::tensors::{Generators, interpolate_bilinear};

/// Pixels of one batched forward, so that a large batch does not exhaust the memory.
const PIXELS_AT_ONCE: usize = 1 << 18;

/// A stage with the texts of a job, as the loop sees it.
struct StageDenoiser<'a> {
    stage: &'a Stage,
    texts: &'a TextContext,
    noise_level: Option<usize>,
    check: &'a dyn Fn() -> Result<()>,
    /// The texts of the last batch, gathered: the same at every step of a run.
    gathered: RefCell<Vec<(Vec<usize>, TextContext)>>,
}

impl StageDenoiser<'_> {
    fn rows(&self, texts: &[usize]) -> Result<TextContext> {
        let mut gathered = self.gathered.borrow_mut();
        if let Some((_, context)) = gathered.iter().find(|(rows, _)| rows == texts) {
            return Ok(context.clone());
        }
        let context = self.texts.rows(texts)?;
        gathered.push((texts.to_vec(), context.clone()));
        Ok(context)
    }
}

impl Denoiser for StageDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        self.stage.config.prediction_type
    }

    fn forward(&self, input: &Tensor, timestep: usize, texts: &[usize]) -> Result<Tensor> {
        let (n, _, h, w) = input.dims4()?;
        let input = input.to_dtype(self.stage.dtype)?;
        let at_once = (PIXELS_AT_ONCE / (h * w)).clamp(1, n);
        let mut outputs = Vec::new();
        for start in (0..n).step_by(at_once) {
            (self.check)()?;
            let rows = at_once.min(n - start);
            let context = self.rows(&texts[start..start + rows])?;
            let chunk = input.narrow(0, start, rows)?;
            let output = self.stage.unet.forward(&chunk, timestep, self.noise_level, &context, self.check)?;
            outputs.push(output.to_dtype(DType::F32)?);
        }
        Ok(Tensor::cat(&outputs, 0)?)
    }
}

/// What a stage is to do.
pub struct StageRun<'a> {
    /// The recipe, for its sampler.
    pub recipe: &'a Recipe,
    /// The network and its scheduler.
    pub stage: &'a Stage,
    /// 1 or 2.
    pub number: usize,
    /// The texts of the job, the negative one last.
    pub texts: &'a TextContext,
    /// The prompt's number in `texts`.
    pub text: usize,
    /// γ.
    pub guidance_scale: f64,
    /// Which steps are taken.
    pub plan: Plan,
    /// The first picture's seed.
    pub seed: u64,
    /// The picture to enlarge, [b, 3, h, w], and the noise level: stage II only.
    pub low_resolution: Option<(&'a Tensor, usize)>,
}

impl StageRun<'_> {
    /// Runs from pure noise; returns x_0, [b, 3, h, w], unclamped, and the run's tensors where they are wanted.
    pub fn run_from_noise(&self, count: usize, observer: &mut dyn Observer) -> Result<(Tensor, Option<Trajectory>)> {
        let stage = self.stage;
        let size = stage.sample_size;
        let device = stage.unet.device().clone();
        let mut generators = Generators::new(self.seed, count);
        let x = generators.randn((3, size, size), &device)?;
        let conditioning = match self.low_resolution {
            None => None,
            Some((picture, noise_level)) => {
                let upscaled = interpolate_bilinear(picture, size, size, true)?;
                let noise = generators.randn_like(&upscaled)?;
                Some(forward(&upscaled, &noise, stage.noising_alpha_prod(noise_level)?)?)
            }
        };
        let wants_trajectory = observer.wants_trajectory();
        let mut recorded = Recorded { x_t: vec![x.clone()], ..Recorded::default() };
        let mut x_0 = x.clone();
        let of = self.plan.steps.len();
        let estimate = self.estimate()?;
        // The observer is asked within a step and told after it; the two borrows take turns.
        let observer = RefCell::new(observer);
        let check = || observer.borrow().check();
        let denoiser = StageDenoiser {
            stage,
            texts: self.texts,
            noise_level: self.low_resolution.map(|(_, noise_level)| noise_level),
            check: &check,
            gathered: RefCell::default(),
        };
        let run = Run {
            denoiser: &denoiser,
            estimate: &estimate,
            sampler: self.recipe.sampler,
            plan: &self.plan,
            conditioning,
            generators: &mut generators,
            x,
            done: 0,
        };
        for step in run {
            let step = step?;
            let mut observer = observer.borrow_mut();
            observer.say(Progress::Step(StageStep { stage: self.number, of, step: &step }))?;
            observer.check()?;
            x_0 = step.x_t.clone();
            if wants_trajectory {
                recorded.push(step.timestep, &step.x_t, &step.prediction);
            }
        }
        let tensors = if wants_trajectory { Some(recorded.tensors()?) } else { None };
        Ok((x_0, tensors.map(|tensors| Trajectory { stage: self.number, run: 0, runs: 1, tensors })))
    }

    fn estimate(&self) -> Result<Estimate> {
        let rows = self.texts.len();
        let negative = rows.checked_sub(1).ok_or_else(|| Error::new("a run without texts"))?;
        Ok(Estimate::Guided { text: self.text, negative, guidance_scale: self.guidance_scale })
    }
}

/// The plan of a stage; `steps` counts only where no list of timesteps is given.
pub fn plan(stage: &Stage, recipe: &Recipe, steps: usize) -> Result<Plan> {
    Plan::new(&stage.config, &stage.schedule, recipe.stepping, steps, recipe.timesteps.as_ref())
}

/// Stage II's plan after a stage I: always the scheduler's own stepping.
pub fn stage_2_plan(stage: &Stage, recipe: &Recipe) -> Result<Plan> {
    Plan::new(&stage.config, &stage.schedule, Stepping::Scheduler, recipe.stage_2_steps, None)
}

#[derive(Default)]
struct Recorded {
    timesteps: Vec<i64>,
    x_t: Vec<Tensor>,
    noise_pred: Vec<Tensor>,
    pred_original_sample: Vec<Tensor>,
}

impl Recorded {
    fn push(&mut self, timestep: usize, x_t: &Tensor, prediction: &crate::diffusion::prediction::Prediction) {
        self.timesteps.push(timestep as i64);
        self.x_t.push(x_t.clone());
        self.noise_pred.push(prediction.noise_pred.clone());
        self.pred_original_sample.push(prediction.pred_original_sample.clone());
    }

    fn tensors(self) -> Result<Vec<(&'static str, Tensor)>> {
        let n = self.timesteps.len();
        Ok(vec![
            ("timesteps", Tensor::from_vec(self.timesteps, n, &candle_core::Device::Cpu)?),
            ("x_t", Tensor::stack(&self.x_t, 0)?),
            ("noise_pred", Tensor::stack(&self.noise_pred, 0)?),
            ("pred_original_sample", Tensor::stack(&self.pred_original_sample, 0)?),
        ])
    }
}
