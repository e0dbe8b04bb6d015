//! What an experiment leaves: its pictures, how they lie in a grid, its figure, its tensors and its measures.

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

impl Trajectory {
    /// As number `run` of `runs`.
    pub fn of(self, run: usize, runs: usize) -> Self {
        Self { run, runs, ..self }
    }
}

/// How a job's pictures lie in its grid, and what there is beside them.
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
    /// The grid's pictures where they are not just the job's own: sources, masks, comparisons.
    pub figure: Vec<RgbImage>,
    /// Further files, by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// Numbers for `result.json`.
    pub measures: Map<String, Value>,
}

impl Outcome {
    /// A figure of captioned pictures, `per_row` in a row.
    pub fn figure(cells: Vec<(String, RgbImage)>, per_row: usize) -> Self {
        let (captions, figure) = cells.into_iter().unzip();
        Self { per_row, captions, figure, ..Self::default() }
    }
}
