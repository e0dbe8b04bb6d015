//! Results, rebuilt from the folder of PNGs that carry their recipes, so that the strip cannot disagree with the
//! disk. What is thrown away goes to a `trash` folder beside them.

mod strip;
mod thumbnails;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use image::RgbImage;

pub use thumbnails::{Thumbnail, Thumbnails};

use super::background::{Background, Pending};
use super::widgets::toasts::{Toasts, Tone};
use crate::error::{Error, Result};
use crate::files::{atomic_write, limits, read_file, writable_dir};

/// The file of favourites, beside the pictures.
const STARS: &str = "stars.json";

/// The folder and what is shown of it.
pub struct Gallery {
    folder: PathBuf,
    /// The pictures, newest first.
    pub paths: Vec<PathBuf>,
    /// Their small copies.
    pub thumbnails: Thumbnails,
    listing: Option<Pending<Vec<PathBuf>>>,
    /// The chosen picture.
    pub selected: Option<PathBuf>,
    /// Favourites, by file name.
    starred: BTreeSet<String>,
    /// Whether only favourites are shown.
    pub only_starred: bool,
    /// The last picture that was thrown away, and where it is.
    trashed: Option<(PathBuf, PathBuf)>,
}

impl Gallery {
    /// The gallery in `folder`, which is listed in the background.
    pub fn new(folder: PathBuf, background: &Background) -> Self {
        // Without the file, or with a broken one, nothing is starred.
        let starred = read_file(&folder.join(STARS), limits::SETTINGS).ok();
        let starred = starred.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let mut gallery = Self {
            folder,
            paths: Vec::new(),
            thumbnails: Thumbnails::default(),
            listing: None,
            selected: None,
            starred,
            only_starred: false,
            trashed: None,
        };
        gallery.list(background);
        gallery
    }

    /// Looks through the folder again, in the background.
    pub fn list(&mut self, background: &Background) {
        let folder = self.folder.clone();
        let name = format!("listing {}", folder.display());
        self.listing = Some(background.run(name, move || Ok(listed(&folder))));
    }

    /// Takes in what has been listed and read; what went wrong.
    pub fn poll(&mut self, ctx: &egui::Context) -> Option<Error> {
        self.thumbnails.poll(ctx);
        match Pending::take_from(&mut self.listing)? {
            Ok(paths) => self.take(paths),
            Err(error) => return Some(error),
        }
        None
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a file is in it.
    pub fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.folder)
    }

    /// Shows the folder on the desktop, or says where it is.
    pub fn open_folder(&self, toasts: &mut Toasts) {
        let program = match std::env::consts::OS {
            "macos" => "open",
            "windows" => "explorer",
            _ => "xdg-open",
        };
        let made = std::fs::create_dir_all(&self.folder);
        let quiet = std::process::Stdio::null;
        let started = std::process::Command::new(program).arg(&self.folder).stdout(quiet()).stderr(quiet()).spawn();
        match made.and(started) {
            // A thread waits for it, so that no dead process stays.
            Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
            Err(_) => toasts.tell(Tone::Note, format!("The gallery is {}", self.folder.display())),
        }
    }

    /// Whether a picture is a favourite.
    pub fn is_starred(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| self.starred.contains(&*name.to_string_lossy()))
    }

    /// Marks a picture as a favourite, or not any more.
    pub fn star(&mut self, path: &Path) -> Result<()> {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Ok(()) };
        if !self.starred.remove(&name) {
            self.starred.insert(name);
        }
        let text = serde_json::to_string_pretty(&self.starred).map_err(|error| Error::new(error.to_string()))?;
        writable_dir(&self.folder)?;
        atomic_write(&self.folder.join(STARS), text.as_bytes())
    }

    /// The pictures that the strip shows.
    pub fn listed_paths(&self) -> Vec<PathBuf> {
        self.paths.iter().filter(|path| !self.only_starred || self.is_starred(path)).cloned().collect()
    }

    fn take(&mut self, paths: Vec<PathBuf>) {
        self.thumbnails.retain(&paths);
        if self.selected.as_ref().is_some_and(|selected| !paths.contains(selected)) {
            self.selected = None;
        }
        self.paths = paths;
    }

    /// Takes in a picture that was just saved.
    pub fn add(&mut self, ctx: &egui::Context, path: PathBuf, pixels: &RgbImage) {
        self.paths.retain(|known| *known != path);
        self.paths.insert(0, path.clone());
        self.thumbnails.add(ctx, path, pixels);
    }

    /// The picture `by` places after the chosen one.
    pub fn beside(&self, by: isize) -> Option<PathBuf> {
        let at = self.selected.as_ref().and_then(|selected| self.paths.iter().position(|path| path == selected));
        let at = at.map_or(0, |at| at.saturating_add_signed(by).min(self.paths.len().saturating_sub(1)));
        self.paths.get(at).cloned()
    }

    /// The pictures of a page of results: favourites, oldest first; where there are none, `shown` or the newest.
    pub fn chosen(&self, shown: Option<PathBuf>) -> Vec<PathBuf> {
        let mut chosen: Vec<_> = self.paths.iter().rev().filter(|path| self.is_starred(path)).cloned().collect();
        if chosen.is_empty() {
            chosen.extend(shown.or_else(|| self.paths.first().cloned()));
        }
        chosen
    }

    /// Moves a picture to the trash; the next one takes its place.
    pub fn trash(&mut self, path: &Path) -> Result<Option<PathBuf>> {
        let trash = self.folder.join("trash");
        writable_dir(&trash)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = (0..)
            .map(|n| trash.join(if n == 0 { name.clone() } else { format!("{n}-{name}") }))
            .find(|target| !target.exists())
            .unwrap_or_else(|| trash.join(&name));
        std::fs::rename(path, &target).map_err(|error| {
            Error::new(format!("cannot move the picture to the trash ({error})")).at(path.display())
        })?;
        let at = self.paths.iter().position(|known| known == path).unwrap_or(0);
        self.paths.retain(|known| known != path);
        self.trashed = Some((path.to_owned(), target));
        Ok(self.paths.get(at.min(self.paths.len().saturating_sub(1))).cloned())
    }

    /// Whether there is one to bring back.
    pub fn has_trashed(&self) -> bool {
        self.trashed.is_some()
    }

    /// Brings the last thrown-away picture back.
    pub fn untrash(&mut self, background: &Background) -> Result<Option<PathBuf>> {
        let Some((path, target)) = self.trashed.take() else { return Ok(None) };
        std::fs::rename(&target, &path)
            .map_err(|error| Error::new(format!("cannot bring the picture back ({error})")).at(target.display()))?;
        self.list(background);
        self.paths.insert(0, path.clone());
        Ok(Some(path))
    }
}

/// The PNGs in `folder`, newest first.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")))
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}
