//! All integration tests in one binary: one module a room of `src`, in its own words what belongs there.

/// Reads the tensors that `tests/reference/make.py` makes, and compares.
mod reference;

/// What PyTorch has: held to its numbers.
mod tensors;
/// Schedules, lists of timesteps and single steps: held to diffusers.
mod diffusion;
/// Pictures in and out of files and tensors.
mod pictures;
/// Networks, tokens and encoders: held to diffusers and transformers.
mod models;
/// Whole runs of cascades: held to diffusers' pipelines, step by step.
mod experiments;
/// The worker's promises: events, cancel, caught panics, files.
mod worker;
/// The command line, driven as a program.
mod cli;
/// Broken inputs, each with the message it must give.
mod bad_files;
/// Rooms import only from lower floors.
mod floors;
