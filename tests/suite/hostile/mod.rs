//! What a stranger's file can ask of this program, made here by code, and what it gets.

/// Recipes that name files.
mod foreign;
/// Killed at random moments.
#[cfg(unix)]
mod killed;
/// Text that a terminal obeys.
#[cfg(unix)]
mod letters;
/// What README tells of them.
mod limits;
/// Many jobs and many pictures.
mod load;
/// Configs, pickles and weights.
mod models;
/// Every reader, given what is nearly right.
mod mutated;
/// Pictures that unpack to more than there is.
mod pictures;
/// What is carried along.
mod privacy;
/// Recipes that ask for more than any machine has.
mod recipes;
/// The hub's token.
mod secrets;
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

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
