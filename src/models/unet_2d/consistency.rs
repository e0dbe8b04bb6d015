//! What a consistency model says, in terms of the loop: its network F sees x / √(σ²+σ_data²) of x = x_0 + σ z, and
//! x̂_0 = c_skip x + c_out F (Karras et al. 2022, table 1; Song et al. 2023, eq. 5 and appendix C), which is 1 and 0 at the
//! least σ. The loop's x_t is x / √(1+σ²).

use candle_core::Tensor;

use crate::diffusion::samplers::SIGMA_MIN;
use crate::error::Result;

/// The deviation of the pictures that it was trained on.
const SIGMA_DATA: f64 = 0.5;

/// The factors at one σ, for x_t.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConsistencyScaling {
    input: f64,
    skip: f64,
    out: f64,
}

impl ConsistencyScaling {
    /// At the time 250 ln σ.
    pub fn at(time: f64) -> Self {
        let sigma = (time / 250.0).exp();
        let (of_data, over) = (SIGMA_DATA * SIGMA_DATA, sigma - f64::from(SIGMA_MIN));
        let (whole, both) = ((1.0 + sigma * sigma).sqrt(), (sigma * sigma + of_data).sqrt());
        Self { input: whole / both, skip: whole * of_data / (over * over + of_data), out: SIGMA_DATA * over / both }
    }

    /// x̂_0 of `x_t`, where `said` is what F says of its input.
    pub fn original(self, x_t: &Tensor, said: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        let said = said(&(x_t * self.input)?)?;
        Ok(((x_t * self.skip)? + (said * self.out)?)?)
    }
}
