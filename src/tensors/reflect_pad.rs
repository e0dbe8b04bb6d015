//! `torch.nn.functional.pad(mode="reflect")`.

use candle_core::Tensor;

use crate::error::Result;

/// `x` with `pad` more values before and after along `dim`, mirrored at the outermost ones, which are not
/// repeated; `pad` is below the dimension's size.
pub fn reflect_pad(x: &Tensor, dim: usize, pad: usize) -> Result<Tensor> {
    let n = x.dim(dim)?;
    let reflected: Vec<u32> = (0..n + 2 * pad)
        .map(|i| {
            let at = i.abs_diff(pad);
            (if at < n { at } else { 2 * (n - 1) - at }) as u32
        })
        .collect();
    Ok(x.contiguous()?.index_select(&Tensor::from_vec(reflected, n + 2 * pad, x.device())?, dim)?)
}
