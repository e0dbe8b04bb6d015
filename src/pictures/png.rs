//! PNGs that carry what made them: the recipe as JSON and the source picture, in iTXt chunks.
//!
//! Nothing else goes in, neither place nor time: two equal runs are equal bytes.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Compression, Decoder, Encoder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;

use super::load::decode;
use crate::error::{Error, Result};

const RECIPE: &str = "diffusion-lab";
const SOURCE: &str = "diffusion-lab:image";

/// What a PNG of ours carries beside its pixels.
#[derive(Clone, Debug)]
pub struct Carried {
    /// JSON: version, program, recipe, hashes.
    pub recipe: String,
    /// The source picture at working size, for experiments that start from one.
    pub source: Option<RgbImage>,
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
        if let Some(source) = &carried.source {
            let text = STANDARD.encode(encode_png(source, None)?);
            encoder.add_itxt_chunk(SOURCE.to_owned(), text).map_err(failed)?;
        }
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels.as_raw()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// What the PNG in `bytes` carries; `None` where it is a PNG without a recipe.
pub fn read_carried(bytes: &[u8]) -> Result<Option<Carried>> {
    let broken = |error: ::png::DecodingError| Error::new(format!("not a PNG that can be read ({error})"));
    let mut reader = Decoder::new(Cursor::new(bytes)).read_info().map_err(broken)?;
    reader.finish().map_err(broken)?;
    let chunks = &reader.info().utf8_text;
    let text = |keyword: &str| -> Result<Option<String>> {
        let Some(chunk) = chunks.iter().find(|chunk| chunk.keyword == keyword) else { return Ok(None) };
        chunk.get_text().map(Some).map_err(broken)
    };
    let Some(recipe) = text(RECIPE)? else { return Ok(None) };
    let source = match text(SOURCE)? {
        None => None,
        Some(text) => {
            let damaged = |_| Error::new("the source picture that the PNG carries is damaged");
            Some(decode(&STANDARD.decode(text).map_err(damaged)?)?)
        }
    };
    Ok(Some(Carried { recipe, source }))
}
