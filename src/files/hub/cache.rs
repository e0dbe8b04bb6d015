//! The hub's cache on disk: `models--OWNER--NAME/{blobs,snapshots/COMMIT,refs/main}`, as huggingface_hub makes it.

use std::path::{Path, PathBuf};

use hf_hub::Repo;

use crate::error::{Error, Result};
use crate::files::{atomic_write, limits, read_text_file, writable_dir};

/// The folder of an environment variable, if it is set.
fn set(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder of everything of the hub's: `HF_HOME`, or `huggingface` among the user's caches.
fn home() -> PathBuf {
    set("HF_HOME").unwrap_or_else(|| {
        // The hub's tools say `~/.cache` on every system, so this is not the system's own folder for caches.
        let caches = || dirs::home_dir().unwrap_or_else(std::env::temp_dir).join(".cache");
        set("XDG_CACHE_HOME").unwrap_or_else(caches).join("huggingface")
    })
}

/// The cache that hub tools share: `HF_HUB_CACHE`, or `hub` in `HF_HOME`.
pub fn cache_folder() -> PathBuf {
    set("HF_HUB_CACHE").unwrap_or_else(|| home().join("hub"))
}

/// The user's token: `HF_TOKEN`, or the file that `hf auth login` writes.
pub(super) fn token() -> Option<String> {
    let file = set("HF_TOKEN_PATH").unwrap_or_else(|| home().join("token"));
    let written = || read_text_file(&file, limits::LINE).ok();
    let token = std::env::var("HF_TOKEN").ok().filter(|token| !token.trim().is_empty()).or_else(written)?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// The newest snapshot of `repository` in `cache`.
pub fn snapshot(cache: &Path, repository: &str) -> Option<PathBuf> {
    let folder = folder(cache, repository);
    let commit = read_text_file(&folder.join("refs").join("main"), limits::LINE).ok()?;
    let commit = commit.trim();
    let plain = !commit.contains('/') && check_path(commit).is_ok();
    Some(folder.join("snapshots").join(commit)).filter(|path| plain && path.is_dir())
}

/// The repositories of models that have anything in `cache`, sorted.
pub fn repository_names(cache: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| {
        let folder = entry.file_name();
        let (owner, name) = folder.to_str()?.strip_prefix("models--")?.split_once("--")?;
        Some(format!("{owner}/{name}"))
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

/// The folder of `repository` in `cache`.
pub(super) fn folder(cache: &Path, repository: &str) -> PathBuf {
    cache.join(Repo::model(repository.to_owned()).folder_name())
}

/// A path in a repository stays below its folder.
pub(super) fn check_path(path: &str) -> Result<()> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':']);
    if path.split('/').all(plain) {
        return Ok(());
    }
    Err(Error::new(format!("the hub names a file outside its folder ({path})")).hint("do not use this repository"))
}

/// Puts `blob` under its path in the snapshot of `commit`: as a link, or itself where links cannot be made.
pub(super) fn place(folder: &Path, commit: &str, path: &str, blob: &Path) -> Result<()> {
    let target = folder.join("snapshots").join(commit).join(path);
    if let Some(parent) = target.parent() {
        writable_dir(parent)?;
    }
    if target.exists() {
        return Ok(());
    }
    let at = |error: std::io::Error| Error::new(format!("cannot write ({error})")).at(target.display());
    // A link to a blob that is gone.
    let _ = std::fs::remove_file(&target);
    #[cfg(unix)]
    {
        let up: PathBuf = std::iter::repeat_n("..", path.split('/').count() + 1).collect();
        let name = blob.file_name().unwrap_or_default();
        if std::os::unix::fs::symlink(up.join("blobs").join(name), &target).is_ok() {
            return Ok(());
        }
    }
    std::fs::rename(blob, &target).map_err(at)
}

/// Whether the snapshot of `commit` has the file at `path`.
pub(super) fn has(folder: &Path, commit: &str, path: &str) -> bool {
    folder.join("snapshots").join(commit).join(path).is_file()
}

/// Writes which commit is the newest.
pub(super) fn set_newest(cache: &Path, repository: &str, commit: &str) -> Result<()> {
    let refs = folder(cache, repository).join("refs");
    writable_dir(&refs)?;
    atomic_write(&refs.join("main"), commit.as_bytes())
}
