//! All integration tests in one binary: one module a room of `src`, in its own words what belongs there.

/// Reads the tensors that `tests/reference/make.py` makes, and compares.
mod reference;

/// Every experiment on every model that can serve it: digits where pictures were.
mod any_model;
/// The window, driven by accessible names without a display.
mod app;
/// Broken inputs, each with the message it must give.
mod bad_files;
/// Pictures, masks and numbers of part A, good enough or refused in a line.
mod bad_sources;
/// The command line, driven as a program.
mod cli;
/// Experiments in combination, through stage II, in motion, and branched from a recorded step.
mod combinations;
/// Killed in the middle of a training run: nothing saved is lost.
mod crash;
/// Digits: MNIST, folders of IDX files, and what they may lie about.
mod datasets;
/// Parts that sum to the whole.
mod decompositions;
/// Schedules, lists of timesteps and single steps: held to diffusers.
mod diffusion;
/// What else can be played with digits: noise, masks, anagrams.
mod digit_play;
/// Part B's verbs: held to PyTorch, to the contract and to each other.
mod digits;
/// Painting by hand: strokes, shapes, undo, edges.
mod drawing;
/// Ends of ranges, and what is asked for rarely.
mod edges;
/// Whole runs of cascades: held to diffusers' pipelines, step by step.
mod experiments;
/// Rooms import only from lower floors.
mod floors;
/// Laws of flow matching and of strided DDPM, on data whose answer is known.
mod flow;
/// Disks that fill up: one line, and nothing lost.
#[cfg(target_os = "linux")]
mod full_disk;
/// Files of the program as it once was, held to what they were.
mod golden;
/// Grids of two settings.
mod grids;
/// Files, recipes and pictures of a stranger who means harm: what each wanted, and what becomes of it.
mod hostile;
/// Fetching models, from a hub of the suite's own.
mod hub;
/// Laws of samplers and estimates, by number, at every size.
mod invariants;
/// Networks, tokens and encoders: held to diffusers and transformers.
mod models;
/// The open families: whole runs, held to diffusers' pipelines.
mod open_models;
/// Paces, and the time that is told before a run.
mod pace;
/// Part A's experiments: held to diffusers and to the course's formulas.
mod part_a;
/// Pictures in and out of files and tensors.
mod pictures;
/// The page of the course's figures.
mod report;
/// Runs recipes, and holds what comes out.
mod running;
/// Pipes, devices and sockets in place of files, and files of any length: refused at once.
#[cfg(unix)]
mod special_files;
/// Stage II on a picture that no file holds, and what of part A goes through it.
mod stage_2;
/// What PyTorch has: held to its numbers.
mod tensors;
/// Training: held to PyTorch, resumed, broken.
mod training;
/// Views: their laws, by walking the list.
mod views;
/// Files of tensors, whole and broken.
mod weights;
/// The worker's promises: events, cancel, caught panics, files.
mod worker;
