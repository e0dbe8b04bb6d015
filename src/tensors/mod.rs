//! What PyTorch has and candle lacks, or has slowly.

mod group_norm;

pub use group_norm::{GroupNorm, group_norm};
