//! Low and high frequencies, the hybrid image's: a Gaussian blur and what it takes away. What is seen from
//! afar, and from near (Oliva et al., *Hybrid images*, 2006). The course's and Factorized Diffusion's kernel 33,
//! σ 2; at 256 px 133 and 8.

use candle_core::Tensor;

use super::kernel::{kernel, kernel_side, sigma};
use super::{DecompositionEntry, PartName, Parts};
use crate::error::Result;
use crate::tensors::gaussian_blur;

pub(super) static LOW_HIGH: DecompositionEntry = DecompositionEntry {
    name: "low_high",
    label: "Low and high frequencies",
    sentence: "A hybrid image: the blurred picture, seen from afar, and its detail, seen from near",
    parameters: &[
        kernel(33.0),
        sigma("sigma", "Blur σ", "The blur's deviation σ at stage I in pixels, 0.1 to 64", 2.0),
    ],
    parts: &[PartName { name: "low", label: "Low" }, PartName { name: "high", label: "High" }],
    projectors: false,
    filters: true,
    make: |request| Ok(Box::new(LowHigh { kernel: kernel_side(request)?, sigma: request.length(1) })),
};

struct LowHigh {
    kernel: usize,
    sigma: f64,
}

impl Parts for LowHigh {
    fn part(&self, _: usize, x: &Tensor) -> Result<Tensor> {
        gaussian_blur(x, self.kernel, self.sigma)
    }
}
