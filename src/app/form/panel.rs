//! What an experiment's panel is: its form, its sign, and what stands in the middle beside it.

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
    /// Draws the form.
    pub ui: fn(&mut Form<'_>, &mut egui::Ui),
}
