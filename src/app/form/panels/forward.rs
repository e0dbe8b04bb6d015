//! Pictures to pictures: the forward process.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// The form of `forward`.
pub static PANEL: Panel = Panel {
    verb: "forward",
    icon: Icon::Waves,
    workspace: Workspace::Noise,
    ui: |form, ui| {
        form.settings(ui, &["image"]);
        form.section(ui, "Noise", true, &["t", "seed", "count"]);
        form.section(ui, "Grid", false, &["x", "y"]);
        form.section(ui, "Model", false, &["model", "dtype"]);
        form.rest(ui);
    },
};
