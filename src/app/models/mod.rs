//! The models of this machine and of the hub: what is here, what comes, and the dialog that shows both.

pub mod dialog;
pub mod downloads;
mod table;
