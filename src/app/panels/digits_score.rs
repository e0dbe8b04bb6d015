//! How good drawn digits are.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `digits-score`.
pub static PANEL: Panel = Panel {
    verb: "digits-score",
    icon: Icon::Check,
    bench: Bench::Pictures,
    ui: |form, ui| {
        form.settings(ui, &["samples", "classes", "count"]);
        form.section(ui, "Sampling", true, &["steps", "guidance", "seed"]);
        form.section(ui, "Networks", true, &["kind", "checkpoint", "classifier", "data"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta"]);
        form.rest(ui);
    },
};
