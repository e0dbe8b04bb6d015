//! The inspector's contents: one file an experiment, under the experiment's name, one line in [`PANELS`]. A panel
//! edits a recipe and holds no logic.

mod anagram;
mod denoise;
mod digits_anagram;
mod digits_denoise;
mod digits_inpaint;
mod digits_noise;
mod digits_sample;
mod digits_score;
mod digits_train;
mod edit;
mod forward;
mod hybrid;
mod inpaint;
mod sample;
mod upscale;

use super::panel::Panel;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// Every panel, in the order of the rail.
pub static PANELS: &[&Panel] = &[
    &sample::PANEL,
    &upscale::PANEL,
    &forward::PANEL,
    &denoise::PANEL,
    &edit::PANEL,
    &inpaint::PANEL,
    &anagram::PANEL,
    &hybrid::PANEL,
    &digits_noise::PANEL,
    &digits_train::PANEL,
    &digits_sample::PANEL,
    &digits_denoise::PANEL,
    &digits_inpaint::PANEL,
    &digits_anagram::PANEL,
    &digits_score::PANEL,
];

/// The panel of an experiment; one that has none yet gets its settings in their own order.
pub fn panel(verb: &str) -> &'static Panel {
    static PLAIN: Panel =
        Panel { verb: "", icon: Icon::Flask, workspace: Workspace::Pictures, ui: |form, ui| form.rest(ui) };
    PANELS.iter().copied().find(|panel| panel.verb == verb).unwrap_or(&PLAIN)
}
