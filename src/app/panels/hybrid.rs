//! Parts of a picture, each with its prompt.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `hybrid`.
pub static PANEL: Panel = Panel {
    verb: "hybrid",
    icon: Icon::Layers,
    bench: Bench::Hybrid,
    ui: |form, ui| {
        form.parts(ui);
        form.settings(ui, &["negative"]);
        form.section(ui, "Sampling", true, &["guidance", "steps", "seed", "count"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta", "timesteps", "i_start"]);
        form.section(ui, "Guidance", false, &["guidance_rescale", "guidance_interval", "guidance_schedule"]);
        form.section(
            ui,
            "Combine",
            false,
            &["view", "weight", "reduce", "hold", "image", "mask", "inpaint_mode", "repaint"],
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
