//! Pictures to pictures: the forward process.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `forward`.
pub static PANEL: Panel = Panel {
    verb: "forward",
    icon: Icon::Waves,
    bench: Bench::Noise,
    ui: |form, ui| {
        form.settings(ui, &["image"]);
        form.section(ui, "Noise", true, &["t", "seed", "count"]);
        form.section(ui, "Grid", false, &["x", "y"]);
        form.section(ui, "Model", false, &["model", "dtype"]);
        form.rest(ui);
    },
};
