//! Disk, for every room above: folders that may be embedded in the program, and writes that cannot be half done.

mod atomic_write;
mod folder;

pub use atomic_write::{atomic_write, writable_dir};
pub use folder::{Bytes, Folder};
