//! How the loop walks from noise to a picture, and how often.

use super::{Needs, networks};
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::experiments::{Recipe, SHEET_STEPS, Suitable};
use crate::models::digits;

settings! {
    /// The loop of one network.
    Sampling in sampling {
        /// How many times the network is evaluated, 1 to 1000
        steps: Vec<usize> = Vec::new(), "Steps", Whole(1, 1000), many, slider(1.0, 100.0),
        needs(Needs::Kind(digits::Kind::samples)), unless(|recipe| recipe.sampling.timesteps.is_some()), suits(suitable_steps),
        otherwise("the network's own");
        /// Descending timesteps such as 990,960,930, or a name such as smart50
        timesteps: Option<TimestepList> = None, "Timesteps", Timesteps;
        /// How the timesteps are walked down: as diffusers' scheduler or as the course
        stepping: Stepping = Stepping::Scheduler, "Step rule", Choice(|| Stepping::ALL.map(Stepping::name).to_vec());
        /// How one step gets from x_t to the next picture
        sampler: Sampler = Sampler::Ddpm, "Sampler", Choice(|| Sampler::ALL.map(Sampler::name).to_vec());
        /// The same seed gives the same picture; PyTorch's CPU stream
        seed: Vec<u64> = vec![180], "Seed", Seed, many;
        /// Pictures of each run, with seeds S, S+1, …
        count: usize = 1, "Count", Whole(1, 1024), typed;
        /// DDIM's η: 0 adds no noise, 1 as much as DDPM's posterior
        eta: f64 = 0.0, "η", Number(0.0, 1.0);
    }
}

/// While it trains, those of a sheet; else the experiment's own, but of a network that is named by kind or checkpoint.
fn suitable_steps(recipe: &Recipe, suitable: &Suitable) -> Option<f64> {
    if recipe.trains() {
        return Some(SHEET_STEPS as f64);
    }
    recipe.experiment().ok()?.uses(&networks::model).then_some(suitable.steps as f64)
}
