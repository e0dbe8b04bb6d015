//! A digit, drawn here or of the test set, noised and cleaned in one step.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `digits-denoise`.
pub static PANEL: Panel = Panel {
    verb: "digits-denoise",
    icon: Icon::Pencil,
    bench: Bench::Drawing,
    ui: |form, ui| {
        form.settings(ui, &["image", "pick", "count", "noise_sigma", "seed"]);
        form.section(ui, "Network", true, &["kind", "checkpoint", "data"]);
        form.rest(ui);
    },
};
