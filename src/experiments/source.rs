//! A picture that an experiment starts from: a file, or pixels that are already here (pasted, drawn, or
//! carried by a PNG).

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::pictures;

/// Where the pixels of a source picture are.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Held(Arc<RgbImage>),
    /// In the PNG that the recipe came from, to be filled in from there.
    Carried(String),
}

const HASH: &str = "sha256:";

impl Source {
    /// The pixels: EXIF turned, alpha over white, RGB.
    pub fn load(&self) -> Result<Arc<RgbImage>> {
        match self {
            Self::File(path) => Ok(Arc::new(pictures::load(path)?)),
            Self::Held(pixels) => Ok(Arc::clone(pixels)),
            Self::Carried(hash) => Err(Error::new("the recipe's source picture is not here")
                .at(hash)
                .hint("run the PNG that carries it, or give one with --image")),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => serializer.serialize_str(&path.to_string_lossy()),
            Self::Held(pixels) => serializer.serialize_str(&format!("{HASH}{}", pictures::sha256(pixels))),
            Self::Carried(hash) => serializer.serialize_str(hash),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(if text.starts_with(HASH) { Self::Carried(text) } else { Self::File(text.into()) })
    }
}
