//! One picture, several digits.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `digits-anagram`.
pub static PANEL: Panel = Panel {
    verb: "digits-anagram",
    icon: Icon::SixNine,
    workspace: Workspace::Anagram,
    ui: |form, ui| {
        form.settings(ui, &["classes", "view", "weight"]);
        form.section(ui, "Sampling", true, &["count", "steps", "guidance", "seed", "reduce"]);
        form.section(ui, "Network", true, &["kind", "checkpoint"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta"]);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.rest(ui);
    },
};
