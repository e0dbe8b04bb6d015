//! One picture, several readings.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `anagram`.
pub static PANEL: Panel = Panel {
    verb: "anagram",
    icon: Icon::Turn,
    workspace: Workspace::Anagram,
    ui: |form, ui| {
        form.readings(ui);
        form.settings(ui, &["negative"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "count"]);
        form.section(ui, "Views", true, &["reduce"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "i_start"]);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(
            ui,
            "Combine",
            false,
            &["decomposition", "apart", "hold", "image", "mask", "inpaint_mode", "repaint"],
        );
        form.section(ui, "Stage II", false, groups::STAGE_2);
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, groups::MODEL);
        form.rest(ui);
    },
};
