//! What a node of the tree looks at: the network's input there, and what the picture was last thought to be.

use candle_core::{D, Tensor};

use super::{Mapping, Part};
use crate::diffusion::prediction::Terms;
use crate::error::Result;

/// One look at x_t.
#[derive(Clone)]
pub(super) struct Seen {
    /// [b, c_in, h, w]; its first channels are x_t.
    pub input: Tensor,
    /// x̂_0 of the step before, [b, c, h, w]; nothing at a run's first step.
    pub original: Option<Tensor>,
}

impl Seen {
    /// The same through a view.
    pub fn through(&self, view: &dyn Mapping) -> Result<Self> {
        let original = self.original.as_ref().map(|original| view.view(original)).transpose()?;
        Ok(Self { input: view.view(&self.input)?, original })
    }

    /// x_t, which the input's first `channels` are.
    pub fn x(&self, channels: usize) -> Result<Tensor> {
        Ok(self.input.narrow(1, 0, channels)?)
    }

    /// Whether a part that is `apart` from the others sees another picture than they do.
    pub fn differs(&self, apart: f64) -> bool {
        apart != 0.0 && self.original.is_some()
    }

    /// What `part` sees, where the share `apart` of the other parts is set aside.
    ///
    /// Of x_t = √ᾱ x_0 + √(1-ᾱ) ε the noise stays whole, so that the network sees as much as it knows from training; of
    /// the signal, √ᾱ times `apart` of what x̂_0 holds beside the part is taken away. The mean colour stays: what is left
    /// is the part on a plain ground.
    pub fn of_part(&self, part: &dyn Part, apart: f64, terms: Terms) -> Result<Self> {
        let Some(original) = self.original.as_ref().filter(|_| apart != 0.0) else { return Ok(self.clone()) };
        let channels = original.dim(1)?;
        let ground = original.mean_keepdim((D::Minus1, D::Minus2))?;
        let drawn = original.broadcast_sub(&ground)?;
        let aside = ((&drawn - part.part(&drawn)?)? * apart)?;
        let x = (self.x(channels)? - (&aside * terms.signal())?)?;
        let rest = self.input.dim(1)? - channels;
        let input = if rest > 0 { Tensor::cat(&[x, self.input.narrow(1, channels, rest)?], 1)? } else { x };
        Ok(Self { input, original: Some((original - aside)?) })
    }
}
