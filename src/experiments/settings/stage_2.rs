//! What stage II does after a stage I.

use super::Needs;
use crate::diffusion::samplers::Sampler;

settings! {
    /// The loop of the network that enlarges.
    Stage2 in stage_2 {
        /// Stage II: the timestep to which the upscaled picture is noised, 0 to 999
        noise_level: usize = 250, "Noise level", Whole(0, 999), needs(Needs::Stage2);
        /// γ of stage II
        guidance as stage_2_guidance: Option<f64> = None, "Stage II guidance γ", Number(-30.0, 30.0), slider(0.0, 15.0),
        needs(Needs::Stage2), suits(|_, suitable| Some(suitable.stage_2_guidance));
        /// How many times stage II's network is evaluated
        steps as stage_2_steps: Option<usize> = None, "Stage II steps", Whole(1, 1000), slider(1.0, 100.0),
        needs(Needs::Stage2), suits(|_, suitable| Some(suitable.stage_2_steps as f64));
        /// How one step of stage II gets to the next picture
        sampler as stage_2_sampler: Sampler = Sampler::Ddpm, "Stage II sampler",
        Choice(|| Sampler::ALL.map(Sampler::name).to_vec()), needs(Needs::Stage2);
    }
}
