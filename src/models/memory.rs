//! How much memory a network takes on the processor, and whether this machine has it: told before anything is loaded.
//!
//! Measured on a network of IF-I-M's size, 64 px, a batch of two: 3.14 GB with Winograd's transformed copies of the
//! weights, which are four times as large, 1.87 GB without them, weights in f32 and feature maps. Larger pictures have
//! larger maps, which is not counted.

use crate::files::available_memory;

/// Feature maps and everything else, in bytes.
const BESIDE: u64 = 400_000_000;

/// Whether a model can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As it is.
    Fits,
    /// With `--low-memory`.
    FitsLow,
    /// Not at all.
    TooLarge,
    /// The system does not tell.
    Unknown,
}

impl Fit {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::FitsLow => "fits with --low-memory",
            Self::TooLarge => "does not fit",
            Self::Unknown => "",
        }
    }

    /// Of something that needs so many bytes, and so few where they are saved.
    pub fn of(needed: u64, needed_low: u64) -> Self {
        match available_memory() {
            None => Self::Unknown,
            Some(here) if needed <= here => Self::Fits,
            Some(here) if needed_low <= here => Self::FitsLow,
            Some(_) => Self::TooLarge,
        }
    }
}

/// Bytes that networks of so many numbers take, and with `--low-memory`; of none, what a streamed text encoder takes.
pub fn needed(parameters: u64) -> (u64, u64) {
    (15 * parameters / 2 + BESIDE, 4 * parameters + BESIDE)
}
