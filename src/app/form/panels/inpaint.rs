//! Part of a picture made new.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `inpaint`.
pub static PANEL: Panel = Panel {
    verb: "inpaint",
    icon: Icon::Brush,
    workspace: Workspace::Mask,
    ui: |form, ui| {
        form.settings(ui, &["image", "mask", "prompt", "negative"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "count"]);
        form.section(ui, "Surroundings", true, &["inpaint_mode", "repaint"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "i_start"]);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(ui, "Combine", false, &["view", "weight", "reduce", "decomposition", "apart"]);
        form.section(ui, "Stage II", false, groups::STAGE_2);
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};
