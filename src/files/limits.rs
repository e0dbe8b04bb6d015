//! The most bytes that a file of each kind may have. A path may come from a stranger, and what is longer than any good
//! file of its kind is refused before it is read.

use super::size::size;
use crate::error::{Error, Result};

/// A kind of file, and the most bytes of one.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// How messages call it: `the picture`.
    pub what: &'static str,
    /// Bytes, inclusive.
    pub most: u64,
}

/// A picture or a mask: 16000 × 16000 in 8 bits without compression are 0.8 GB.
pub const PICTURE: Limit = Limit { what: "the picture", most: 1_000_000_000 };
/// A recipe, which a picture may carry.
pub const RECIPE: Limit = Limit { what: "the recipe", most: PICTURE.most };
/// What is dropped on the window: a picture, a recipe or both.
pub const OPENED: Limit = Limit { what: "the file", most: PICTURE.most };
/// A recipe as JSON by itself, and what a report keeps of one.
pub const RECIPE_TEXT: Limit = Limit { what: "the recipe", most: 16_000_000 };
/// A model's config, index or recommendation. An index names every tensor: 1 MB for 10,000 of them.
pub const CONFIG: Limit = Limit { what: "the JSON", most: 64_000_000 };
/// A tokenizer: T5's has 0.8 to 2.4 MB, the largest that are published 35 MB.
pub const TOKENIZER: Limit = Limit { what: "the tokenizer", most: 256_000_000 };
/// Weights, checkpoints, runs to resume and GGUF files, which are mapped and not read whole.
pub const WEIGHTS: Limit = Limit { what: "the weights", most: 1_000_000_000_000 };
/// Prompt embeddings: 1.3 MB a prompt of T5 XXL in f32.
pub const EMBEDDINGS: Limit = Limit { what: "the embeddings", most: 64_000_000_000 };
/// A recorded run: 1000 steps of a stage II picture are 2.4 GB.
pub const RECORDING: Limit = Limit { what: "the recorded run", most: 64_000_000_000 };
/// An IDX file, gzipped or not: MNIST's largest has 47 MB.
pub const DIGITS: Limit = Limit { what: "the digits", most: 1_100_000_000 };
/// A training run's curve: 50 bytes a step.
pub const CURVE: Limit = Limit { what: "the run's curve", most: 512_000_000 };
/// What the window was left with: recipes, prompts, captions.
pub const SESSION: Limit = Limit { what: "the last session", most: 64_000_000 };
/// What else the program keeps of its own: stars, timings.
pub const SETTINGS: Limit = Limit { what: "the settings", most: 64_000_000 };
/// One short line: the hub's token, the name of a commit.
pub const LINE: Limit = Limit { what: "the file", most: 64_000 };

/// The most pixels of a picture: a camera's 200 million and some. 16,384 × 16,384 are 0.8 GB of RGB.
pub const PIXELS: u64 = 1 << 28;
/// The most bytes that a format may make of them (16 bits a channel, alpha).
pub const DECODED_BYTES: u64 = 1 << 30;
/// The most pixels of all pictures together that a PNG carries. A run carries what it worked on; grids of version 0.1 carry
/// a camera's picture whole.
pub const CARRIED_PIXELS: u64 = 1 << 26;
/// The most bytes that a PNG's compressed texts may come to.
pub const INFLATED_BYTES: usize = 64 << 20;

/// The most pictures of one job, and values of one setting.
pub const RUNS: usize = 100_000;
/// The most steps of one job: each is planned before the first is taken.
pub const STEPS: usize = 2_000_000;
/// The most bytes of one text in a recipe. A prompt is cut at 77 tokens.
pub const TEXT: usize = 100_000;
/// The most bytes of the prompts of all cells of a grid.
pub const TEXTS: usize = 100_000_000;
/// RePaint's most resamplings at one place.
pub const RESAMPLINGS: usize = 1_000;
/// The most layers of one level of a network, or of an encoder: T5 XXL has 24.
pub const LAYERS: usize = 128;

impl Limit {
    /// An error where `length` bytes are too many.
    pub fn check(self, length: u64) -> Result<()> {
        if length <= self.most {
            return Ok(());
        }
        Err(Error::new(format!("{} is too long: {}, at most {} are read", self.what, size(length), size(self.most)))
            .hint("is it the right file?"))
    }
}
