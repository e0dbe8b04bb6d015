//! Part of a picture made new.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `inpaint`.
pub static PANEL: Panel = Panel {
    verb: "inpaint",
    icon: Icon::Brush,
    bench: Bench::Mask,
    ui: |form, ui| {
        form.settings(ui, &["image", "mask", "prompt", "negative"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "count"]);
        form.section(ui, "Surroundings", true, &["inpaint_mode", "repaint"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "i_start"]);
        form.section(ui, "Guidance", false, &["guidance_rescale", "guidance_interval", "guidance_schedule"]);
        form.section(ui, "Combine", false, &["view", "weight", "reduce", "decomposition"]);
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
