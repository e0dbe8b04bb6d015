//! Group normalisation of planes [n, c, …] in few launches: one kernel of candle's layer norm over [n · groups, rest], whose
//! sums are f32 for every type, then the channels' affine map.
//!
//! Halves are rounded after the norm and after the affine map, as they are in diffusers. The kernel takes the variance as
//! E[x²] - μ²: that costs a group whose mean is m deviations some m² · 1e-6 of its deviation at worst (measured on the
//! processor's one running sum: 6e-5 of the result at m = 3, 5e-3 at 30), which a guided trajectory makes 1e-3 of. So floats
//! are centred first, three launches more; of halves that is below their own rounding, but for means beyond ten deviations.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Tensor};
use candle_nn::ops::layer_norm;

use crate::error::Result;

thread_local!(static OF_THREAD: UnitAffine = UnitAffine::default());

/// The affine map that changes nothing, which layer norm asks for: ones and zeros, shared by all norms that are given it.
#[derive(Clone, Debug, Default)]
pub struct UnitAffine(Arc<Mutex<Option<(Tensor, Tensor)>>>);

impl UnitAffine {
    /// The one of everything that the calling thread computes; it goes with the thread, as all that lies on its device.
    pub fn of_thread() -> Self {
        OF_THREAD.with(Self::clone)
    }

    /// `len` ones and zeros of x's type, on its device.
    fn of(&self, len: usize, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let serves = |(ones, _): &&(Tensor, Tensor)| {
            ones.elem_count() >= len && ones.dtype() == x.dtype() && ones.device().same_device(x.device())
        };
        let (ones, zeros) = match kept.as_ref().filter(serves) {
            Some(kept) => kept,
            None => {
                let ones = Tensor::ones(len, x.dtype(), x.device())?;
                &*kept.insert((ones.clone(), ones.zeros_like()?))
            }
        };
        Ok((ones.narrow(0, 0, len)?, zeros.narrow(0, 0, len)?))
    }
}

/// norm(x) · gain + offset. x is [n, c, …], gain and offset [n, c] or [1, c]; `groups` divides c.
pub fn group_norm(
    x: &Tensor,
    gain: &Tensor,
    offset: &Tensor,
    groups: usize,
    eps: f64,
    unit: &UnitAffine,
) -> Result<Tensor> {
    let (n, c) = (x.dim(0)?, x.dim(1)?);
    let grouped = x.contiguous()?.reshape((n * groups, ()))?;
    let grouped = match x.dtype() {
        DType::F32 => grouped.broadcast_sub(&grouped.mean_keepdim(1)?)?,
        _ => grouped,
    };
    let (ones, zeros) = unit.of(grouped.dim(1)?, x)?;
    let normalised = layer_norm(&grouped, &ones, &zeros, eps as f32)?.reshape((n, c, ()))?;
    let y = normalised.broadcast_mul(&gain.unsqueeze(2)?)?.broadcast_add(&offset.unsqueeze(2)?)?;
    Ok(y.reshape(x.shape())?)
}
