//! The one door by which files come in: regular files alone, of a stated length, opened without waiting.
//!
//! A path may come from a stranger's recipe. `/dev/zero` never ends, a pipe waits for a writer that may never come, and
//! opening a device can do something to it. So a path is looked at before it is opened, opened so that nothing waits,
//! and looked at again, since it may have been replaced in between.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::limits::Limit;
use crate::error::{Error, Result};

const HINT: &str = "only ordinary files are read: copy what it holds into one";

/// The bytes of the file at `path`, at most as many as `limit` allows.
///
/// Errors: no such file ([`Error::is_missing`]), a folder, pipe, socket or device, a file that is too long.
pub fn read_file(path: &Path, limit: Limit) -> Result<Vec<u8>> {
    let (file, length) = open_file(path, limit)?;
    read_all(file, length, limit).map_err(|error| error.at(path.display()))
}

/// The text of the file at `path`, as [`read_file`]; an error where it is not UTF-8.
pub fn read_text_file(path: &Path, limit: Limit) -> Result<String> {
    let bytes = read_file(path, limit)?;
    String::from_utf8(bytes).map_err(|_| Error::new(format!("{} is not text", limit.what)).at(path.display()))
}

/// The first bytes of the file at `path`, at most `count`, as [`read_file`].
pub fn read_file_start(path: &Path, count: usize, limit: Limit) -> Result<Vec<u8>> {
    let (file, _) = open_file(path, limit)?;
    let mut start = Vec::with_capacity(count);
    let read = file.take(count as u64).read_to_end(&mut start);
    read.map_err(|error| cannot_read(limit, &error.to_string()).at(path.display()))?;
    Ok(start)
}

/// What is piped into the program, to its end, at most as many bytes as `limit` allows.
pub fn read_standard_input(limit: Limit) -> Result<Vec<u8>> {
    read_all(std::io::stdin().lock(), 0, limit).map_err(|error| error.at("standard input"))
}

/// The file at `path`, open to be read, and its length in bytes, which `limit` allows.
pub fn open_file(path: &Path, limit: Limit) -> Result<(File, u64)> {
    let at = |error: Error| error.at(path.display());
    let failed = |error: std::io::Error| {
        let missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        let line = at(cannot_read(limit, &error.to_string()));
        if missing { line.missing() } else { line }
    };
    regular(&std::fs::metadata(path).map_err(failed)?, limit).map_err(at)?;
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    regular(&about, limit).map_err(at)?;
    limit.check(about.len()).map_err(at)?;
    Ok((file, about.len()))
}

/// `length` is what is expected; files of the system's own say 0 and hold something all the same.
fn read_all(source: impl Read, length: u64, limit: Limit) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more, so that the end is seen without growing.
    let room = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1);
    bytes.try_reserve_exact(room).map_err(|_| cannot_read(limit, "there is no memory for it"))?;
    source.take(limit.most + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(limit, &error.to_string()))?;
    limit.check(bytes.len() as u64)?;
    Ok(bytes)
}

fn regular(about: &Metadata, limit: Limit) -> Result<()> {
    if about.is_file() {
        return Ok(());
    }
    if about.is_dir() {
        return Err(cannot_read(limit, "it is a folder").hint("give a file").missing());
    }
    Err(cannot_read(limit, special(about)).hint(HINT))
}

#[cfg(unix)]
fn special(about: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = about.file_type();
    match () {
        () if kind.is_fifo() => "it is a pipe",
        () if kind.is_socket() => "it is a socket",
        () => "it is a device",
    }
}

#[cfg(not(unix))]
fn special(_: &Metadata) -> &'static str {
    "it is no ordinary file"
}

fn cannot_read(limit: Limit, why: &str) -> Error {
    Error::new(format!("cannot read {} ({why})", limit.what))
}
