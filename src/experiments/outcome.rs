//! What an experiment leaves: its pictures, how they lie in a grid, and its tensors.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;
use serde_json::{Map, Value};

use super::Recipe;

/// One finished picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its number in the job.
    pub index: usize,
    /// Its pixels.
    pub pixels: Arc<RgbImage>,
    /// The recipe that makes this picture alone.
    pub recipe: Recipe,
    /// Hashes of the weights and embeddings it was made with.
    pub hashes: Map<String, Value>,
}

/// The tensors of one run.
pub struct Trajectory {
    /// 1 or 2.
    pub stage: usize,
    /// Its number in the job.
    pub run: usize,
    /// How many runs the job has.
    pub runs: usize,
    /// By the names of the command line's contract.
    pub tensors: Vec<(&'static str, Tensor)>,
}

/// How a job's pictures lie in its grid.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Pictures in a row.
    pub per_row: usize,
    /// A label over each column, or none.
    pub columns: Vec<String>,
    /// A label left of each row, or none.
    pub rows: Vec<String>,
    /// A label over each picture, or none.
    pub captions: Vec<String>,
}
