//! One file of a repository into the cache: taken up where it broke off, checked, then given its name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::client::{Answer, header, sleep};
use super::{Hub, cache};
use crate::error::{Error, Result};
use crate::files::{free_bytes, limits, open_file, size, writable_dir};

/// Tries without a single new byte before the work is given up.
const TRIES: u32 = 5;
/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// Which file.
pub(super) struct Wanted<'a> {
    pub hub: &'a Hub,
    pub repository: &'a str,
    pub commit: &'a str,
    pub path: &'a str,
}

type Heard<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

/// Brings it into the cache, unless it is there.
pub(super) fn fetch(wanted: &Wanted, heard: Heard) -> Result<()> {
    let folder = cache::folder(&wanted.hub.cache, wanted.repository);
    if cache::has(&folder, wanted.commit, wanted.path) {
        return Ok(());
    }
    let blobs = folder.join("blobs");
    writable_dir(&blobs)?;
    let answer = wanted.ask(None, &mut |_| Ok(()))?;
    let name = answer.etag.clone().filter(|etag| is_plain(etag)).ok_or_else(|| {
        Error::new("the hub does not say what the file is called").at(wanted.place()).hint("is HF_ENDPOINT a hub?")
    })?;
    let bytes =
        answer.bytes.ok_or_else(|| Error::new("the hub does not say how long the file is").at(wanted.place()))?;
    if is_weights(wanted.path) && !is_sha256(&name) {
        return Err(Error::new("the hub tells no SHA-256 of these weights, so they cannot be checked")
            .at(wanted.place())
            .hint("is HF_ENDPOINT a hub, and are its large files stored as such?"));
    }
    let blob = blobs.join(&name);
    if !is_whole(&blob, bytes, &name) {
        let mut partial = Partial::open(blobs.join(format!("{name}.incomplete")), bytes)?;
        partial.fill(wanted, answer, heard)?;
        partial.check(wanted, &name)?;
        partial.finish(&blob)?;
    }
    cache::place(&folder, wanted.commit, wanted.path, &blob)
}

/// Whether `path` is of a kind that nothing reads as text.
fn is_weights(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
    ["safetensors", "bin", "gguf", "pth", "pt", "ckpt"].contains(&ending.as_str())
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the blob that is here already is what its name says. Another program may have left it.
fn is_whole(blob: &Path, bytes: u64, name: &str) -> bool {
    let Ok((mut file, length)) = open_file(blob, limits::WEIGHTS) else { return false };
    length == bytes && (!is_sha256(name) || sha256(&mut file).is_ok_and(|hash| hash == name.to_lowercase()))
}

/// The hash of a file from where it stands, in hexadecimal.
fn sha256(file: &mut File) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => hasher.update(&piece[..read]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// An etag becomes a file's name.
fn is_plain(etag: &str) -> bool {
    etag.len() >= 8 && etag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Wanted<'_> {
    fn ask(&self, from: Option<u64>, nap: &mut dyn FnMut(std::time::Duration) -> Result<()>) -> Result<Answer> {
        let path = format!("/{}/resolve/{}/{}", self.repository, self.commit, self.path);
        self.hub.client.get(&path, from, self.repository, self.hub.patience, nap)
    }

    fn place(&self) -> String {
        format!("{}/{}", self.hub.page(self.repository), self.path)
    }
}

/// The part of a file that has come.
struct Partial {
    path: PathBuf,
    file: File,
    have: u64,
    all: u64,
}

impl Partial {
    /// Takes up what is there; no two programs write the same file.
    fn open(path: PathBuf, all: u64) -> Result<Self> {
        let at = |error: std::io::Error| Error::new(format!("cannot write ({error})")).at(path.display());
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new("another program is fetching this file").at(path.display()));
            }
            // File systems without locks.
            Err(TryLockError::Error(_)) => {}
        }
        let have = file.metadata().map_err(at)?.len();
        let mut partial = Self { path, file, have, all };
        if have > all {
            partial.restart()?;
        }
        Ok(partial)
    }

    fn restart(&mut self) -> Result<()> {
        self.have = 0;
        self.file.set_len(0).map_err(|error| self.cannot_write(error))
    }

    /// Reads until all is here. The first `answer` is used where it fits.
    fn fill(&mut self, wanted: &Wanted, answer: Answer, heard: Heard) -> Result<()> {
        let missing = self.all - self.have;
        if let Some(free) = free_bytes(&self.path).filter(|free| *free < missing) {
            return Err(Error::new(format!(
                "the disk has {} free, this file needs {} more",
                size(free),
                size(missing)
            ))
            .at(self.path.display())
            .hint("free some space, or set HF_HOME to a folder on another disk"));
        }
        let mut answer = (self.have == 0).then_some(answer);
        // A part that has to be thrown away is no progress when it has come again.
        let (mut tries, mut furthest) = (0, self.have);
        while self.have < self.all {
            let before = self.have;
            let all = self.all;
            let result = match answer.take() {
                Some(answer) => Ok(answer),
                None => wanted.ask((before > 0).then_some(before), &mut |_| heard(before, all)),
            };
            let broken = match result {
                Ok(answer) => self.take(answer, wanted, heard)?,
                Err(error) if tries > 0 || before > 0 => Some(error),
                Err(error) => return Err(error),
            };
            let Some(error) = broken else { continue };
            if error.is_cancelled() {
                return Err(error);
            }
            tries = if self.have > furthest { 1 } else { tries + 1 };
            furthest = furthest.max(self.have);
            if tries >= TRIES {
                return Err(error);
            }
            let have = self.have;
            sleep(wanted.hub.patience * 2u32.pow(tries - 1), &mut |_| heard(have, all))?;
        }
        Ok(())
    }

    /// Writes what an answer holds; an answer that broke off gives its error as `Some`.
    fn take(&mut self, answer: Answer, wanted: &Wanted, heard: Heard) -> Result<Option<Error>> {
        let mut response = answer.response;
        let continues = response.status().as_u16() == 206
            && header(&response, "content-range")
                .is_some_and(|range| range.starts_with(&format!("bytes {}-", self.have)));
        if !continues {
            // The hub sends all of it again, or has another file than the part that is here.
            self.restart()?;
            if !response.status().is_success() {
                return Ok(Some(Error::new("the hub has no such part of the file").at(wanted.place())));
            }
        }
        self.file.seek(SeekFrom::Start(self.have)).map_err(|error| self.cannot_write(error))?;
        let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut piece = vec![0; PIECE];
        loop {
            let read = match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Some(broke_off(&error.to_string(), wanted))),
            };
            if self.have + read as u64 > self.all {
                self.restart()?;
                return Err(Error::new(format!("the hub sends more than the {} that it told", size(self.all)))
                    .at(wanted.place())
                    .hint("try again: the file may have been changed just now"));
            }
            self.file.write_all(&piece[..read]).map_err(|error| self.cannot_write(error))?;
            self.have += read as u64;
            heard(self.have, self.all)?;
        }
        Ok((self.have < self.all).then(|| broke_off("it ended too early", wanted)))
    }

    /// Holds the file against the hash that names it: SHA-256 of large files. Small ones have git's, which is not made
    /// here: they are text that is parsed, and their length was right.
    fn check(&mut self, wanted: &Wanted, name: &str) -> Result<()> {
        if !is_sha256(name) {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(0)).map_err(|error| self.cannot_write(error))?;
        let hash = sha256(&mut self.file).map_err(|error| self.cannot_write(error))?;
        if hash == name.to_lowercase() {
            return Ok(());
        }
        self.restart()?;
        Err(Error::new("what came is not what the hub told (its SHA-256 differs)")
            .at(wanted.place())
            .hint("fetch it again; if it happens twice, something on the way changes files"))
    }

    fn finish(self, blob: &Path) -> Result<()> {
        let at = |error| self.cannot_write(error);
        self.file.sync_all().map_err(at)?;
        std::fs::rename(&self.path, blob).map_err(at)
    }

    fn cannot_write(&self, error: std::io::Error) -> Error {
        let hint = match error.kind() {
            ErrorKind::StorageFull => "free some space: the next try goes on from here",
            _ => "set HF_HOME to a folder that you may write to",
        };
        Error::new(format!("cannot write ({error})")).at(self.path.display()).hint(hint)
    }
}

fn broke_off(why: &str, wanted: &Wanted) -> Error {
    Error::new(format!("the download broke off ({why})"))
        .at(wanted.place())
        .hint("what has come is kept, and the next try goes on from there")
}
