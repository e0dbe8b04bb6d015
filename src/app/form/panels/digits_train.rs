//! Training a digit network, beside its dashboard.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// The form of `digits-train`.
pub static PANEL: Panel = Panel {
    verb: "digits-train",
    icon: Icon::Curve,
    workspace: Workspace::Training,
    ui: |form, ui| {
        form.settings(ui, &["kind", "data"]);
        form.section(ui, "Network", true, &["hidden", "noise_sigma", "init"]);
        form.section(ui, "Training", true, &["epochs", "batch", "lr", "constant_lr", "ema", "seed"]);
        form.section(ui, "Run", false, &["max_steps", "resume"]);
        form.section(ui, "Pictures of each epoch", false, &["steps", "guidance"]);
        form.rest(ui);
    },
};
