//! `torch.nn.BatchNorm2d` with the GELU after it, forward and backward, each in as few passes over memory as it takes.
//!
//! Maps are rows of `c` channels. With batch statistics μ, v over n rows, x̂ = (x - μ)/√(v + eps), z = γ x̂ + β and
//! y = z Φ(z): forward reads x for the statistics and once more for y. Backward needs only x: dz = dy (Φ(z) + z φ(z)),
//! dβ = Σ dz, dγ = Σ dz x̂, dx = γ/√(v + eps) · (dz - dβ/n - x̂ dγ/n), and works in place. Sums are f32 over 256 rows,
//! then f64, in the order of the rows whatever the number of threads; squares are taken about the first row's values,
//! so that a mean far from 0 does not swallow the variance.

use super::isa::{Isa, Kernel, Vector};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::math::{Activation, normal_gelu};
use super::rows::{ROWS, add, load, store};

/// Per channel: mean and biased variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// μ.
    pub mean: Vec<f32>,
    /// v, divided by n.
    pub variance: Vec<f32>,
}

/// What normalisation comes to: z = scale · x + shift per channel.
#[derive(Clone, Debug)]
pub struct Affine {
    /// γ/√(v + eps).
    pub scale: Vec<f32>,
    /// β - μ · scale.
    pub shift: Vec<f32>,
}

impl Affine {
    /// z = x, for GELU alone.
    pub fn identity(c: usize) -> Self {
        Self { scale: vec![1.0; c], shift: vec![0.0; c] }
    }

    /// From statistics, γ and β.
    pub fn new(statistics: &Statistics, weight: &[f32], bias: &[f32], eps: f64) -> Self {
        let scale: Vec<f32> = (statistics.variance.iter().zip(weight))
            .map(|(&v, &w)| (f64::from(w) / (f64::from(v) + eps).sqrt()) as f32)
            .collect();
        let shift = (scale.iter().zip(&statistics.mean).zip(bias))
            .map(|((&s, &m), &b)| (f64::from(b) - f64::from(m) * f64::from(s)) as f32)
            .collect();
        Self { scale, shift }
    }
}

/// Mean and variance of every channel over all rows of `x`.
pub fn statistics(isa: Isa, x: &[f32], c: usize) -> Statistics {
    let n = (x.len() / c) as f64;
    let origin = &x[..c];
    let sums = reduce(c, x.par_chunks(ROWS * c), |x, sums| isa.run(Moments { x, origin, sums }));
    let (sum, squares) = sums.split_at(c);
    let shifted: Vec<f64> = sum.iter().map(|s| s / n).collect();
    Statistics {
        mean: shifted.iter().zip(origin).map(|(m, &o)| (m + f64::from(o)) as f32).collect(),
        variance: squares.iter().zip(&shifted).map(|(q, m)| (q / n - m * m).max(0.0) as f32).collect(),
    }
}

/// y = GELU(scale · x + shift).
pub fn norm_gelu(isa: Isa, x: &[f32], affine: &Affine, y: &mut [f32]) {
    let c = affine.scale.len();
    let tasks = x.par_chunks(ROWS * c).zip(y.par_chunks_mut(ROWS * c));
    tasks.for_each(|(x, y)| isa.run(Apply { x, affine, y }));
}

/// `gradient` holds dy and leaves as dx; returns (dγ, dβ).
pub fn norm_gelu_backward(
    isa: Isa,
    x: &[f32],
    statistics: &Statistics,
    affine: &Affine,
    eps: f64,
    gradient: &mut [f32],
) -> (Vec<f32>, Vec<f32>) {
    let c = affine.scale.len();
    let n = (x.len() / c) as f64;
    let mean = &statistics.mean;
    let sums = through_activation(isa, x, mean, affine, Activation::Gelu, gradient);
    let (d_bias, centred) = sums.split_at(c);
    let mut d_weight = vec![0f32; c];
    let (mut by_x, mut constant) = (vec![0f32; c], vec![0f32; c]);
    for k in 0..c {
        let rstd = 1.0 / (f64::from(statistics.variance[k]) + eps).sqrt();
        let (scale, dw) = (f64::from(affine.scale[k]), rstd * centred[k]);
        d_weight[k] = dw as f32;
        by_x[k] = (-scale * dw * rstd / n) as f32;
        constant[k] = (-scale * d_bias[k] / n) as f32;
    }
    centre(isa, x, &Centring { mean, scale: &affine.scale, by_x: &by_x, constant: &constant }, gradient);
    (d_weight, d_bias.iter().map(|&b| b as f32).collect())
}

/// `gradient` holds dL/dGELU(x) and leaves as dL/dx; x is rows of `c`.
pub fn gelu_backward(isa: Isa, x: &[f32], c: usize, gradient: &mut [f32]) {
    through_activation(isa, x, &vec![0.0; c], &Affine::identity(c), Activation::Gelu, gradient);
}

/// `gradient` from dy to dz, where y is the activation of z = scale · x + shift; Σ dz and Σ dz (x - mean).
pub(super) fn through_activation(
    isa: Isa,
    x: &[f32],
    mean: &[f32],
    affine: &Affine,
    activation: Activation,
    gradient: &mut [f32],
) -> Vec<f64> {
    let c = mean.len();
    let tasks = x.par_chunks(ROWS * c).zip(gradient.par_chunks_mut(ROWS * c));
    reduce(c, tasks, |(x, gradient), sums| isa.run(Through { x, mean, affine, activation, gradient, sums }))
}

/// What a normalisation's own statistics take back from its gradient, [c] each: see [`centre`].
pub(super) struct Centring<'a> {
    pub mean: &'a [f32],
    pub scale: &'a [f32],
    pub by_x: &'a [f32],
    pub constant: &'a [f32],
}

/// `gradient` from dz to dx = scale · dz + (x - mean) · by_x + constant.
pub(super) fn centre(isa: Isa, x: &[f32], by: &Centring, gradient: &mut [f32]) {
    let c = by.scale.len();
    let tasks = x.par_chunks(ROWS * c).zip(gradient.par_chunks_mut(ROWS * c));
    tasks.for_each(|(x, gradient)| isa.run(Centre { x, by, gradient }));
}

/// Σ over the rows of `x`, for each of `c` channels.
pub fn column_sums(isa: Isa, x: &[f32], c: usize) -> Vec<f32> {
    let origin = &vec![0.0; c][..];
    let sums = reduce(c, x.par_chunks(ROWS * c), |x, sums| isa.run(Moments { x, origin, sums }));
    sums[..c].iter().map(|&sum| sum as f32).collect()
}

/// 2c sums, each task's in f32, added in f64 in the tasks' order.
fn reduce<T: Send>(
    c: usize,
    tasks: impl IndexedParallelIterator<Item = T>,
    work: impl Fn(T, &mut [f32]) + Send + Sync,
) -> Vec<f64> {
    let mut partial = vec![0f32; tasks.len() * 2 * c];
    tasks.zip(partial.par_chunks_mut(2 * c)).for_each(|(task, sums)| work(task, sums));
    let mut total = vec![0f64; 2 * c];
    for sums in partial.chunks(2 * c) {
        total.iter_mut().zip(sums).for_each(|(t, &s)| *t += f64::from(s));
    }
    total
}

struct Moments<'a> {
    x: &'a [f32],
    origin: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Moments<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Vector>(self, simd: S) {
        let c = self.origin.len();
        let (sum, squares) = self.sums.split_at_mut(c);
        for row in self.x.chunks_exact(c) {
            for at in (0..c).step_by(S::F32_LANES) {
                let v = simd.sub_f32s(load(simd, row, at), load(simd, self.origin, at));
                add(simd, sum, at, v);
                let q = simd.madd(v, v, load(simd, squares, at));
                store(simd, squares, at, q);
            }
        }
    }
}

struct Apply<'a> {
    x: &'a [f32],
    affine: &'a Affine,
    y: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Vector>(self, simd: S) {
        let (scale, shift) = (&self.affine.scale[..], &self.affine.shift[..]);
        let c = scale.len();
        for (row, out) in self.x.chunks_exact(c).zip(self.y.chunks_exact_mut(c)) {
            for at in (0..c).step_by(S::F32_LANES) {
                let z = simd.madd(load(simd, row, at), load(simd, scale, at), load(simd, shift, at));
                store(simd, out, at, normal_gelu(simd, z));
            }
        }
    }
}

struct Through<'a> {
    x: &'a [f32],
    mean: &'a [f32],
    affine: &'a Affine,
    activation: Activation,
    gradient: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Kernel for Through<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Vector>(self, simd: S) {
        let (scale, shift) = (&self.affine.scale[..], &self.affine.shift[..]);
        let c = scale.len();
        let (sum, centred) = self.sums.split_at_mut(c);
        for (row, gradient) in self.x.chunks_exact(c).zip(self.gradient.chunks_exact_mut(c)) {
            for at in (0..c).step_by(S::F32_LANES) {
                let x = load(simd, row, at);
                let z = simd.madd(x, load(simd, scale, at), load(simd, shift, at));
                let dz = self.activation.backward(simd, z, load(simd, gradient, at));
                store(simd, gradient, at, dz);
                add(simd, sum, at, dz);
                let about_mean = simd.sub_f32s(x, load(simd, self.mean, at));
                let product = simd.madd(dz, about_mean, load(simd, centred, at));
                store(simd, centred, at, product);
            }
        }
    }
}

struct Centre<'a> {
    x: &'a [f32],
    by: &'a Centring<'a>,
    gradient: &'a mut [f32],
}

impl Kernel for Centre<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Vector>(self, simd: S) {
        let Centring { mean, scale, by_x, constant } = *self.by;
        let c = scale.len();
        for (row, gradient) in self.x.chunks_exact(c).zip(self.gradient.chunks_exact_mut(c)) {
            for at in (0..c).step_by(S::F32_LANES) {
                let about_mean = simd.sub_f32s(load(simd, row, at), load(simd, mean, at));
                let rest = simd.madd(about_mean, load(simd, by_x, at), load(simd, constant, at));
                let dx = simd.madd(load(simd, gradient, at), load(simd, scale, at), rest);
                store(simd, gradient, at, dx);
            }
        }
    }
}
