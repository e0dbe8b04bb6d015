//! Classifier-free guidance (Ho & Salimans 2022): ε_u + γ(ε_c - ε_u), with the conditional branch's variance.
//!
//! γ = `guidance_scale`: 0 is unconditional, 1 conditional, more is guided. At γ = 1 the unconditional
//! branch is not evaluated at all. γ may hold in an interval of timesteps only (Kynkäänniemi et al. 2024),
//! change over the run, and be tempered by rescaling (Lin et al. 2023, section 3.4).

use candle_core::{D, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// How γ changes over a run; s goes from 0 at the first step to 1 at the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuidanceSchedule {
    /// γ at every step.
    #[default]
    Constant,
    /// 1 + (γ - 1) s.
    Linear,
    /// 1 + (γ - 1) (1 - cos πs)/2.
    Cosine,
}

impl GuidanceSchedule {
    /// Every schedule, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Constant, Self::Linear, Self::Cosine];

    /// The name on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Cosine => "cosine",
        }
    }
}

/// How one branch is guided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance {
    /// γ.
    pub scale: f64,
    /// φ of the rescaling, 0 (none) to 1 (the conditional branch's deviation).
    pub rescale: f64,
    /// The timesteps, both included, in which γ holds; elsewhere the conditional branch is alone.
    pub interval: Option<(usize, usize)>,
    /// How γ changes over the run.
    pub schedule: GuidanceSchedule,
}

impl Guidance {
    /// γ at every step, nothing else.
    pub fn constant(scale: f64) -> Self {
        Self { scale, rescale: 0.0, interval: None, schedule: GuidanceSchedule::Constant }
    }

    /// γ at `timestep`, where `progress` goes from 0 to 1 over the run.
    pub fn scale_at(&self, timestep: usize, progress: f64) -> f64 {
        if self.interval.is_some_and(|(low, high)| !(low..=high).contains(&timestep)) {
            return 1.0;
        }
        let s = match self.schedule {
            GuidanceSchedule::Constant => return self.scale,
            GuidanceSchedule::Linear => progress,
            GuidanceSchedule::Cosine => (1.0 - (std::f64::consts::PI * progress).cos()) / 2.0,
        };
        1.0 + (self.scale - 1.0) * s
    }
}

/// Whether γ needs the unconditional branch.
pub fn needs_unconditional(guidance_scale: f64) -> bool {
    guidance_scale != 1.0
}

/// The guided output of the picture's channels, all [b, c, h, w].
pub fn guide(unconditional: &Tensor, conditional: &Tensor, guidance_scale: f64) -> Result<Tensor> {
    Ok((unconditional + ((conditional - unconditional)? * guidance_scale)?)?)
}

/// By what the guided ε is multiplied for φ = `rescale`, [b, 1, 1, 1]: φ σ_c/σ_g + 1 - φ, deviations over each
/// picture (diffusers' `rescale_noise_cfg`).
pub fn rescale_factor(guided: &Tensor, conditional: &Tensor, rescale: f64) -> Result<Tensor> {
    let ratio = (deviation(conditional)? / deviation(guided)?)?;
    Ok(ratio.affine(rescale, 1.0 - rescale)?)
}

/// `torch.std` over all but the batch, [b, 1, 1, 1].
fn deviation(x: &Tensor) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    let flat = x.reshape((b, c * h * w))?;
    Ok(flat.var_keepdim(D::Minus1)?.sqrt()?.reshape((b, 1, 1, 1))?)
}
