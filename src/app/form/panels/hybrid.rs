//! Parts of a picture, each with its prompt.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `hybrid`.
pub static PANEL: Panel = Panel {
    verb: "hybrid",
    icon: Icon::Layers,
    workspace: Workspace::Hybrid,
    ui: |form, ui| {
        form.parts(ui);
        form.settings(ui, &["apart", "negative"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "count"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "i_start"]);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(
            ui,
            "Combine",
            false,
            &["view", "weight", "reduce", "hold", "image", "mask", "inpaint_mode", "repaint"],
        );
        form.section(ui, "Stage II", false, groups::STAGE_2);
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};
