//! A digit, drawn here or of the test set, noised and cleaned in one step.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// The form of `digits-denoise`.
pub static PANEL: Panel = Panel {
    verb: "digits-denoise",
    icon: Icon::Cleaned,
    workspace: Workspace::Drawing,
    ui: |form, ui| {
        form.settings(ui, &["image", "pick", "count", "noise_sigma", "seed"]);
        form.section(ui, "Network", true, &["kind", "checkpoint", "data"]);
        form.rest(ui);
    },
};
