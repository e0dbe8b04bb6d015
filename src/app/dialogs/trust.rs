//! A recipe from a file names other files. It may be a stranger's, and what it reads is carried along by its results: so it
//! is asked first, with the names.

use egui::{Align, Layout, RichText, ScrollArea, Ui};

use super::done::Done;
use crate::app::theme::tokens;
use crate::app::widgets::heading::dialog_title;
use crate::experiments::{ForeignRecipe, setting};

/// What is asked about.
pub struct Asked {
    /// The recipe.
    pub recipe: ForeignRecipe,
    /// Whether its seed is restored too.
    pub with_seed: bool,
    /// The file that it came in.
    pub from: String,
}

pub(super) fn ui(ui: &mut Ui, asked: &Asked) -> Option<Done> {
    let close = dialog_title(ui, "Let this recipe read your files?");
    ui.label(format!("The settings in {} name files that were not chosen here:", asked.from));
    ui.add_space(4.0);
    ScrollArea::vertical().max_height(200.0).auto_shrink([false, true]).show(ui, |ui| {
        for file in asked.recipe.files() {
            let label = setting(file.key).map_or(file.key, |setting| setting.label);
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(label).color(tokens(ui).text_weak));
                ui.label(RichText::new(&file.path).monospace());
            });
        }
    });
    ui.add_space(4.0);
    let sentence = "Results carry their source picture along. Read them only if you know why the recipe needs them.";
    ui.label(RichText::new(sentence).color(tokens(ui).text_weak));
    ui.add_space(8.0);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let without = ui.button("Open without them");
        let whole = ui.button("Read these files");
        let answer = |whole: bool| {
            let Asked { recipe, with_seed, from } = asked;
            let asked = Asked { recipe: recipe.clone(), with_seed: *with_seed, from: from.clone() };
            Done::Restore(Box::new(asked), whole)
        };
        match (without.clicked(), whole.clicked()) {
            (true, _) => Some(answer(false)),
            (_, true) => Some(answer(true)),
            _ => close.then_some(Done::Nothing),
        }
    })
    .inner
}
