//! From x_t and the estimate of its noise to the next picture: one sampler, one file, one line in [`Sampler`].
//!
//! A sampler's step is pure: it is handed its noise and never draws it.

mod ddpm;

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
}

/// One step down the list, from `timestep` to `alpha_prod_prev`'s timestep.
#[derive(Clone, Copy, Debug)]
pub struct Leap {
    /// ᾱ at the timestep that was evaluated.
    pub alpha_prod: f32,
    /// ᾱ where the step arrives (1 past the end of the list).
    pub alpha_prod_prev: f32,
    /// The variance of the noise that is added.
    pub variance_type: VarianceType,
    /// Whether noise is added at all.
    pub noisy: bool,
}

impl Leap {
    /// The step from `timestep` to `prev_timestep` (`None`: to ᾱ = 1) on `schedule`.
    pub fn new(
        schedule: &Schedule,
        timestep: usize,
        prev_timestep: Option<usize>,
        variance_type: VarianceType,
        noisy: bool,
    ) -> Self {
        Self {
            alpha_prod: schedule.alphas_cumprod[timestep],
            alpha_prod_prev: prev_timestep.map_or(1.0, |t| schedule.alphas_cumprod[t]),
            variance_type,
            noisy,
        }
    }
}

impl Sampler {
    /// Every sampler, in the order of menus.
    pub const ALL: [Self; 1] = [Self::Ddpm];

    /// The name on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ddpm => "ddpm",
        }
    }

    /// One sentence for menus and `list`.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Ddpm => "ancestral sampling: a little new noise at every step (Ho et al. 2020)",
        }
    }

    /// x at the next timestep. `noise` must be there where [`Self::wants_noise`] says so.
    pub fn step(self, leap: &Leap, x_t: &Tensor, prediction: &Prediction, noise: Option<&Tensor>) -> Result<Tensor> {
        match self {
            Self::Ddpm => ddpm::step(leap, x_t, prediction, noise),
        }
    }

    /// Whether this step adds noise, and so whether the caller draws.
    pub fn wants_noise(self, leap: &Leap) -> bool {
        match self {
            Self::Ddpm => leap.noisy,
        }
    }
}
