//! Layers with gradients against sums written out in f64, on every instruction set that this machine has.

use diffusion_lab::tensors::cpu::Isa;
use diffusion_lab::tensors::cpu::batch_norm::{Affine, Statistics, norm_gelu, norm_gelu_backward, statistics};
use diffusion_lab::tensors::cpu::convolution::Convolution;
use diffusion_lab::tensors::cpu::{Form, Shape};

use super::cpu::{every_isa, noise, same_on_any_threads, worst};

const SAME: Form = Form { kernel: 3, stride: 1, padding: 1, transposed: false };
const HALF: Form = Form { kernel: 3, stride: 2, padding: 1, transposed: false };
const DOUBLE: Form = Form { kernel: 4, stride: 2, padding: 1, transposed: true };
const UNFLATTEN: Form = Form { kernel: 7, stride: 7, padding: 0, transposed: true };
const LINEAR: Form = Form { kernel: 1, stride: 1, padding: 0, transposed: false };
const ODD: Form = Form { kernel: 5, stride: 3, padding: 2, transposed: false };

struct Case {
    form: Form,
    x: Shape,
    c_out: usize,
}

/// Odd sizes, one channel in and out, less than a vector and more, maps smaller than a tile, batches of 1 and 3.
fn cases() -> Vec<Case> {
    let case = |form, [n, h, w, c]: [usize; 4], c_out| Case { form, x: Shape { n, h, w, c }, c_out };
    vec![
        case(SAME, [1, 7, 7, 16], 16),
        case(SAME, [3, 5, 9, 17], 33),
        case(SAME, [1, 28, 28, 1], 9),
        case(SAME, [3, 13, 6, 20], 1),
        case(SAME, [2, 1, 1, 3], 5),
        case(SAME, [3, 4, 11, 64], 3),
        case(HALF, [3, 28, 28, 4], 12),
        case(HALF, [1, 7, 9, 19], 8),
        case(DOUBLE, [3, 7, 7, 12], 5),
        case(DOUBLE, [1, 14, 3, 8], 17),
        case(UNFLATTEN, [3, 1, 1, 10], 6),
        case(UNFLATTEN, [1, 2, 3, 3], 4),
        case(LINEAR, [5, 1, 1, 10], 24),
        case(ODD, [2, 11, 8, 3], 7),
    ]
}

/// Calls `work(x's index, weight's index, y's index)` for every product that the convolution sums.
fn taps(case: &Case, mut work: impl FnMut(usize, usize, usize)) {
    let Case { form, x, c_out } = case;
    let (h, w) = form.size((x.h, x.w)).unwrap();
    // From the small map's pixels to the large one's, whichever of them is x.
    let (large, small) = if form.transposed { ((h, w), (x.h, x.w)) } else { ((x.h, x.w), (h, w)) };
    let k = form.kernel;
    for (p, top, left) in (0..x.n).flat_map(|p| (0..small.0).flat_map(move |a| (0..small.1).map(move |b| (p, a, b)))) {
        for (dy, dx) in (0..k).flat_map(|dy| (0..k).map(move |dx| (dy, dx))) {
            let row = (top * form.stride + dy).wrapping_sub(form.padding);
            let column = (left * form.stride + dx).wrapping_sub(form.padding);
            if row >= large.0 || column >= large.1 {
                continue;
            }
            let far = (p * large.0 + row) * large.1 + column;
            let near = (p * small.0 + top) * small.1 + left;
            let (x_pixel, y_pixel) = if form.transposed { (near, far) } else { (far, near) };
            for (i, o) in (0..x.c).flat_map(|i| (0..*c_out).map(move |o| (i, o))) {
                let pair = if form.transposed { i * c_out + o } else { o * x.c + i };
                work(x_pixel * x.c + i, (pair * k + dy) * k + dx, y_pixel * c_out + o);
            }
        }
    }
}

/// What f32 sums of `k` products of variance 1 may be off by: some roundings of their size √k, where Winograd may come in
/// ten times that. A product left out, or a pixel beside the right one, is off by 1.
fn rounding(form: Form, k: usize) -> f64 {
    let one = if form == SAME { 2e-5 } else { 2e-6 };
    one * (k as f64).sqrt()
}

#[test]
fn convolutions_and_their_gradients_are_sums_of_products() {
    for case in cases() {
        let Case { form, x, c_out } = case;
        let (h, w) = form.size((x.h, x.w)).unwrap();
        let y = Shape { n: x.n, h, w, c: c_out };
        let count = x.c * c_out * form.kernel * form.kernel;
        let (input, weight, bias, dy) = (noise(x.count(), 1), noise(count, 2), noise(c_out, 3), noise(y.count(), 4));
        let mut right = [
            (0..y.count()).map(|at| f64::from(bias[at % c_out])).collect::<Vec<f64>>(),
            vec![0f64; x.count()],
            vec![0f64; count],
        ];
        taps(&case, |a, b, c| {
            right[0][c] += f64::from(input[a]) * f64::from(weight[b]);
            right[1][a] += f64::from(dy[c]) * f64::from(weight[b]);
            right[2][b] += f64::from(dy[c]) * f64::from(input[a]);
        });
        let products = [x.c, c_out].map(|c| c * form.kernel * form.kernel);
        let sums = [products[0], products[1], y.pixels().max(x.pixels())];
        let bounds = sums.map(|k| rounding(form, k));
        every_isa(|isa| {
            let plan = Convolution::new(isa, form, x, c_out).unwrap();
            assert_eq!(plan.output(), y);
            let got = [
                same_on_any_threads(|| {
                    let mut y = vec![7f32; y.count()];
                    plan.forward(&input, &weight, Some(&bias), &mut y);
                    y
                }),
                same_on_any_threads(|| {
                    let mut dx = vec![7f32; x.count()];
                    plan.input_gradient(&dy, &weight, &mut dx);
                    dx
                }),
                same_on_any_threads(|| {
                    let mut dw = vec![7f32; count];
                    plan.weight_gradient(&input, &dy, &mut dw);
                    dw
                }),
            ];
            for (((got, right), bound), what) in got.iter().zip(&right).zip(bounds).zip(["y", "dx", "dw"]) {
                let difference = worst(got, right);
                assert!(difference <= bound, "{} {what} of {form:?} {x:?} → {c_out}: {difference:.1e}", isa.name());
            }
        });
    }
}

#[test]
fn what_is_not_finite_comes_through_convolutions() {
    for form in [SAME, HALF, DOUBLE, UNFLATTEN] {
        let x = Shape { n: 2, h: 4, w: 4, c: 16 };
        every_isa(|isa| {
            let plan = Convolution::new(isa, form, x, 16).unwrap();
            let weight = noise(16 * 16 * form.kernel * form.kernel, 2);
            for bad in [f32::NAN, f32::INFINITY] {
                let mut input = noise(x.count(), 1);
                input[5] = bad;
                let (mut y, mut dw) = (vec![0f32; plan.output().count()], vec![0f32; weight.len()]);
                plan.forward(&input, &weight, None, &mut y);
                plan.weight_gradient(&input, &noise(y.len(), 3), &mut dw);
                assert!(!y[0].is_finite(), "{} {form:?}: {bad} was lost", isa.name());
                assert!(dw.iter().any(|value| !value.is_finite()), "{} {form:?}: {bad} was lost", isa.name());
                // The other picture does not see it.
                assert!(y[y.len() / 2..].iter().all(|value| value.is_finite()), "{} {form:?}", isa.name());
            }
        });
    }
}

fn gelu(z: f64) -> f64 {
    0.5 * z * (1.0 + candle_core::cpu::erf::erf_f64(z / 2f64.sqrt()))
}

/// Σ weights · GELU(γ x̂ + β) and what it is made of, in f64.
struct Exact {
    c: usize,
    gamma: Vec<f64>,
    beta: Vec<f64>,
    dy: Vec<f64>,
}

impl Exact {
    fn statistics(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = (x.len() / self.c) as f64;
        let of = |k: usize| x.iter().skip(k).step_by(self.c);
        let mean: Vec<f64> = (0..self.c).map(|k| of(k).sum::<f64>() / n).collect();
        let variance = (0..self.c).map(|k| of(k).map(|v| (v - mean[k]).powi(2)).sum::<f64>() / n).collect();
        (mean, variance)
    }

    fn outputs(&self, x: &[f64]) -> Vec<f64> {
        let (mean, variance) = self.statistics(x);
        let one = |(at, v): (usize, &f64)| {
            let k = at % self.c;
            gelu(self.gamma[k] * (v - mean[k]) / (variance[k] + 1e-5).sqrt() + self.beta[k])
        };
        x.iter().enumerate().map(one).collect()
    }

    fn loss(&self, x: &[f64]) -> f64 {
        self.outputs(x).iter().zip(&self.dy).map(|(y, dy)| y * dy).sum()
    }

    /// The slope of the loss when `change` moves something by its argument.
    fn slope(&self, mut change: impl FnMut(f64) -> f64) -> f64 {
        let h = 1e-4;
        (change(h) - change(-h)) / (2.0 * h)
    }
}

#[test]
fn batch_norm_and_gelu_are_their_formulas_and_slopes() {
    for (rows, c, offset) in [(12, 1, 0.0), (7, 3, 0.0), (600, 8, 50.0), (513, 17, -3.0), (2, 70, 0.0), (1100, 16, 0.0)]
    {
        let x: Vec<f32> = noise(rows * c, 1).iter().map(|v| v + offset).collect();
        let (gamma, beta, dy) = (noise(c, 2), noise(c, 3), noise(rows * c, 4));
        let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<f64>>();
        let mut exact = Exact { c, gamma: wide(&gamma), beta: wide(&beta), dy: wide(&dy) };
        let x_wide = wide(&x);
        let (mean, variance) = exact.statistics(&x_wide);
        let y = exact.outputs(&x_wide);
        // A map's distance from 0 is lost from f32 before anything is computed.
        let bound = 2e-6 * (1.0 + f64::from(offset.abs()));
        every_isa(|isa| {
            let name = isa.name();
            let ours = statistics(isa, &x, c);
            assert!(worst(&ours.mean, &mean) <= bound && worst(&ours.variance, &variance) <= bound, "{name} {c}");
            let affine = Affine::new(&ours, &gamma, &beta, 1e-5);
            let got = same_on_any_threads(|| {
                let mut y = vec![0f32; x.len()];
                norm_gelu(isa, &x, &affine, &mut y);
                y
            });
            // Two rows alike divide by the root of ε alone, which multiplies what was lost by 300.
            let scale = f64::from(affine.scale.iter().fold(1f32, |most, s| most.max(s.abs())));
            assert!(worst(&got, &y) <= bound * scale.max(1.0) * 4.0, "{name} {c}: y {:.1e}", worst(&got, &y));
            let backward = || {
                let mut dx = dy.clone();
                let (d_gamma, d_beta) = norm_gelu_backward(isa, &x, &ours, &affine, 1e-5, &mut dx);
                [d_gamma, d_beta, dx].concat()
            };
            let got = same_on_any_threads(backward);
            for k in (0..c).step_by(c.div_ceil(5)) {
                let by_gamma = exact.slope_of(&x_wide, |exact, by| exact.gamma[k] += by);
                let by_beta = exact.slope_of(&x_wide, |exact, by| exact.beta[k] += by);
                for (ours, right) in [(got[k], by_gamma), (got[c + k], by_beta)] {
                    let difference = (f64::from(ours) - right).abs();
                    assert!(
                        difference <= 2e-6 * (rows as f64) + 1e-5 * right.abs() + bound,
                        "{name} {c}: {difference}"
                    );
                }
            }
            for at in (0..x.len()).step_by(x.len().div_ceil(7)) {
                let mut moved = x_wide.clone();
                let right = exact.slope(|by| {
                    moved[at] = x_wide[at] + by;
                    exact.loss(&moved)
                });
                let difference = (f64::from(got[2 * c + at]) - right).abs();
                assert!(
                    difference <= (bound * 10.0 + 1e-5) * scale.max(1.0),
                    "{name} {c}: dx {difference:.1e} of {right}"
                );
            }
        });
    }
}

impl Exact {
    fn slope_of(&mut self, x: &[f64], change: impl Fn(&mut Self, f64)) -> f64 {
        let h = 1e-4;
        let mut at = |by: f64| {
            change(self, by);
            let loss = self.loss(x);
            change(self, -by);
            loss
        };
        (at(h) - at(-h)) / (2.0 * h)
    }
}

/// PyTorch: `F.gelu(F.batch_norm(...))` of a batch with a NaN is NaN in that channel alone.
#[test]
fn what_is_not_finite_comes_through_batch_norm() {
    for isa in Isa::available() {
        let (rows, c) = (40, 19);
        let mut x = noise(rows * c, 1);
        x[3 * c + 18] = f32::NAN;
        let ours = statistics(isa, &x, c);
        let affine = Affine::new(&ours, &vec![1.0; c], &vec![0.0; c], 1e-5);
        let (mut y, mut dx) = (vec![0f32; x.len()], noise(x.len(), 2));
        norm_gelu(isa, &x, &affine, &mut y);
        norm_gelu_backward(isa, &x, &ours, &affine, 1e-5, &mut dx);
        for (at, (y, dx)) in y.iter().zip(&dx).enumerate() {
            assert_eq!((y.is_nan(), dx.is_nan()), (at % c == 18, at % c == 18), "{} {at}", isa.name());
        }
    }
}

/// erf = 2Φ - 1 to 2e-7, by way of GELU with a scale that is undone.
#[test]
fn the_normal_distribution_is_exact_enough() {
    let z: Vec<f32> = (-60_000..60_000).map(|i| i as f32 * 1e-4 + 3e-5).collect();
    let none = Statistics { mean: vec![0.0], variance: vec![1.0] };
    for isa in Isa::available() {
        let affine = Affine::new(&none, &[1.0], &[0.0], 0.0);
        let mut y = vec![0f32; z.len()];
        norm_gelu(isa, &z, &affine, &mut y);
        for (&z, &y) in z.iter().zip(&y) {
            let right = gelu(f64::from(z));
            // Half of erf's 2e-7, times z, and the product's rounding.
            let bound = 1e-7 * f64::from(z.abs()) + 6e-8 * right.abs() + 1e-12;
            assert!((f64::from(y) - right).abs() <= bound, "{} gelu({z}) = {y}, not {right}", isa.name());
        }
    }
}
