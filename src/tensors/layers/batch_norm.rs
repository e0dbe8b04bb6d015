//! A convolution with batch norm and GELU after it, as the digit networks have them everywhere: one layer, so that what lies
//! between is read and kept once.

use candle_core::Tensor;

use super::candle::floats;
use super::convolution::{Convolved, Weights};
use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::{Error, Result};
use crate::tensors::cpu::batch_norm::{Affine, Statistics, norm_gelu, norm_gelu_backward, statistics};
use crate::tensors::cpu::{Form, Isa};

/// Batch norm's weight and bias, and where its statistics come from.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// γ, [c].
    pub weight: &'a Tensor,
    /// β, [c].
    pub bias: &'a Tensor,
    /// Added to the variance.
    pub eps: f64,
    /// Mean and variance to use; `None` takes the batch's, and wants a gradient.
    pub running: Option<(&'a Tensor, &'a Tensor)>,
}

/// A convolution, batch norm, GELU. Gives the statistics that it used, too.
pub fn convolve_norm_gelu(
    x: &Pixels,
    form: Form,
    weights: Weights<'_>,
    norm: Norm<'_>,
) -> Result<(Pixels, Statistics)> {
    let (isa, plan) = (Isa::get(), weights.plan(x.shape(), form)?);
    let z = weights.forward(&plan, x)?;
    let (shape, c) = (plan.output(), plan.output().c);
    if shape.count() == 0 {
        return Err(Error::new("batch norm needs a picture"));
    }
    let statistics = match norm.running {
        None => statistics(isa, &z, c),
        Some((mean, variance)) => {
            Statistics { mean: floats(mean, <[f32]>::to_vec)?, variance: floats(variance, <[f32]>::to_vec)? }
        }
    };
    let affine =
        floats(norm.weight, |weight| floats(norm.bias, |bias| Affine::new(&statistics, weight, bias, norm.eps)))??;
    let mut y = Values::anything(x.pool(), shape.count());
    norm_gelu(isa, &z, &affine, &mut y);
    let origin = || {
        let (weight, bias) = (weights.weight.clone(), weights.bias.clone());
        Box::new(ConvolveNormGelu {
            convolved: Convolved { x: x.clone(), plan, weight, bias },
            z,
            statistics: statistics.clone(),
            affine,
            eps: norm.eps,
            weight: norm.weight.clone(),
            bias: norm.bias.clone(),
        }) as Box<dyn Origin>
    };
    Ok((Pixels::made(shape, y, norm.running.is_none().then(origin)), statistics))
}

struct ConvolveNormGelu {
    convolved: Convolved,
    /// The convolution's result.
    z: Values,
    statistics: Statistics,
    affine: Affine,
    eps: f64,
    weight: Tensor,
    bias: Tensor,
}

impl Origin for ConvolveNormGelu {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.convolved.x.place()]
    }

    fn backward(&self, mut gradient: Values, gradients: &mut Gradients) -> Result<()> {
        let (dw, db) = norm_gelu_backward(Isa::get(), &self.z, &self.statistics, &self.affine, self.eps, &mut gradient);
        gradients.keep(&self.weight, dw)?;
        gradients.keep(&self.bias, db)?;
        // Batch norm takes any constant out again, so the sum of its gradient over the batch is exactly 0.
        gradients.keep(&self.convolved.bias, vec![0.0; self.convolved.bias.elem_count()])?;
        self.convolved.backward(gradient, gradients)
    }
}
