//! What a dialog comes to.

use super::draft::Draft;
use super::trust::Asked;
use crate::app::commands::Command;
use crate::app::explain::Symbol;
use crate::experiments::Recipe;
use crate::models::DeviceChoice;

/// What a dialog asks for when it is done.
pub enum Done {
    /// A command.
    Command(Command),
    /// An experiment's panel.
    Panel(&'static str),
    /// The keyboard in the control of the open panel's setting of that key.
    Setting(&'static str),
    /// A preset's recipe.
    Preset(Box<Recipe>),
    /// What a symbol means.
    Explain(Symbol),
    /// A file.
    Path(String),
    /// Another device to compute on.
    Device(DeviceChoice),
    /// A recipe's settings, with the files that it names or without them.
    Restore(Box<Asked>, bool),
    /// The page, as it is now, to be saved.
    SavePage(Draft),
    /// Close the window in spite of the work.
    Leave,
    /// Nothing.
    Nothing,
}
