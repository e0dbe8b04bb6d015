//! Diffusion Lab: play with diffusion models by hand and see what they do.
//!
//! Rooms by floor; a room imports only from lower floors.

// 0
pub mod error;
// 1
pub mod files;
pub mod tensors;
// 2
pub mod weights;
// 3
pub mod models;
