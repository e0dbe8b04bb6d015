//! Where the window keeps things: session, gallery, pasted pictures. One folder in tests, the desktop's folders
//! otherwise.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::error::Result;
use crate::experiments::Source;
use crate::files::{FolderLock, UserFolder, atomic_write, user_folder, writable_dir};
use crate::pictures::{encode_png, sha256};

/// A folder that is not there yet: `stem-001` and so on, the next after those in `parent` and those that are `taken`.
pub fn free_folder<'a>(parent: &Path, stem: &str, taken: impl Iterator<Item = &'a PathBuf>) -> PathBuf {
    let number = |path: &PathBuf| -> Option<u64> {
        path.file_name()?.to_string_lossy().strip_prefix(stem)?.strip_prefix('-')?.parse().ok()
    };
    let there: Vec<PathBuf> =
        std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let highest = there.iter().filter_map(number).chain(taken.filter_map(number)).max().unwrap_or(0);
    parent.join(format!("{stem}-{:03}", highest + 1))
}

/// Digits of a kept picture's hash in its name.
const HASH: usize = 16;

/// The folders of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
}

impl Home {
    /// `DIFFUSION_LAB_HOME`, or the desktop's folders for settings and data.
    pub fn find() -> Self {
        Self { config: user_folder(UserFolder::Config), data: user_folder(UserFolder::Data) }
    }

    /// Everything in one folder.
    pub fn at(folder: &Path) -> Self {
        Self { config: folder.to_owned(), data: folder.to_owned() }
    }

    /// The session's file.
    pub fn session(&self) -> PathBuf {
        self.config.join("session.json")
    }

    /// What the session was before a start that had to leave its sources out.
    pub fn session_before_crash(&self) -> PathBuf {
        self.config.join("session.before-crash.json")
    }

    /// The file that stands while the session's sources are opened.
    pub fn source_mark(&self) -> PathBuf {
        self.config.join("opening-sources")
    }

    /// The folder of results.
    pub fn gallery(&self) -> PathBuf {
        self.data.join("gallery")
    }

    /// The folder of training runs, each in a folder of its own.
    pub fn runs(&self) -> PathBuf {
        self.data.join("runs")
    }

    /// The folder of scores, each in a folder of its own.
    pub fn scores(&self) -> PathBuf {
        self.data.join("scores")
    }

    /// Where pictures and curves are written on desktops without a dialog.
    pub fn exports(&self) -> PathBuf {
        self.data.join("exports")
    }

    /// Where steps are kept that other runs branch off from.
    pub fn branches(&self) -> PathBuf {
        self.data.join("branches")
    }

    /// Takes the session for this window; `None` where another window keeps it.
    pub fn lock(&self) -> Option<FolderLock> {
        // Where the folder cannot be made, saving says so.
        let _ = self.prepare();
        FolderLock::take(&self.config)
    }

    /// Makes the folder that the session is written into.
    pub fn prepare(&self) -> Result<()> {
        writable_dir(&self.config)
    }

    /// Removes kept pictures that no session names any more; files that are not ours stay.
    pub fn tidy(&self, named: &[PathBuf]) {
        let ours = |path: &Path| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            stem.len() == HASH && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        for entry in std::fs::read_dir(self.data.join("sources")).into_iter().flatten().flatten() {
            let path = entry.path();
            if ours(&path) && !named.contains(&path) {
                // What cannot be removed now is tried again next time.
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// Keeps a picture that is only in memory as a file, under its hash, so that a session can name it.
    pub fn keep(&self, pixels: &RgbImage) -> Result<Source> {
        let folder = self.data.join("sources");
        let path = folder.join(format!("{}.png", &sha256(pixels)[..HASH]));
        if !path.is_file() {
            writable_dir(&folder)?;
            atomic_write(&path, &encode_png(pixels, None)?)?;
        }
        Ok(Source::File(path))
    }
}
