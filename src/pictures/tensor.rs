//! Between pictures and tensors: u8/127.5 - 1 on the way in, (x/2 + 0.5) clamped and rounded half to even on
//! the way out (diffusers' IF pipelines).

use candle_core::{DType, Device, Tensor};
use image::RgbImage;

use crate::error::{Error, Result};

/// `picture` as [1, 3, h, w], -1 to 1.
pub fn tensor_from_picture(picture: &RgbImage, device: &Device) -> Result<Tensor> {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let mut values = vec![0.0_f32; 3 * h * w];
    for (at, pixel) in picture.pixels().enumerate() {
        for channel in 0..3 {
            values[channel * h * w + at] = f32::from(pixel[channel]) / 127.5 - 1.0;
        }
    }
    Ok(Tensor::from_vec(values, (1, 3, h, w), device)?)
}

/// The pictures of `x` [b, 3, h, w]; values outside -1 to 1 are clamped, NaN is an error.
pub fn pictures_from_tensor(x: &Tensor) -> Result<Vec<RgbImage>> {
    let (b, c, h, w) = x.dims4()?;
    if c != 3 {
        return Err(Error::new(format!("a picture has 3 channels, not {c}")));
    }
    let values: Vec<f32> = x.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    if values.iter().any(|value| value.is_nan()) {
        return Err(Error::new("the picture has become NaN")
            .hint("the weights may be damaged, or too coarse a dtype: try --dtype f32"));
    }
    let mut pictures = Vec::with_capacity(b);
    for picture in values.chunks_exact(3 * h * w) {
        let mut pixels = RgbImage::new(w as u32, h as u32);
        for (at, pixel) in pixels.pixels_mut().enumerate() {
            for channel in 0..3 {
                let value = (picture[channel * h * w + at] / 2.0 + 0.5).clamp(0.0, 1.0);
                pixel[channel] = (value * 255.0).round_ties_even() as u8;
            }
        }
        pictures.push(pixels);
    }
    Ok(pictures)
}
