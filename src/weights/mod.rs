//! Files to named tensors: safetensors and PyTorch's zip files, single or in shards, on disk or embedded.
//!
//! A file is mapped, its table of contents read, and a tensor converted only when a layer takes it.
//! What does not fit is collected, so that one line at the end names everything that is wrong.

mod diffusers_folder;
mod embeddings;
mod fit;
mod invented;
pub mod pth;
mod safetensors;
mod sharded;
mod stored;
mod weight_set;

pub use embeddings::{read_embeddings, write_embeddings};
pub use safetensors::to_safetensors;
pub use stored::{Stored, StoredDtype};
pub use weight_set::{Entry, Weights};
