//! From x_t and the estimate of its noise to the next picture: one sampler, one file, one line in [`Sampler`].
//!
//! A sampler's step is pure but for what a multistep method remembers: it is handed its noise and never draws.

mod ddim;
mod ddpm;
mod dpm_solver_pp_2m;
mod euler;
mod lcm;
mod pndm;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::prediction::Prediction;
use super::schedule::Schedule;
use super::variance::VarianceType;
use crate::error::Result;

/// The samplers, by the names of the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampler {
    /// Ancestral sampling (Ho et al. 2020) with the variance that the model's config names.
    #[default]
    Ddpm,
    /// Song et al. 2021, with η from deterministic to ancestral.
    Ddim,
    /// DPM-Solver++, second order, multistep (Lu et al. 2022).
    #[serde(rename = "dpm-solver-pp-2m")]
    DpmSolverPp2m,
    /// Along a velocity, for flow matching; elsewhere Karras et al. 2022, algorithm 1 without noise.
    Euler,
    /// The same with the noise of ancestral sampling.
    EulerAncestral,
    /// Liu et al. 2022: DDIM on the estimates of several steps.
    Pndm,
    /// Luo et al. 2023: the clean picture, noised anew.
    Lcm,
    /// Song et al. 2023: the same down to the least noise of a consistency model.
    Consistency,
}

/// The least σ of every published consistency model.
pub const SIGMA_MIN: f32 = 0.002;

/// What kind of step a leap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeapKind {
    /// Down the list.
    Step,
    /// The step before once more, from where it began and to where it arrived, now that its end was evaluated too.
    Retaken,
    /// Along a velocity.
    Flow,
}

/// One step down the list.
#[derive(Clone, Copy, Debug)]
pub struct Leap {
    /// What kind of step it is.
    pub kind: LeapKind,
    /// The timestep that was evaluated.
    pub timestep: usize,
    /// What the network is told of it: the timestep itself, or where that lies between two.
    pub time: f64,
    /// ᾱ there; for a velocity the time t, from 0 (noise) to 1.
    pub alpha_prod: f32,
    /// ᾱ, or the time, where the step arrives (1 past the end of the list).
    pub alpha_prod_prev: f32,
    /// The variance of the noise that DDPM adds.
    pub variance_type: VarianceType,
    /// Whether DDPM adds noise at all.
    pub noisy: bool,
    /// Whether it is the last of its run.
    pub last: bool,
    /// How many steps the run has.
    pub of: usize,
}

impl Leap {
    /// A step by itself from `timestep` to `prev_timestep` (`None`: to ᾱ = 1) on `schedule`.
    pub fn new(
        schedule: &Schedule,
        timestep: usize,
        prev_timestep: Option<usize>,
        variance_type: VarianceType,
        noisy: bool,
    ) -> Self {
        Self {
            kind: LeapKind::Step,
            timestep,
            time: timestep as f64,
            alpha_prod: schedule.alphas_cumprod[timestep],
            alpha_prod_prev: prev_timestep.map_or(1.0, |t| schedule.alphas_cumprod[t]),
            variance_type,
            noisy,
            last: prev_timestep.is_none(),
            of: 1,
        }
    }
}

/// A sampler at work on one run.
pub trait Stepper {
    /// Whether this step adds noise, and so whether the caller draws.
    fn wants_noise(&self, leap: &Leap) -> bool;

    /// x where `leap` arrives, [b, c, h, w]. `noise` is there where [`Self::wants_noise`] says so.
    fn step(&mut self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor>;

    /// Forgets earlier steps, because x_t was changed from outside.
    fn forget(&mut self) {}
}

impl Sampler {
    /// Every sampler, in the order of menus.
    pub const ALL: [Self; 8] = [
        Self::Ddpm,
        Self::Ddim,
        Self::DpmSolverPp2m,
        Self::Euler,
        Self::EulerAncestral,
        Self::Pndm,
        Self::Lcm,
        Self::Consistency,
    ];

    /// The name on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ddpm => "ddpm",
            Self::Ddim => "ddim",
            Self::DpmSolverPp2m => "dpm-solver-pp-2m",
            Self::Euler => "euler",
            Self::EulerAncestral => "euler-ancestral",
            Self::Pndm => "pndm",
            Self::Lcm => "lcm",
            Self::Consistency => "consistency",
        }
    }

    /// One sentence for menus and `list`.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Ddpm => "ancestral sampling: a little new noise at every step (Ho et al. 2020)",
            Self::Ddim => "the same path with as much new noise as η says, none by default (Song et al. 2021)",
            Self::Euler => "straight along the velocity of flow matching; elsewhere DDIM's step on Euler's own list",
            Self::EulerAncestral => "the same with new noise at every step (Karras et al. 2022)",
            Self::Pndm => "DDIM on the mean of the last four estimates (Liu et al. 2022)",
            Self::Consistency => "the same on the list of consistency models (Song et al. 2023)",
            Self::Lcm => "the clean picture, noised anew at every step: for models distilled to few (Luo et al. 2023)",
            Self::DpmSolverPp2m => "a second-order solver that needs fewer steps (Lu et al. 2022)",
        }
    }

    /// The sampler at the start of a run; `eta` is DDIM's η.
    pub fn start(self, eta: f64) -> Box<dyn Stepper> {
        match self {
            Self::Ddpm => Box::new(ddpm::Ddpm),
            Self::Ddim => Box::new(ddim::Ddim { eta: eta as f32 }),
            Self::DpmSolverPp2m => Box::new(dpm_solver_pp_2m::DpmSolverPp2m::default()),
            Self::Euler => Box::new(euler::Euler),
            Self::EulerAncestral => Box::new(ddim::Ddim { eta: 1.0 }),
            Self::Pndm => Box::new(pndm::Pndm::default()),
            Self::Lcm => Box::new(lcm::Lcm { sigma_min: 0.0 }),
            Self::Consistency => Box::new(lcm::Lcm { sigma_min: SIGMA_MIN }),
        }
    }

    /// Whether it is that of models that were distilled to few steps, and draw nothing by another.
    pub fn is_for_few_steps(self) -> bool {
        matches!(self, Self::Lcm | Self::Consistency)
    }

    /// The highest timestep that it can evaluate among `num_train_timesteps`.
    pub fn highest_timestep(self, num_train_timesteps: usize) -> usize {
        match self {
            // Above it λ < -5.1 on the cosine schedule, where diffusers clips (diffusers#3314).
            Self::DpmSolverPp2m => num_train_timesteps.saturating_sub(5),
            _ => num_train_timesteps.saturating_sub(1),
        }
    }
}
