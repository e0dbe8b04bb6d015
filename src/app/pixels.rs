//! Pictures to egui and back.

use std::sync::Arc;

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureOptions};
use image::RgbImage;

/// Crisp when enlarged, smooth when reduced.
pub const PIXELS: TextureOptions = TextureOptions {
    magnification: TextureFilter::Nearest,
    minification: TextureFilter::Linear,
    ..TextureOptions::LINEAR
};

/// As egui takes it.
pub fn colour_image(pixels: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([pixels.width() as usize, pixels.height() as usize], pixels.as_raw())
}

/// On the graphics card, smaller where the card asks for it.
pub fn texture(ctx: &Context, name: &str, pixels: &RgbImage) -> TextureHandle {
    let limit = ctx.input(|input| input.max_texture_side).min(8192) as u32;
    if pixels.width().max(pixels.height()) > limit {
        return ctx.load_texture(name, colour_image(&shrink(pixels, limit)), PIXELS);
    }
    ctx.load_texture(name, colour_image(pixels), PIXELS)
}

/// From the clipboard, over white.
pub fn from_clipboard(image: &ColorImage) -> RgbImage {
    let [width, height] = image.size;
    RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let pixel = image.pixels[y as usize * width + x as usize]; // premultiplied
        let white = 255 - pixel.a();
        image::Rgb([pixel.r() + white, pixel.g() + white, pixel.b() + white])
    })
}

/// A copy that is at most `limit` pixels on its longer side.
pub fn shrink(pixels: &RgbImage, limit: u32) -> RgbImage {
    let longest = pixels.width().max(pixels.height());
    if longest <= limit {
        return pixels.clone();
    }
    let side = |value: u32| (u64::from(value) * u64::from(limit) / u64::from(longest)).max(1) as u32;
    image::imageops::thumbnail(pixels, side(pixels.width()), side(pixels.height()))
}

/// Pixels that are told from others by their place in memory, without a look at them.
#[derive(Clone, Debug)]
pub struct SamePixels(pub Arc<RgbImage>);

impl PartialEq for SamePixels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
