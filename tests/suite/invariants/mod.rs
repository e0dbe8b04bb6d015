//! Laws that hold whatever a network was trained on, at 28, 64 and 256 px, for one picture and for three.
//!
//! By the numbers of the project's list, and where each is held:
//!
//! | law | where |
//! |---|---|
//! | 1 DDPM's mean with the posterior variance is DDIM's with η = 1 | `samplers` |
//! | 2 the learned range is log-linear from posterior variance to β; no noise at t = 0 | `samplers` |
//! | 3 data of one picture: every sampler, and one step, returns it | `data` |
//! | 4 Gaussian data come out Gaussian, with their mean and deviation | `data` |
//! | 5 dynamic thresholding leaves [-1, 1] alone; its quantile is interpolated | `samplers` |
//! | 6 first-order DPM-Solver++ is DDIM; the orders of both; the last step is of order 1 | `data`, `samplers` |
//! | 7 DPM-Solver++ refuses t > 995 | `samplers` (and `part_a`) |
//! | 8 γ 1 and γ 0 are one branch alone; γ is linear; one prompt twice is one prompt | `guidance` |
//! | 9 rescaling and intervals at their ends | `guidance` |
//! | 10 the last entry is nearly the picture, the first nearly noise | `editing` |
//! | 11 a mask of all is none; a mask of nothing follows the noised picture | `editing` (and `part_a`) |
//! | 12 RePaint with r = 1 is none; surroundings are injected where the step arrives | `editing` |
//! | 13 diffusers' surroundings are un-noised, and another thing | `editing` (and `part_a`: its pipeline) |
//! | 14 views are orthogonal, and the failures are not | `views`, beside this folder |
//! | 15 one view is no view; order does not matter; stage II's view is stage I's | `anagrams`, `views` |
//! | 16 a mean of N estimates has 1/√N of their deviation | `anagrams` |
//! | 18 parts with one prompt are plain sampling | `factorized`, `decompositions` |
//! | 19 kernel 33, σ 2 keeps 2 % of white noise | `factorized` |
//! | 20 scales -6.5 and 7.5 are γ 7.5; a held part is held exactly by a projector | `factorized` |
//!
//! 17 needs a classifier. A batch is its pictures, each alone: `editing`.

mod anagrams;
mod data;
mod editing;
mod factorized;
mod guidance;
mod samplers;

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::constraint::Constraint;
use diffusion_lab::diffusion::estimate::{Branch, Composed, Denoiser, Estimate, Mapping, Moment, Reduce};
use diffusion_lab::diffusion::plan::{Move, Plan, PlanSpec, Repaint};
use diffusion_lab::diffusion::prediction::{PredictionType, Terms};
use diffusion_lab::diffusion::run::{Run, Step};
use diffusion_lab::diffusion::samplers::{Leap, Sampler};
use diffusion_lab::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::error::Result;
use diffusion_lab::experiments::Seen;
use diffusion_lab::tensors::Generators;
use diffusion_lab::views::ViewSpec;

/// Sides and batches at which every law is tried.
const CASES: [(usize, usize); 6] = [(28, 1), (28, 3), (64, 1), (64, 3), (256, 1), (256, 3)];

const TYPES: [PredictionType; 3] = [PredictionType::Epsilon, PredictionType::V, PredictionType::Sample];

/// Every case with every prediction type; at 256 px one of them will do, for they differ by no pixel.
fn typed_cases() -> Vec<(PredictionType, (usize, usize))> {
    let all = TYPES.into_iter().flat_map(|prediction_type| CASES.map(|case| (prediction_type, case)));
    all.filter(|(prediction_type, (size, _))| *size < 256 || *prediction_type == PredictionType::V).collect()
}

fn config() -> SchedulerConfig {
    SchedulerConfig { beta_schedule: BetaSchedule::SquaredcosCapV2, clip_sample: false, ..SchedulerConfig::default() }
}

fn schedule() -> Schedule {
    Schedule::new(&config()).unwrap()
}

/// `count` pictures of white noise with a seed of their own.
fn noise(seed: u64, size: usize, count: usize) -> Tensor {
    Generators::new(seed, count).randn((3, size, size), &Device::Cpu).unwrap()
}

/// A run from pure noise, but for what the law is about.
struct Setup {
    sampler: Sampler,
    eta: f64,
    stepping: Stepping,
    steps: usize,
    size: usize,
    count: usize,
    seed: u64,
    repaint: Option<Repaint>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            sampler: Sampler::Ddpm,
            eta: 0.0,
            stepping: Stepping::Scheduler,
            steps: 20,
            size: 28,
            count: 1,
            seed: 180,
            repaint: None,
        }
    }
}

impl Setup {
    fn plan(&self) -> Plan {
        let spec = PlanSpec {
            stepping: self.stepping,
            steps: self.steps,
            timesteps: None,
            i_start: 0,
            sampler: self.sampler,
            repaint: self.repaint,
        };
        Plan::new(&config(), &schedule(), &spec).unwrap()
    }

    /// Every step of the run.
    fn steps(&self, denoiser: &dyn Denoiser, estimate: &Estimate, constraint: Option<&Constraint>) -> Vec<Step> {
        let mut generators = Generators::new(self.seed, self.count);
        let x = generators.randn((3, self.size, self.size), &Device::Cpu).unwrap();
        let (stepper, plan) = (self.sampler.start(self.eta), self.plan());
        let run = Run { constraint, ..Run::from_start(denoiser, estimate, stepper, &plan, &mut generators, x) };
        run.map(|step| step.unwrap()).collect()
    }

    /// The pictures at its end.
    fn run(&self, denoiser: &dyn Denoiser, estimate: &Estimate, constraint: Option<&Constraint>) -> Tensor {
        self.steps(denoiser, estimate, constraint).last().unwrap().x_t.clone()
    }
}

/// The steps of the course's list.
fn leaps(steps: usize, stepping: Stepping) -> Vec<Leap> {
    let moves = Setup { stepping, steps, ..Setup::default() }.plan().moves;
    let step = |planned: Move| match planned {
        Move::Step(leap) => Some(leap),
        Move::Renoise { .. } => None,
    };
    moves.into_iter().filter_map(step).collect()
}

/// A network that answers differently for every pixel, place, text and timestep; its second half is the variance.
struct Network {
    prediction_type: PredictionType,
    /// The rows of each forward.
    rows: RefCell<Vec<usize>>,
}

impl Network {
    fn new(prediction_type: PredictionType) -> Self {
        Self { prediction_type, rows: RefCell::default() }
    }

    /// How many rows were evaluated since the last time this was asked.
    fn rows(&self) -> usize {
        self.rows.take().iter().sum()
    }

    /// What `estimate` makes of `x` at `timestep`, as the first evaluation of a run.
    fn composed(&self, estimate: &Estimate, x: &Tensor, timestep: usize) -> Composed {
        self.composed_after(estimate, x, None, timestep)
    }

    /// The same after a step that took the picture for `original`.
    fn composed_after(&self, estimate: &Estimate, x: &Tensor, original: Option<&Tensor>, timestep: usize) -> Composed {
        let moment = Moment { terms: self.terms(timestep), timestep, time: timestep as f64, index: 0, progress: 0.0 };
        estimate.evaluate(self, x, original, moment, 3).unwrap()
    }

    /// `composed` as ε.
    fn noise(&self, estimate: &Estimate, x: &Tensor, timestep: usize) -> Tensor {
        self.noise_after(estimate, x, None, timestep)
    }

    /// `composed_after` as ε.
    fn noise_after(&self, estimate: &Estimate, x: &Tensor, original: Option<&Tensor>, timestep: usize) -> Tensor {
        let composed = self.composed_after(estimate, x, original, timestep);
        self.terms(timestep).noise(composed.x.as_ref().unwrap_or(x), &composed.model_output).unwrap()
    }

    fn terms(&self, timestep: usize) -> Terms {
        Terms { prediction_type: self.prediction_type, alpha_prod: schedule().alphas_cumprod[timestep] }
    }
}

impl Denoiser for Network {
    fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let (b, _, h, w) = input.dims4()?;
        self.rows.borrow_mut().push(b);
        let place = Tensor::arange(0u32, (h * w) as u32, input.device())?.to_dtype(input.dtype())?;
        let place = place.affine(1.0 / (h * w) as f64, -0.4)?.reshape((1, 1, h, w))?;
        let mut rows = Vec::new();
        for (row, &text) in texts.iter().enumerate() {
            let (x, text) = (input.narrow(0, row, 1)?, text as f64);
            let answer = (&x * (0.3 + 0.2 * text))?.tanh()?.broadcast_add(&(&place * (text - 0.7))?)?;
            rows.push(Tensor::cat(&[answer.affine(1.0, moment.timestep as f64 * 1e-4)?, (x + text)?.sin()?], 1)?);
        }
        Ok(Tensor::cat(&rows, 0)?)
    }
}

/// A view of `name` for pictures of `size`, where that can be.
fn seen(name: &str, size: usize) -> Option<Arc<dyn Mapping>> {
    let base = size.min(64);
    let spec: ViewSpec = name.parse().unwrap();
    spec.at(size, base).ok().map(|view| Arc::new(Seen(view)) as Arc<dyn Mapping>)
}

/// The views of `names`, each with its text in order.
fn views(names: &[&str], size: usize, reduce: Reduce, weights: &[f64], leaf: impl Fn(usize) -> Estimate) -> Estimate {
    let branch = |(number, name): (usize, &&str)| Branch {
        view: seen(name, size).unwrap(),
        weight: weights.get(number).copied().unwrap_or(1.0),
        estimate: leaf(number),
    };
    Estimate::Views { branches: names.iter().enumerate().map(branch).collect(), reduce }
}
