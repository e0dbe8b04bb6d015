//! Drawing a picture on its way: every pixel asks where it comes from.
//!
//! Positions are in pixels, pixel (0, 0)'s centre being (0, 0), x to the right, y down; angles are in
//! radians, clockwise as seen.

use image::{Rgb, RgbImage};

/// What is seen where the moving parts leave the picture's square free.
pub const BACKGROUND: Rgb<u8> = Rgb([255, 255, 255]);

/// The picture whose pixel (x, y) shows what `source(x, y)` says, between pixels bilinearly; [`BACKGROUND`]
/// for `None` and outside.
pub(super) fn warp(picture: &RgbImage, source: impl Fn(f64, f64) -> Option<(f64, f64)>) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        source(f64::from(x), f64::from(y)).and_then(|(x, y)| sample(picture, x, y)).unwrap_or(BACKGROUND)
    })
}

/// The colour at a position, bilinear; `None` outside the outermost pixels' edges.
pub(super) fn sample(picture: &RgbImage, x: f64, y: f64) -> Option<Rgb<u8>> {
    let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
    if !(-0.5..=w - 0.5).contains(&x) || !(-0.5..=h - 0.5).contains(&y) {
        return None;
    }
    let (x, y) = (x.clamp(0.0, w - 1.0), y.clamp(0.0, h - 1.0));
    let (left, top) = (x as u32, y as u32);
    let (right, bottom) = ((left + 1).min(picture.width() - 1), (top + 1).min(picture.height() - 1));
    let (u, v) = (x.fract(), y.fract());
    let at = |x, y, channel| f64::from(picture.get_pixel(x, y).0[channel]);
    Some(Rgb([0, 1, 2].map(|channel| {
        let above = at(left, top, channel) * (1.0 - u) + at(right, top, channel) * u;
        let below = at(left, bottom, channel) * (1.0 - u) + at(right, bottom, channel) * u;
        (above * (1.0 - v) + below * v).round() as u8
    })))
}

/// (x, y) turned by `angle` about `centre`.
pub(super) fn turned((x, y): (f64, f64), centre: (f64, f64), angle: f64) -> (f64, f64) {
    let (sin, cos) = angle.sin_cos();
    let (dx, dy) = (x - centre.0, y - centre.1);
    (centre.0 + dx * cos - dy * sin, centre.1 + dx * sin + dy * cos)
}

/// The middle of a square of `size` pixels, along a side.
pub(super) fn middle(size: usize) -> f64 {
    (size as f64 - 1.0) / 2.0
}

/// A colour `amount` of the way from one to another.
pub(super) fn blend(from: Rgb<u8>, to: Rgb<u8>, amount: f64) -> Rgb<u8> {
    Rgb([0, 1, 2].map(|i| (f64::from(from.0[i]) * (1.0 - amount) + f64::from(to.0[i]) * amount).round() as u8))
}
