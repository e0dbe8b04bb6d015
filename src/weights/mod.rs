//! Files to named tensors: safetensors, PyTorch's zip files and GGUF, single or in shards, on disk or embedded.
//!
//! A file is mapped, its table of contents read, and a tensor converted only when a layer takes it.
//! What does not fit is collected, so that one line at the end names everything that is wrong.

mod diffusers_folder;
mod embeddings;
mod fit;
pub mod gguf;
mod invented;
mod matrix;
mod numbers;
pub mod pth;
mod renaming;
mod safetensors;
mod scaled;
mod sharded;
mod stored;
mod stored_dtype;
mod variables;
mod weight_set;

pub use diffusers_folder::weight_files_among;
pub use embeddings::{read_embeddings, write_embeddings};
pub use matrix::Matrix;
pub use safetensors::to_safetensors;
pub use stored::Stored;
pub use stored_dtype::StoredDtype;
pub use variables::Variables;
pub use weight_set::{Entry, Weights};
