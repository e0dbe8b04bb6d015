//! Classifier-free guidance (Ho & Salimans 2022): its scale γ, and how it bends.

use super::Needs;
use crate::diffusion::guidance::GuidanceSchedule;
use crate::experiments::Pair;

settings! {
    /// How hard the prompt is followed.
    Guidance in guidance {
        /// γ: 0 is unconditional, 1 conditional, more follows the prompt harder
        scale as guidance: Vec<f64> = Vec::new(), "Guidance γ", Number(-30.0, 30.0), many, slider(0.0, 15.0),
        needs(Needs::Conditions), suits(|_, suitable| Some(suitable.guidance));
        /// φ: 0 leaves guidance as it is, 1 gives it the conditional branch's contrast
        rescale as guidance_rescale: f64 = 0.0, "Guidance rescale φ", Number(0.0, 1.0), needs(Needs::Conditions);
        /// LO,HI: γ holds at timesteps from LO to HI only; elsewhere the prompt alone
        interval as guidance_interval: Option<Pair> = None, "Guidance interval", Pair, needs(Needs::Conditions);
        /// How γ changes over the run: constant, or rising from 1
        schedule as guidance_schedule: GuidanceSchedule = GuidanceSchedule::Constant, "Guidance schedule",
        Choice(|| GuidanceSchedule::ALL.map(GuidanceSchedule::name).to_vec()), needs(Needs::Conditions);
    }
}
