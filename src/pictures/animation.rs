//! Pictures in motion: GIF for everywhere, APNG without loss of colour.

use std::time::Duration;

use ::png::{BitDepth, ColorType, Encoder};
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, RgbImage, imageops};

use crate::error::{Error, Result};

/// Frames are magnified by a whole factor to at least this side.
const SMALLEST_SIDE: u32 = 192;

/// Pictures of one size with the time that each is shown.
pub struct Animation {
    frames: Vec<(RgbImage, Duration)>,
}

impl Animation {
    /// `pictures`, each shown for `each`, the last for `last`; small ones magnified without smoothing.
    pub fn new(pictures: &[RgbImage], each: Duration, last: Duration) -> Result<Self> {
        let first = pictures.first().ok_or_else(|| Error::new("an animation without pictures"))?;
        let factor = SMALLEST_SIDE.div_ceil(first.width().max(1)).max(1);
        let (w, h) = (first.width() * factor, first.height() * factor);
        let end = pictures.len() - 1;
        let frame = |(index, picture): (usize, &RgbImage)| {
            let shown = if index == end { last } else { each };
            (imageops::resize(picture, w, h, imageops::FilterType::Nearest), shown)
        };
        Ok(Self { frames: pictures.iter().enumerate().map(frame).collect() })
    }

    /// As a GIF that runs for ever.
    pub fn gif(&self) -> Result<Vec<u8>> {
        let failed = |error: image::ImageError| Error::new(format!("cannot encode the GIF ({error})"));
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 10);
        encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
        for (picture, shown) in &self.frames {
            let rgba = DynamicImage::ImageRgb8(picture.clone()).into_rgba8();
            let frame = Frame::from_parts(rgba, 0, 0, Delay::from_saturating_duration(*shown));
            encoder.encode_frame(frame).map_err(failed)?;
        }
        drop(encoder);
        Ok(bytes)
    }

    /// As an animated PNG that runs for ever; programs that know no APNG show the first picture.
    pub fn apng(&self) -> Result<Vec<u8>> {
        let failed = |error: ::png::EncodingError| Error::new(format!("cannot encode the APNG ({error})"));
        let (first, _) = self.frames.first().ok_or_else(|| Error::new("an animation without pictures"))?;
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, first.width(), first.height());
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_animated(self.frames.len() as u32, 0).map_err(failed)?;
        let mut writer = encoder.write_header().map_err(failed)?;
        for (picture, shown) in &self.frames {
            let milliseconds = u16::try_from(shown.as_millis()).unwrap_or(u16::MAX);
            writer.set_frame_delay(milliseconds, 1000).map_err(failed)?;
            writer.write_image_data(picture.as_raw()).map_err(failed)?;
        }
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}
