//! A folder that one program at a time writes its results into. The folder itself is locked, so that nothing is left in it,
//! and the system lets go of it however the program ends.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Stands while the folder is this program's.
#[derive(Debug)]
pub struct FolderLock {
    _file: Option<File>,
}

impl FolderLock {
    /// Takes the folder; `None` where another holds it. A folder that cannot be locked (Windows, some network drives) counts
    /// as free.
    pub fn take(folder: &Path) -> Option<Self> {
        let Ok(file) = File::open(folder) else { return Some(Self { _file: None }) };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            Ok(()) | Err(TryLockError::Error(_)) => Some(Self { _file: Some(file) }),
        }
    }
}
