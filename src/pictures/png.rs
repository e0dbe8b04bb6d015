//! PNGs that carry what made them: the recipe as JSON and the source picture, in iTXt chunks.
//!
//! Nothing else goes in, neither place nor time: two equal runs are equal bytes.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Compression, Decoder, Encoder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;

use super::load::decode_within;
use crate::error::{Error, Result};
use crate::files::limits;

const RECIPE: &str = "diffusion-lab";
/// A carried picture's keyword is this and its key: `diffusion-lab:image`.
const PICTURE: &str = "diffusion-lab:";

/// What a PNG of ours carries beside its pixels.
#[derive(Clone, Debug)]
pub struct Carried {
    /// JSON: version, program, recipe, hashes.
    pub recipe: String,
    /// Pictures that the run started from, at working size, by key (`image`, `mask`).
    pub pictures: Vec<(String, RgbImage)>,
}

/// `pixels` as a PNG that carries `carried`.
pub fn encode_png(pixels: &RgbImage, carried: Option<&Carried>) -> Result<Vec<u8>> {
    let failed = |error: ::png::EncodingError| Error::new(format!("cannot encode the PNG ({error})"));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    if let Some(carried) = carried {
        encoder.add_itxt_chunk(RECIPE.to_owned(), carried.recipe.clone()).map_err(failed)?;
        for (key, picture) in &carried.pictures {
            let text = STANDARD.encode(encode_png(picture, None)?);
            encoder.add_itxt_chunk(format!("{PICTURE}{key}"), text).map_err(failed)?;
        }
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels.as_raw()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

fn too_much(most: usize) -> Error {
    Error::new(format!("the PNG's texts are damaged, or come to more than {} MB", most >> 20))
}

/// What the PNG in `bytes` carries; `None` where it is a PNG without a recipe.
pub fn read_carried(bytes: &[u8]) -> Result<Option<Carried>> {
    let broken = |error: ::png::DecodingError| Error::new(format!("not a PNG that can be read ({error})"));
    let mut reader = Decoder::new(Cursor::new(bytes)).read_info().map_err(broken)?;
    reader.finish().map_err(broken)?;
    let mut recipe = None;
    let mut pictures: Vec<(String, RgbImage)> = Vec::new();
    let (mut text_left, mut pixels_left) = (limits::INFLATED_BYTES, limits::CARRIED_PIXELS);
    for chunk in reader.info().utf8_text.iter().filter(|chunk| chunk.keyword.starts_with(RECIPE)) {
        // Compressed by another program; ours writes it plain.
        let mut chunk = chunk.clone();
        if chunk.compressed {
            chunk.decompress_text_with_limit(text_left).map_err(|_| too_much(text_left))?;
        }
        let text = chunk.get_text().map_err(broken)?;
        if chunk.compressed {
            text_left = text_left.saturating_sub(text.len());
        }
        if chunk.keyword == RECIPE {
            recipe = Some(text);
        } else if let Some(key) = chunk.keyword.strip_prefix(PICTURE) {
            let damaged = |_| Error::new(format!("the {key} that the PNG carries is damaged"));
            let picture = decode_within(&STANDARD.decode(&text).map_err(damaged)?, pixels_left)?;
            pixels_left -= u64::from(picture.width()) * u64::from(picture.height());
            pictures.push((key.to_owned(), picture));
        }
    }
    Ok(recipe.map(|recipe| Carried { recipe, pictures }))
}
