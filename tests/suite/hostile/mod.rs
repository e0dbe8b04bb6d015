//! What a stranger's file can ask of this program, made here by code, and what it gets.

/// Recipes that name files.
mod foreign;
/// Text that a terminal obeys.
#[cfg(unix)]
mod letters;
/// Pictures that unpack to more than there is.
mod pictures;
/// What is carried along.
mod privacy;
/// Being told to end, and what is left of a write.
#[cfg(unix)]
mod signals;

use std::path::Path;

use diffusion_lab::pictures::{Carried, encode_png};
use image::RgbImage;

/// A PNG that carries `recipe`.
fn carrying(recipe: &str) -> Vec<u8> {
    let carried = Carried { recipe: recipe.to_owned(), pictures: Vec::new() };
    encode_png(&RgbImage::new(8, 8), Some(&carried)).unwrap()
}

/// Writes `bytes` under a name; the path as text.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}
