//! Classifier-free guidance (Ho & Salimans 2022): ε_u + γ(ε_c - ε_u), with the conditional branch's variance.
//!
//! γ = `guidance_scale`: 0 is unconditional, 1 conditional, more is guided. At γ = 1 the unconditional
//! branch is not evaluated at all.

use candle_core::Tensor;

use crate::error::Result;

/// Whether γ needs the unconditional branch.
pub fn needs_unconditional(guidance_scale: f64) -> bool {
    guidance_scale != 1.0
}

/// The guided output of the picture's channels, all [b, c, h, w].
pub fn guide(unconditional: &Tensor, conditional: &Tensor, guidance_scale: f64) -> Result<Tensor> {
    Ok((unconditional + ((conditional - unconditional)? * guidance_scale)?)?)
}
