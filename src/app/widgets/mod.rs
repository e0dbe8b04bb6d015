//! Controls that several panels use. They draw a value and say what the user did with it; they decide nothing.

pub mod buttons;
pub mod canvas;
pub mod choice;
pub mod field;
pub mod heading;
pub mod knob;
mod note;
pub mod numbers;
pub mod prompts;
pub mod seed;
pub mod source;
pub mod table;
pub mod tiles;
pub mod toasts;
pub mod view;

pub use note::note;
