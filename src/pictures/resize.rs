//! Pillow's bilinear resize of 8-bit pictures, antialiased, to the bit.
//!
//! A triangle filter as wide as the reduction, coefficients in fixed point of 22 bits, two passes, each rounded to 8
//! bits (Pillow `Resample.c`). torchvision's `Resize` of a PIL picture is this. Which pass comes first shows in the
//! last bit: the vertical one where it takes away more than twice the lines that the horizontal one does (Pillow 13;
//! before, the horizontal one always).

use image::RgbImage;

const PRECISION_BITS: u32 = 32 - 8 - 2;

/// `picture` at `width` × `height`, both above 0.
pub fn resize_bilinear(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let (to_w, to_h) = (width as usize, height as usize);
    let across = |pixels: Vec<u8>, h: usize| match to_w == w {
        true => pixels,
        false => pass(&pixels, h, w, to_w, |line, at| (line * w + at) * 3, |line, at| (line * to_w + at) * 3),
    };
    let down = |pixels: Vec<u8>, w: usize| match to_h == h {
        true => pixels,
        false => pass(&pixels, w, h, to_h, |line, at| (at * w + line) * 3, |line, at| (at * w + line) * 3),
    };
    let pixels = picture.as_raw().clone();
    let pixels = match is_down_first((w, h), (to_w, to_h)) {
        true => across(down(pixels, w), to_h),
        false => down(across(pixels, h), to_w),
    };
    let mut resized = RgbImage::new(width, height);
    resized.copy_from_slice(&pixels);
    resized
}

fn is_down_first((w, h): (usize, usize), (to_w, to_h): (usize, usize)) -> bool {
    to_h < h && (h - to_h) as i64 > 2 * (w as i64 - to_w as i64)
}

/// One separable pass over `lines` lines of `from` pixels each; the closures say where a pixel lies.
fn pass(
    pixels: &[u8],
    lines: usize,
    from: usize,
    to: usize,
    source: impl Fn(usize, usize) -> usize,
    target: impl Fn(usize, usize) -> usize,
) -> Vec<u8> {
    let mut resized = vec![0; lines * to * 3];
    for (at, (start, coefficients)) in windows(from, to).into_iter().enumerate() {
        for line in 0..lines {
            for channel in 0..3 {
                let mut sum = 1_i64 << (PRECISION_BITS - 1);
                for (k, &coefficient) in coefficients.iter().enumerate() {
                    sum += i64::from(pixels[source(line, start + k) + channel]) * coefficient;
                }
                resized[target(line, at) + channel] = (sum >> PRECISION_BITS).clamp(0, 255) as u8;
            }
        }
    }
    resized
}

/// For each output pixel: the first input pixel and the fixed-point weights from there on.
fn windows(from: usize, to: usize) -> Vec<(usize, Vec<i64>)> {
    let scale = from as f64 / to as f64;
    let filter_scale = scale.max(1.0);
    let inverse = 1.0 / filter_scale;
    (0..to)
        .map(|at| {
            let centre = (at as f64 + 0.5) * scale;
            let start = ((centre - filter_scale + 0.5) as i64).max(0) as usize;
            let end = ((centre + filter_scale + 0.5) as i64).clamp(0, from as i64) as usize;
            let weight = |x: usize| {
                let distance = ((x as f64 - centre + 0.5) * inverse).abs();
                (1.0 - distance).max(0.0)
            };
            let weights: Vec<f64> = (start..end).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            let fixed = |w: &f64| (0.5 + w / sum * f64::from(1_u32 << PRECISION_BITS)) as i64;
            (start, weights.iter().map(fixed).collect())
        })
        .collect()
}
