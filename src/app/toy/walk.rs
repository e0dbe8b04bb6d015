//! The walk itself: the engine's own loop over points.

use candle_core::{Device, Tensor};

use crate::diffusion::estimate::Estimate;
use crate::diffusion::mixture::Mixture;
use crate::diffusion::plan::{Plan, PlanSpec};
use crate::diffusion::run::Run;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::{Schedule, SchedulerConfig};
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::tensors::Generators;

/// Points that walk.
const POINTS: usize = 400;
/// The text of the class that γ leads to.
pub const RING: usize = 1;

/// What is walked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How a step is made.
    pub sampler: Sampler,
    /// How many.
    pub steps: usize,
    /// γ towards the ring, 0 and up.
    pub guidance: f32,
    /// DDIM's η, 0 to 1.
    pub eta: f32,
    /// Where the noise comes from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { sampler: Sampler::Ddim, steps: 30, guidance: 0.0, eta: 0.0, seed: 180 }
    }
}

/// Where the points are before a step, or at the end.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// The timestep; 0 at the end.
    pub timestep: usize,
    /// ᾱ there.
    pub alpha_prod: f32,
    /// The points.
    pub x: Vec<[f32; 2]>,
    /// Where each point was taken to end, x̂_0; at the end where it did.
    pub original: Vec<[f32; 2]>,
}

/// A ring and, outside it, two blobs.
pub fn mixture() -> Mixture {
    let on_ring = |at: usize| {
        let angle = at as f32 / 12.0 * std::f32::consts::TAU;
        [0.75 * angle.cos() - 0.55, 0.75 * angle.sin()]
    };
    Mixture { classes: vec![(0..12).map(on_ring).collect(), vec![[1.3, 0.8], [1.3, -0.8]]], deviation: 0.09 }
}

/// Every step of a walk, and its end.
pub fn walked(settings: &Settings) -> Result<Vec<Cloud>> {
    let config = SchedulerConfig { clip_sample: false, ..SchedulerConfig::default() };
    let schedule = Schedule::new(&config)?;
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps: settings.steps,
        timesteps: None,
        i_start: 0,
        sampler: settings.sampler,
        repaint: None,
    };
    let plan = Plan::new(&config, &schedule, &spec)?;
    let mut generators = Generators::new(settings.seed, POINTS);
    let x = generators.randn((2, 1, 1), &Device::Cpu)?;
    let (mixture, estimate) = (mixture(), Estimate::guided(RING, 0, f64::from(settings.guidance)));
    let run = Run::from_start(
        &mixture,
        &estimate,
        settings.sampler.start(f64::from(settings.eta)),
        &plan,
        &mut generators,
        x,
    );
    let (mut clouds, mut end) = (Vec::new(), None);
    for step in run {
        let step = step?;
        let original = points(&step.prediction.pred_original_sample)?;
        clouds.push(Cloud {
            timestep: step.timestep,
            alpha_prod: step.leap.alpha_prod,
            x: points(&step.sample)?,
            original,
        });
        end = Some(step.x_t);
    }
    if let Some(end) = end {
        let x = points(&end)?;
        clouds.push(Cloud { timestep: 0, alpha_prod: 1.0, original: x.clone(), x });
    }
    Ok(clouds)
}

fn points(x: &Tensor) -> Result<Vec<[f32; 2]>> {
    let rows: Vec<Vec<f32>> = x.flatten_from(1)?.to_vec2()?;
    Ok(rows.into_iter().map(|row| [row[0], row[1]]).collect())
}
