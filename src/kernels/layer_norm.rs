//! Layer normalisation of tokens: every row [c] by its own mean and deviation, then weight and bias.

use super::isa::{Isa, Kernel, Vector};
use super::split::{self, Shared};

/// Elements that one task normalises, about.
const TASK: usize = 1 << 15;

/// A `torch.nn.LayerNorm` over c channels.
#[derive(Clone, Copy, Debug)]
pub struct RowNorm<'a> {
    /// Added to the variance.
    pub eps: f32,
    /// [c].
    pub weight: &'a [f32],
    /// [c].
    pub bias: &'a [f32],
}

/// y = norm of x, both [rows, c].
pub fn layer_norm(isa: Isa, x: &[f32], norm: RowNorm, y: &mut [f32]) {
    let c = norm.weight.len();
    assert!(c > 0 && norm.bias.len() == c && x.len().is_multiple_of(c) && y.len() == x.len());
    let (rows, at_once) = (x.len() / c, (TASK / c).max(1));
    let y = Shared::new(y);
    split::run(rows.div_ceil(at_once), |task| {
        let range = task * at_once * c..((task + 1) * at_once).min(rows) * c;
        // SAFETY: tasks differ in rows.
        let y = unsafe { y.slice(range.start, range.len()) };
        isa.run(Normalise { x: &x[range], norm, y });
    });
}

struct Normalise<'a> {
    x: &'a [f32],
    norm: RowNorm<'a>,
    y: &'a mut [f32],
}

impl Kernel for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let RowNorm { eps, weight, bias } = self.norm;
        let c = weight.len();
        for (x, y) in self.x.chunks_exact(c).zip(self.y.chunks_exact_mut(c)) {
            let (vectors, rest) = V::as_simd_f32s(x);
            let mut sum = v.splat_f32s(0.0);
            for &part in vectors {
                sum = v.add_f32s(sum, part);
            }
            let mean = (v.reduce_sum_f32s(sum) + rest.iter().sum::<f32>()) / c as f32;
            let centre = v.splat_f32s(mean);
            let mut square = v.splat_f32s(0.0);
            for &part in vectors {
                let away = v.sub_f32s(part, centre);
                square = v.madd(away, away, square);
            }
            let rest_square: f32 = rest.iter().map(|x| (x - mean) * (x - mean)).sum();
            let rstd = 1.0 / ((v.reduce_sum_f32s(square) + rest_square) / c as f32 + eps).sqrt();
            let scale = v.splat_f32s(rstd);
            for channel in (0..c).step_by(V::F32_LANES) {
                let to = (channel + V::F32_LANES).min(c);
                let get = |values: &[f32]| v.partial_load_f32s(&values[channel..to]);
                let normalised = v.mul_f32s(v.sub_f32s(get(x), centre), scale);
                v.partial_store_f32s(&mut y[channel..to], v.madd(normalised, get(weight), get(bias)));
            }
        }
    }
}
