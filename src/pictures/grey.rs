//! Between grey pictures and tensors from 0 (black) to 1 (white): part B's digits.

use candle_core::{DType, Tensor};
use image::{Rgb, RgbImage};

use crate::error::{Error, Result};

/// The pictures of `x` [b, 1, h, w], 0 to 1; values outside are clamped, NaN is an error.
pub fn pictures_from_grey(x: &Tensor) -> Result<Vec<RgbImage>> {
    let (_, c, h, w) = x.dims4()?;
    if c != 1 {
        return Err(Error::new(format!("a grey picture has 1 channel, not {c}")));
    }
    let picture = |bytes: &[u8]| {
        RgbImage::from_fn(w as u32, h as u32, |column, row| Rgb([bytes[row as usize * w + column as usize]; 3]))
    };
    Ok(bytes_from_grey(x)?.chunks_exact(h * w).map(picture).collect())
}

/// The pixels of such pictures as bytes, clamped and rounded half to even.
pub fn bytes_from_grey(x: &Tensor) -> Result<Vec<u8>> {
    let values: Vec<f32> = x.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    if values.iter().any(|value| value.is_nan()) {
        return Err(Error::new("the picture has become NaN").hint("the weights may be damaged: try another checkpoint"));
    }
    Ok(values.iter().map(|value| (value.clamp(0.0, 1.0) * 255.0).round_ties_even() as u8).collect())
}
