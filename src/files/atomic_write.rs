//! Writes that are whole or not there: a temporary name beside the target, then a rename.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::input::open_file;
use super::limits;
use crate::error::{Error, Result};

/// The most links that are followed, as on Linux.
const MOST_LINKS: usize = 40;

/// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part.
///
/// Errors name the path; the temporary file is removed on failure.
/// A link is followed, so that it stays a link; what is no ordinary file is refused.
pub fn atomic_write(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = &target(path)?;
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
    remove_left_over(path);
    fs::remove_file(&probe).map_err(|error| explain(error, path))
}

/// The file that `path` names, links followed.
fn target(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(about) = fs::symlink_metadata(&path) else { return Ok(path) };
        if about.is_file() {
            return Ok(path);
        }
        if !about.is_symlink() {
            let what = if about.is_dir() { "a folder" } else { "no ordinary file" };
            return Err(Error::new(format!("cannot write (it is {what})"))
                .at(path.display())
                .hint("choose another name"));
        }
        let to = fs::read_link(&path).map_err(|error| explain(error, &path))?;
        path = path.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(Error::new("cannot write (the link leads nowhere)").at(path.display()).hint("choose another name"))
}

/// Removes from `folder` what writes that were killed left behind. The process that a name tells must be gone, and no
/// other machine may hold the file, which a writer locks.
fn remove_left_over(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let writer = name.to_str().and_then(writer_of);
        if writer.is_some_and(|process| !is_running(process))
            && let Ok((file, _)) = open_file(&entry.path(), limits::WEIGHTS)
            && file.try_lock().is_ok()
        {
            // What cannot be removed now is tried again next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The process in the name of a temporary file of ours.
fn writer_of(name: &str) -> Option<u32> {
    let (rest, count) = name.strip_prefix('.')?.strip_suffix(".partial")?.rsplit_once('-')?;
    let (_, process) = rest.rsplit_once('.')?;
    count.parse::<u64>().ok()?;
    process.parse().ok()
}

/// Whether a process of that number is there; true where that cannot be told.
fn is_running(process: u32) -> bool {
    #[cfg(unix)]
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: signal 0 is sent to nobody; the call only says whether it could be.
        let sent = unsafe { libc::kill(process, 0) };
        return sent == 0 || std::io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH);
    }
    let _ = process;
    true
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let _ = file.lock(); // some file systems have none
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
