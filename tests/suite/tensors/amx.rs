//! The tile unit's convolutions against sums in f64 over the same bf16 numbers. Without such a unit they say so and end.

use diffusion_lab::tensors::cpu::{Amx, Pictures, Start};

use super::cpu::{noise, same_on_any_threads, worst};

/// (pictures, channels, kernel): odd sizes, few channels, widths that are no whole tile.
const CASES: [([usize; 3], (usize, usize), usize); 8] = [
    ([1, 1, 1], (1, 1), 1),
    ([3, 1, 1], (70, 33), 1),
    ([2, 5, 7], (32, 16), 1),
    ([1, 1, 1], (3, 2), 3),
    ([3, 9, 5], (3, 20), 3),
    ([2, 16, 16], (64, 48), 3),
    ([1, 33, 18], (40, 17), 3),
    ([2, 8, 8], (96, 6), 5),
];

fn rounded(value: f32) -> f32 {
    half::bf16::from_f32(value).to_f32()
}

fn available() -> bool {
    if !Amx::available() {
        eprintln!("this processor has no tile unit: nothing is compared");
    }
    Amx::available()
}

#[test]
fn they_are_sums_of_exact_products() {
    if !available() {
        return;
    }
    for ([n, h, w], (c_in, c_out), kernel) in CASES {
        let pictures = Pictures { n, h, w };
        let (x, weight) = (noise(pictures.pixels() * c_in, 1), noise(c_out * c_in * kernel * kernel, 2));
        let (bias, add) = (noise(c_out, 3), noise(pictures.pixels() * c_out, 4));
        let at = |o: usize, i: usize, tap: usize| weight[(o * c_in + i) * kernel * kernel + tap];
        let mut right = Vec::new();
        for pixel in 0..pictures.pixels() {
            let (picture, top, left) = (pixel / (h * w), pixel / w % h, pixel % w);
            for o in 0..c_out {
                let mut sum = 0.0;
                for tap in 0..kernel * kernel {
                    let (y, x_at) = (top + tap / kernel, left + tap % kernel);
                    let (Some(y), Some(x_at)) = (y.checked_sub(kernel / 2), x_at.checked_sub(kernel / 2)) else {
                        continue;
                    };
                    if y >= h || x_at >= w {
                        continue;
                    }
                    for i in 0..c_in {
                        let value = rounded(x[((picture * h + y) * w + x_at) * c_in + i]);
                        sum += f64::from(value) * f64::from(rounded(at(o, i, tap)));
                    }
                }
                let start = f64::from(bias[o]) + 0.5 * f64::from(add[pixel * c_out + o]);
                right.push(start + f64::from(0.7f32) * sum);
            }
        }
        let amx = Amx::new((c_in, c_out), kernel, 0.7, at);
        let y = same_on_any_threads(|| {
            let mut y = vec![7f32; pictures.pixels() * c_out];
            amx.forward(&x, pictures, Start { bias: Some(&bias), add: Some((&add, 0.5)) }, &mut y);
            y
        });
        // Sums of products of variance 1 in f32, each rounded a few times.
        let most = 4e-7 * ((c_in * kernel * kernel) as f64).max(4.0);
        let difference = worst(&y, &right);
        assert!(difference <= most, "{n}×{h}×{w} {c_in} → {c_out} kernel {kernel}: {difference:.1e}");
    }
}

#[test]
fn nan_reaches_its_neighbours_and_no_one_else() {
    if !available() {
        return;
    }
    let (pictures, c) = (Pictures { n: 2, h: 6, w: 6 }, 32);
    let mut x = noise(pictures.pixels() * c, 5);
    x[(36 + 2 * 6 + 3) * c + 7] = f32::NAN;
    let amx = Amx::new((c, c), 3, 1.0, |o, i, tap| ((o + i + tap) % 5) as f32 - 2.1);
    let mut y = vec![0f32; x.len()];
    amx.forward(&x, pictures, Start::default(), &mut y);
    for (pixel, row) in y.chunks(c).enumerate() {
        let (picture, top, left) = (pixel / 36, pixel / 6 % 6, pixel % 6);
        let near = picture == 1 && top.abs_diff(2) <= 1 && left.abs_diff(3) <= 1;
        assert!(row.iter().all(|value| value.is_nan() == near), "{picture} {top} {left}");
    }
}
