//! The processor's kernels against sums written out in f64, on every instruction set that this machine has.

use diffusion_lab::tensors::cpu::{
    Activation, Direct, Heads, Isa, Norm, PackedB, Pictures, Rows, Start, Tokens, Winograd, attention, group_norm,
    matmul, resample,
};

/// `count` numbers of mean 0 and variance 1, nearly normal, the same for the same seed.
pub fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| (0..12).map(|_| uniform()).sum()).collect()
}

pub fn worst(got: &[f32], right: &[f64]) -> f64 {
    assert_eq!(got.len(), right.len());
    let off = |(&a, &b): (&f32, &f64)| (f64::from(a) - b).abs();
    // What is not a number is as wrong as can be.
    got.iter().zip(right).map(off).fold(0.0, |most, off| if off.is_nan() { f64::INFINITY } else { most.max(off) })
}

pub fn every_isa(mut check: impl FnMut(Isa)) {
    let sets = Isa::available();
    assert!(sets.iter().any(|set| set.name() == "portable"));
    for isa in sets {
        check(isa);
    }
}

/// `.ci/run` reads the line, and runs part of the suite under each of them.
#[test]
fn the_instruction_set_is_the_one_asked_for() {
    let names: Vec<&str> = Isa::available().into_iter().map(Isa::name).collect();
    println!("instruction sets: {}", names.join(" "));
    let wanted = std::env::var("DIFFUSION_LAB_ISA").unwrap_or_else(|_| names[0].to_owned());
    assert_eq!(Isa::get().name(), wanted, "this machine has {names:?}");
}

/// Runs with 1, 2 and 3 threads and asserts the same bits.
pub fn same_on_any_threads(work: impl Fn() -> Vec<f32> + Sync) -> Vec<f32> {
    let run = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(&work);
    let one = run(1);
    for threads in [2, 3] {
        let more = run(threads);
        let same = one.iter().zip(&more).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same && one.len() == more.len(), "{threads} threads give other numbers");
    }
    one
}

/// Sums of k products of variance 1 in f32: a few roundings of √k.
fn rounding(k: usize) -> f64 {
    4e-7 * (k as f64).max(1.0)
}

#[test]
fn products_are_sums_of_products() {
    for (m, k, n) in
        [(1, 1, 1), (2, 3, 5), (7, 300, 17), (13, 257, 33), (100, 40, 70), (5, 0, 4), (29, 64, 192), (97, 513, 8)]
    {
        let (a, b, bias, add) = (noise(m * (k + 3) + 9, 1), noise(k * n, 2), noise(n, 3), noise(m * (n + 2), 4));
        for transposed in [false, true] {
            let (row, column) = if transposed { (1, m + 1) } else { (k + 3, 1) };
            if transposed && k * (m + 1) > a.len() {
                continue;
            }
            let mut right = Vec::new();
            for i in 0..m {
                for j in 0..n {
                    let sum: f64 = (0..k).map(|l| f64::from(a[i * row + l * column]) * f64::from(b[l * n + j])).sum();
                    right.push(sum + f64::from(bias[j]) + 0.5 * f64::from(add[i * (n + 2) + j]));
                }
            }
            every_isa(|isa| {
                let panels = PackedB::pack(isa, k, n, |l, j| b[l * n + j]);
                let c = same_on_any_threads(|| {
                    let mut c = vec![7f32; m * (n + 2)];
                    let rows = Rows { values: &a, row, column };
                    let start = Start { bias: Some(&bias), add: Some((&add, 0.5)) };
                    matmul(rows, m, &panels, start, &mut c, n + 2);
                    c
                });
                let (mut inside, mut outside) = (Vec::new(), Vec::new());
                for row in c.chunks(n + 2) {
                    inside.extend_from_slice(&row[..n]);
                    outside.extend_from_slice(&row[n..]);
                }
                let difference = worst(&inside, &right);
                assert!(difference <= rounding(k), "{} {m}×{k}×{n}: {difference:.1e}", isa.name());
                assert!(outside.iter().all(|&value| value == 7.0), "wrote beyond its columns");
            });
        }
    }
}

struct Case {
    pictures: Pictures,
    c: (usize, usize),
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Case {
    fn new([n, h, w]: [usize; 3], c: (usize, usize), kernel: usize, stride: usize, padding: usize) -> Self {
        Self { pictures: Pictures { n, h, w }, c, kernel, stride, padding }
    }

    /// x, weight [o, i, kernel, kernel] of variance 1/fan-in, bias, and the result in f64.
    fn make(&self) -> (Vec<f32>, Vec<f32>, Vec<f32>, Vec<f64>) {
        let (Pictures { n, h, w }, (c_in, c_out), size) = (self.pictures, self.c, self.kernel);
        let fan = (c_in * size * size) as f32;
        let x = noise(n * h * w * c_in, 5);
        let weight: Vec<f32> = noise(c_out * c_in * size * size, 6).iter().map(|v| v / fan.sqrt()).collect();
        let bias = noise(c_out, 7);
        let side = |side: usize| (side + 2 * self.padding - size) / self.stride + 1;
        let mut y = Vec::new();
        for (p, top) in (0..n).flat_map(|p| (0..side(h)).map(move |top| (p, top))) {
            for (left, o) in (0..side(w)).flat_map(|left| (0..c_out).map(move |o| (left, o))) {
                let mut sum = f64::from(bias[o]);
                for (dy, dx) in (0..size).flat_map(|dy| (0..size).map(move |dx| (dy, dx))) {
                    let (row, column) = (top * self.stride + dy, left * self.stride + dx);
                    let inside = |at: usize, side: usize| (self.padding..self.padding + side).contains(&at);
                    if inside(row, h) && inside(column, w) {
                        let pixel = ((p * h + row - self.padding) * w + column - self.padding) * c_in;
                        for i in 0..c_in {
                            let weight = weight[((o * c_in + i) * size + dy) * size + dx];
                            sum += f64::from(x[pixel + i]) * f64::from(weight);
                        }
                    }
                }
                y.push(sum);
            }
        }
        (x, weight, bias, y)
    }
}

#[test]
fn direct_convolutions_of_any_shape() {
    for case in [
        Case::new([1, 8, 8], (20, 24), 3, 1, 1),
        Case::new([3, 5, 7], (3, 17), 3, 1, 1),
        Case::new([1, 1, 1], (1, 1), 3, 1, 1),
        Case::new([2, 19, 27], (1, 6), 3, 1, 1),
        Case::new([1, 13, 9], (30, 6), 3, 2, 1),
        Case::new([3, 14, 14], (5, 8), 4, 2, 1),
        Case::new([1, 12, 12], (4, 3), 7, 1, 3),
        Case::new([2, 14, 7], (6, 5), 7, 7, 0),
        Case::new([2, 6, 6], (9, 33), 1, 1, 0),
    ] {
        let (x, weight, bias, right) = case.make();
        let size = case.kernel;
        every_isa(|isa| {
            let taps = |o: usize, i: usize, tap: usize| weight[(o * case.c.0 + i) * size * size + tap];
            let direct = Direct::new(isa, case.c, size, case.stride, case.padding, taps);
            let y = same_on_any_threads(|| {
                let mut y = vec![f32::NAN; right.len()];
                direct.forward(&x, case.pictures, Start { bias: Some(&bias), add: None }, &mut y);
                y
            });
            let difference = worst(&y, &right);
            assert!(difference <= 6e-6, "{} {:?}: {difference:.1e}", isa.name(), case.pictures);
        });
    }
}

fn winograd(isa: Isa, case: &Case, weight: &[f32]) -> Winograd {
    Winograd::new(isa, case.c.0, case.c.1, |o, i| weight[(o * case.c.0 + i) * 9..][..9].try_into().unwrap())
}

/// The stated bound: outputs of variance 1 (and up to 4 or 5) are within 4e-5 of f64 whatever the sizes; the
/// direct sum is within 6e-6. Input and weights pass through factors up to 5 and 8 that later cancel.
#[test]
fn winograd_is_the_convolution_within_its_bound() {
    for case in [
        Case::new([1, 4, 4], (16, 16), 3, 1, 1),
        Case::new([3, 5, 7], (24, 40), 3, 1, 1),
        Case::new([1, 1, 1], (16, 17), 3, 1, 1),
        Case::new([2, 19, 27], (17, 33), 3, 1, 1),
        Case::new([1, 12, 12], (200, 16), 3, 1, 1),
        Case::new([1, 40, 70], (16, 50), 3, 1, 1),
    ] {
        let (x, weight, bias, right) = case.make();
        let add = noise(right.len(), 8);
        let right: Vec<f64> = right.iter().zip(&add).map(|(y, &add)| y + 0.25 * f64::from(add)).collect();
        every_isa(|isa| {
            assert!(Winograd::fits(isa, case.c.0, case.c.1));
            let winograd = winograd(isa, &case, &weight);
            let y = same_on_any_threads(|| {
                let mut y = vec![f32::NAN; right.len()];
                let start = Start { bias: Some(&bias), add: Some((&add, 0.25)) };
                winograd.forward(&x, case.pictures, start, &mut y);
                y
            });
            let difference = worst(&y, &right);
            assert!(difference <= 4e-5, "{} {:?}: {difference:.1e}", isa.name(), case.pictures);
        });
    }
}

#[test]
fn group_norms_of_any_shape() {
    for (n, pixels, c, groups, mean) in
        [(1, 1, 4, 2, 0.0), (3, 35, 6, 3, 100.0), (2, 513, 24, 8, -3.0), (1, 200, 1, 1, 5.0), (2, 64, 192, 32, 0.5)]
    {
        let x: Vec<f32> = noise(n * pixels * c, 9).iter().map(|v| v + mean).collect();
        let (weight, bias, both) = (noise(c, 10), noise(c, 11), noise(2 * n * c, 12));
        let added = noise(n * c, 13);
        for (added, scale_shift, activation) in [
            (None, None, Activation::Identity),
            (None, Some(&both[..]), Activation::Gelu),
            (Some(&added[..]), None, Activation::Identity),
        ] {
            let norm = Norm { groups, eps: 1e-5, weight: &weight, bias: &bias, added, scale_shift, activation };
            let right: Vec<f64> = (0..x.len()).map(|at| one_normalised(&x, (n, pixels, c), norm, at)).collect();
            every_isa(|isa| {
                let y = same_on_any_threads(|| {
                    let mut y = vec![f32::NAN; x.len()];
                    group_norm(isa, &x, n, c, norm, &mut y);
                    y
                });
                // x itself is rounded to 6e-8 of its mean, which the division by the deviation does not lessen.
                let bound = 4e-6 + 4e-7 * f64::from(mean.abs());
                let difference = worst(&y, &right);
                assert!(difference <= bound, "{} {pixels} × {c} in {groups}: {difference:.1e}", isa.name());
            });
        }
    }
}

fn one_normalised(x: &[f32], (_, pixels, c): (usize, usize, usize), norm: Norm, at: usize) -> f64 {
    let (picture, channel) = (at / (pixels * c), at % c);
    let width = c / norm.groups;
    let first = channel / width * width;
    let added = |channel: usize| norm.added.map_or(0.0, |added| f64::from(added[picture * c + channel]));
    let one = |i: usize, channel: usize| f64::from(x[(picture * pixels + i) * c + channel]) + added(channel);
    let group: Vec<f64> = (0..pixels * width).map(|i| one(i / width, first + i % width)).collect();
    let mean = group.iter().sum::<f64>() / group.len() as f64;
    let variance = group.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / group.len() as f64;
    let mut y = (f64::from(x[at]) + added(channel) - mean) / (variance + norm.eps).sqrt();
    y = y * f64::from(norm.weight[channel]) + f64::from(norm.bias[channel]);
    if let Some(both) = norm.scale_shift {
        let get = |which: usize| f64::from(both[(2 * picture + which) * c + channel]);
        y = y * (1.0 + get(0)) + get(1);
    }
    if norm.activation == Activation::Gelu {
        0.5 * y * (1.0 + candle_core::cpu::erf::erf_f64(y / 2f64.sqrt()))
    } else {
        y
    }
}

#[test]
fn attention_is_the_softmax_of_all_scores() {
    for (n, heads, width, queries, keys) in
        [(1, 1, 8, 1, [1, 0]), (2, 3, 20, 50, [7, 50]), (1, 2, 64, 97, [77, 400]), (3, 1, 32, 5, [192, 193])]
    {
        let c = heads * width;
        // Queries and one part's keys and values lie side by side, as a joint projection leaves them.
        let rows = queries.max(keys[1]);
        let joint = noise(n * rows * 3 * c, 13);
        let (text_k, text_v) = (noise(n * keys[0] * c, 14), noise(n * keys[0] * c, 15));
        let part = |values, row, tokens| Tokens { values, row, tokens };
        let q = part(&joint[..], 3 * c, rows);
        let own = (part(&joint[c..], 3 * c, rows), part(&joint[2 * c..], 3 * c, rows));
        let text = (part(&text_k[..], c, keys[0]), part(&text_v[..], c, keys[0]));
        let parts = if keys[1] == 0 { vec![text] } else { vec![text, own] };
        let scale = (width as f32).powf(-0.5);
        let mut right = Vec::new();
        for (p, t) in (0..n).flat_map(|p| (0..rows).map(move |t| (p, t))) {
            for head in 0..heads {
                let get = |of: &Tokens, t: usize, i: usize| {
                    f64::from(of.values[(p * of.tokens + t) * of.row + head * width + i])
                };
                let all: Vec<(&Tokens, &Tokens, usize)> =
                    parts.iter().flat_map(|(k, v)| (0..k.tokens).map(move |t| (k, v, t))).collect();
                let score = |&(k, _, at): &(&Tokens, &Tokens, usize)| {
                    (0..width).map(|i| get(&q, t, i) * get(k, at, i)).sum::<f64>() * f64::from(scale)
                };
                let weights: Vec<f64> = all.iter().map(|key| score(key).exp()).collect();
                let total: f64 = weights.iter().sum();
                for i in 0..width {
                    let sum: f64 = all.iter().zip(&weights).map(|((_, v, at), weight)| weight * get(v, *at, i)).sum();
                    right.push(sum / total);
                }
            }
        }
        every_isa(|isa| {
            let y = same_on_any_threads(|| {
                let mut y = vec![f32::NAN; n * rows * c];
                attention(isa, Heads { n, heads, width, scale }, q, &parts, &mut y);
                y
            });
            let difference = worst(&y, &right);
            // Scores up to 5 in f32, through exp.
            assert!(difference <= 3e-6, "{} {keys:?} of {width}: {difference:.1e}", isa.name());
        });
    }
}

#[test]
fn resampling_and_joining() {
    for (n, h, w, c) in [(1, 2, 2, 1), (3, 5, 7, 3), (2, 8, 6, 20)] {
        let pictures = Pictures { n, h, w };
        let x = noise(n * h * w * c, 16);
        let at = |p: usize, y: usize, x: usize, i: usize| ((p * h + y) * w + x) * c + i;
        let mut planes = vec![0f32; x.len()];
        resample::planes_of_pixels(&x, pictures, c, &mut planes);
        let mut back = vec![0f32; x.len()];
        resample::pixels_of_planes(&planes, pictures, c, &mut back);
        assert_eq!(back, x);
        let mut doubled = vec![0f32; 4 * x.len()];
        resample::upsample_nearest(&x, pictures, c, &mut doubled);
        let mut halved = vec![0f32; n * (h / 2) * (w / 2) * c];
        resample::average_pool(&x, pictures, c, &mut halved);
        for (p, i) in (0..n).flat_map(|p| (0..c).map(move |i| (p, i))) {
            for (row, column) in (0..h).flat_map(|row| (0..w).map(move |column| (row, column))) {
                assert_eq!(planes[((p * c + i) * h + row) * w + column], x[at(p, row, column, i)]);
                for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let pixel = (p * 2 * h + 2 * row + dy) * 2 * w + 2 * column + dx;
                    assert_eq!(doubled[pixel * c + i], x[at(p, row, column, i)]);
                }
            }
            for (row, column) in (0..h / 2).flat_map(|row| (0..w / 2).map(move |column| (row, column))) {
                let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
                let sum: f32 = four.iter().map(|(dy, dx)| x[at(p, 2 * row + dy, 2 * column + dx, i)]).sum();
                let got = halved[((p * (h / 2) + row) * (w / 2) + column) * c + i];
                assert!((got - sum / 4.0).abs() <= 1e-6);
            }
        }
        let other = noise(n * h * w * 2, 17);
        let mut joined = vec![0f32; n * h * w * (c + 2)];
        resample::concat(&x, c, &other, 2, &mut joined);
        for (pixel, row) in joined.chunks(c + 2).enumerate() {
            assert_eq!(row[..c], x[pixel * c..][..c]);
            assert_eq!(row[c..], other[pixel * 2..][..2]);
        }
    }
}

#[test]
fn nan_and_infinity_come_through() {
    let case = Case::new([1, 9, 9], (16, 16), 3, 1, 1);
    let (x, weight, _, _) = case.make();
    for bad in [f32::NAN, f32::INFINITY] {
        let mut x = x.clone();
        x[(4 * 9 + 4) * 16 + 3] = bad;
        every_isa(|isa| {
            let mut y = vec![0f32; x.len()];
            winograd(isa, &case, &weight).forward(&x, case.pictures, Start::default(), &mut y);
            let taps = |o: usize, i: usize, tap: usize| weight[(o * 16 + i) * 9 + tap];
            let mut direct = y.clone();
            Direct::new(isa, case.c, 3, 1, 1, taps).forward(&x, case.pictures, Start::default(), &mut direct);
            for around in [3 * 9 + 3, 4 * 9 + 4, 5 * 9 + 5] {
                assert!(y[around * 16..][..16].iter().all(|value| !value.is_finite()), "Winograd hides {bad}");
                assert!(direct[around * 16..][..16].iter().all(|value| !value.is_finite()), "direct hides {bad}");
            }
            assert!(direct[..16].iter().all(|value| value.is_finite()), "direct spreads {bad}");
            let ones = [1f32; 16];
            let norm = Norm {
                groups: 4,
                eps: 1e-5,
                weight: &ones,
                bias: &ones,
                added: None,
                scale_shift: None,
                activation: Activation::Gelu,
            };
            group_norm(isa, &x, 1, 16, norm, &mut y);
            for pixel in y.chunks(16) {
                assert!(pixel[..4].iter().all(|value| value.is_nan()), "a norm hides {bad}");
                assert!(pixel[4..].iter().all(|value| value.is_finite()), "a norm spreads {bad}");
            }
            let tokens = Tokens { values: &x, row: 16, tokens: 81 };
            attention(isa, Heads { n: 1, heads: 2, width: 8, scale: 0.3 }, tokens, &[(tokens, tokens)], &mut y);
            assert!(y.chunks(16).all(|token| token[3].is_nan() || bad.is_infinite()), "attention hides {bad}");
            assert!(y.chunks(16).any(|token| token[..8].iter().any(|value| !value.is_finite())));
            assert!(y.chunks(16).all(|token| token[8..].iter().all(|value| value.is_finite())));
        });
    }
}
