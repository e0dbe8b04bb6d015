//! One run of a digit network through the denoising loop, whatever fills the loop's slots: plain sampling, a digit in
//! part new, one picture that is two digits.

use std::cell::RefCell;

use candle_core::Tensor;

use crate::datasets::SIDE;
use crate::diffusion::constraint::Constraint;
use crate::diffusion::estimate::Estimate;
use crate::diffusion::forward::forward;
use crate::diffusion::guidance::Guidance;
use crate::diffusion::plan::{Plan, Repaint};
use crate::diffusion::run::Run as Loop;
use crate::diffusion::samplers::Sampler;
use crate::error::{Error, Result};
use crate::experiments::runs::OneRun;
use crate::experiments::stages::Recorded;
use crate::experiments::{Observer, Progress, Recipe, StageStep, Trajectory};
use crate::models::digits::{DigitDenoiser, NO_CLASS, Network, OWN_CLASS};
use crate::pictures::pictures_from_grey;
use crate::tensors::Generators;
use crate::tensors::layers::{Pool, PoolGuard};

/// What fills the loop's slots where it is not the plain sampling of classes.
#[derive(Default)]
pub struct Slots {
    /// What is thought of each x_t.
    pub estimate: Option<Estimate>,
    /// The pictures to begin from, [b, 1, 28, 28], noised to the run's first timestep.
    pub picture: Option<Tensor>,
    /// What is done to a picture after each step.
    pub constraint: Option<Constraint>,
}

/// A run that draws one picture for each of its classes.
pub struct Drawing<'a> {
    /// The network.
    pub network: &'a Network,
    /// What each picture shows.
    pub classes: &'a [Option<u8>],
    /// Evaluations of the network.
    pub steps: usize,
    /// How it is sampled and guided.
    pub recipe: &'a Recipe,
    /// γ.
    pub guidance_scale: f64,
    /// The first picture's seed.
    pub seed: u64,
    /// The entry of the list of timesteps to begin with.
    pub i_start: usize,
    /// What is other than plain.
    pub slots: Slots,
}

impl<'a> Drawing<'a> {
    /// What `run` of `recipe` draws; the checkpoint's own T where it says no steps.
    pub fn new(network: &'a Network, classes: &'a [Option<u8>], recipe: &'a Recipe, run: &OneRun) -> Self {
        let steps = if run.steps == 0 { network.own_steps() } else { run.steps };
        Self {
            network,
            classes,
            steps,
            recipe,
            guidance_scale: run.guidance_scale,
            seed: run.seed,
            i_start: run.i_start,
            slots: Slots::default(),
        }
    }

    /// The same with `slots`, of which a picture and a constraint are for DDPM's networks.
    pub fn with(self, slots: Slots) -> Result<Self> {
        if self.network.spec().kind.is_flow() && (slots.picture.is_some() || slots.constraint.is_some()) {
            return Err(Error::arguments("a flow network does not start from a noised picture")
                .at("kind")
                .hint("choose `class` or `time`"));
        }
        Ok(Self { slots, ..self })
    }

    /// How it walks; an error for a sampler or steps that the network does not take.
    pub fn plan(&self) -> Result<(Sampler, Plan)> {
        let asked = self.recipe.sampler;
        // The recipe's default stands for whatever suits the network.
        let sampler = if asked == Sampler::Ddpm { self.network.own_sampler() } else { asked };
        let plan = self.network.plan(sampler, self.recipe.stepping, self.steps)?;
        let repaint = self.recipe.repaint.map(|pair| Repaint { resamplings: pair.0, jump_length: pair.1 });
        Ok((sampler, plan.begun_at(self.i_start, repaint)?))
    }

    /// γ with the recipe's ways of bending it; 1 for a network that is told no class.
    pub fn guidance(&self) -> Guidance {
        if !self.network.spec().kind.has_class() {
            return Guidance::constant(1.0);
        }
        let recipe = self.recipe;
        Guidance {
            scale: self.guidance_scale,
            rescale: recipe.guidance_rescale,
            interval: recipe.guidance_interval.map(|pair| (pair.0, pair.1)),
            schedule: recipe.guidance_schedule,
        }
    }

    /// The pictures, [b, 1, 28, 28], unclamped, and the run's tensors where they are wanted.
    pub fn run(&self, observer: &mut dyn Observer) -> Result<(Tensor, Option<Trajectory>)> {
        let wants_trajectory = observer.wants_trajectory();
        let (sampler, plan) = self.plan()?;
        let mut generators = Generators::new(self.seed, self.classes.len());
        let mut x = generators.randn((1, SIDE, SIDE), self.network.device())?;
        if let Some(picture) = &self.slots.picture {
            x = forward(picture, &x, plan.first_alpha_prod)?;
        }
        let mut recorded = Recorded::default();
        if wants_trajectory {
            recorded.x_t.push(x.clone());
        }
        let is_flow = self.network.spec().kind.is_flow();
        // The observer is asked within a step and told after it; the two borrows take turns.
        let observer = RefCell::new(observer);
        let check = || observer.borrow().check();
        let denoiser = DigitDenoiser { network: self.network, classes: self.classes, steps: self.steps, check: &check };
        let classes = Estimate::Guided { text: OWN_CLASS, negative: NO_CLASS, guidance: self.guidance() };
        let (estimate, of) = (self.slots.estimate.as_ref().unwrap_or(&classes), plan.evaluations());
        // Maps' memory is used again from step to step.
        let _memory = PoolGuard::new(Pool::shared());
        let steps = Loop {
            denoiser: &denoiser,
            estimate,
            stepper: sampler.start(self.recipe.eta),
            constraint: self.slots.constraint.as_ref(),
            plan: &plan,
            conditioning: None,
            generators: &mut generators,
            x: x.clone(),
            original: None,
            moved: 0,
            done: 0,
        };
        for step in steps {
            let mut step = step?;
            if !is_flow {
                step.timestep += 1; // DDPM's t counts from 1
            }
            let mut observer = observer.borrow_mut();
            observer.say(Progress::Step(StageStep { stage: 1, of, step: &step, pictures: pictures_from_grey }))?;
            observer.check()?;
            if wants_trajectory {
                recorded.push(step.timestep, &step.x_t, &step.prediction);
            }
            x = step.x_t;
        }
        let tensors = if wants_trajectory { Some(recorded.tensors()?) } else { None };
        Ok((x, tensors.map(|tensors| Trajectory { stage: 1, run: 0, runs: 1, tensors })))
    }
}
