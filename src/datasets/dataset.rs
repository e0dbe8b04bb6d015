//! A set of digits for training and for testing, by its name or by its folder.

use sha2::{Digest, Sha256};

use super::folder::read_folder;
use super::mnist::mnist;
use super::split::Split;
use crate::error::Result;
use crate::files::Folder;

/// Training and test digits.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What the program calls it: `MNIST`, or the folder.
    pub name: String,
    /// What networks learn from.
    pub train: Split,
    /// What they are judged on.
    pub test: Split,
}

/// A set that is in the program.
pub struct DatasetInfo {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    load: fn() -> Result<Dataset>,
}

/// The sets that are in the program.
pub static DATASETS: &[DatasetInfo] = &[DatasetInfo {
    name: "mnist",
    sentence: "60,000 training and 10,000 test digits, 28×28; any other set of IDX files by its folder",
    load: mnist,
}];

impl Dataset {
    /// The set of a name, else the IDX files of a folder.
    pub fn open(name: &str) -> Result<Self> {
        match DATASETS.iter().find(|known| known.name == name.to_lowercase()) {
            Some(known) => (known.load)(),
            None => read_folder(&Folder::open(name)?, name),
        }
    }

    /// SHA-256 of its pictures and labels, as 64 hexadecimal digits.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        for split in [&self.train, &self.test] {
            hasher.update(split.bytes());
            hasher.update(split.labels());
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
