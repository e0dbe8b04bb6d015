//! How close a picture is to another: PSNR and SSIM on values clamped to [0, 1], peak 1.

use candle_core::{DType, Tensor};

use crate::error::{Error, Result};

/// The SSIM's window: a Gaussian of 11 with σ 1.5 (Wang et al. 2004).
const WINDOW: usize = 11;
const SIGMA: f64 = 1.5;
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// 10 log₁₀(1/MSE) of two pictures [3, h, w] from -1 to 1; infinite where they are equal.
pub fn psnr(a: &Tensor, b: &Tensor) -> Result<f64> {
    let (a, b) = (unit(a)?, unit(b)?);
    let n = a.len().max(1) as f64;
    let error: f64 = a.iter().zip(&b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>() / n;
    Ok(-10.0 * error.log10())
}

/// The mean SSIM of two pictures [3, h, w] from -1 to 1: over the window's valid region and the channels.
pub fn ssim(a: &Tensor, b: &Tensor) -> Result<f64> {
    let (c, h, w) = a.dims3()?;
    if h < WINDOW || w < WINDOW {
        return Err(Error::new(format!("SSIM needs {WINDOW} pixels a side, the picture is {w} × {h}")));
    }
    let (a, b) = (unit(a)?, unit(b)?);
    let mut total = 0.0;
    for channel in 0..c {
        let range = channel * h * w..(channel + 1) * h * w;
        total += ssim_channel(&a[range.clone()], &b[range], h, w);
    }
    Ok(total / c as f64)
}

/// -1 to 1 as clamped values from 0 to 1.
fn unit(x: &Tensor) -> Result<Vec<f64>> {
    let values: Vec<f32> = x.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Ok(values.into_iter().map(|value| (f64::from(value) / 2.0 + 0.5).clamp(0.0, 1.0)).collect())
}

fn ssim_channel(a: &[f64], b: &[f64], h: usize, w: usize) -> f64 {
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).collect::<Vec<f64>>();
    let blur = |x: &[f64]| blur_valid(x, h, w);
    let (mean_a, mean_b) = (blur(a), blur(b));
    let (aa, bb, ab) = (blur(&product(a, a)), blur(&product(b, b)), blur(&product(a, b)));
    let mut sum = 0.0;
    for i in 0..mean_a.len() {
        let (ma, mb) = (mean_a[i], mean_b[i]);
        let (va, vb, vab) = (aa[i] - ma * ma, bb[i] - mb * mb, ab[i] - ma * mb);
        sum += (2.0 * ma * mb + C1) * (2.0 * vab + C2) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
    }
    sum / mean_a.len() as f64
}

/// The Gaussian window wherever it lies inside the picture.
fn blur_valid(x: &[f64], h: usize, w: usize) -> Vec<f64> {
    let half = (WINDOW / 2) as f64;
    let raw: Vec<f64> = (0..WINDOW).map(|i| (-0.5 * ((i as f64 - half) / SIGMA).powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    let taps: Vec<f64> = raw.into_iter().map(|value| value / sum).collect();
    let (out_h, out_w) = (h - WINDOW + 1, w - WINDOW + 1);
    let mut rows = vec![0.0; h * out_w];
    for y in 0..h {
        for x_at in 0..out_w {
            rows[y * out_w + x_at] = taps.iter().enumerate().map(|(k, tap)| tap * x[y * w + x_at + k]).sum();
        }
    }
    let mut blurred = vec![0.0; out_h * out_w];
    for y in 0..out_h {
        for x_at in 0..out_w {
            blurred[y * out_w + x_at] =
                taps.iter().enumerate().map(|(k, tap)| tap * rows[(y + k) * out_w + x_at]).sum();
        }
    }
    blurred
}
