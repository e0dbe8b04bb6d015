//! Convolutions, plain and transposed, and linear maps, which are 1×1 ones: forward, and back to input, weight and bias.
//!
//! Weights are candle tensors in PyTorch's layouts.

use candle_core::Tensor;

use super::candle::floats;
use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::{Error, Result};
use crate::tensors::cpu::batch_norm::column_sums;
use crate::tensors::cpu::{Convolution, Form, Isa, Shape};

/// A convolution's weight and bias.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// [out, in, k, k], transposed [in, out, k, k].
    pub weight: &'a Tensor,
    /// [out].
    pub bias: &'a Tensor,
}

impl Weights<'_> {
    pub(super) fn plan(self, x: Shape, form: Form) -> Result<Convolution> {
        let c_in = self.weight.dim(usize::from(!form.transposed))?;
        let plan = Convolution::new(Isa::get(), form, x, self.bias.dim(0)?);
        plan.filter(|_| c_in == x.c).ok_or_else(|| {
            Error::new(format!("a convolution {:?} does not fit maps {}×{}×{}", self.weight.dims(), x.c, x.h, x.w))
        })
    }

    pub(super) fn forward(self, plan: &Convolution, x: &Pixels) -> Result<Values> {
        let mut y = Values::anything(x.pool(), plan.output().count());
        floats(self.weight, |weight| floats(self.bias, |bias| plan.forward(x.values(), weight, Some(bias), &mut y)))??;
        Ok(y)
    }
}

/// What a convolution needs on the way back.
pub(super) struct Convolved {
    pub x: Pixels,
    pub plan: Convolution,
    pub weight: Tensor,
    pub bias: Tensor,
}

impl Convolved {
    pub fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let mut dw = vec![0f32; self.weight.elem_count()];
        self.plan.weight_gradient(self.x.values(), &dy, &mut dw);
        gradients.keep(&self.weight, dw)?;
        if self.x.tracks() {
            let mut dx = Values::anything(self.x.pool(), self.x.shape().count());
            floats(&self.weight, |weight| self.plan.input_gradient(&dy, weight, &mut dx))?;
            drop(dy);
            gradients.add(self.x.place(), dx);
        }
        Ok(())
    }
}

/// A convolution with bias.
pub fn convolve(x: &Pixels, form: Form, weights: Weights<'_>, track: bool) -> Result<Pixels> {
    let plan = weights.plan(x.shape(), form)?;
    let y = weights.forward(&plan, x)?;
    let origin = || {
        let (weight, bias) = (weights.weight.clone(), weights.bias.clone());
        Box::new(Convolve(Convolved { x: x.clone(), plan, weight, bias })) as Box<dyn Origin>
    };
    Ok(Pixels::made(plan.output(), y, track.then(origin)))
}

struct Convolve(Convolved);

impl Origin for Convolve {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.0.x.place()]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        gradients.keep(&self.0.bias, column_sums(Isa::get(), &dy, self.0.plan.output().c))?;
        self.0.backward(dy, gradients)
    }
}
