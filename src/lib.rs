//! Diffusion Lab: play with diffusion models by hand and see what they do.
//!
//! The rooms by floor; a room imports only from lower floors, and rooms on one floor do not know each other. Below them
//! all lie the processor's `kernels`, a crate of their own.

// 0
pub mod error;
// 1: for every room above
pub mod files;
pub mod spec;
pub mod tensors;
// 2: equations, pixels and weights
pub mod datasets;
pub mod decompositions;
pub mod diffusion;
pub mod pictures;
pub mod views;
pub mod weights;
// 3
pub mod models;
// 4
pub mod training;
// 5
pub mod experiments;
// 6
pub mod report;
pub mod worker;
// 7: the doors
pub mod app;
pub mod cli;
