//! Three bands of frequencies, the triple hybrid: G₂ x, G₁ x - G₂ x and the rest x - G₁ x, with G₁ the
//! narrower of two Gaussian blurs (Factorized Diffusion: kernel 25, σ 1 and 2; at 256 px 101, 4 and 8).

use candle_core::Tensor;

use super::kernel::{kernel, kernel_side, sigma};
use super::{DecompositionEntry, PartName, Parts};
use crate::error::{Error, Result};
use crate::tensors::gaussian_blur;

pub(super) static LOW_MID_HIGH: DecompositionEntry = DecompositionEntry {
    name: "low_mid_high",
    label: "Low, middle and high frequencies",
    sentence: "A triple hybrid: three bands of frequencies, for three distances",
    parameters: &[
        kernel(25.0),
        sigma("sigma_1", "Narrow blur σ₁", "Between high and middle: the narrower blur's σ₁, 0.1 to 64", 1.0),
        sigma("sigma_2", "Wide blur σ₂", "Between middle and low: the wider blur's σ₂, above σ₁, up to 64", 2.0),
    ],
    parts: &[
        PartName { name: "low", label: "Low" },
        PartName { name: "mid", label: "Middle" },
        PartName { name: "high", label: "High" },
    ],
    projectors: false,
    filters: true,
    make: |request| {
        let (narrow, wide) = (request.length(1), request.length(2));
        if narrow >= wide {
            let (narrow, wide) = (request.values[1], request.values[2]);
            return Err(Error::arguments("sigma_1 of low_mid_high is below sigma_2").at(format!("{narrow} and {wide}")));
        }
        Ok(Box::new(LowMidHigh { kernel: kernel_side(request)?, narrow, wide }))
    },
};

struct LowMidHigh {
    kernel: usize,
    narrow: f64,
    wide: f64,
}

impl Parts for LowMidHigh {
    fn part(&self, index: usize, x: &Tensor) -> Result<Tensor> {
        let low = gaussian_blur(x, self.kernel, self.wide)?;
        if index == 0 { Ok(low) } else { Ok((gaussian_blur(x, self.kernel, self.narrow)? - low)?) }
    }
    /// x - G₂ x - (G₁ x - G₂ x) with one blur instead of three.
    fn rest(&self, _: usize, x: &Tensor) -> Result<Tensor> {
        Ok((x - gaussian_blur(x, self.kernel, self.narrow)?)?)
    }
}
