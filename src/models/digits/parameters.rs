//! The numbers of a digit network by name: drawn as PyTorch draws them, or taken from a file.
//!
//! PyTorch's own initialisation of `Conv2d`, `ConvTranspose2d` and `Linear` is uniform in ± 1/√fan_in for weight and
//! bias, in the order in which the modules are made. Our generator is torch's, so that `torch.manual_seed` with the
//! same modules gives the same weights, bit for bit.

use candle_core::{DType, Device, Tensor, Var};

use crate::error::Result;
use crate::tensors::Generator;
use crate::weights::Weights;

/// What becomes of a named tensor in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It has a gradient.
    Trained,
    /// It follows the batches (running statistics).
    Followed,
    /// It counts batches, in i64.
    Counted,
}

/// One tensor of a network.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its key in a PyTorch state dict.
    pub name: String,
    /// The tensor itself, shared with the layer that uses it.
    pub var: Var,
    /// What becomes of it.
    pub role: Role,
}

/// Where a network's numbers come from.
pub enum Origin<'a> {
    /// Drawn anew.
    Drawn(&'a mut Generator),
    /// From a file; what does not fit is noted there ([`Weights::finish`]).
    Stored(&'a Weights),
}

/// Hands each layer its tensors and keeps the list of them.
pub struct Builder<'a> {
    origin: Origin<'a>,
    device: Device,
    parameters: Vec<Parameter>,
}

impl<'a> Builder<'a> {
    /// With tensors on `device`, in f32.
    pub fn new(origin: Origin<'a>, device: &Device) -> Self {
        Self { origin, device: device.clone(), parameters: Vec::new() }
    }

    /// The tensors that were handed out, in order.
    pub fn finish(self) -> Vec<Parameter> {
        self.parameters
    }

    /// A weight or bias, uniform in ± 1/√`fan_in` where it is drawn.
    pub fn drawn(&mut self, name: &str, shape: &[usize], fan_in: usize) -> Result<Var> {
        let tensor = match &mut self.origin {
            Origin::Stored(weights) => weights.take(name, shape)?,
            Origin::Drawn(generator) => {
                let bound = 1.0 / (fan_in as f64).sqrt();
                let values = generator.uniform(shape.iter().product(), -bound, bound);
                Tensor::from_vec(values, shape, &self.device)?
            }
        };
        self.keep(name, &tensor, Role::Trained)
    }

    /// A tensor that begins with `value` everywhere.
    pub fn filled(&mut self, name: &str, shape: &[usize], value: f64, role: Role) -> Result<Var> {
        let tensor = match &self.origin {
            Origin::Stored(weights) => weights.take(name, shape)?,
            Origin::Drawn(_) => Tensor::full(value as f32, shape, &self.device)?,
        };
        self.keep(name, &tensor, role)
    }

    fn keep(&mut self, name: &str, tensor: &Tensor, role: Role) -> Result<Var> {
        let dtype = if role == Role::Counted { DType::I64 } else { DType::F32 };
        let var = Var::from_tensor(&tensor.to_device(&self.device)?.to_dtype(dtype)?.contiguous()?)?;
        self.parameters.push(Parameter { name: name.to_owned(), var: var.clone(), role });
        Ok(var)
    }
}
