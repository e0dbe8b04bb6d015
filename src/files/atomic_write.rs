//! Writes that are whole or not there: a temporary name beside the target, then a rename.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part.
///
/// Errors name the path; the temporary file is removed on failure.
pub fn atomic_write(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_beside(path);
    let written = write_and_sync(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        explain(error, path)
    })
}

/// Writes `bytes` to `path` if nothing is there yet; false where something is.
pub fn atomic_write_new(path: &Path, bytes: &[u8]) -> Result<bool> {
    let temporary = temporary_beside(path);
    let linked = write_and_sync(&temporary, bytes).and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(_) => fs::rename(&temporary, path).map(|()| true), // a file system without links
        Ok(()) => Ok(true),
    });
    let _ = fs::remove_file(&temporary);
    linked.map_err(|error| explain(error, path))
}

/// Makes the folder `path` if need be and proves that a file can be made in it.
pub fn writable_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| explain(error, path))?;
    let probe = temporary_beside(&path.join("probe"));
    File::create(&probe).map_err(|error| explain(error, path))?;
    fs::remove_file(&probe).map_err(|error| explain(error, path))
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name beside `path` that no other write of this or another process uses.
fn temporary_beside(path: &Path) -> std::path::PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}.partial", std::process::id()))
}

fn explain(error: std::io::Error, path: &Path) -> Error {
    let hint = match error.kind() {
        std::io::ErrorKind::StorageFull => "free some space or choose another folder",
        std::io::ErrorKind::PermissionDenied => "choose a folder that you may write to",
        _ => "choose another folder",
    };
    Error::new(format!("cannot write ({error})")).at(path.display()).hint(hint)
}
