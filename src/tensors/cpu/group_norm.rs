//! Group normalisation of pixels [n, h, w, c], with its scale, shift and GELU in the same pass over memory.
//!
//! Statistics are sums over blocks of pixels about each channel's first value, in f32 within a block and in f64
//! over blocks: what cancels is small, and the blocks' size does not depend on the threads.

use super::isa::{Isa, Kernel, Vector};
use super::math::gelu;
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
    /// Scale and then shift of the result for each picture, [n, 2, c]: norm · (1 + scale) + shift.
    pub scale_shift: Option<&'a [f32]>,
    /// GELU after it all.
    pub gelu: bool,
}

/// y = norm of x, both [n, pixels, c].
pub fn group_norm(isa: Isa, x: &[f32], n: usize, c: usize, norm: Norm, y: &mut [f32]) {
    if x.is_empty() {
        return;
    }
    let pixels = x.len() / (n * c);
    assert!(x.len() == n * pixels * c && y.len() == x.len() && norm.groups > 0 && c.is_multiple_of(norm.groups));
    assert!(norm.weight.len() == c && norm.bias.len() == c);
    assert!(norm.scale_shift.is_none_or(|values| values.len() == 2 * n * c));
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
    let affine: Vec<f32> = (0..n)
        .flat_map(|i| {
            affine(&x[i * pixels * c..][..c], &sums[i * blocks * 2 * c..][..blocks * 2 * c], pixels, i, c, norm)
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
        let (factor, shift) = affine[picture * 2 * c..][..2 * c].split_at(c);
        isa.run(Apply { x: &x[range], factor, shift, gelu: norm.gelu, y });
    });
}

/// Factor [c] and shift [c] that normalise picture `i`.
fn affine(origin: &[f32], sums: &[f32], pixels: usize, i: usize, c: usize, norm: Norm) -> Vec<f32> {
    let mut totals = vec![0f64; 2 * c];
    for block in sums.chunks(2 * c) {
        totals.iter_mut().zip(block).for_each(|(total, &sum)| *total += f64::from(sum));
    }
    let mut affine = vec![0f32; 2 * c];
    let width = c / norm.groups;
    let count = (pixels * width) as f64;
    for group in 0..norm.groups {
        let channels = group * width..(group + 1) * width;
        let mean = channels.clone().map(|j| f64::from(origin[j]) * pixels as f64 + totals[j]).sum::<f64>() / count;
        let square = |j: usize| {
            let away = f64::from(origin[j]) - mean;
            totals[c + j] + away * (2.0 * totals[j] + away * pixels as f64)
        };
        // Rounding alone could make it negative; NaN stays.
        let variance = channels.clone().map(square).sum::<f64>() / count;
        let variance = if variance < 0.0 { 0.0 } else { variance };
        let rstd = 1.0 / (variance + norm.eps).sqrt();
        for j in channels {
            let (mut factor, mut shift) = (f64::from(norm.weight[j]) * rstd, f64::from(norm.bias[j]));
            shift -= mean * factor;
            if let Some(values) = norm.scale_shift {
                let (scale, offset) = (f64::from(values[2 * i * c + j]), f64::from(values[(2 * i + 1) * c + j]));
                factor *= 1.0 + scale;
                shift = shift * (1.0 + scale) + offset;
            }
            (affine[j], affine[c + j]) = (factor as f32, shift as f32);
        }
    }
    affine
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
    factor: &'a [f32],
    shift: &'a [f32],
    gelu: bool,
    y: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let c = self.factor.len();
        for (x, y) in self.x.chunks_exact(c).zip(self.y.chunks_exact_mut(c)) {
            for channel in (0..c).step_by(V::F32_LANES) {
                let to = (channel + V::F32_LANES).min(c);
                let get = |values: &[f32]| v.partial_load_f32s(&values[channel..to]);
                let value = v.madd(get(x), get(self.factor), get(self.shift));
                let value = if self.gelu { gelu(v, value) } else { value };
                v.partial_store_f32s(&mut y[channel..to], value);
            }
        }
    }
}
