//! Diffusion's equations, without weights and without a window.
//!
//! Pictures are [b, c, h, w] in f32, about -1 to 1; timesteps count from 0 (clean) to T - 1 (noise).

pub mod constraint;
pub mod estimate;
pub mod forward;
pub mod guidance;
pub mod mixture;
pub mod plan;
pub mod prediction;
pub mod run;
pub mod samplers;
pub mod schedule;
mod scheduler_class;
pub mod threshold;
pub mod timesteps;
pub mod variance;
