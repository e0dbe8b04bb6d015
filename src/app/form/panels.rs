//! What stands around an experiment's form: its sign in the rail, what is in the middle beside it, and what of its form is
//! drawn by hand. One line an experiment in [`PANELS`]; the form itself follows from the experiment's sections.

use egui::Ui;

use super::recipe_form::Form;
use crate::app::theme::Icon;
use crate::app::workspaces::kind::Workspace;

/// One experiment's panel.
pub struct Panel {
    /// The experiment's verb.
    pub verb: &'static str,
    /// Its picture in the rail.
    pub icon: Icon,
    /// What stands in the middle beside the pictures.
    pub workspace: Workspace,
    /// Draws the form's beginning; settings of the head that it leaves out follow it.
    pub by_hand: Option<fn(&mut Form<'_>, &mut Ui)>,
}

impl Panel {
    const fn new(verb: &'static str, icon: Icon, workspace: Workspace) -> Self {
        Self { verb, icon, workspace, by_hand: None }
    }

    const fn begun_by(self, by_hand: fn(&mut Form<'_>, &mut Ui)) -> Self {
        Self { by_hand: Some(by_hand), ..self }
    }
}

/// Every panel, in the order of the rail.
pub static PANELS: &[Panel] = &[
    Panel::new("sample", Icon::Spark, Workspace::Pictures).begun_by(|form, ui| form.prompts_and_paces(ui)),
    Panel::new("upscale", Icon::Expand, Workspace::Pictures),
    Panel::new("forward", Icon::Waves, Workspace::Noise),
    Panel::new("denoise", Icon::Droplet, Workspace::Noise).begun_by(|form, ui| form.noise_start(ui)),
    Panel::new("edit", Icon::Pencil, Workspace::Drawing),
    Panel::new("inpaint", Icon::Brush, Workspace::Mask),
    Panel::new("anagram", Icon::Turn, Workspace::Anagram).begun_by(|form, ui| form.readings(ui)),
    Panel::new("hybrid", Icon::Layers, Workspace::Hybrid).begun_by(|form, ui| form.parts(ui)),
    Panel::new("digits-noise", Icon::Grain, Workspace::Pictures),
    Panel::new("digits-train", Icon::Curve, Workspace::Training),
    Panel::new("digits-sample", Icon::Keys, Workspace::Pictures).begun_by(|form, ui| form.digit_keys(ui)),
    Panel::new("digits-denoise", Icon::Cleaned, Workspace::Drawing),
    Panel::new("digits-inpaint", Icon::Patch, Workspace::Mask),
    Panel::new("digits-anagram", Icon::SixNine, Workspace::Anagram).begun_by(|form, ui| form.readings(ui)),
    Panel::new("digits-score", Icon::Check, Workspace::Score),
];

/// The panel of an experiment; one that has no line yet is drawn all the same.
pub fn panel(verb: &str) -> &'static Panel {
    static PLAIN: Panel = Panel::new("", Icon::Flask, Workspace::Pictures);
    PANELS.iter().find(|panel| panel.verb == verb).unwrap_or(&PLAIN)
}
