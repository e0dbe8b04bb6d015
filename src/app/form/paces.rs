//! The paces of `sample`: steps and samplers of both stages at once, as chips under its prompts.

use egui::Ui;

use super::recipe_form::Form;
use crate::app::text::sentence;
use crate::app::widgets::buttons;
use crate::experiments::settings::prompting;
use crate::experiments::{PACES, pace};

impl Form<'_> {
    /// Prompts, what guidance leads away from, and the paces.
    pub(super) fn prompts_and_paces(&mut self, ui: &mut Ui) {
        self.settings(ui, &[&prompting::prompt, &prompting::negative]);
        let now = pace(self.recipe);
        ui.horizontal_wrapped(|ui| {
            for preset in PACES {
                let recipe = (preset.recipe)();
                let keys = pace(&recipe);
                let steps = recipe.sampling.steps.iter().sum::<usize>();
                let text = format!("{} {steps} + {}", sentence(preset.name), recipe.second().1);
                let chip = buttons::chip_on(ui, &text, keys == now).on_hover_text(preset.title);
                if !chip.clicked() {
                    continue;
                }
                keys.keys().for_each(|key| drop(self.wrong.remove(key.as_str())));
                if let Ok(paced) = self.recipe.clone().overlaid(keys) {
                    *self.recipe = paced;
                }
            }
        });
    }
}
