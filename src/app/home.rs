//! Where the window keeps things: session, gallery, pasted pictures. One folder in tests, the desktop's folders
//! otherwise.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::error::Result;
use crate::experiments::Source;
use crate::files::{FolderLock, UserFolder, atomic_write, user_folder, writable_dir};
use crate::pictures::{encode_png, sha256};

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
