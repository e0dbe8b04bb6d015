//! The figures that go with a job's pictures: beside their source, under their mask, turned, from afar.

use std::time::Duration;

use image::{Rgb, RgbImage, imageops};

use super::assemble::Made;
use super::{Outcome, Source};
use crate::error::{Error, Result};
use crate::pictures::{Animation, pictures_from_tensor, resize_bilinear, squinted, tensor_from_picture};

/// A source as the job used it: square, at the side of its pictures where it has that size.
fn source(source: Option<&Source>, side: u32) -> Result<RgbImage> {
    let source = source.ok_or_else(|| Error::new("the figure's source picture is missing"))?;
    source.at(side as usize)
}

fn side(made: &Made) -> u32 {
    made.runs.iter().flat_map(|(_, pictures)| pictures).map(RgbImage::width).next().unwrap_or(1)
}

/// All pictures with the labels of the plain table.
fn labelled(made: &Made) -> Vec<(String, RgbImage)> {
    let pictures: Vec<&RgbImage> = made.runs.iter().flat_map(|(_, pictures)| pictures).collect();
    let outcome = &made.outcome;
    let label = |index: usize| {
        if let Some(caption) = outcome.captions.get(index) {
            return caption.clone();
        }
        let row = outcome.rows.get(index / outcome.per_row.max(1));
        let column = outcome.columns.get(index % outcome.per_row.max(1));
        [row, column].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ")
    };
    pictures.into_iter().enumerate().map(|(index, picture)| (label(index), picture.clone())).collect()
}

/// The results in a row with the picture that they come from.
pub fn beside_source(made: &Made) -> Result<Outcome> {
    let mut cells = labelled(made);
    cells.push(("original".to_owned(), source(made.recipe.source.image.as_ref(), side(made))?));
    let per_row = cells.len().min(8);
    Ok(Outcome::figure(cells, per_row))
}

/// The picture, the mask, the picture without what is under the mask, and the results.
pub fn masked(made: &Made) -> Result<Outcome> {
    let side = side(made);
    let (picture, mask) =
        (source(made.recipe.source.image.as_ref(), side)?, source(made.recipe.inpainting.mask.as_ref(), side)?);
    let mut hidden = picture.clone();
    for (pixel, mask) in hidden.pixels_mut().zip(mask.pixels()) {
        let kept = 255 - u32::from(mask[0]);
        *pixel = Rgb(pixel.0.map(|value| (u32::from(value) * kept / 255) as u8));
    }
    let mut cells = vec![("picture".to_owned(), picture), ("mask".to_owned(), mask), ("kept".to_owned(), hidden)];
    cells.extend(labelled(made).into_iter().map(|(label, picture)| (named(label, "result"), picture)));
    let per_row = cells.len().min(8);
    Ok(Outcome::figure(cells, per_row))
}

fn named(label: String, otherwise: &str) -> String {
    if label.is_empty() { otherwise.to_owned() } else { label }
}

/// Each picture as each of its prompts is to be read, and turning where it is to be `animated`.
pub fn turned(made: &Made, animated: bool) -> Result<Outcome> {
    let recipe = &made.recipe;
    let mut cells = Vec::new();
    for (_, picture) in labelled(made) {
        let size = picture.width() as usize;
        for (number, spec) in recipe.views.view.iter().enumerate() {
            let view = spec.at(size, size)?;
            let seen = view.view(&tensor_from_picture(&picture, &candle_core::Device::Cpu)?)?;
            let prompt =
                recipe.prompting.prompt.get(number).or(recipe.prompting.prompt.first()).cloned().unwrap_or_default();
            cells.push((prompt, pictures_from_tensor(&seen)?.remove(0)));
        }
    }
    let per_row = recipe.views.view.len().max(1);
    let files = if animated { turning(made)? } else { Vec::new() };
    Ok(Outcome { files, ..Outcome::figure(cells, per_row) })
}

/// Each picture turning into each of its views and back, as GIF and APNG.
fn turning(made: &Made) -> Result<Vec<(String, Vec<u8>)>> {
    const MOVES: usize = 24;
    let mut files = Vec::new();
    let pictures = made.runs.iter().flat_map(|(_, pictures)| pictures);
    for (index, picture) in pictures.enumerate() {
        let size = picture.width() as usize;
        for (number, spec) in made.recipe.views.view.iter().enumerate() {
            if spec.entry().name == "identity" {
                continue;
            }
            let view = spec.at(size, size)?;
            // Held at both ends, slow to start and to stop.
            let eased = |k: usize| (1.0 - (std::f64::consts::PI * k as f64 / MOVES as f64).cos()) / 2.0;
            let forth: Vec<RgbImage> = (0..=MOVES).map(|k| view.frame(picture, eased(k))).collect::<Result<_>>()?;
            let hold = |picture: &RgbImage| std::iter::repeat_n(picture.clone(), 12);
            let mut frames: Vec<RgbImage> = hold(&forth[0]).chain(forth.iter().cloned()).collect();
            frames.extend(hold(&forth[MOVES]));
            frames.extend(forth.iter().rev().cloned());
            let each = Duration::from_millis(50);
            let animation = Animation::new(&frames, each, each)?;
            let name = format!("anagram-{index:03}-view-{number}");
            files.push((format!("{name}.gif"), animation.gif()?));
            files.push((format!("{name}.apng"), animation.apng()?));
        }
    }
    Ok(files)
}

/// Each picture from near, blurred as an eye far away would, and shrunk.
pub fn near_and_far(made: &Made) -> Result<Outcome> {
    let mut cells = Vec::new();
    for (label, picture) in labelled(made) {
        let side = picture.width();
        let blurred = squinted(&picture)?;
        let small = resize_bilinear(&picture, (side / 4).max(1), (side / 4).max(1));
        let mut far = RgbImage::from_pixel(side, side, Rgb([255; 3]));
        let margin = i64::from((side - small.width()) / 2);
        imageops::replace(&mut far, &small, margin, margin);
        cells.push((named(label, "near"), picture));
        cells.push(("blurred".to_owned(), blurred));
        cells.push(("far".to_owned(), far));
    }
    Ok(Outcome::figure(cells, 3))
}
