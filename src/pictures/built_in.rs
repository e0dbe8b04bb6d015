//! The pictures that come along, to try an experiment on before one has a picture of one's own.

use image::RgbImage;

use super::decode;
use crate::error::{Error, Result};

/// A picture of the program's own.
pub struct BuiltIn {
    /// Its name, after `built-in:`.
    pub name: &'static str,
    /// What is on it.
    pub sentence: &'static str,
    png: &'static [u8],
}

/// Every one of them, 256 × 256.
pub static BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        name: "lighthouse",
        sentence: "a red and white lighthouse on a rock, with a boat",
        png: include_bytes!("../../assets/pictures/lighthouse.png"),
    },
    BuiltIn {
        name: "landscape",
        sentence: "a village in the snow under a mountain",
        png: include_bytes!("../../assets/pictures/landscape.png"),
    },
    BuiltIn {
        name: "portrait",
        sentence: "a man with a top hat",
        png: include_bytes!("../../assets/pictures/portrait.png"),
    },
    BuiltIn {
        name: "drawing",
        sentence: "a house, a tree and the sun, drawn with a felt pen",
        png: include_bytes!("../../assets/pictures/drawing.png"),
    },
];

/// The picture of that name; an error that says the names where there is none.
pub fn built_in(name: &str) -> Result<RgbImage> {
    let known = BUILT_IN.iter().find(|picture| picture.name == name).ok_or_else(|| {
        let names: Vec<&str> = BUILT_IN.iter().map(|picture| picture.name).collect();
        Error::arguments(format!("there is no built-in picture `{name}`"))
            .hint(format!("there are {}", names.join(", ")))
    })?;
    decode(known.png)
}
