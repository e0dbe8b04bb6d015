//! Small copies of the gallery's pictures: made elsewhere when they come into sight, kept here, given up when there are
//! too many.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use egui::{Context, TextureHandle};
use image::RgbImage;

use crate::app::background::{Background, Pending};
use crate::app::pixels::{shrink, texture};
use crate::pictures;

/// Longest side, in pixels.
const SIDE: u32 = 160;
/// Small copies that are kept; others are read again when they come into sight.
const KEPT: usize = 400;

/// A small copy of a picture.
pub enum Thumbnail {
    /// Being read.
    Asked(Pending<RgbImage>),
    /// Ready.
    Ready(TextureHandle),
    /// The file is not a picture.
    Broken,
}

/// The small copies, by the pictures' paths.
#[derive(Default)]
pub struct Thumbnails(HashMap<PathBuf, Thumbnail>);

impl Thumbnails {
    /// The small copy of a picture, asked for where it is not there yet.
    pub fn get(&mut self, path: &Path, background: &Background) -> &Thumbnail {
        self.0.entry(path.to_owned()).or_insert_with(|| {
            let file = path.to_owned();
            let name = format!("reading {}", path.display());
            Thumbnail::Asked(background.run(name, move || Ok(shrink(&pictures::load(&file)?, SIDE))))
        })
    }

    /// Takes in what has been read.
    pub fn poll(&mut self, ctx: &Context) {
        for thumbnail in self.0.values_mut() {
            if let Thumbnail::Asked(pending) = thumbnail
                && let Some(answer) = pending.take()
            {
                *thumbnail = answer.map_or(Thumbnail::Broken, |small| Thumbnail::Ready(made(ctx, &small)));
            }
        }
    }

    /// Makes the small copy of a picture that is here.
    pub fn add(&mut self, ctx: &Context, path: PathBuf, pixels: &RgbImage) {
        self.0.insert(path, Thumbnail::Ready(made(ctx, &shrink(pixels, SIDE))));
    }

    /// Gives up what is of other pictures.
    pub fn retain(&mut self, paths: &[PathBuf]) {
        self.0.retain(|path, _| paths.contains(path));
    }

    /// Gives up small copies far from the `shown` ones where there are many; `paths` are all pictures in their order.
    pub fn keep_near(&mut self, paths: &[PathBuf], shown: &[PathBuf]) {
        if self.0.len() <= KEPT {
            return;
        }
        let place = |path: &PathBuf| paths.iter().position(|known| known == path);
        let first = shown.first().and_then(place).unwrap_or(0).saturating_sub(KEPT / 4);
        let last = shown.last().and_then(place).unwrap_or(0) + KEPT / 4;
        let near = paths.get(first..(last + 1).min(paths.len())).unwrap_or_default();
        self.0.retain(|path, _| near.contains(path) || shown.contains(path));
    }
}

fn made(ctx: &Context, small: &RgbImage) -> TextureHandle {
    texture(ctx, "thumbnail", small)
}
