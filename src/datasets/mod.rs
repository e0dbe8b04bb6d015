//! Digits with their labels: MNIST in the program, any other set of IDX files by its folder.

mod batches;
mod dataset;
mod describe;
mod folder;
mod idx;
mod mnist;
mod split;

pub use batches::Batches;
pub use dataset::{DATASETS, Dataset, DatasetInfo};
pub use describe::{describe_dataset, describe_idx, is_dataset_folder};
pub use idx::{Idx, looks_like_idx, read_idx, write_idx};
pub use split::{Named, PIXELS, SIDE, Split};
