//! A small picture to a large one.

use crate::app::form::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::groups;

/// The form of `upscale`.
pub static PANEL: Panel = Panel {
    verb: "upscale",
    icon: Icon::Expand,
    workspace: Workspace::Pictures,
    ui: |form, ui| {
        form.settings(ui, &["image", "prompt", "negative"]);
        form.section(ui, "Sampling", true, &["noise_level", "steps", "guidance", "seed", "count"]);
        form.section(ui, "Loop", false, groups::LOOP);
        form.section(ui, "Guidance", false, groups::GUIDANCE);
        form.section(ui, "Grid", false, &["x", "y"]);
        form.section(ui, "Model", false, &["model", "stage_2", "dtype", "clean_caption", "text_encoder", "embeddings"]);
        form.rest(ui);
    },
};
