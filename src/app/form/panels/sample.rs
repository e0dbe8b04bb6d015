//! Words to pictures.

use egui::Ui;

use crate::app::form::panel::Panel;
use crate::app::form::recipe_form::Form;
use crate::app::text::sentence;
use crate::app::theme::Icon;
use crate::app::widgets::buttons;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::{PACES, groups, pace};

/// The form of `sample`.
pub static PANEL: Panel = Panel {
    verb: "sample",
    icon: Icon::Spark,
    workspace: Workspace::Pictures,
    ui: |form, ui| {
        form.settings(ui, &["prompt", "negative"]);
        paces(form, ui);
        form.section(ui, "Sampling", true, &["steps", "guidance", "seed", "count"]);
        form.section(ui, "Loop", false, groups::LOOP);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(ui, "Stage II", false, groups::STAGE_2);
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};

/// Steps and samplers of both stages at once.
fn paces(form: &mut Form<'_>, ui: &mut Ui) {
    let now = pace(form.recipe);
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
            keys.keys().for_each(|key| drop(form.wrong.remove(key.as_str())));
            if let Ok(paced) = form.recipe.clone().overlaid(keys) {
                *form.recipe = paced;
            }
        }
    });
}
