//! A picture that an experiment starts from: a file, one that comes along, or pixels that are already here (pasted,
//! drawn, or carried by a PNG).

use std::path::{Component, Path, PathBuf};
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
    /// In the program, by name: `built-in:lighthouse`.
    BuiltIn(String),
    /// In memory.
    Held(Arc<RgbImage>),
    /// In memory, at each size that a run works at, largest first.
    Fitted(Arc<Vec<RgbImage>>),
    /// In the PNG that the recipe came from, to be filled in from there.
    Carried(String),
}

const HASH: &str = "sha256:";
const BUILT_IN: &str = "built-in:";

impl Source {
    /// The source that `text` names: a path, or a picture that comes along.
    pub fn named(text: &str) -> Self {
        match text.strip_prefix(BUILT_IN) {
            Some(name) => Self::BuiltIn(name.to_owned()),
            None => Self::File(text.into()),
        }
    }

    /// The source that `text` in a recipe means: as [`Self::named`], or pixels that come along, by their hash.
    pub fn written(text: &str) -> Self {
        if text.starts_with(HASH) { Self::Carried(text.to_owned()) } else { Self::named(text) }
    }

    /// What [`Self::named`] finds it by; `None` where only pixels are known.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.to_string_lossy().into_owned()),
            Self::BuiltIn(name) => Some(format!("{BUILT_IN}{name}")),
            _ => None,
        }
    }

    /// Takes the file of that relative path in `folder`, where there is one, instead of the one in the working folder.
    pub fn beside(&mut self, folder: &Path) {
        let plain =
            |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if let Self::File(path) = self
            && plain(path)
            && folder.join(&*path).is_file()
        {
            *path = folder.join(&*path);
        }
    }

    /// What a recipe says of pixels that come along; nothing of those that are named.
    pub fn hash(&self) -> String {
        match self {
            Self::Carried(hash) => hash.clone(),
            Self::Held(pixels) => format!("{HASH}{}", pictures::sha256(pixels)),
            Self::Fitted(sizes) => format!("{HASH}{}", sizes.first().map(pictures::sha256).unwrap_or_default()),
            Self::File(_) | Self::BuiltIn(_) => String::new(),
        }
    }

    /// The pixels: EXIF turned, alpha over white, RGB.
    pub fn load(&self) -> Result<Arc<RgbImage>> {
        match self {
            Self::File(path) => Ok(Arc::new(pictures::load(path)?)),
            Self::BuiltIn(name) => Ok(Arc::new(pictures::built_in(name)?)),
            Self::Held(pixels) => Ok(Arc::clone(pixels)),
            Self::Fitted(sizes) => {
                sizes.first().cloned().map(Arc::new).ok_or_else(|| Error::new("a picture of no size"))
            }
            Self::Carried(hash) => Err(Error::new("the recipe's source picture is not here")
                .at(hash)
                .hint("run the PNG that carries it, or give the picture anew")),
        }
    }

    /// The pixels of a mask: its luminance in every channel, what is see-through black.
    pub fn load_mask(&self) -> Result<RgbImage> {
        match self {
            Self::File(path) => pictures::load_mask(path),
            _ => Ok(pictures::luminance(&*self.load()?)),
        }
    }

    /// The same picture at each of `sides`, largest first: short side to size, centre crop.
    pub fn fitted(&self, sides: &[usize]) -> Result<Self> {
        let at = |pixels: &RgbImage, side: usize| pictures::fit_square(pixels, side as u32);
        if let Self::Fitted(sizes) = self {
            let has = |side: &usize| sizes.iter().any(|picture| picture.dimensions() == (*side as u32, *side as u32));
            if sides.iter().all(has) {
                return Ok(self.clone());
            }
        }
        let pixels = self.load()?;
        Ok(Self::Fitted(Arc::new(sides.iter().map(|&side| at(&pixels, side)).collect())))
    }

    /// The picture at `side`, from the fitted sizes where it is one of them.
    pub fn at(&self, side: usize) -> Result<RgbImage> {
        let side = side as u32;
        if let Self::Fitted(sizes) = self
            && let Some(picture) = sizes.iter().find(|picture| picture.dimensions() == (side, side))
        {
            return Ok(picture.clone());
        }
        Ok(pictures::fit_square(&*self.load()?, side))
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::File(_) | Self::BuiltIn(_) => serializer.serialize_str(&self.name().unwrap_or_default()),
            Self::Carried(_) | Self::Held(_) | Self::Fitted(_) => serializer.serialize_str(&self.hash()),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Self::written(&String::deserialize(deserializer)?))
    }
}
