//! The inspector at the right: every setting of the open experiment as a control, and what is known of its model, its
//! source and its prompts.

mod controls;
mod digit_keys;
pub mod inspector;
pub mod model_facts;
mod noise_start;
mod paces;
pub mod panels;
mod parts;
mod readings;
pub mod recipe_form;
pub mod source;
pub mod token_counts;
pub mod ui;
pub mod view_pictures;

pub use inspector::Inspector;
