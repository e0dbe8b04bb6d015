//! One picture, several digits.

use super::Panel;
use crate::app::benches::Bench;
use crate::app::theme::Icon;

/// The form of `digits-anagram`.
pub static PANEL: Panel = Panel {
    verb: "digits-anagram",
    icon: Icon::Turn,
    bench: Bench::Anagram,
    ui: |form, ui| {
        form.settings(ui, &["classes", "view", "weight"]);
        form.section(ui, "Sampling", true, &["count", "steps", "guidance", "seed", "reduce"]);
        form.section(ui, "Network", true, &["kind", "checkpoint"]);
        form.section(ui, "Loop", false, &["stepping", "sampler", "eta"]);
        form.section(ui, "Guidance", false, &["guidance_rescale", "guidance_interval", "guidance_schedule"]);
        form.rest(ui);
    },
};
