//! Group normalisation of pixels [n, h, w, c], with its scale, shift and activation in the same pass over memory.
//!
//! Backward, per picture: dz through the activation, then dx = γ' dz / σ less what the group's mean and variance take back,
//! by batch norm's kernels.
//!
//! Statistics are sums over blocks of pixels about each channel's first value, in f32 within a block and in f64
//! over blocks: what cancels is small, and the blocks' size does not depend on the threads.

use super::batch_norm::{Affine, Centring, centre, through_activation};
use super::isa::{Isa, Kernel, Vector};
use super::math::Activation;
use super::split::{self, Shared};

/// Pixels summed in f32.
const BLOCK: usize = 64;
/// Elements that one task normalises, about.
const TASK: usize = 1 << 15;

/// What is done to x besides normalising it.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// Groups of neighbouring channels.
    pub groups: usize,
    /// Added to the variance.
    pub eps: f64,
    /// [c].
    pub weight: &'a [f32],
    /// [c].
    pub bias: &'a [f32],
    /// Added to every pixel of a picture before it is normalised, [n, c].
    pub added: Option<&'a [f32]>,
    /// Scale and then shift of the result for each picture, [n, 2, c]: norm · (1 + scale) + shift.
    pub scale_shift: Option<&'a [f32]>,
    /// After it all.
    pub activation: Activation,
}

/// What one picture was normalised by, [c] each: the way back needs it.
#[derive(Clone, Debug)]
pub struct Normalised {
    /// Of each channel's group, less what was added to that channel.
    pub mean: Vec<f32>,
    /// 1 / √(variance + eps) of each channel's group.
    pub rstd: Vec<f32>,
    /// z = scale · x + shift before the activation.
    pub affine: Affine,
}

/// y = norm of x, both [n, pixels, c]. Gives what each picture was normalised by.
pub fn group_norm(isa: Isa, x: &[f32], n: usize, c: usize, norm: Norm, y: &mut [f32]) -> Vec<Normalised> {
    if x.is_empty() {
        return Vec::new();
    }
    let pixels = x.len() / (n * c);
    assert!(x.len() == n * pixels * c && y.len() == x.len() && norm.groups > 0 && c.is_multiple_of(norm.groups));
    assert!(norm.weight.len() == c && norm.bias.len() == c);
    assert!(norm.scale_shift.is_none_or(|values| values.len() == 2 * n * c));
    assert!(norm.added.is_none_or(|values| values.len() == n * c));
    let blocks = pixels.div_ceil(BLOCK);
    // Of each block of pixels: Σ (x - first) and Σ (x - first)² of every channel.
    let mut sums = vec![0f32; n * blocks * 2 * c];
    let shared = Shared::new(&mut sums);
    let at_once = (TASK / (BLOCK * c)).max(1);
    let tasks = (n * blocks).div_ceil(at_once);
    split::run(tasks, |task| {
        for number in task * at_once..((task + 1) * at_once).min(n * blocks) {
            let (picture, first) = (number / blocks, number % blocks * BLOCK);
            let x = &x[picture * pixels * c..][..pixels * c];
            let block = &x[first * c..(first + BLOCK).min(pixels) * c];
            // SAFETY: each block has its own place.
            let sums = unsafe { shared.slice(number * 2 * c, 2 * c) };
            isa.run(Sums { origin: &x[..c], block, sums });
        }
    });
    let by: Vec<Normalised> = (0..n)
        .map(|i| {
            statistics(&x[i * pixels * c..][..c], &sums[i * blocks * 2 * c..][..blocks * 2 * c], pixels, i, c, norm)
        })
        .collect();
    let at_once = (TASK / c).max(1);
    let y = Shared::new(y);
    let parts = pixels.div_ceil(at_once);
    split::run(n * parts, |task| {
        let (picture, first) = (task / parts, task % parts * at_once);
        let range = (picture * pixels + first) * c..(picture * pixels + (first + at_once).min(pixels)) * c;
        // SAFETY: tasks differ in pixels.
        let y = unsafe { y.slice(range.start, range.len()) };
        isa.run(Apply { x: &x[range], affine: &by[picture].affine, activation: norm.activation, y });
    });
    by
}

/// What normalises picture `i`.
fn statistics(origin: &[f32], sums: &[f32], pixels: usize, i: usize, c: usize, norm: Norm) -> Normalised {
    let mut totals = vec![0f64; 2 * c];
    for block in sums.chunks(2 * c) {
        totals.iter_mut().zip(block).for_each(|(total, &sum)| *total += f64::from(sum));
    }
    let mut by = Normalised { mean: vec![0.0; c], rstd: vec![0.0; c], affine: Affine::identity(c) };
    let width = c / norm.groups;
    let count = (pixels * width) as f64;
    // What is added moves a channel's origin and leaves what lies about it, so it costs no pass over memory.
    let added = |j: usize| norm.added.map_or(0.0, |values| f64::from(values[i * c + j]));
    let origin: Vec<f64> = (0..c).map(|j| f64::from(origin[j]) + added(j)).collect();
    for group in 0..norm.groups {
        let channels = group * width..(group + 1) * width;
        let mean = channels.clone().map(|j| origin[j] * pixels as f64 + totals[j]).sum::<f64>() / count;
        let square = |j: usize| {
            let away = origin[j] - mean;
            totals[c + j] + away * (2.0 * totals[j] + away * pixels as f64)
        };
        // Rounding alone could make it negative; NaN stays.
        let variance = channels.clone().map(square).sum::<f64>() / count;
        let variance = if variance < 0.0 { 0.0 } else { variance };
        let rstd = 1.0 / (variance + norm.eps).sqrt();
        for j in channels {
            let (mut factor, mut shift) = (f64::from(norm.weight[j]) * rstd, f64::from(norm.bias[j]));
            let mean = mean - added(j);
            shift -= mean * factor;
            if let Some(values) = norm.scale_shift {
                let (scale, offset) = (f64::from(values[2 * i * c + j]), f64::from(values[(2 * i + 1) * c + j]));
                factor *= 1.0 + scale;
                shift = shift * (1.0 + scale) + offset;
            }
            (by.mean[j], by.rstd[j]) = (mean as f32, rstd as f32);
            (by.affine.scale[j], by.affine.shift[j]) = (factor as f32, shift as f32);
        }
    }
    by
}

/// Gradients by weight [c], bias [c] and, where there was one, scale and shift [n, 2, c].
#[derive(Clone, Debug)]
pub struct NormGradients {
    /// Σ dz (1 + scale) x̂.
    pub weight: Vec<f32>,
    /// Σ dz (1 + scale).
    pub bias: Vec<f32>,
    /// Σ dz (weight · x̂ + bias), then Σ dz, of each picture.
    pub scale_shift: Vec<f32>,
}

/// `gradient` holds dL/dy and leaves as dL/dx; `by` is what [`group_norm`] gave.
pub fn group_norm_backward(isa: Isa, x: &[f32], by: &[Normalised], norm: Norm, gradient: &mut [f32]) -> NormGradients {
    let c = norm.weight.len();
    let (mut weight, mut bias) = (vec![0f64; c], vec![0f64; c]);
    let mut scale_shift = vec![0f32; if norm.scale_shift.is_some() { by.len() * 2 * c } else { 0 }];
    let picture = x.len() / by.len().max(1);
    for (i, (by, x)) in by.iter().zip(x.chunks_exact(picture.max(1))).enumerate() {
        let gradient = &mut gradient[i * picture..][..picture];
        let sums = through_activation(isa, x, &by.mean, &by.affine, norm.activation, gradient);
        let (sum, centred) = sums.split_at(c);
        let x_hat = |j: usize| centred[j] * f64::from(by.rstd[j]);
        for j in 0..c {
            let factor = 1.0 + norm.scale_shift.map_or(0.0, |values| f64::from(values[2 * i * c + j]));
            weight[j] += factor * x_hat(j);
            bias[j] += factor * sum[j];
            if norm.scale_shift.is_some() {
                let scale = f64::from(norm.weight[j]) * x_hat(j) + f64::from(norm.bias[j]) * sum[j];
                (scale_shift[2 * i * c + j], scale_shift[(2 * i + 1) * c + j]) = (scale as f32, sum[j] as f32);
            }
        }
        let width = c / norm.groups;
        let count = (picture / c * width) as f64;
        let (mut by_x, mut constant) = (vec![0f32; c], vec![0f32; c]);
        for channels in (0..norm.groups).map(|group| group * width..(group + 1) * width) {
            // Σ over the group of dL/dx̂ / σ, plain and times x̂: the scale holds 1 / σ already.
            let total = |values: &dyn Fn(usize) -> f64| {
                channels.clone().map(|j| f64::from(by.affine.scale[j]) * values(j)).sum::<f64>() / count
            };
            let (plain, along) = (total(&|j| sum[j]), total(&x_hat));
            for j in channels {
                by_x[j] = (-along * f64::from(by.rstd[j])) as f32;
                constant[j] = -plain as f32;
            }
        }
        let by = Centring { mean: &by.mean, scale: &by.affine.scale, by_x: &by_x, constant: &constant };
        centre(isa, x, &by, gradient);
    }
    let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
    NormGradients { weight: narrow(weight), bias: narrow(bias), scale_shift }
}

struct Sums<'a> {
    origin: &'a [f32],
    block: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let c = self.origin.len();
        let (sums, squares) = self.sums.split_at_mut(c);
        for channel in (0..c).step_by(V::F32_LANES) {
            let to = (channel + V::F32_LANES).min(c);
            let origin = v.partial_load_f32s(&self.origin[channel..to]);
            let mut sum = v.splat_f32s(0.0);
            let mut square = sum;
            for pixel in self.block.chunks_exact(c) {
                let away = v.sub_f32s(v.partial_load_f32s(&pixel[channel..to]), origin);
                sum = v.add_f32s(sum, away);
                square = v.madd(away, away, square);
            }
            v.partial_store_f32s(&mut sums[channel..to], sum);
            v.partial_store_f32s(&mut squares[channel..to], square);
        }
    }
}

struct Apply<'a> {
    x: &'a [f32],
    affine: &'a Affine,
    activation: Activation,
    y: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let (factor, shift) = (&self.affine.scale[..], &self.affine.shift[..]);
        let c = factor.len();
        for (x, y) in self.x.chunks_exact(c).zip(self.y.chunks_exact_mut(c)) {
            for channel in (0..c).step_by(V::F32_LANES) {
                let to = (channel + V::F32_LANES).min(c);
                let get = |values: &[f32]| v.partial_load_f32s(&values[channel..to]);
                let value = v.madd(get(x), get(factor), get(shift));
                v.partial_store_f32s(&mut y[channel..to], self.activation.apply(v, value));
            }
        }
    }
}
