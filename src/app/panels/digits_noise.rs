//! Digits with more and more noise on them.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `digits-noise`.
pub static PANEL: Panel = Panel {
    verb: "digits-noise",
    icon: Icon::Waves,
    bench: Bench::Pictures,
    ui: |form, ui| {
        form.settings(ui, &["image", "pick", "count", "noise_sigma", "seed"]);
        form.section(ui, "Data", true, &["data"]);
        form.rest(ui);
    },
};
