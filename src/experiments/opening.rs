//! What experiments that need a picture open on until the user has one: a panel when it is first shown, a row of the
//! course when it is run bare.

use std::sync::Arc;

use image::{Rgb, RgbImage};

use super::{Experiment, Kind, Recipe, Source};
use crate::error::Result;

/// Side of the mask that a row is run with when none is given.
const MASK_SIDE: u32 = 256;

/// The recipe that a panel opens on: the experiment's defaults, and a picture where it cannot do without.
pub fn opening(experiment: &Experiment) -> Recipe {
    let image = experiment.picture.map(|name| Source::BuiltIn(name.to_owned()));
    experiment.recipe().with(|recipe| recipe.source.image = image)
}

impl Recipe {
    /// The recipe with a built-in picture, and the middle half as mask, where it needs one and has none; and what was
    /// taken, in words.
    pub fn completed(mut self) -> Result<(Self, Vec<String>)> {
        let mut taken = Vec::new();
        while let Some(setting) = self.lacking()? {
            if matches!(setting.kind, Kind::Mask) {
                self.inpainting.mask = Some(Source::Held(Arc::new(middle())));
                taken.push("the middle half as mask".to_owned());
                continue;
            }
            self.source.image = opening(self.experiment()?).source.image;
            match self.source.image.as_ref().and_then(Source::name) {
                Some(name) => taken.push(name),
                None => break,
            }
        }
        Ok((self, taken))
    }
}

fn middle() -> RgbImage {
    let inside = |at: u32| (MASK_SIDE / 4..MASK_SIDE * 3 / 4).contains(&at);
    RgbImage::from_fn(MASK_SIDE, MASK_SIDE, |x, y| Rgb([if inside(x) && inside(y) { 255 } else { 0 }; 3]))
}
