//! `torch.quantile` with linear interpolation.

use candle_core::{DType, Tensor};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// The `q` quantile of each row of `rows` [b, n], as [b] in f32 on the same device.
///
/// As torch: the rank q (n - 1) is taken in f32 and the two neighbours are joined by torch's `lerp`. A row
/// with a NaN has the quantile NaN.
pub fn quantile(rows: &Tensor, q: f64) -> Result<Tensor> {
    let (b, n) = rows.dims2()?;
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return Err(Error::new(format!("no {q} quantile of {n} values")));
    }
    let values: Vec<Vec<f32>> = rows.to_dtype(DType::F32)?.to_vec2()?;
    let quantiles: Vec<f32> = values.into_par_iter().map(|row| row_quantile(row, q as f32)).collect();
    Ok(Tensor::from_vec(quantiles, b, rows.device())?)
}

fn row_quantile(mut row: Vec<f32>, q: f32) -> f32 {
    if row.iter().any(|value| value.is_nan()) {
        return f32::NAN;
    }
    let rank = q * (row.len() - 1) as f32;
    let below = rank.floor() as usize;
    let (_, &mut low, above) = row.select_nth_unstable_by(below, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    lerp(low, high, rank - below as f32)
}

/// torch's `lerp`: from the nearer end.
fn lerp(low: f32, high: f32, weight: f32) -> f32 {
    if weight < 0.5 { weight.mul_add(high - low, low) } else { (high - low).mul_add(-(1.0 - weight), high) }
}
