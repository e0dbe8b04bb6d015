//! Group normalisation with scale, shift and activation, and the way back to all of them.

use candle_core::Tensor;

use super::candle::floats;
use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::{Error, Result};
use crate::tensors::cpu::{self, Activation, Isa, Normalised};

/// A `torch.nn.GroupNorm` with what follows it.
#[derive(Clone, Copy)]
pub struct GroupNorm<'a> {
    /// Groups of neighbouring channels.
    pub groups: usize,
    /// Added to the variance.
    pub eps: f64,
    /// γ, [c].
    pub weight: &'a Tensor,
    /// β, [c].
    pub bias: &'a Tensor,
    /// Scale and then shift of each picture, [n, 2 c]: norm · (1 + scale) + shift. Their gradient goes on through candle's
    /// graph.
    pub scale_shift: Option<&'a Tensor>,
    /// After it all.
    pub activation: Activation,
}

/// The norm of x; an error where groups, weights or vectors do not fit its channels. `track` says whether a gradient will
/// be wanted.
pub fn group_norm(x: &Pixels, norm: GroupNorm<'_>, track: bool) -> Result<Pixels> {
    let shape = x.shape();
    let fits = norm.groups > 0 && shape.c.is_multiple_of(norm.groups) && norm.weight.dims() == [shape.c];
    let fits = fits && norm.bias.dims() == [shape.c];
    if !fits || norm.scale_shift.is_some_and(|both| both.dims() != [shape.n, 2 * shape.c]) {
        return Err(Error::new(format!("a norm of {} groups does not fit {} channels", norm.groups, shape.c)));
    }
    let kept = Kept {
        groups: norm.groups,
        eps: norm.eps,
        weight: floats(norm.weight, <[f32]>::to_vec)?,
        bias: floats(norm.bias, <[f32]>::to_vec)?,
        scale_shift: match norm.scale_shift {
            Some(both) => Some(floats(&both.contiguous()?, <[f32]>::to_vec)?),
            None => None,
        },
        activation: norm.activation,
    };
    let mut y = Values::anything(x.pool(), shape.count());
    let by = cpu::group_norm(Isa::get(), x.values(), shape.n, shape.c, kept.norm(), &mut y);
    let origin = || {
        let (weight, bias) = (norm.weight.clone(), norm.bias.clone());
        let scale_shift = norm.scale_shift.cloned();
        Box::new(Normalise { x: x.clone(), kept, by, weight, bias, scale_shift }) as Box<dyn Origin>
    };
    Ok(Pixels::made(shape, y, track.then(origin)))
}

/// The numbers of a [`GroupNorm`].
struct Kept {
    groups: usize,
    eps: f64,
    weight: Vec<f32>,
    bias: Vec<f32>,
    scale_shift: Option<Vec<f32>>,
    activation: Activation,
}

impl Kept {
    fn norm(&self) -> cpu::Norm<'_> {
        cpu::Norm {
            groups: self.groups,
            eps: self.eps,
            weight: &self.weight,
            bias: &self.bias,
            added: None,
            scale_shift: self.scale_shift.as_deref(),
            activation: self.activation,
        }
    }
}

struct Normalise {
    x: Pixels,
    kept: Kept,
    by: Vec<Normalised>,
    weight: Tensor,
    bias: Tensor,
    scale_shift: Option<Tensor>,
}

impl Origin for Normalise {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.x.place()]
    }

    fn backward(&self, mut gradient: Values, gradients: &mut Gradients) -> Result<()> {
        let norm = self.kept.norm();
        let by = cpu::group_norm_backward(Isa::get(), self.x.values(), &self.by, norm, &mut gradient);
        gradients.keep(&self.weight, by.weight)?;
        gradients.keep(&self.bias, by.bias)?;
        if let Some(both) = &self.scale_shift {
            gradients.follow(both, by.scale_shift)?;
        }
        gradients.add(self.x.place(), gradient);
        Ok(())
    }
}
