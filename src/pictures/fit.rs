//! A picture of any size as the square that a model works on: short side to size, then centre crop, as
//! torchvision's `Resize` and `CenterCrop` do.

use image::{RgbImage, imageops};

use super::resize_bilinear;

/// How many times its width a picture may be long; of a longer strip only the middle is resized, for a strip of
/// one pixel's width, resized whole, would fill any memory.
const LONGEST: u32 = 64;

/// `picture` as `size` × `size`; unchanged where it is that already.
pub fn fit_square(picture: &RgbImage, size: u32) -> RgbImage {
    let (w, h) = picture.dimensions();
    if (w, h) == (size, size) {
        return picture.clone();
    }
    if w / h > LONGEST || h / w > LONGEST {
        let (to_w, to_h) = (w.min(h * LONGEST), h.min(w * LONGEST));
        return fit_square(&imageops::crop_imm(picture, (w - to_w) / 2, (h - to_h) / 2, to_w, to_h).to_image(), size);
    }
    let long = |long: u32, short: u32| (u64::from(size) * u64::from(long) / u64::from(short)) as u32;
    let (to_w, to_h) = if w <= h { (size, long(h, w)) } else { (long(w, h), size) };
    let resized = resize_bilinear(picture, to_w, to_h);
    let offset = |side: u32| (f64::from(side - size) / 2.0).round_ties_even() as u32;
    imageops::crop_imm(&resized, offset(to_w), offset(to_h), size, size).to_image()
}
