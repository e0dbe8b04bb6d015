//! Prompt embeddings on disk, so that a prompt goes through a large encoder once and not once a day.
//!
//! One file a prompt, in the form that `--embeddings` takes too, in a folder named after the encoder's weights. Nothing
//! here can fail a job: what cannot be read is made anew, what cannot be written is not kept.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use candle_core::Tensor;
use sha2::{Digest, Sha256};

use super::t5::TOKENS;
use crate::files::{UserFolder, user_folder, writable_dir};
use crate::weights::{read_embeddings, write_embeddings};

/// Set to this, the variable turns the cache off.
const VARIABLE: &str = "DIFFUSION_LAB_EMBEDDINGS_CACHE";
const OFF: &str = "off";

/// All prompts of all encoders together take so much; the ones that were not asked for longest go first.
const MOST_BYTES: u64 = 512 << 20;

/// Digits of a hash in a name.
const HASH: usize = 32;

/// The kept embeddings of one encoder.
#[derive(Clone, Debug)]
pub struct EmbeddingCache {
    root: PathBuf,
    folder: PathBuf,
    most_bytes: u64,
}

impl EmbeddingCache {
    /// In the user's cache folder, for the encoder with this fingerprint; `None` where it is turned off.
    pub fn of_user(fingerprint: &str) -> Option<Self> {
        let off = std::env::var_os(VARIABLE).is_some_and(|value| value == OFF);
        (!off).then(|| Self::at(&user_folder(UserFolder::Cache).join("embeddings"), fingerprint, MOST_BYTES))
    }

    /// In the folder `root`, of which no more than `most_bytes` are used.
    pub fn at(root: &Path, fingerprint: &str, most_bytes: u64) -> Self {
        Self { root: root.to_owned(), folder: root.join(&fingerprint[..HASH.min(fingerprint.len())]), most_bytes }
    }

    /// The embedding [1, 77, width] of `caption`, if it is here and sound.
    pub fn get(&self, caption: &str, width: usize) -> Option<Tensor> {
        let path = self.path(caption);
        if !path.is_file() {
            return None;
        }
        let sound = |(text, embeds): &(String, Tensor)| text == caption && embeds.dims() == [1, TOKENS, width];
        let found = read_embeddings(&path).ok().and_then(|all| all.into_iter().find(sound));
        match &found {
            // The newest use counts, not the making.
            Some(_) => drop(touch(&path)),
            None => drop(std::fs::remove_file(&path)),
        }
        found.map(|(_, embeds)| embeds)
    }

    /// Keeps an embedding, and lets the oldest ones go where there are too many.
    pub fn put(&self, caption: &str, embeds: &Tensor) {
        let path = self.path(caption);
        let written =
            writable_dir(&self.folder).and_then(|()| write_embeddings(&path, &[(caption.to_owned(), embeds.clone())]));
        if written.is_ok() {
            self.tidy();
        }
    }

    fn path(&self, caption: &str) -> PathBuf {
        let hash = Sha256::digest(caption.as_bytes());
        let name: String = hash.iter().map(|byte| format!("{byte:02x}")).take(HASH / 2).collect();
        self.folder.join(format!("{name}.safetensors"))
    }

    fn tidy(&self) {
        let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in entries(&self.root).flat_map(|encoder| entries(&encoder.path())) {
            if let Ok(metadata) = entry.metadata() {
                files.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), entry.path()));
            }
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if total <= self.most_bytes {
                return;
            }
            if std::fs::remove_file(path).is_ok() {
                total -= bytes;
            }
        }
    }
}

fn touch(path: &Path) -> std::io::Result<()> {
    std::fs::File::options().append(true).open(path)?.set_modified(SystemTime::now())
}
