//! A picture or a drawing, finished by the model.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `edit`.
pub static PANEL: Panel = Panel {
    verb: "edit",
    icon: Icon::Pencil,
    bench: Bench::Drawing,
    ui: |form, ui| {
        form.settings(ui, &["image", "prompt", "negative"]);
        form.section(ui, "Sampling", true, &["i_start", "guidance", "steps", "seed", "count"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps"]);
        form.section(ui, "Guidance", false, &["guidance_rescale", "guidance_interval", "guidance_schedule"]);
        form.section(
            ui,
            "Combine",
            false,
            &["view", "weight", "reduce", "decomposition", "hold", "mask", "inpaint_mode", "repaint"],
        );
        form.section(
            ui,
            "Stage II",
            false,
            &["stage_2", "stage_2_guidance", "stage_2_steps", "stage_2_sampler", "noise_level"],
        );
        form.section(ui, "Grid and branch", false, &["x", "y", "branch"]);
        form.section(ui, "Model", false, &["model", "dtype", "clean_caption", "text_encoder", "embeddings"]);
        form.rest(ui);
    },
};
