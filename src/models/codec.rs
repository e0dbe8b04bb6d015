//! Between a network's own space and pictures: colours from -1 to 1, or the grey digits' 0 to 1.

use candle_core::{Device, Tensor};
use image::{RgbImage, imageops};

use crate::error::Result;
use crate::pictures::{luminance, pictures_from_grey, pictures_from_tensor, tensor_from_mask, tensor_from_picture};

/// The two ways.
pub trait Codec {
    /// A picture as far as the space can show it, at any size.
    fn seen(&self, picture: &RgbImage) -> RgbImage;

    /// A picture of the stage's size as [1, c, h, w] of its space.
    fn encode(&self, picture: &RgbImage, device: &Device) -> Result<Tensor>;

    /// The pictures of `x` [b, c, h, w]; NaN is an error.
    fn decode(&self, x: &Tensor) -> Result<Vec<RgbImage>>;

    /// The same, quickly and about: what is shown of a run on its way.
    fn preview(&self, x: &Tensor) -> Result<Vec<RgbImage>> {
        self.decode(x)
    }

    /// Whether a picture that was encoded and decoded is another.
    fn is_lossy(&self) -> bool {
        false
    }

    /// `x` [c, h, w] as pixels from -1 to 1, for measures.
    fn signed(&self, x: &Tensor) -> Result<Tensor>;
}

/// What a space is made of. Where that is pixels, no weights are needed to go there and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// Red, green and blue from -1 to 1.
    Rgb,
    /// Grey from 0 to 1.
    Grey,
    /// No pixels at all, but latents: what lies between them and pictures is the model's.
    Latents,
}

impl Pixels {
    /// Between this space and pictures, as far as that needs no weights: latents are shown as the pixels that they stand
    /// for.
    pub fn codec(self) -> &'static dyn Codec {
        match self {
            Self::Rgb | Self::Latents => &Rgb,
            Self::Grey => &Grey,
        }
    }

    /// Whether values lie about 0, so that -x is a picture too.
    pub fn is_signed(self) -> bool {
        self == Self::Rgb
    }
}

struct Rgb;

impl Codec for Rgb {
    fn seen(&self, picture: &RgbImage) -> RgbImage {
        picture.clone()
    }

    fn encode(&self, picture: &RgbImage, device: &Device) -> Result<Tensor> {
        tensor_from_picture(picture, device)
    }

    fn decode(&self, x: &Tensor) -> Result<Vec<RgbImage>> {
        pictures_from_tensor(x)
    }

    fn signed(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }
}

/// Light on dark, as MNIST's digits are.
struct Grey;

impl Codec for Grey {
    fn seen(&self, picture: &RgbImage) -> RgbImage {
        light_on_dark(luminance(picture))
    }

    fn encode(&self, picture: &RgbImage, device: &Device) -> Result<Tensor> {
        tensor_from_mask(&self.seen(picture), false, device)
    }

    fn decode(&self, x: &Tensor) -> Result<Vec<RgbImage>> {
        pictures_from_grey(x)
    }

    fn signed(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.affine(2.0, -1.0)?)
    }
}

/// Ink on paper, told by its light border, is turned.
fn light_on_dark(mut grey: RgbImage) -> RgbImage {
    let (w, h) = grey.dimensions();
    let at_border = |x: u32, y: u32| x == 0 || y == 0 || x + 1 == w || y + 1 == h;
    let border = grey.enumerate_pixels().filter(|(x, y, _)| at_border(*x, *y)).map(|(_, _, pixel)| u64::from(pixel[0]));
    let (sum, count) = border.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    if sum > 127 * count {
        imageops::invert(&mut grey);
    }
    grey
}
