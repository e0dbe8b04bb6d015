//! A digit of which a part, painted over, is drawn afresh as any class.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `digits-inpaint`.
pub static PANEL: Panel = Panel {
    verb: "digits-inpaint",
    icon: Icon::Patch,
    workspace: Workspace::Mask,
    ui: |form, ui| {
        form.settings(ui, &["image", "pick", "mask", "i_start", "classes"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "repaint"]);
        form.section(ui, "Network", true, &["kind", "checkpoint", "data"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta"]);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.rest(ui);
    },
};
