//! How good drawn digits are.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// The form of `digits-score`.
pub static PANEL: Panel = Panel {
    verb: "digits-score",
    icon: Icon::Check,
    workspace: Workspace::Score,
    ui: |form, ui| {
        form.settings(ui, &["samples", "classes", "count"]);
        form.section(ui, "Sampling", true, &["steps", "guidance", "seed"]);
        form.section(ui, "Networks", true, &["kind", "checkpoint", "classifier", "data"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta"]);
        form.rest(ui);
    },
};
