//! Weights in 16 bits: every pattern, and products that differ from those of the same numbers in f32 in no bit.

use diffusion_lab::tensors::cpu::{Direct, Half, PackedB, Pictures, Rows, Start, matmul};

use super::cpu::{every_isa, noise};

fn crates(half: Half, bits: u16) -> f32 {
    match half {
        Half::F16 => half::f16::from_bits(bits).to_f32(),
        Half::Bf16 => half::bf16::from_bits(bits).to_f32(),
    }
}

#[test]
fn every_pattern_is_the_same_number() {
    let patterns: Vec<u16> = (0..=u16::MAX).collect();
    for half in [Half::F16, Half::Bf16] {
        let mut wide = vec![0f32; patterns.len()];
        half.widen(&patterns, 1.0, &mut wide);
        for (&bits, &got) in patterns.iter().zip(&wide) {
            let right = crates(half, bits);
            assert!(got.to_bits() == right.to_bits() || got.is_nan() && right.is_nan(), "{half:?} {bits:#x}: {got}");
            assert!(right.is_nan() || half.narrow(right) == bits, "{half:?} {bits:#x} comes back as another");
        }
    }
}

#[test]
fn products_are_those_of_the_same_numbers_in_f32() {
    for (m, k, n) in [(1, 1, 1), (2, 300, 17), (13, 257, 33), (97, 513, 70), (5, 0, 4)] {
        let (a, b, bias) = (noise(m * k + 1, 1), noise(k * n, 2), noise(n, 3));
        for half in [Half::F16, Half::Bf16] {
            let rounded: Vec<f32> = b.iter().map(|&value| crates(half, half.narrow(value))).collect();
            every_isa(|isa| {
                let product = |panels: &PackedB| {
                    let mut c = vec![7f32; m * n];
                    let start = Start { bias: Some(&bias), add: None };
                    matmul(Rows { values: &a, row: k, column: 1 }, m, panels, start, &mut c, n);
                    c
                };
                let panels = |values: &[f32]| PackedB::pack(isa, k, n, |l, j| values[l * n + j]);
                let kept = panels(&b).kept_in(half, 1.0);
                assert_eq!(product(&kept), product(&panels(&rounded)), "{half:?} {} {m}×{k}×{n}", isa.name());
                assert_eq!(kept.bytes() * 2, panels(&b).bytes());
            });
        }
    }
}

#[test]
fn convolutions_are_those_of_the_same_numbers_in_f32() {
    let (pictures, c_in, c_out) = (Pictures { n: 2, h: 7, w: 5 }, 37, 19);
    let (x, weight) = (noise(pictures.pixels() * c_in, 4), noise(c_out * c_in * 9, 5));
    for half in [Half::F16, Half::Bf16] {
        every_isa(|isa| {
            let conv = |round: &(dyn Fn(f32) -> f32 + Sync)| {
                Direct::new(isa, (c_in, c_out), 3, 1, 1, |o, i, tap| round(weight[(o * c_in + i) * 9 + tap]))
            };
            let run = |conv: Direct| {
                let mut y = vec![0f32; pictures.pixels() * c_out];
                conv.forward(&x, pictures, Start::default(), &mut y);
                y
            };
            let kept = run(conv(&|value| value).kept_in(half, 0.7));
            assert_eq!(kept, run(conv(&|value| 0.7 * crates(half, half.narrow(value)))), "{half:?} {}", isa.name());
        });
    }
}
