//! A drawn digit beside the nearest digits of the set that its network learned from: whether it was invented or remembered.

use std::sync::Arc;

use egui::{RichText, TextureHandle, Ui, vec2};
use image::RgbImage;

use super::done::Done;
use crate::app::background::{Background, Latest};
use crate::app::pixels::texture;
use crate::app::theme::tokens;
use crate::app::training::digits::picture;
use crate::app::widgets::heading::dialog_title;
use crate::app::widgets::note;
use crate::app::widgets::tiles::{Tile, tiles};
use crate::datasets::{Dataset, SIDE};
use crate::error::Result;

/// Neighbours that are shown.
const SHOWN: usize = 9;

/// A digit of the training set near the drawn one.
pub struct Neighbour {
    /// Its number in the set.
    pub index: usize,
    /// What it is.
    pub label: u8,
    /// Root of the mean squared difference of the pixels, 0 to 1.
    pub distance: f32,
    /// Its pixels.
    pub pixels: RgbImage,
}

/// The drawn digit and what is near it.
pub struct Nearest {
    digit: Arc<RgbImage>,
    data: String,
    found: Latest<String, Vec<Neighbour>>,
    shown: Vec<(TextureHandle, String)>,
}

impl Nearest {
    /// The neighbours of `digit` in the set of that name.
    pub fn of(digit: Arc<RgbImage>, data: &str) -> Self {
        Self { digit, data: data.to_owned(), found: Latest::default(), shown: Vec::new() }
    }

    /// Whether a picture can be a digit of a set.
    pub fn is_digit(pixels: &RgbImage) -> bool {
        pixels.dimensions() == (SIDE as u32, SIDE as u32)
    }

    /// What was found, nearest first.
    pub fn found(&self) -> &[Neighbour] {
        self.found.get().map_or(&[], Vec::as_slice)
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, background: &Background) -> Option<Done> {
        let digit = Arc::clone(&self.digit);
        self.found.follow(self.data.clone(), |name| {
            let (text, name) = (format!("looking through the digits {name}"), name.clone());
            background.run(text, move || nearest(&digit, &Dataset::open(&name)?))
        });
        if self.found.poll().is_some() {
            self.shown = std::iter::once((texture(ui.ctx(), "drawn digit", &self.digit), "drawn".to_owned()))
                .chain(self.found().iter().map(|it| {
                    let caption = format!("a {} · off by {:.3}", it.label, it.distance);
                    (texture(ui.ctx(), "near digit", &it.pixels), caption)
                }))
                .collect();
        }
        let close = dialog_title(ui, "Nearest training digits");
        let text = "Remembered, the first neighbour would be the digit itself, off by next to nothing. Two different hands \
                    that write the same digit are off by 0.15 to 0.3.";
        ui.add(egui::Label::new(RichText::new(text).size(12.5).color(tokens(ui).text_weak)).wrap());
        ui.allocate_ui(vec2(ui.available_width(), 300.0), |ui| {
            ui.set_min_size(vec2(ui.available_width(), 300.0));
            match self.found.error() {
                Some(error) => note(ui, &error.to_string(), tokens(ui).danger),
                None if self.shown.is_empty() => {
                    note(ui, "Looking through the training digits …", tokens(ui).text_weak)
                }
                None => {
                    let tile = |(at, (texture, caption)): (usize, &(TextureHandle, String))| Tile {
                        texture: Some(texture.id()),
                        caption: caption.clone(),
                        on: at == 0,
                    };
                    let all: Vec<Tile> = self.shown.iter().enumerate().map(tile).collect();
                    tiles(ui, "A drawn digit and its nearest ones", &all);
                }
            }
        });
        close.then_some(Done::Nothing)
    }
}

/// The nearest digits of the training half, nearest first.
fn nearest(digit: &RgbImage, set: &Dataset) -> Result<Vec<Neighbour>> {
    let bytes: Vec<u8> = digit.pixels().map(|pixel| pixel[0]).collect();
    let off = |other: &[u8]| bytes.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
    let mut all: Vec<(u64, usize)> =
        (0..set.train.count()).map(|index| (off(set.train.picture(index)), index)).collect();
    let shown = SHOWN.min(all.len());
    if shown > 0 {
        all.select_nth_unstable(shown - 1);
    }
    all.truncate(shown);
    all.sort_unstable();
    let neighbour = |(sum, index): (u64, usize)| Neighbour {
        index,
        label: set.train.labels()[index],
        distance: ((sum as f64 / bytes.len() as f64).sqrt() / 255.0) as f32,
        pixels: picture(&set.train, index),
    };
    Ok(all.into_iter().map(neighbour).collect())
}
