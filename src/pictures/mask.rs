//! A mask: white where the picture is new, grey where it is soft.

use candle_core::{Device, Tensor};
use image::{Rgb, RgbImage};

use crate::error::Result;

/// The luminance of each pixel in all three channels, as Pillow's conversion to `L`.
pub fn luminance(picture: &RgbImage) -> RgbImage {
    let mut grey = RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture.pixels().zip(grey.pixels_mut()) {
        let [r, g, b] = from.0.map(u32::from);
        let value = ((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8;
        *to = Rgb([value; 3]);
    }
    grey
}

/// A grey picture as [1, 1, h, w], 0 to 1; `hard` makes it 0 or 1, at one half.
pub fn tensor_from_mask(mask: &RgbImage, hard: bool, device: &Device) -> Result<Tensor> {
    let value = |pixel: &Rgb<u8>| {
        let value = f32::from(pixel[0]) / 255.0;
        if hard { f32::from(value >= 0.5) } else { value }
    };
    let values: Vec<f32> = mask.pixels().map(value).collect();
    Ok(Tensor::from_vec(values, (1, 1, mask.height() as usize, mask.width() as usize), device)?)
}
