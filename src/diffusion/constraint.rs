//! What is done to the picture after each step: one file's worth of inpainting and of holding a part.
//!
//! A constraint draws its noise after the sampler's, at every step.

use std::sync::Arc;

use candle_core::Tensor;

use super::estimate::Part;
use super::forward::forward;
use crate::error::Result;

/// Applied to x_t' where a step arrived.
pub enum Constraint {
    /// x' ← m x' + (1-m) forward(x_orig, t'): inside the mask new, outside kept (the course's inpainting).
    Renoise {
        /// 1 where the picture is new, [1 or b, 1, h, w].
        mask: Tensor,
        /// The picture that is kept, [1 or b, c, h, w].
        original: Tensor,
    },
    /// x' ← m x' + (1-m) x_orig, un-noised, as diffusers' IFInpaintingPipeline keeps it.
    Unnoised {
        /// 1 where the picture is new; 0 or 1.
        mask: Tensor,
        /// The picture that is kept.
        original: Tensor,
    },
    /// x' ← f(forward(reference, t')) + (x' - f(x')): one part held to a real picture (Geng et al. 2024, 3.4).
    Hold {
        /// f.
        part: Arc<dyn Part>,
        /// The picture whose part is held.
        reference: Tensor,
    },
}

impl Constraint {
    /// Whether it draws noise at every step.
    pub fn wants_noise(&self) -> bool {
        !matches!(self, Self::Unnoised { .. })
    }

    /// `x` [b, c, h, w] made to agree at ᾱ = `alpha_prod`; `noise` in its shape where it is wanted; at 1,
    /// where nothing is noised, none.
    pub fn apply(&self, x: &Tensor, alpha_prod: f32, noise: Option<&Tensor>) -> Result<Tensor> {
        let noised = |picture: &Tensor| -> Result<Tensor> {
            let picture = picture.broadcast_as(x.shape())?;
            match noise {
                Some(noise) => forward(&picture, noise, alpha_prod),
                None => Ok(picture),
            }
        };
        match self {
            Self::Renoise { mask, original } => paste(mask, x, &noised(original)?),
            Self::Unnoised { mask, original } => paste(mask, x, &original.broadcast_as(x.shape())?),
            Self::Hold { part, reference } => {
                let others = (x - part.part(x)?)?;
                Ok((part.part(&noised(reference)?)? + others)?)
            }
        }
    }
}

/// m `inside` + (1-m) `outside`, [b, c, h, w].
pub fn paste(mask: &Tensor, inside: &Tensor, outside: &Tensor) -> Result<Tensor> {
    let new = inside.broadcast_mul(mask)?;
    Ok((new + outside.broadcast_mul(&mask.affine(-1.0, 1.0)?)?)?)
}
