//! What a workspace works with, while it is drawn.

use std::sync::Arc;

use image::RgbImage;

use crate::app::background::Background;
use crate::app::commands::Command;
use crate::app::files::{Files, Purpose};
use crate::app::form::model_facts::ModelFacts;
use crate::app::form::source::SourceView;
use crate::app::form::view_pictures::ViewPictures;
use crate::app::training::digits::Digits;
use crate::app::widgets::canvas::Tools;
use crate::error::Result;
use crate::experiments::Recipe;
use crate::experiments::settings::digits;
use crate::pictures::drawing::Edges;

/// The side of canvases, in pixels: stage II's, of which stage I's is a reduction.
pub const CANVAS: u32 = 256;

/// What a workspace works with.
pub struct Around<'a> {
    /// The open panel's recipe.
    pub recipe: &'a mut Recipe,
    /// What is painted with.
    pub tools: &'a mut Tools,
    /// How the mask's edges are changed.
    pub edges: &'a mut Edges,
    /// The source picture.
    pub source: &'a mut SourceView,
    /// The set of digits, of which one is the source where a panel takes them.
    pub digits: &'a mut Digits,
    /// What is known of the model.
    pub model: &'a ModelFacts,
    /// A sample picture as each view shows it.
    pub views: &'a mut ViewPictures,
    /// Reads and fits pictures.
    pub background: &'a Background,
    /// Where a file for a setting is asked for.
    pub files: &'a mut Files,
    /// Commands that were pressed.
    pub commands: &'a mut Vec<Command>,
    /// A picture to be saved where the user says, and its name.
    pub saved: Option<(&'static str, Arc<RgbImage>)>,
    /// The picture that is shown, where the open panel made it, with its recipe.
    pub shown: Option<(Arc<RgbImage>, Recipe)>,
}

/// Whether it is digits that the recipe's experiment takes.
pub fn draws_digits(recipe: &Recipe) -> bool {
    recipe.experiment().is_ok_and(|experiment| experiment.uses(&digits::pick))
}

impl Around<'_> {
    /// The test digit that stands in for a source, where the panel takes one and no picture was given: its set and number.
    pub fn picked(&self) -> Option<(&str, usize)> {
        let recipe = &*self.recipe;
        let picks = recipe.source.image.is_none() && draws_digits(recipe);
        picks.then(|| (recipe.digits.data.as_str(), recipe.digits.pick.first().copied().unwrap_or(0)))
    }

    /// That digit's pixels, once its set is read.
    pub fn picked_digit(&mut self) -> Option<Result<Arc<RgbImage>>> {
        let (data, index) = self.picked().map(|(data, index)| (data.to_owned(), index))?;
        self.digits.test_digit(&data, index, self.background)
    }

    /// Asks for a file for the setting of that key.
    pub fn choose(&mut self, key: &'static str) {
        self.files.choose(Purpose::Setting(key, false), self.background);
    }
}
