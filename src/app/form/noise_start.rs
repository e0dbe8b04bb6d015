//! How much noise a picture to be denoised gets: a timestep, or an entry of the list of timesteps. One of the two has a say,
//! and only that one is shown.

use egui::Ui;

use super::recipe_form::Form;
use crate::app::widgets::choice;
use crate::experiments::settings::source;

impl Form<'_> {
    /// The picture, and the one of the two that counts, with the choice between them.
    pub(super) fn noise_start(&mut self, ui: &mut Ui) {
        self.settings(ui, &[&source::image]);
        // Whoever looks for one of the two by its name has chosen it.
        if self.wants(&[&source::t]) {
            self.start_by(true);
        } else if self.wants(&[&source::i_start]) {
            self.start_by(false);
        }
        let by_timestep = !self.recipe.source.t.is_empty();
        let words = [source::t.label, source::i_start.label];
        if let Some(word) = choice::segments(ui, &words, words[usize::from(!by_timestep)]) {
            self.start_by(word == source::t.label);
        }
        let (shown, other) = match self.recipe.source.t.is_empty() {
            true => (&source::i_start, &source::t),
            false => (&source::t, &source::i_start),
        };
        self.settings(ui, &[shown]);
        self.pass_over(other);
    }

    /// Goes over to a timestep, the one that the entry stands for, or to an entry.
    fn start_by(&mut self, timestep: bool) {
        for key in [source::t.key, source::i_start.key] {
            self.wrong.remove(key);
        }
        if !timestep {
            self.recipe.source.t.clear();
        } else if self.recipe.source.t.is_empty() {
            let starts = self.around.model.starts(self.recipe);
            self.recipe.source.t = if starts.is_empty() { vec![500] } else { starts };
        }
        if self.recipe.source.i_start.is_empty() {
            let begun = self.recipe.experiment().map_or_else(|_| self.recipe.clone(), |it| it.recipe());
            self.recipe.source.i_start = begun.source.i_start;
        }
    }
}
