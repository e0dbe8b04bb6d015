//! A folder of files that lies on disk or inside the program: loading code does not know which.

use std::path::{Path, PathBuf};

use include_dir::Dir;

use super::bytes::Bytes;
use super::limits::{self, Limit};
use crate::error::{Error, Result};

/// A folder on disk, or one that was embedded when the program was built.
#[derive(Clone, Debug)]
pub enum Folder {
    /// A directory of the file system.
    Disk(PathBuf),
    /// A directory of the program itself; the string is its name in messages.
    Embedded(&'static Dir<'static>, String),
}

impl Folder {
    /// A folder on disk, which must be there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if !path.is_dir() {
            return Err(Error::new("no such folder").at(path.display()));
        }
        Ok(Self::Disk(path.to_owned()))
    }

    /// The folder `name` inside this one, if it is there.
    pub fn subfolder(&self, name: &str) -> Option<Self> {
        match self {
            Self::Disk(path) => {
                let path = path.join(name);
                path.is_dir().then_some(Self::Disk(path))
            }
            Self::Embedded(dir, label) => {
                let inner = dir.get_dir(dir.path().join(name))?;
                Some(Self::Embedded(inner, format!("{label}/{name}")))
            }
        }
    }

    /// The names of the files directly inside, sorted.
    pub fn file_names(&self) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Disk(path) => std::fs::read_dir(path)
                .into_iter()
                .flatten()
                .flatten()
                .filter(|entry| entry.path().is_file())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect(),
            Self::Embedded(dir, _) => {
                dir.files().filter_map(|file| Some(file.path().file_name()?.to_string_lossy().into_owned())).collect()
            }
        };
        names.sort();
        names
    }

    /// True when the file `name` is directly inside.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Disk(path) => path.join(name).is_file(),
            Self::Embedded(dir, _) => dir.get_file(dir.path().join(name)).is_some(),
        }
    }

    /// The bytes of the file `name`, at most as many as `limit` allows.
    pub fn read(&self, name: &str, limit: Limit) -> Result<Bytes> {
        match self {
            Self::Disk(path) => Bytes::map(&path.join(name), limit),
            Self::Embedded(dir, _) => match dir.get_file(dir.path().join(name)) {
                Some(file) => Ok(Bytes::Static(file.contents())),
                None => Err(Error::new("no such file").at(self.place(name))),
            },
        }
    }

    /// The text of the file `name`, a config.
    pub fn read_text(&self, name: &str) -> Result<String> {
        let bytes = self.read(name, limits::CONFIG)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::new("not a text file").at(self.place(name)))?;
        Ok(text.to_owned())
    }

    /// A JSON file as a value of type `T`; a wrong key or type is named with its line.
    pub fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        serde_json::from_str(&self.read_text(name)?)
            .map_err(|error| Error::new(format!("cannot read the JSON, {error}")).at(self.place(name)))
    }

    /// How messages call the file `name`, or the folder itself for an empty name.
    pub fn place(&self, name: &str) -> String {
        let folder = match self {
            Self::Disk(path) => path.display().to_string(),
            Self::Embedded(_, label) => label.clone(),
        };
        if name.is_empty() { folder } else { format!("{}/{name}", folder.trim_end_matches('/')) }
    }
}
