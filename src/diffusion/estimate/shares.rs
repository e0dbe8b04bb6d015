//! How much each view counts at each pixel, where its own upper part is to count most.
//!
//! A plain mean asks every pixel to be right in all views; a small network then often settles on one reading, or on
//! neither. What is upright matters most where a picture's top is (a face, a flame, a roof), so that each view is
//! given its top and the readings meet in the middle, as the two heads of a playing card do.

use candle_core::Tensor;

use super::Branch;
use crate::error::Result;

/// What a pixel counts at least: nowhere do all views vanish.
const FLOOR: f32 = 1e-3;

/// For each branch its share at every pixel, [1, channels, h, w] for `like` [b, _, h, w]; at each pixel they sum to 1.
///
/// A share is whole in a view's upper quarter, falls in equal steps through its middle, and is next to none in its lower
/// quarter; all that times the branch's weight, none of which may be below 0.
pub(super) fn upper_shares(branches: &[Branch], like: &Tensor, channels: usize) -> Result<Vec<Tensor>> {
    let (_, _, h, w) = like.dims4()?;
    let last = h.saturating_sub(1).max(1) as f32;
    let rows: Vec<f32> = (0..h).map(|y| (1.5 - 2.0 * y as f32 / last).clamp(0.0, 1.0) + FLOOR).collect();
    let rows = Tensor::from_vec(rows, (1, 1, h, 1), like.device())?;
    let rows = rows.broadcast_as((1, channels, h, w))?.contiguous()?.to_dtype(like.dtype())?;
    let shares: Vec<Tensor> = branches
        .iter()
        .map(|branch| Ok((branch.view.inverse_view_variance(&rows)? * branch.weight)?))
        .collect::<Result<_>>()?;
    let mut total = shares[0].clone();
    for share in &shares[1..] {
        total = (total + share)?;
    }
    shares.iter().map(|share| Ok((share / &total)?)).collect()
}
