//! torchvision's `gaussian_blur`: a normalised kernel, edges continued by reflection.

use candle_core::{DType, Device, Tensor};

use super::reflect_pad::reflected;
use super::{MapLayout, reflect_pad};
use crate::error::{Error, Result};

/// `x` [b, c, h, w] blurred with a `kernel` × `kernel` Gaussian of `sigma` pixels.
///
/// `kernel` is odd and, since reflection needs as many pixels beside the edge, below twice the picture's
/// smaller side.
pub fn gaussian_blur(x: &Tensor, kernel: usize, sigma: f64) -> Result<Tensor> {
    let (_, _, h, w) = x.dims4()?;
    if kernel.is_multiple_of(2) {
        return Err(Error::arguments(format!("a blur's kernel is odd, {kernel} is not")).at("kernel"));
    }
    if kernel / 2 >= h.min(w) {
        return Err(Error::arguments(format!("a kernel of {kernel} does not fit a picture of {w} × {h}"))
            .at("kernel")
            .hint(format!("choose at most {}", 2 * h.min(w) - 1)));
    }
    if sigma <= 0.0 || !sigma.is_finite() {
        return Err(Error::arguments(format!("a blur's σ is above 0, {sigma} is not")).at("sigma"));
    }
    let taps = gaussian_kernel_1d(kernel, sigma as f32);
    match MapLayout::of(x.device()) {
        MapLayout::Pixels => blur_along(&blur_along(x, 2, &taps)?, 3, &taps),
        MapLayout::Planes => blurred_by_products(x, &taps),
    }
}

/// A product an axis, for devices to which each of many shifts is a launch: with a band of taps about the diagonal, at the
/// edges those of the mirrored pixels too.
fn blurred_by_products(x: &Tensor, taps: &[f32]) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    let rows = band(h, taps, x.device())?.broadcast_as((b * c, h, h))?;
    let columns = band(w, taps, x.device())?.broadcast_as((b * c, w, w))?;
    let blurred = rows.matmul(&x.contiguous()?.reshape((b * c, h, w))?.to_dtype(DType::F32)?)?;
    Ok(blurred.matmul(&columns.transpose(1, 2)?)?.reshape((b, c, h, w))?.to_dtype(x.dtype())?)
}

/// [n, n]: row i has what pixel i takes of each pixel.
fn band(n: usize, taps: &[f32], device: &Device) -> Result<Tensor> {
    let mut values = vec![0f32; n * n];
    for i in 0..n {
        for (tap, value) in taps.iter().enumerate() {
            values[i * n + reflected(i + tap, n, taps.len() / 2)] += value;
        }
    }
    Ok(Tensor::from_vec(values, (n, n), device)?)
}

/// torchvision's `_get_gaussian_kernel1d`: f32 throughout, sums to 1.
fn gaussian_kernel_1d(kernel: usize, sigma: f32) -> Vec<f32> {
    let half = (kernel - 1) as f32 * 0.5;
    let pdf: Vec<f32> = (0..kernel).map(|i| (-0.5 * ((i as f32 - half) / sigma).powi(2)).exp()).collect();
    let sum: f32 = pdf.iter().sum();
    pdf.into_iter().map(|value| value / sum).collect()
}

/// One pass along `dim`: the reflected picture shifted by each tap, weighted and summed.
fn blur_along(x: &Tensor, dim: usize, taps: &[f32]) -> Result<Tensor> {
    let n = x.dim(dim)?;
    let padded = reflect_pad(x, dim, taps.len() / 2)?;
    let mut sum = (padded.narrow(dim, 0, n)? * f64::from(taps[0]))?;
    for (i, &tap) in taps.iter().enumerate().skip(1) {
        sum = (sum + (padded.narrow(dim, i, n)? * f64::from(tap))?)?;
    }
    Ok(sum)
}
