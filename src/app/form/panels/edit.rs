//! A picture or a drawing, finished by the model.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `edit`.
pub static PANEL: Panel = Panel {
    verb: "edit",
    icon: Icon::Pencil,
    workspace: Workspace::Drawing,
    ui: |form, ui| {
        form.settings(ui, &["image", "prompt", "negative"]);
        form.section(ui, "Sampling", true, &["i_start", "guidance", "steps", "seed", "count"]);
        form.section(ui, "Loop", false, groups::LOOP);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(
            ui,
            "Combine",
            false,
            &["view", "weight", "reduce", "decomposition", "apart", "hold", "mask", "inpaint_mode", "repaint"],
        );
        form.section(ui, "Stage II", false, groups::STAGE_2);
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};
