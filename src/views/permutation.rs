//! A permutation of a square's pixels: the exact kind of view. No value is computed, so its inverse gives
//! the same bits back and white noise stays the same white noise, on every device.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::view::Transform;
use crate::error::{Error, Result};
use crate::spec::{Grain, Parameter};
use crate::tensors::Generator;

/// The seed of a permutation: the low 32 bits are all that PyTorch's engine takes.
pub(super) const SEED: Parameter = Parameter {
    name: "seed",
    label: "Seed",
    help: "The same seed gives the same permutation",
    default: 0.0,
    min: 0.0,
    max: 4_294_967_295.0,
    grain: Grain::Whole,
};

/// Where every pixel comes from, and where it goes; pixels are counted row by row.
pub(super) struct Permutation {
    source: Vec<u32>,
    destination: Vec<u32>,
}

impl Permutation {
    /// Pixel (x, y) of the view is pixel `source(x, y)` of the picture; an error unless all are reached.
    pub fn new(size: usize, source: impl Fn(usize, usize) -> (usize, usize)) -> Result<Self> {
        let pixels = size * size;
        let source: Vec<u32> = (0..pixels)
            .map(|at| {
                let (x, y) = source(at % size, at / size);
                (y * size + x) as u32
            })
            .collect();
        let mut destination = vec![u32::MAX; pixels];
        for (at, &from) in source.iter().enumerate() {
            match destination.get_mut(from as usize) {
                Some(free) if *free == u32::MAX => *free = at as u32,
                _ => return Err(Error::new(format!("not a permutation of {size} × {size} pixels"))),
            }
        }
        Ok(Self { source, destination })
    }

    /// Pixel i of the view is pixel `source()[i]` of the picture.
    pub fn source(&self) -> &[u32] {
        &self.source
    }

    /// The view of a picture of as many pixels.
    pub fn picture(&self, picture: &RgbImage) -> RgbImage {
        let w = picture.width();
        RgbImage::from_fn(w, picture.height(), |x, y| {
            let from = self.source[(y * w + x) as usize];
            *picture.get_pixel(from % w, from / w)
        })
    }
}

/// `x` [b, c, h, w] with pixel i taken from pixel `from[i]`.
fn pick(x: &Tensor, from: &[u32]) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    let from = Tensor::from_slice(from, h * w, x.device())?;
    Ok(x.reshape((b, c, h * w))?.index_select(&from, 2)?.reshape((b, c, h, w))?)
}

/// How the pixels get there: the picture at an amount between 0 and 1.
type Motion = Box<dyn Fn(&RgbImage, f64) -> RgbImage + Send + Sync>;

/// A view that is a permutation.
pub(super) struct Permuted {
    permutation: Permutation,
    motion: Motion,
}

impl Permuted {
    /// The view of a permutation; `motion` draws it on its way, from 0 to 1.
    pub fn view(
        permutation: Permutation,
        motion: impl Fn(&RgbImage, f64) -> RgbImage + Send + Sync + 'static,
    ) -> Arc<dyn Transform> {
        Arc::new(Self { permutation, motion: Box::new(motion) })
    }
}

impl Transform for Permuted {
    fn view(&self, x: &Tensor) -> Result<Tensor> {
        pick(x, &self.permutation.source)
    }

    fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        pick(x, &self.permutation.destination)
    }

    fn frame(&self, picture: &RgbImage, amount: f64) -> RgbImage {
        if amount < 1.0 { (self.motion)(picture, amount) } else { self.permutation.picture(picture) }
    }

    fn permutation(&self) -> Option<&Permutation> {
        Some(&self.permutation)
    }
}

/// A seeded order of `n` things: `torch.randn(n, generator=generator).argsort(stable=True)`.
pub(super) fn seeded_order(generator: &mut Generator, n: usize) -> Vec<usize> {
    let keys = generator.randn(n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    order
}
