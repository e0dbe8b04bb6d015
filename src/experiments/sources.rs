//! A recipe's source picture and mask, brought to the sizes that its stages work at; with a word where that could
//! surprise.

use std::sync::Arc;

use image::RgbImage;

use super::{Observer, Progress, Recipe, Source};
use crate::error::Result;
use crate::models::{Model, ModelSummary};

/// `recipe` with its sources as its stages use them. Done again, it changes nothing and says nothing.
pub fn at_working_size(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Recipe> {
    let mut recipe = recipe.clone();
    let sides = sides(&recipe, model.summary());
    let image = recipe.source.image.take();
    let mut image_size = None;
    if let Some(image) = &image {
        recipe.source.image = Some(match image {
            Source::Fitted(_) => image.fitted(&sides)?,
            _ => {
                image_size = Some(image.load()?.dimensions());
                as_seen(&image.fitted(&sides)?, model)?
            }
        });
    }
    recipe.inpainting.mask = match recipe.inpainting.mask.take() {
        None => None,
        Some(mask @ Source::Fitted(_)) => Some(mask.fitted(&sides)?),
        Some(mask) => {
            let pixels = mask.load_mask()?;
            for note in notes_on_mask(&pixels, image_size, &sides) {
                observer.say(Progress::Note(note))?;
            }
            Some(Source::Held(pixels.into()).fitted(&sides)?)
        }
    };
    Ok(recipe)
}

/// The sides of the squares that the stages work at, largest first.
fn sides(recipe: &Recipe, summary: &ModelSummary) -> Vec<usize> {
    if recipe.upscales() {
        return vec![summary.low_resolution_size()];
    }
    // Stage II works from its own copy only where it keeps the picture.
    let second = summary.enlarger().filter(|_| recipe.inpainting.mask.is_some());
    second.into_iter().chain(summary.stage_1().ok()).map(|stage| stage.sample_size).collect()
}

/// `fitted` as the model's own space shows it: what is grey there is grey here.
fn as_seen(fitted: &Source, model: &dyn Model) -> Result<Source> {
    let (Source::Fitted(sizes), Ok(stage)) = (fitted, model.summary().stage_1()) else { return Ok(fitted.clone()) };
    let codec = model.codec(stage);
    let seen = |picture: &RgbImage| codec.seen(picture);
    Ok(Source::Fitted(Arc::new(sizes.iter().map(seen).collect())))
}

/// A mask of another shape than its picture, of nothing or of everything is allowed, and said.
fn notes_on_mask(mask: &RgbImage, image: Option<(u32, u32)>, sides: &[usize]) -> Vec<String> {
    let mut notes = Vec::new();
    let (w, h) = mask.dimensions();
    // One painted at a size of the run belongs to the square that the picture becomes.
    let painted = w == h && sides.contains(&(w as usize));
    // The same shape at another size is cropped alike.
    let alike = |(a, b): (u32, u32)| u64::from(a) * u64::from(h) == u64::from(b) * u64::from(w);
    if let Some((image_w, image_h)) = image.filter(|size| !alike(*size) && !painted) {
        notes.push(format!(
            "the mask is {w} × {h} and the picture {image_w} × {image_h}: each is resized and cropped to a square"
        ));
    }
    let all = |value: u8| mask.as_raw().iter().all(|&pixel| pixel == value);
    if all(0) {
        notes.push("the mask is all black: the picture is kept as it is".to_owned());
    }
    if all(255) {
        notes.push("the mask is all white: nothing of the picture is kept".to_owned());
    }
    notes
}
