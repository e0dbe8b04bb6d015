//! Group normalisation with its scale, shift and GELU in one go over memory.
//!
//! candle's own takes about nine passes and only [n, c, l]. On the CPU in f32 this is one `CustomOp`: a task
//! per group, so the result does not depend on the number of threads; statistics in two passes with sixteen
//! running sums, as PyTorch's `native_group_norm` followed by exact (erf) `gelu`. Elsewhere candle's ops in f32.

use candle_core::{CpuStorage, CustomOp3, DType, Layout, Shape, Tensor};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use crate::error::Result;

/// `torch.nn.GroupNorm` of inputs [n, c, …].
#[derive(Clone, Debug)]
pub struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// Weight and bias are [c]; `groups` divides c.
    pub fn new(weight: &Tensor, bias: &Tensor, groups: usize, eps: f64) -> Result<Self> {
        Ok(Self { weight: weight.unsqueeze(0)?, bias: bias.unsqueeze(0)?, groups, eps })
    }

    /// Normalised, [n, c, …].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, &self.weight, &self.bias, self.groups, self.eps, false)
    }

    /// GELU of the normalised input.
    pub fn forward_gelu(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, &self.weight, &self.bias, self.groups, self.eps, true)
    }

    /// GELU of norm(x) · (1 + scale) + shift; scale and shift are [n, c].
    pub fn forward_scale_shift_gelu(&self, x: &Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
        let factor = (scale + 1.0)?;
        let gain = self.weight.broadcast_mul(&factor)?;
        let offset = (self.bias.broadcast_mul(&factor)? + shift)?;
        group_norm(x, &gain, &offset, self.groups, self.eps, true)
    }
}

/// norm(x) · gain + offset, with GELU after it if `gelu`. x is [n, c, …], gain and offset [n, c] or [1, c].
pub fn group_norm(x: &Tensor, gain: &Tensor, offset: &Tensor, groups: usize, eps: f64, gelu: bool) -> Result<Tensor> {
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        let op = Fused { groups, eps: eps as f32, gelu };
        return Ok(x.contiguous()?.apply_op3_no_bwd(&gain.contiguous()?, &offset.contiguous()?, &op)?);
    }
    composed(x, gain, offset, groups, eps, gelu)
}

/// The same from candle's operations, statistics and affine in f32.
fn composed(x: &Tensor, gain: &Tensor, offset: &Tensor, groups: usize, eps: f64, gelu: bool) -> Result<Tensor> {
    let (n, c) = (x.dim(0)?, x.dim(1)?);
    let grouped = x.to_dtype(DType::F32)?.reshape((n, groups, ()))?;
    let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
    let variance = centred.sqr()?.mean_keepdim(2)?;
    let normalised = centred.broadcast_div(&(variance + eps)?.sqrt()?)?.reshape((n, c, ()))?;
    let (gain, offset) = (gain.to_dtype(DType::F32)?.unsqueeze(2)?, offset.to_dtype(DType::F32)?.unsqueeze(2)?);
    let mut y = normalised.broadcast_mul(&gain)?.broadcast_add(&offset)?;
    if gelu {
        y = y.gelu_erf()?;
    }
    Ok(y.reshape(x.shape())?.to_dtype(x.dtype())?)
}

struct Fused {
    groups: usize,
    eps: f32,
    gelu: bool,
}

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "group_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        offset: &CpuStorage,
        offset_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (x, gain, offset) = (slice(x, x_layout)?, slice(gain, gain_layout)?, slice(offset, offset_layout)?);
        let dims = x_layout.dims();
        let [n, c, ..] = *dims else { candle_core::bail!("group_norm wants [n, c, ...], got {dims:?}") };
        let rows = gain_layout.dims()[0];
        if gain_layout.dims() != [rows, c] || offset_layout.dims() != [rows, c] || (rows != n && rows != 1) {
            candle_core::bail!("group_norm of {dims:?} with gain {:?}", gain_layout.dims());
        }
        if self.groups == 0 || c % self.groups != 0 {
            candle_core::bail!("group_norm: {} groups of {c} channels", self.groups);
        }
        let width = c / self.groups;
        let pixels: usize = dims[2..].iter().product();
        let mut y = vec![0f32; x.len()];
        if !x.is_empty() {
            let kernel = kernel();
            let groups = y.par_chunks_mut(width * pixels).zip(x.par_chunks(width * pixels));
            groups.enumerate().for_each(|(number, (y, x))| {
                let row = if rows == 1 { 0 } else { number / self.groups };
                let at = row * c + (number % self.groups) * width;
                kernel(x, y, &gain[at..at + width], &offset[at..at + width], self.eps, self.gelu);
            });
        }
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => candle_core::bail!("group_norm wants contiguous f32"),
    }
}

type Kernel = fn(&[f32], &mut [f32], &[f32], &[f32], f32, bool);

/// The widest version that this processor runs. No multiplication is fused with an addition in any of them,
/// so all give the same bits.
fn kernel() -> Kernel {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return |x, y, gain, offset, eps, gelu| unsafe { normalise_avx2(x, y, gain, offset, eps, gelu) };
    }
    normalise
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn normalise_avx2(x: &[f32], y: &mut [f32], gain: &[f32], offset: &[f32], eps: f32, gelu: bool) {
    normalise(x, y, gain, offset, eps, gelu);
}

/// One group: `gain.len()` channels one after the other in x and y.
#[inline(always)]
fn normalise(x: &[f32], y: &mut [f32], gain: &[f32], offset: &[f32], eps: f32, gelu: bool) {
    let mean = (sum(x, |v| v) / x.len() as f64) as f32;
    let variance = (sum(x, |v| (v - mean) * (v - mean)) / x.len() as f64) as f32;
    let rstd = 1.0 / (variance + eps).sqrt();
    let pixels = x.len() / gain.len();
    for (channel, (x, y)) in x.chunks(pixels).zip(y.chunks_mut(pixels)).enumerate() {
        let factor = gain[channel] * rstd;
        let shift = offset[channel] - mean * factor;
        if gelu {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = gelu_erf(x * factor + shift));
        } else {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = x * factor + shift);
        }
    }
}

/// Σ f(v): sixteen running sums over blocks of 4096, blocks added in f64.
#[inline(always)]
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f64 {
    let mut total = 0f64;
    for block in values.chunks(4096) {
        let mut lanes = [0f32; 16];
        let (chunks, rest) = block.as_chunks::<16>();
        for chunk in chunks {
            for (lane, value) in lanes.iter_mut().zip(chunk) {
                *lane += f(*value);
            }
        }
        total += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
        total += rest.iter().map(|&value| f64::from(f(value))).sum::<f64>();
    }
    total
}

#[inline(always)]
fn gelu_erf(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function as a ratio of polynomials on [-4, 4], a few units in the last place (Eigen's
/// `generic_fast_erf_float`); plain arithmetic, so that the compiler vectorises it.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let z = x * x;
    let mut p = -2.726_142_3e-10_f32;
    for coefficient in [2.770_681_4e-8, -2.101_024e-6, -5.692_506_4e-5, -7.349_906_4e-4, -2.954_6e-3, -1.609_603_3e-2] {
        p = p * z + coefficient;
    }
    let mut q = -1.456_607_2e-5_f32;
    for coefficient in [-2.133_740_5e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2] {
        q = q * z + coefficient;
    }
    x * p / q
}

#[cfg(test)]
mod tests {
    use super::{composed, erf, group_norm};
    use candle_core::{Device, Tensor};

    fn wave(shape: &[usize], step: f64, offset: f64) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|i| ((i as f64 * step).sin() * 2.0 + offset) as f32).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn erf_is_erf() {
        for i in -5000..=5000 {
            let x = i as f32 * 1e-3;
            let exact = candle_core::cpu::erf::erf_f64(f64::from(x));
            // Four units in the last place of 1.
            assert!((f64::from(erf(x)) - exact).abs() < 4.8e-7, "erf({x})");
        }
    }

    #[test]
    fn fused_is_composed() {
        for shape in [[2usize, 6, 5, 7], [1, 32, 1, 77], [3, 4, 64, 66]] {
            let (n, c) = (shape[0], shape[1]);
            let x = wave(&shape, 0.37, 3.0);
            for rows in [1, n] {
                let (gain, offset) = (wave(&[rows, c], 0.9, 1.0), wave(&[rows, c], 0.7, -0.2));
                for gelu in [false, true] {
                    let a = group_norm(&x, &gain, &offset, 2, 1e-5, gelu).unwrap();
                    let b = composed(&x, &gain, &offset, 2, 1e-5, gelu).unwrap();
                    let worst = (a - b).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
                    // Another order of summing f32 values of size 5.
                    assert!(worst < 5e-6, "{shape:?} rows {rows} gelu {gelu}: {worst}");
                }
            }
        }
    }
}
