//! What goes wrong when a view loses information: shrunk and enlarged again, noise has almost nothing left
//! (a mean of k² values has 1/k of their deviation), so the network takes x_t for an almost clean, blurred
//! picture; and nothing turns its answer back (Visual Anagrams, failures: factor 8).

use std::sync::Arc;

use candle_core::Tensor;
use image::{Rgb, RgbImage};

use super::ViewEntry;
use super::frame::{blend, sample};
use super::view::Transform;
use crate::error::{Error, Result};
use crate::spec::{Grain, Parameter};
use crate::tensors::interpolate_bilinear;

const FACTOR: Parameter = Parameter {
    name: "factor",
    label: "Factor",
    help: "How many times smaller the picture is made before it is enlarged again, 2 to 16; it divides stage I's side",
    default: 8.0,
    min: 2.0,
    max: 16.0,
    grain: Grain::Whole,
};

pub(super) static BLUR_FAILURE: ViewEntry = ViewEntry {
    name: "blur_failure",
    label: "Seen from afar (fails)",
    sentence: "Shrunk and enlarged again; it fails, since means of pixels hardly leave noise for the network to \
               see, and what is lost cannot be put back (a hybrid, not a view, is made for that)",
    parameters: &[FACTOR],
    orthogonal: false,
    make: |request| {
        let (base, factor) = (request.base, request.whole(0));
        if !base.is_multiple_of(factor) {
            return Err(Error::arguments(format!("a factor of {factor} does not divide a picture of {base} px")));
        }
        Ok(Arc::new(Blur { size: request.size, block: factor * request.factor() }))
    },
};

struct Blur {
    size: usize,
    /// The side of the squares that become one pixel.
    block: usize,
}

impl Transform for Blur {
    fn view(&self, x: &Tensor) -> Result<Tensor> {
        let small = x.contiguous()?.avg_pool2d(self.block)?;
        interpolate_bilinear(&small, self.size, self.size, false)
    }

    /// There is none: the estimate is taken as it is.
    fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn frame(&self, picture: &RgbImage, amount: f64) -> RgbImage {
        let small = self.shrunk(picture);
        let along = |at: u32| (f64::from(at) + 0.5) / self.block as f64 - 0.5;
        let mut frame = picture.clone();
        for (x, y, pixel) in frame.enumerate_pixels_mut() {
            if let Some(blurred) = sample(&small, along(x), along(y)) {
                *pixel = blend(*pixel, blurred, amount);
            }
        }
        frame
    }
}

impl Blur {
    /// The means of the picture's blocks.
    fn shrunk(&self, picture: &RgbImage) -> RgbImage {
        let (block, side) = (self.block as u32, (self.size / self.block) as u32);
        RgbImage::from_fn(side, side, |x, y| {
            Rgb([0, 1, 2].map(|channel| {
                let at = |i: u32| picture.get_pixel(x * block + i % block, y * block + i / block).0[channel];
                let sum: u32 = (0..block * block).map(|i| u32::from(at(i))).sum();
                ((sum + block * block / 2) / (block * block)) as u8
            }))
        })
    }
}
