//! Black for white. Orthogonal although no permutation: -1 times the identity. A variance has no sign, so
//! the variance's channels come back as they are (in Visual Anagrams, "this hack seems to work just fine").

use std::sync::Arc;

use candle_core::Tensor;
use image::{Rgb, RgbImage};

use super::ViewEntry;
use super::frame::blend;
use super::view::Transform;
use crate::error::Result;

pub(super) static NEGATE: ViewEntry = ViewEntry {
    name: "negate",
    label: "Negative",
    sentence: "The negative: x becomes -x, black for white and each colour for its complement",
    parameters: &[],
    orthogonal: true,
    make: |_| Ok(Arc::new(Negate)),
};

struct Negate;

impl Transform for Negate {
    fn view(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.neg()?)
    }

    fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.neg()?)
    }

    fn inverse_view_variance(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn frame(&self, picture: &RgbImage, amount: f64) -> RgbImage {
        let mut frame = picture.clone();
        for pixel in frame.pixels_mut() {
            *pixel = blend(*pixel, Rgb(pixel.0.map(|level| 255 - level)), amount);
        }
        frame
    }
}
