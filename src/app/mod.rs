//! The window: the only room that knows egui. It is made of areas: a folder each, with its state, what draws it and what it
//! does. An area knows what is [`shared`] and the areas beneath it, and asks the [`background`] for whatever takes long;
//! the [`window`] has them all, routes what one has for another, and does what is commanded. [`Window`] is plain state and
//! its frame is a function of it, so that tests drive it without a display; [`run`] puts it on a screen.

pub mod background;
mod command_line;
pub mod commands;
pub mod dialogs;
pub mod explain;
pub mod files;
pub mod form;
pub mod gallery;
pub mod home;
pub mod lessons;
pub mod models;
mod pixels;
pub mod queue;
pub mod scores;
mod screenshots;
pub mod session;
pub mod shared;
mod shell;
mod text;
pub mod theme;
pub mod toy;
pub mod training;
pub mod viewer;
pub mod widgets;
pub mod window;
pub mod workspaces;

pub use screenshots::screenshots;
pub use window::Window;

use crate::error::Result;
use crate::worker::Options;

/// Opens the window and stays until it is closed; one line of error where there is no display.
pub fn run(options: Options) -> Result<()> {
    shell::open(options, home::Home::find(), None, None)
}
