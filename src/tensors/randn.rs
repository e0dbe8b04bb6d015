//! PyTorch's normal stream on the CPU, bit for bit, so that a seed means the same picture as in diffusers.
//!
//! The engine is MT19937 seeded by the low 32 bits of the seed. Fewer than 16 values are drawn in f64, two at
//! a time, and the second of a pair is kept for the next such draw; from 16 on, blocks of 16 uniforms go
//! through a vectorised Box-Muller transform whose logarithm, sine and cosine are the Cephes f32 polynomials
//! with fused multiply-adds (ATen `DistributionTemplates.h`, `avx_mathfun.h`). Held to PyTorch bit for bit
//! in `tests/suite/tensors`. The polynomials keep the digits of their source.
#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    clippy::unreadable_literal,
    reason = "as in their source"
)]

use super::mt19937::{Mt19937, N};
use crate::error::Result;
use candle_core::{DType, Device, Shape, Tensor};

/// Values below which the f64 path is taken.
const BLOCK: usize = 16;

/// `torch.Generator` on the CPU, freshly seeded.
#[derive(Clone, Debug)]
pub struct Generator {
    engine: Mt19937,
    kept: Option<f64>,
}

impl Generator {
    /// `torch.Generator().manual_seed(seed)`: only the low 32 bits count, as there.
    pub fn new(seed: u64) -> Self {
        Self { engine: Mt19937::new(seed as u32), kept: None }
    }

    /// `torch.randn(n)`: the values of one call. Calls of other sizes give other streams.
    pub fn randn(&mut self, n: usize) -> Vec<f32> {
        if n < BLOCK {
            return (0..n).map(|_| self.normal_f64() as f32).collect();
        }
        let mut values: Vec<f32> = (0..n).map(|_| self.uniform_f32()).collect();
        let whole = n - n % BLOCK;
        box_muller(&mut values[..whole]);
        if whole < n {
            let last = &mut values[n - BLOCK..];
            last.iter_mut().for_each(|value| *value = self.uniform_f32());
            box_muller(last);
        }
        values
    }

    /// `torch.randn(shape)` in f32 on `device`; always drawn on the CPU.
    pub fn randn_tensor(&mut self, shape: impl Into<Shape>, device: &Device) -> Result<Tensor> {
        let shape = shape.into();
        Ok(Tensor::from_vec(self.randn(shape.elem_count()), shape, device)?)
    }

    /// `torch.empty(n).uniform_(low, high)` in f32.
    pub fn uniform(&mut self, n: usize, low: f64, high: f64) -> Vec<f32> {
        let (low, high) = (low as f32, high as f32);
        (0..n).map(|_| self.uniform_f32().mul_add(high - low, low)).collect()
    }

    /// `torch.randint(low, high, (n,))`: `high` is not among them; fewer than 2³² values.
    pub fn randint(&mut self, low: i64, high: i64, n: usize) -> Vec<i64> {
        let range = (high - low).clamp(1, i64::from(u32::MAX)) as u32;
        (0..n).map(|_| i64::from(self.engine.next_u32() % range) + low).collect()
    }

    /// `torch.randperm(n)`, for n below 2³²/20.
    pub fn randperm(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in 0..n.saturating_sub(1) {
            let z = self.engine.next_u32() as usize % (n - i);
            order.swap(i, i + z);
        }
        order
    }

    /// Everything that decides its next values: 624 words, the index of the next, and the bits of a kept normal.
    pub fn state(&self) -> Vec<i64> {
        let (words, next) = self.engine.state();
        let kept = self.kept.map(|kept| kept.to_bits() as i64);
        let tail = [next as i64, i64::from(kept.is_some()), kept.unwrap_or(0)];
        words.iter().map(|&word| i64::from(word)).chain(tail).collect()
    }

    /// The generator in such a state; `None` for what is none.
    pub fn from_state(state: &[i64]) -> Option<Self> {
        let (words, tail) = state.split_first_chunk::<N>()?;
        let &[next, has_kept, kept] = <&[i64; 3]>::try_from(tail).ok()?;
        let engine = Mt19937::from_state(words.map(|word| word as u32), usize::try_from(next).ok()?)?;
        Some(Self { engine, kept: (has_kept == 1).then(|| f64::from_bits(kept as u64)) })
    }

    fn uniform_f32(&mut self) -> f32 {
        (self.engine.next_u32() & 0x00ff_ffff) as f32 * (1.0 / 16_777_216.0)
    }

    fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.engine.next_u32());
        let bits = (high << 32) | u64::from(self.engine.next_u32());
        (bits & ((1 << 53) - 1)) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    fn normal_f64(&mut self) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let u1 = self.uniform_f64();
        let u2 = self.uniform_f64();
        let radius = (-2.0 * (-u2).ln_1p()).sqrt();
        let (sin, cos) = (2.0 * std::f64::consts::PI * u1).sin_cos();
        self.kept = Some(radius * sin);
        radius * cos
    }
}

/// One generator a picture: batching never shows.
#[derive(Clone, Debug)]
pub struct Generators(Vec<Generator>);

impl Generators {
    /// Generators for seeds `seed`, `seed + 1`, … of `count` pictures.
    pub fn new(seed: u64, count: usize) -> Self {
        Self((0..count as u64).map(|i| Generator::new(seed.wrapping_add(i))).collect())
    }

    /// [b, c, h, w] in f32: each picture's [1, c, h, w] from its own generator.
    pub fn randn(&mut self, (c, h, w): (usize, usize, usize), device: &Device) -> Result<Tensor> {
        let values: Vec<f32> = self.0.iter_mut().flat_map(|generator| generator.randn(c * h * w)).collect();
        Ok(Tensor::from_vec(values, (self.0.len(), c, h, w), device)?)
    }

    /// Noise in the shape of `x` [b, c, h, w], where b is the number of generators.
    pub fn randn_like(&mut self, x: &Tensor) -> Result<Tensor> {
        let (_, c, h, w) = x.dims4()?;
        Ok(self.randn((c, h, w), x.device())?.to_dtype(DType::F32)?)
    }
}

/// Uniforms in [0, 1) to normals, in place, 16 at a time: the first 8 make the radii, the last 8 the angles.
fn box_muller(values: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has what the function was compiled for.
        return unsafe { box_muller_fma(values) };
    }
    box_muller_portable(values);
}

/// The same arithmetic with the processor's own fused multiply-add instead of the library's.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn box_muller_fma(values: &mut [f32]) {
    box_muller_portable(values);
}

#[inline(always)]
fn box_muller_portable(values: &mut [f32]) {
    for block in values.chunks_exact_mut(BLOCK) {
        for j in 0..BLOCK / 2 {
            let radius = (-2.0 * ln(1.0 - block[j])).sqrt();
            let (sin, cos) = sin_cos(std::f32::consts::TAU * block[j + BLOCK / 2]);
            // + 0 turns -0 into +0, as torch's affine by mean 0 does.
            block[j] = radius * cos + 0.0;
            block[j + BLOCK / 2] = radius * sin + 0.0;
        }
    }
}

/// Cephes' `logf` on (0, 1], fused.
#[inline(always)]
fn ln(a: f32) -> f32 {
    const POLYNOMIAL: [f32; 9] = [
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    ];
    let bits = a.to_bits();
    let mut exponent = ((bits >> 23) as i32 - 126) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    let mut x = mantissa - 1.0;
    if mantissa < 0.70710677 {
        exponent -= 1.0;
        x += mantissa;
    }
    let z = x * x;
    let mut y = POLYNOMIAL.iter().skip(1).fold(POLYNOMIAL[0], |y, &c| y.mul_add(x, c));
    y *= x;
    y = y.mul_add(z, exponent * -2.12194440e-4);
    y -= z * 0.5;
    exponent.mul_add(0.693359375, x + y)
}

/// Cephes' `sinf` and `cosf` on [0, 2π), fused.
#[inline(always)]
fn sin_cos(theta: f32) -> (f32, f32) {
    let octant = ((theta * 1.27323954473516) as i32 + 1) & !1;
    let y = octant as f32;
    let x = y.mul_add(-0.78515625, theta);
    let x = y.mul_add(-2.4187564849853515625e-4, x);
    let x = y.mul_add(-3.77489497744594108e-8, x);
    let z = x * x;
    let c = 2.443315711809948e-5_f32.mul_add(z, -1.388731625493765e-3).mul_add(z, 4.166664568298827e-2);
    let c = (c * z).mul_add(z, -(z * 0.5)) + 1.0;
    let s = (-1.9515295891e-4_f32).mul_add(z, 8.3321608736e-3).mul_add(z, -1.6666654611e-1);
    let s = (s * z).mul_add(x, x);
    let (sin, cos) = if octant & 2 == 0 { (s, c) } else { (c, s) };
    let sin = if octant & 4 != 0 { -sin } else { sin };
    let cos = if (octant - 2) & 4 == 0 { -cos } else { cos };
    (sin, cos)
}
