//! Disk, for every room above: the one reader of files from outside, folders that may be embedded in the program, and
//! writes that cannot be half done.

mod atomic_write;
mod bytes;
mod cut_short;
mod folder;
pub mod hub;
mod input;
pub mod limits;
mod lock;
mod room;
mod size;
mod user;

pub use atomic_write::{atomic_write, atomic_write_new, writable_dir};
pub use bytes::Bytes;
pub use cut_short::file_cut_short;
pub use folder::Folder;
pub use input::{open_file, read_file, read_file_start, read_standard_input, read_text_file};
pub use lock::FolderLock;
pub use room::{available_memory, check_memory, free_bytes, give_memory_back, peak_memory_bytes};
pub use size::{size, time};
pub use user::{UserFolder, user_folder};
