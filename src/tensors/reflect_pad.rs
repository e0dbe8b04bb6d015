//! `torch.nn.functional.pad(mode="reflect")`.

use candle_core::Tensor;

use crate::error::Result;

/// `x` with `pad` more values before and after along `dim`, mirrored at the outermost ones, which are not
/// repeated; `pad` is below the dimension's size.
pub fn reflect_pad(x: &Tensor, dim: usize, pad: usize) -> Result<Tensor> {
    let n = x.dim(dim)?;
    let from: Vec<u32> = (0..n + 2 * pad).map(|i| reflected(i, n, pad) as u32).collect();
    Ok(x.contiguous()?.index_select(&Tensor::from_vec(from, n + 2 * pad, x.device())?, dim)?)
}

/// Which of `n` values stands at `i` of those padded by `pad`.
pub(super) fn reflected(i: usize, n: usize, pad: usize) -> usize {
    let at = i.abs_diff(pad);
    if at < n { at } else { 2 * (n - 1) - at }
}
