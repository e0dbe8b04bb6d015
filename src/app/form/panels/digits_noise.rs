//! Digits with more and more noise on them.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// The form of `digits-noise`.
pub static PANEL: Panel = Panel {
    verb: "digits-noise",
    icon: Icon::Grain,
    workspace: Workspace::Pictures,
    ui: |form, ui| {
        form.settings(ui, &["image", "pick", "count", "noise_sigma", "seed"]);
        form.section(ui, "Data", true, &["data"]);
        form.rest(ui);
    },
};
