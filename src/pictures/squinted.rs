//! A picture as narrowed eyes see it, or eyes far away: what is left of a hybrid without its detail.

use candle_core::Device;
use image::RgbImage;

use super::{pictures_from_tensor, tensor_from_picture};
use crate::error::Result;
use crate::tensors::gaussian_blur;

/// `picture` blurred by a thirty-second of its side.
pub fn squinted(picture: &RgbImage) -> Result<RgbImage> {
    let side = picture.width();
    let x = tensor_from_picture(picture, &Device::Cpu)?;
    let kernel = ((side as usize / 8) | 1).max(3);
    Ok(pictures_from_tensor(&gaussian_blur(&x, kernel, f64::from(side) / 32.0)?)?.remove(0))
}
