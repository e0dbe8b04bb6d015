//! Motion blur and what it takes away: a picture that changes when it moves along its diagonal.
//!
//! The kernel is `eye(k) / k` (Factorized Diffusion: 7, at 256 px 29), edges continued by reflection.

use candle_core::Tensor;

use super::kernel::{kernel, kernel_side};
use super::{DecompositionEntry, PartName, Parts};
use crate::error::Result;
use crate::tensors::reflect_pad;

pub(super) static MOTION: DecompositionEntry = DecompositionEntry {
    name: "motion",
    label: "Motion and residual",
    sentence: "The picture blurred by moving along its diagonal, and what that blur takes away",
    parameters: &[kernel(7.0)],
    parts: &[PartName { name: "motion", label: "Motion" }, PartName { name: "residual", label: "Residual" }],
    projectors: false,
    filters: true,
    make: |request| Ok(Box::new(Motion { kernel: kernel_side(request)? })),
};

struct Motion {
    kernel: usize,
}

impl Parts for Motion {
    fn part(&self, _: usize, x: &Tensor) -> Result<Tensor> {
        let (_, _, h, w) = x.dims4()?;
        let padded = reflect_pad(&reflect_pad(x, 2, self.kernel / 2)?, 3, self.kernel / 2)?;
        let mut sum = padded.narrow(2, 0, h)?.narrow(3, 0, w)?.contiguous()?;
        for i in 1..self.kernel {
            sum = (sum + padded.narrow(2, i, h)?.narrow(3, i, w)?)?;
        }
        Ok((sum / self.kernel as f64)?)
    }
}
