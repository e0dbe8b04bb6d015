//! Pictures to egui and back.

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

/// On the graphics card.
pub fn texture(ctx: &Context, name: &str, pixels: &RgbImage) -> TextureHandle {
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
