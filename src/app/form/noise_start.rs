//! How much noise a picture to be denoised gets: a timestep, or an entry of the list of timesteps. One of the two has a say,
//! and only that one is shown.

use egui::Ui;

use super::recipe_form::Form;
use crate::app::widgets::{choice, field};
use crate::experiments::settings::source;

impl Form<'_> {
    /// The picture, and the one of the two that counts, with the choice between them.
    pub(super) fn noise_start(&mut self, ui: &mut Ui) {
        self.settings(ui, &[&source::image]);
        self.own(ui, &[&source::t, &source::i_start], |form, ui| {
            let by_timestep = !form.recipe.source.t.is_empty();
            let words = [source::t.label, source::i_start.label];
            let shown = if by_timestep { &source::t } else { &source::i_start };
            ui.horizontal(|ui| field::label(ui, shown, false, || shown.otherwise.to_owned()));
            if let Some(word) = choice::segments(ui, &words, shown.label) {
                form.start_by(word == source::t.label);
            }
            let shown = if form.recipe.source.t.is_empty() { &source::i_start } else { &source::t };
            ui.push_id(shown.key, |ui| form.setting(ui, shown));
        });
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
