//! Three ways to clean a noised picture.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `denoise`.
pub static PANEL: Panel = Panel {
    verb: "denoise",
    icon: Icon::Droplet,
    workspace: Workspace::Noise,
    ui: |form, ui| {
        form.settings(ui, &["image"]);
        form.section(ui, "Noise", true, &["i_start", "t", "seed", "count"]);
        form.section(ui, "Blur", true, &["kernel", "sigma"]);
        form.section(ui, "Network", true, &["prompt", "guidance", "steps"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "negative"]);
        form.section(ui, "Grid", false, &["x", "y"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};
