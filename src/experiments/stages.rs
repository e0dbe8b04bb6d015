//! The stages of a model as runs of the one loop: its slots, and the report of each step.

use std::cell::RefCell;

use candle_core::{Device, Tensor};

use super::Trajectory;
use super::observer::{Observer, Progress, StageStep};
use crate::diffusion::constraint::{Constraint, paste};
use crate::diffusion::estimate::Estimate;
use crate::diffusion::forward::forward;
use crate::diffusion::plan::{Move, Plan};
use crate::diffusion::prediction::Prediction;
use crate::diffusion::run::{Run, Step};
use crate::diffusion::samplers::{Sampler, Stepper};
use crate::error::Result;
use crate::models::{Codec, RunTerms, Space, StageSummary, ToldNetwork};
use crate::tensors::{Generators, interpolate_bilinear};

/// Hears x_t at the start of a run, and then after each of its steps.
type Listener<'a> = dyn FnMut(&Tensor, Option<&Step>, &mut dyn Observer) -> Result<()> + 'a;

/// What a run leaves, [b, c, h, w] each, unclamped.
pub struct Ended {
    /// x_t where it began.
    pub start: Tensor,
    /// What the first evaluation alone makes of it: x̂_0 without thresholding (the start, where there is none).
    pub one_step: Tensor,
    /// The finished pictures.
    pub x_0: Tensor,
    /// The run's tensors, where they are wanted.
    pub trajectory: Option<Trajectory>,
}

/// Where a run begins.
pub enum Start<'a> {
    /// Pure noise.
    Noise,
    /// A picture, [b, c, h, w], noised to the first timestep with the run's first draw.
    Noised(&'a Tensor),
    /// The same inside the mask, the clean picture outside it (diffusers' inpainting).
    NoisedInside {
        /// The picture, [b, c, h, w].
        picture: &'a Tensor,
        /// 1 inside, [1, 1, h, w].
        mask: &'a Tensor,
    },
}

/// What a stage is to do: the four slots of the loop, filled.
pub struct StageRun<'a> {
    /// The scheduler and the sizes.
    pub stage: &'a StageSummary,
    /// The network, told the conditions of the job.
    pub network: &'a dyn ToldNetwork,
    /// Where it computes.
    pub device: &'a Device,
    /// How its tensors become pictures.
    pub codec: &'a dyn Codec,
    /// Where it begins.
    pub start: Start<'a>,
    /// What is thought of each x_t.
    pub estimate: &'a Estimate,
    /// From the estimate to the next picture.
    pub sampler: Sampler,
    /// DDIM's η.
    pub eta: f64,
    /// γ, for a network that is told it.
    pub guidance_scale: f64,
    /// Applied after each step.
    pub constraint: Option<&'a Constraint>,
    /// Which moves are made.
    pub plan: &'a Plan,
    /// The first picture's seed.
    pub seed: u64,
    /// Where in a recorded run it goes on.
    pub resume: Option<Resume<'a>>,
    /// The picture to enlarge, [b, c, h, w], and the noise level: stage II only.
    pub low_resolution: Option<(&'a Tensor, usize)>,
}

impl StageRun<'_> {
    /// Makes `count` pictures, and keeps the run's tensors where they are wanted.
    pub fn run(&self, count: usize, observer: &mut dyn Observer) -> Result<Ended> {
        let wants_trajectory = observer.wants_trajectory();
        let mut recorded = Recorded::default();
        let of = self.plan.evaluations();
        let mut one_step = None;
        let (start, x_0) = self.walk(count, observer, &mut |x_t, step, observer| {
            if wants_trajectory && recorded.x_t.is_empty() {
                recorded.x_t.push(x_t.clone());
            }
            let Some(step) = step else { return Ok(()) };
            observer.say(Progress::Step(StageStep {
                stage: self.stage.number,
                of,
                step,
                sampler: self.sampler,
                codec: self.codec,
            }))?;
            one_step.get_or_insert_with(|| step.unlimited_original.clone());
            if wants_trajectory {
                recorded.push(step.timestep, &step.x_t, &step.prediction);
            }
            Ok(())
        })?;
        let tensors = if wants_trajectory { Some(recorded.tensors()?) } else { None };
        let trajectory = tensors.map(|tensors| Trajectory { stage: self.stage.number, run: 0, runs: 1, tensors });
        Ok(Ended { one_step: one_step.unwrap_or_else(|| start.clone()), start, x_0, trajectory })
    }

    /// The loop: `each` hears x_t at the start, then every step. Returns the start and the end.
    fn walk(&self, count: usize, observer: &mut dyn Observer, each: &mut Listener<'_>) -> Result<(Tensor, Tensor)> {
        let mut generators = Generators::new(self.seed, count);
        let mut x = self.start(&mut generators)?;
        let conditioning = self.conditioning(&mut generators)?;
        let (mut moved, mut done) = (0, 0);
        let stepper = self.sampler.start(self.eta);
        let mut original = None;
        if let Some(resume) = self.resume {
            x = resume.x.clone();
            original = resume.original.cloned();
            moved = resume.moves;
            done = self.pass_over(&self.plan.moves[..moved], &*stepper, &mut generators, &x)?;
        }
        let (start, mut x_0) = (x.clone(), x.clone());
        each(&x, None, observer)?;
        // The observer is asked within a step and told after it; the two borrows take turns.
        let observer = RefCell::new(observer);
        let check = || observer.borrow().check();
        let denoiser = self.network.denoiser(self.terms(), &check);
        let run = Run {
            denoiser: &*denoiser,
            estimate: self.estimate,
            stepper,
            constraint: self.constraint,
            plan: self.plan,
            conditioning,
            generators: &mut generators,
            x,
            original,
            moved,
            done,
        };
        for step in run {
            let mut step = step?;
            step.timestep += self.stage.first_timestep();
            let mut observer = observer.borrow_mut();
            each(&step.x_t, Some(&step), &mut **observer)?;
            observer.check()?;
            x_0 = step.x_t;
        }
        Ok((start, x_0))
    }

    fn terms(&self) -> RunTerms {
        let noise_level = self.low_resolution.map(|(_, noise_level)| noise_level);
        RunTerms { noise_level, guidance_scale: self.guidance_scale }
    }

    /// Draws what `moves` would have drawn; returns how many evaluations they are.
    fn pass_over(
        &self,
        moves: &[Move],
        stepper: &dyn Stepper,
        generators: &mut Generators,
        x: &Tensor,
    ) -> Result<usize> {
        let mut done = 0;
        for planned in moves {
            let draws = match planned {
                Move::Renoise { .. } => 1,
                Move::Step(leap) => {
                    done += 1;
                    let constraint = self.constraint.is_some_and(Constraint::wants_noise);
                    usize::from(stepper.wants_noise(leap)) + usize::from(constraint)
                }
            };
            for _ in 0..draws {
                generators.randn_like(x)?;
            }
        }
        Ok(done)
    }

    fn start(&self, generators: &mut Generators) -> Result<Tensor> {
        let Space { channels, height, width } = self.stage.space;
        let noise = generators.randn((channels, height, width), self.device)?;
        match self.start {
            Start::Noise if self.plan.noise_scale == 1.0 => Ok(noise),
            Start::Noise => Ok((noise * f64::from(self.plan.noise_scale))?),
            Start::Noised(picture) => forward(picture, &noise, self.plan.first_alpha_prod),
            Start::NoisedInside { picture, mask } => {
                paste(mask, &forward(picture, &noise, self.plan.first_alpha_prod)?, picture)
            }
        }
    }

    /// The upscaled picture, noised to its level: constant through the run.
    fn conditioning(&self, generators: &mut Generators) -> Result<Option<Tensor>> {
        let Some((picture, noise_level)) = self.low_resolution else { return Ok(None) };
        let Space { height, width, .. } = self.stage.space;
        let upscaled = interpolate_bilinear(picture, height, width, true)?;
        let noise = generators.randn_like(&upscaled)?;
        Ok(Some(forward(&upscaled, &noise, self.stage.noising_alpha_prod(noise_level)?)?))
    }
}

/// A recorded step to go on from.
#[derive(Clone, Copy)]
pub struct Resume<'a> {
    /// x_t, [b, c, h, w].
    pub x: &'a Tensor,
    /// x̂_0 of the step before, the same shape, where there was one.
    pub original: Option<&'a Tensor>,
    /// How many of the plan's moves lie before it.
    pub moves: usize,
}

/// The tensors of a run, step by step.
#[derive(Default)]
pub struct Recorded {
    timesteps: Vec<i64>,
    /// Where it started, then what each step left.
    pub x_t: Vec<Tensor>,
    noise_pred: Vec<Tensor>,
    pred_original_sample: Vec<Tensor>,
}

impl Recorded {
    /// Keeps a step.
    pub fn push(&mut self, timestep: usize, x_t: &Tensor, prediction: &Prediction) {
        self.timesteps.push(timestep as i64);
        self.x_t.push(x_t.clone());
        self.noise_pred.push(prediction.noise_pred.clone());
        self.pred_original_sample.push(prediction.pred_original_sample.clone());
    }

    /// By the names of the command line's contract.
    pub fn tensors(self) -> Result<Vec<(&'static str, Tensor)>> {
        let n = self.timesteps.len();
        // Where nothing was evaluated there are no predictions, of the picture's shape.
        let stack = |steps: &[Tensor]| match (steps, self.x_t.first()) {
            ([], Some(x)) => Tensor::zeros([&[0], x.dims()].concat(), x.dtype(), &candle_core::Device::Cpu),
            _ => Tensor::stack(steps, 0),
        };
        let (x_t, noise_pred, original) =
            (stack(&self.x_t)?, stack(&self.noise_pred)?, stack(&self.pred_original_sample)?);
        Ok(vec![
            ("timesteps", Tensor::from_vec(self.timesteps, n, &candle_core::Device::Cpu)?),
            ("x_t", x_t),
            ("noise_pred", noise_pred),
            ("pred_original_sample", original),
        ])
    }
}
