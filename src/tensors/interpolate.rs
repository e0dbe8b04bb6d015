//! `torch.nn.functional.interpolate(mode="bilinear")`, without antialiasing.

use candle_core::{DType, Device, Tensor};

use crate::error::Result;

/// `x` [b, c, h, w] at `height` × `width`.
///
/// With `align_corners` the corner pixels' centres map onto each other (as IF's stage II upscales its
/// conditioning); without, the pixels' outer edges do.
pub fn interpolate_bilinear(x: &Tensor, height: usize, width: usize, align_corners: bool) -> Result<Tensor> {
    let (_, _, h, w) = x.dims4()?;
    let rows = blend(x, 2, h, height, align_corners)?;
    blend(&rows, 3, w, width, align_corners)
}

/// Linear interpolation along one dimension: two gathers and a weighted sum.
fn blend(x: &Tensor, dim: usize, from: usize, to: usize, align_corners: bool) -> Result<Tensor> {
    if from == to {
        return Ok(x.clone());
    }
    let (mut low, mut high, mut weight) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..to {
        let at = source_coordinate(i, from, to, align_corners);
        let floor = at as usize;
        low.push(floor as u32);
        high.push((floor + 1).min(from - 1) as u32);
        weight.push(at - floor as f32);
    }
    let index = |v: Vec<u32>| Tensor::from_vec(v, to, x.device());
    let x = x.contiguous()?;
    let (low, high) = (x.index_select(&index(low)?, dim)?, x.index_select(&index(high)?, dim)?);
    let weight = weights(weight, dim, x.device())?.to_dtype(x.dtype())?;
    Ok((low.broadcast_mul(&weight.affine(-1.0, 1.0)?)? + high.broadcast_mul(&weight)?)?)
}

/// Where output pixel `i` lies among the input's pixels, in f32 as torch's CPU kernel computes it.
fn source_coordinate(i: usize, from: usize, to: usize, align_corners: bool) -> f32 {
    if align_corners {
        let scale = if to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { 0.0 };
        scale * i as f32
    } else {
        let scale = from as f32 / to as f32;
        (scale * (i as f32 + 0.5) - 0.5).max(0.0)
    }
}

fn weights(weight: Vec<f32>, dim: usize, device: &Device) -> Result<Tensor> {
    let n = weight.len();
    let shape = if dim == 2 { (1, 1, n, 1) } else { (1, 1, 1, n) };
    Ok(Tensor::from_vec(weight, shape, device)?.to_dtype(DType::F32)?)
}
