//! What goes wrong when a disc is turned by interpolation: every new pixel is a mean of four, so noise comes
//! out weaker and correlated with its neighbours, which no step of training showed the network; and turning
//! back interpolates once more, so the estimate is blurred (Visual Anagrams, failures: 135°).

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::ViewEntry;
use super::frame::{middle, turned, warp};
use super::inner_circle::{ANGLE, RADIUS, in_disc, offset};
use super::view::Transform;
use crate::error::Result;
use crate::spec::Parameter;

pub(super) static INNER_CIRCLE_FAILURE: ViewEntry = ViewEntry {
    name: "inner_circle_failure",
    label: "Inner circle, interpolated (fails)",
    sentence: "A disc turned by bilinear interpolation; it fails, since means of pixels make the noise weaker and \
               correlated, which the network takes for detail, and turning back blurs its answer",
    parameters: &[Parameter { default: 135.0, ..ANGLE }, RADIUS],
    orthogonal: false,
    make: |request| {
        let (angle, radius) = (request.values[0].to_radians(), request.values[1]);
        Ok(Arc::new(Interpolated { size: request.size, angle, radius }))
    },
};

struct Interpolated {
    size: usize,
    /// Radians counter-clockwise.
    angle: f64,
    radius: f64,
}

impl Interpolated {
    fn source(&self, x: f64, y: f64, angle: f64) -> (f64, f64) {
        let inside = in_disc(offset(x as usize, self.size), offset(y as usize, self.size), self.size, self.radius);
        let centre = (middle(self.size), middle(self.size));
        if inside { turned((x, y), centre, angle) } else { (x, y) }
    }

    /// `x` [b, c, h, w] with the disc turned by `angle`: four neighbours picked and weighted.
    fn interpolate(&self, x: &Tensor, angle: f64) -> Result<Tensor> {
        let (b, c, h, w) = x.dims4()?;
        let last = self.size - 1;
        let mut picks = [(); 4].map(|()| (Vec::new(), Vec::new()));
        for at in 0..h * w {
            let (sx, sy) = self.source((at % w) as f64, (at / w) as f64, angle);
            let (sx, sy) = (sx.clamp(0.0, last as f64), sy.clamp(0.0, last as f64));
            let (u, v) = (sx.fract() as f32, sy.fract() as f32);
            let weights = [(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v];
            for (k, (index, weight)) in picks.iter_mut().enumerate() {
                let (px, py) = ((sx as usize + k % 2).min(last), (sy as usize + k / 2).min(last));
                index.push((py * w + px) as u32);
                weight.push(weights[k]);
            }
        }
        let pixels = x.reshape((b, c, h * w))?;
        let mut sum = pixels.zeros_like()?;
        for (index, weight) in picks {
            let index = Tensor::from_vec(index, h * w, x.device())?;
            let weight = Tensor::from_vec(weight, (1, 1, h * w), x.device())?.to_dtype(x.dtype())?;
            sum = (sum + pixels.index_select(&index, 2)?.broadcast_mul(&weight)?)?;
        }
        Ok(sum.reshape((b, c, h, w))?)
    }
}

impl Transform for Interpolated {
    fn view(&self, x: &Tensor) -> Result<Tensor> {
        // What is turned counter-clockwise is found by turning clockwise.
        self.interpolate(x, self.angle)
    }

    fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        self.interpolate(x, -self.angle)
    }

    fn frame(&self, picture: &RgbImage, amount: f64) -> RgbImage {
        warp(picture, |x, y| Some(self.source(x, y, self.angle * amount)))
    }
}
