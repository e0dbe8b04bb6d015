//! The Hugging Face hub: what a repository holds, and its files into the cache that all of the hub's tools share.
//!
//! A file goes to `blobs/ETAG.incomplete` first, is taken up there after a break, is held against its length and its
//! SHA-256 (the hub's etag of large files), and only then gets its name. hf-hub's own client does not check and cannot
//! be stopped; its cache layout and names are used. Protocol: huggingface_hub's `file_download.py`.

mod cache;
mod client;
mod download;
mod explain;
mod pace;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::error::{Error, Result};
pub use cache::{cache_folder, repository_names, snapshot};
use client::Client;
pub use pace::Pace;

/// How the hub is reached.
#[derive(Clone, Debug)]
pub struct Hub {
    client: Client,
    cache: PathBuf,
    /// The wait before a second try; it doubles from try to try.
    patience: Duration,
}

/// What a repository holds at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The commit's hash.
    pub commit: String,
    /// The files, by path.
    pub files: Vec<Listed>,
}

/// One file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the repository.
    pub path: String,
    /// Its length in bytes, where the hub tells it.
    pub bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Model {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
}

impl Hub {
    /// The hub that `HF_ENDPOINT` names, or huggingface.co, with the token and the cache of its own tools.
    pub fn of_user() -> Result<Self> {
        if std::env::var_os("HF_HUB_OFFLINE").is_some_and(|value| value != "0" && !value.is_empty()) {
            return Err(Error::new("HF_HUB_OFFLINE is set, so nothing is fetched").hint("unset it"));
        }
        let endpoint = std::env::var("HF_ENDPOINT").ok().filter(|endpoint| !endpoint.is_empty());
        let endpoint = endpoint.unwrap_or_else(|| "https://huggingface.co".to_owned());
        Ok(Self::at(&endpoint, cache::token(), cache_folder(), Duration::from_secs(1)))
    }

    /// A hub at this address; a second try waits for `patience`.
    pub fn at(endpoint: &str, token: Option<String>, cache: PathBuf, patience: Duration) -> Self {
        Self { client: Client::new(endpoint, token), cache, patience }
    }

    /// The same with this token.
    pub fn with_token(self, token: &str) -> Self {
        Self { client: self.client.with_token(token), ..self }
    }

    /// The page on which a repository's licence is read and accepted.
    pub fn page(&self, repository: &str) -> String {
        format!("{}/{repository}", self.client.endpoint())
    }

    /// Where files are kept.
    pub fn cache(&self) -> &std::path::Path {
        &self.cache
    }

    /// What `repository` holds now.
    pub fn list(&self, repository: &str) -> Result<Listing> {
        let path = format!("/api/models/{repository}/revision/main?blobs=true");
        let text = self.client.text(&path, repository, self.patience)?;
        let model: Model = serde_json::from_str(&text).map_err(|error| {
            Error::new(format!("the hub's answer is not a listing ({error})"))
                .at(self.page(repository))
                .hint("is HF_ENDPOINT the address of a hub?")
        })?;
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain(&model.sha) {
            return Err(Error::new("the hub's answer names no commit").at(self.page(repository)));
        }
        let files = model.siblings.into_iter().map(|file| Listed { path: file.rfilename, bytes: file.size }).collect();
        Ok(Listing { commit: model.sha, files })
    }

    /// Brings the file `path` of `repository` at `commit` into the cache, unless it is there. `heard(done, all)` hears
    /// the file's bytes; its error ends the work, and what has come stays for the next time.
    pub fn fetch(
        &self,
        repository: &str,
        commit: &str,
        path: &str,
        heard: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<()> {
        cache::check_path(path).map_err(|error| error.at(self.page(repository)))?;
        download::fetch(&download::Wanted { hub: self, repository, commit, path }, heard)
    }

    /// Says that `commit` is what is newest of `repository`: from now on it is found under the repository's name.
    pub fn finish(&self, repository: &str, commit: &str) -> Result<()> {
        cache::set_newest(&self.cache, repository, commit)
    }
}
