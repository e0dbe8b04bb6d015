//! The kernels of transformers and of convolutions that halve, against f64 on every instruction set.

use diffusion_lab::tensors::cpu::{Direct, Pictures, RowNorm, Start, geglu, layer_norm};

use super::cpu::{every_isa, noise, same_on_any_threads, worst};

#[test]
fn layer_norms_of_any_width() {
    for (rows, c, mean) in [(1, 1, 0.0), (7, 20, 3.0), (70, 320, -50.0), (3, 33, 0.1)] {
        let x: Vec<f32> = noise(rows * c, 16).iter().map(|v| v + mean).collect();
        let (weight, bias) = (noise(c, 17), noise(c, 18));
        let right: Vec<f64> = (0..x.len())
            .map(|at| {
                let row = x[at / c * c..][..c].iter().map(|&v| f64::from(v));
                let mean = row.clone().sum::<f64>() / c as f64;
                let variance = row.map(|v| (v - mean).powi(2)).sum::<f64>() / c as f64;
                let y = (f64::from(x[at]) - mean) / (variance + 1e-5).sqrt();
                y * f64::from(weight[at % c]) + f64::from(bias[at % c])
            })
            .collect();
        every_isa(|isa| {
            let y = same_on_any_threads(|| {
                let mut y = vec![f32::NAN; x.len()];
                layer_norm(isa, &x, RowNorm { eps: 1e-5, weight: &weight, bias: &bias }, &mut y);
                y
            });
            // x itself is rounded to 6e-8 of its mean.
            let bound = 4e-6 + 1e-6 * f64::from(mean.abs());
            let difference = worst(&y, &right);
            assert!(difference <= bound, "{} {rows} × {c}: {difference:.1e}", isa.name());
        });
    }
}

#[test]
fn the_second_half_is_the_gate() {
    for (rows, c) in [(1, 1), (5, 20), (90, 1280)] {
        let x = noise(rows * 2 * c, 19);
        let one = |at: usize| {
            let (value, gate) = (f64::from(x[at / c * 2 * c + at % c]), f64::from(x[(at / c * 2 + 1) * c + at % c]));
            value * 0.5 * gate * (1.0 + candle_core::cpu::erf::erf_f64(gate / 2f64.sqrt()))
        };
        let right: Vec<f64> = (0..rows * c).map(one).collect();
        every_isa(|isa| {
            let mut y = vec![f32::NAN; rows * c];
            geglu(isa, &x, c, &mut y);
            let difference = worst(&y, &right);
            assert!(difference <= 2e-6, "{} {rows} × {c}: {difference:.1e}", isa.name());
        });
    }
}

/// Zeros on the right and at the bottom alone: what is seen of a map with a ring of zeros, begun one pixel later.
#[test]
fn zeros_may_be_on_one_side() {
    for (h, w) in [(6, 8), (5, 7)] {
        let (c_in, c_out) = (5, 18);
        let (x, weight) = (noise(h * w * c_in, 20), noise(c_out * c_in * 9, 21));
        let (wide, tall) = (h + 1, w + 1);
        let mut padded = vec![0f32; wide * tall * c_in];
        for (row, x) in x.chunks(w * c_in).enumerate() {
            padded[row * tall * c_in..][..w * c_in].copy_from_slice(x);
        }
        let taps = |o: usize, i: usize, tap: usize| weight[(o * c_in + i) * 9 + tap];
        every_isa(|isa| {
            let whole = Direct::new(isa, (c_in, c_out), 3, 2, 0, taps);
            let (n, pictures) = (1, Pictures { n: 1, h: wide, w: tall });
            let out = whole.out(pictures);
            let mut right = vec![f32::NAN; out.pixels() * c_out];
            whole.forward(&padded, pictures, Start::default(), &mut right);
            let one_sided = Direct::new(isa, (c_in, c_out), 3, 2, 0, taps).padded_after(1);
            let pictures = Pictures { n, h, w };
            assert_eq!(one_sided.out(pictures), out);
            let mut y = vec![f32::NAN; right.len()];
            one_sided.forward(&x, pictures, Start::default(), &mut y);
            assert_eq!(y, right, "{} {h}×{w}", isa.name());
        });
    }
}
