//! Any picture as RGB: EXIF turned, alpha over white (a mask's over black), greyscale widened; of an animation the first
//! frame.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageReader, Rgb, RgbImage};

use super::mask::luminance;
use crate::error::{Error, Result};
use crate::files::{limits, read_file};

/// The picture in the file `path`.
pub fn load(path: &Path) -> Result<RgbImage> {
    load_over(path, 255)
}

/// The mask in the file `path`, grey in every channel: what is see-through is kept, as black is.
pub fn load_mask(path: &Path) -> Result<RgbImage> {
    Ok(luminance(&load_over(path, 0)?))
}

fn load_over(path: &Path, ground: u8) -> Result<RgbImage> {
    decode_over(&read_file(path, limits::PICTURE)?, ground).map_err(|error| error.at(path.display()))
}

/// The picture in `bytes`, whatever its format.
pub fn decode(bytes: &[u8]) -> Result<RgbImage> {
    decode_over(bytes, 255)
}

/// The picture in `bytes`, where it has at most `most` pixels.
pub(super) fn decode_within(bytes: &[u8], most: u64) -> Result<RgbImage> {
    decode_pixels(bytes, 255, most)
}

/// The mask in `bytes`, as [`load_mask`].
pub fn decode_mask(bytes: &[u8]) -> Result<RgbImage> {
    Ok(luminance(&decode_over(bytes, 0)?))
}

fn decode_over(bytes: &[u8], ground: u8) -> Result<RgbImage> {
    decode_pixels(bytes, ground, limits::PIXELS)
}

fn decode_pixels(bytes: &[u8], ground: u8, most: u64) -> Result<RgbImage> {
    let unreadable = |error: image::ImageError| {
        Error::new(format!("not a picture that can be read ({error})")).hint("use PNG, JPEG, GIF, WebP or BMP")
    };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (w, h) = decoder.dimensions();
    if u64::from(w) * u64::from(h) > most || decoder.total_bytes() > limits::DECODED_BYTES {
        return Err(Error::new(format!("the picture is {w} × {h}, too large to read"))
            .hint(format!("make it smaller first; {} million pixels in 8 bits are the most", most / 1_000_000)));
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    if picture.width() == 0 || picture.height() == 0 {
        return Err(Error::new("the picture has no pixels"));
    }
    Ok(over(picture, u32::from(ground)))
}

fn over(picture: DynamicImage, ground: u32) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(rgb.pixels_mut()) {
        let alpha = u32::from(from[3]);
        let mix = |value: u8| ((u32::from(value) * alpha + ground * (255 - alpha) + 127) / 255) as u8;
        *to = Rgb([mix(from[0]), mix(from[1]), mix(from[2])]);
    }
    rgb
}
