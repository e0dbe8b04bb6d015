//! A tensor that is known to lie on the processor: what other threads than the device's own may hold. A CUDA tensor that is
//! dropped by a thread without the device's context is never freed, and fails the next call.

use std::ops::Deref;

use candle_core::{Device, Tensor};

use super::MapLayout;
use crate::error::Result;

/// A tensor on the processor, detached from whatever made it.
#[derive(Clone, Debug)]
pub struct OnCpu(Tensor);

impl OnCpu {
    /// `x`, copied there if it is elsewhere.
    pub fn of(x: &Tensor) -> Result<Self> {
        Ok(Self(x.detach().to_device(&Device::Cpu)?))
    }

    /// All of `tensors`, of one type and one device, in one transfer: each would wait for the device.
    pub fn all(tensors: &[Tensor]) -> Result<Vec<Self>> {
        let [first, _, ..] = tensors else { return tensors.iter().map(Self::of).collect() };
        if MapLayout::of(first.device()) == MapLayout::Pixels {
            return tensors.iter().map(Self::of).collect();
        }
        let flat: Vec<Tensor> = tensors.iter().map(Tensor::flatten_all).collect::<candle_core::Result<_>>()?;
        let all = Tensor::cat(&flat, 0)?.detach().to_device(&Device::Cpu)?;
        let mut before = 0;
        let one = |x: &Tensor| {
            // Of its own memory: one that is kept must not hold the others.
            let own = all.narrow(0, before, x.elem_count())?.force_contiguous()?.reshape(x.shape())?;
            before += x.elem_count();
            Ok(Self(own))
        };
        tensors.iter().map(one).collect()
    }
}

impl Deref for OnCpu {
    type Target = Tensor;

    fn deref(&self) -> &Tensor {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{MapLayout, OnCpu};

    #[test]
    fn several_in_one_transfer_are_what_they_were() {
        let tensors = [(2, 3), (4, 1), (1, 5)].map(|shape| Tensor::rand(0f32, 1.0, shape, &Device::Cpu).unwrap());
        let fetched = MapLayout::Planes.scope(|| OnCpu::all(&tensors).unwrap());
        for (tensor, fetched) in tensors.iter().zip(&fetched) {
            assert_eq!(tensor.to_vec2::<f32>().unwrap(), fetched.to_vec2::<f32>().unwrap());
        }
    }
}
