//! The window: the only room that knows egui. [`Lab`] is its state and its frame is a function of it, so that tests
//! drive it without a window; [`run`] puts it on a screen.

pub mod background;
pub mod benches;
pub mod command_line;
pub mod commands;
pub mod compare;
pub mod dashboard;
pub mod digits;
pub mod downloads;
pub mod draft;
mod drain;
pub mod engine;
pub mod files;
pub mod film;
mod formula;
mod frame;
pub mod frames;
pub mod gallery;
pub mod home;
pub mod jobs;
mod lab;
mod live;
pub mod model_facts;
pub mod panels;
mod perform;
mod pixels;
mod recovery;
mod screenshots;
pub mod session;
pub mod sheets;
mod shell;
mod source;
pub mod stage;
pub mod theme;
pub mod timeline;
pub mod token_counts;
mod undo;
mod upkeep;
pub mod view_pictures;
pub mod widgets;
mod words;

pub use lab::Lab;
pub use screenshots::screenshots;

use crate::error::Result;
use crate::worker::Options;

/// Opens the window and stays until it is closed; one line of error where there is no display.
pub fn run(options: Options) -> Result<()> {
    shell::open(options, home::Home::find(), None, None)
}
