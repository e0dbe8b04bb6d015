//! Controls that several panels use. They draw a value and say what the user did with it; they decide nothing.

pub mod buttons;
pub mod canvas;
pub mod choice;
pub mod divider;
pub mod field;
pub mod heading;
pub mod knob;
mod note;
pub mod numbers;
pub mod picture_stage;
pub mod prompts;
pub mod queue;
pub mod seed;
pub mod source;
pub mod strip;
pub mod table;
pub mod tiles;
pub mod toasts;

pub use note::note;
