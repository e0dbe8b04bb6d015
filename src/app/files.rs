//! Files from outside and to the outside: chosen by the desktop's dialog where it has one, opened as what they turn out
//! to be, saved where the user says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use super::background::{Background, Pending};
use super::training::files::{ReadRun, read_run, run_folder};
use crate::error::{Error, Result};
use crate::experiments::{ForeignRecipe, recipe_from_bytes, setting};
use crate::files::{limits, read_file, writable_dir};
use crate::models;
use crate::pictures;

/// What a chosen file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be opened as a recipe or picture.
    Open,
    /// To be shown as a training run.
    Run,
    /// To be the text of a setting: its key, and whether it is a folder.
    Setting(&'static str, bool),
}

/// What a file turned out to be.
pub enum Opened {
    /// A recipe, and the picture that carries it.
    Recipe(Box<ForeignRecipe>, Option<Arc<RgbImage>>),
    /// A picture without one.
    Picture(Arc<RgbImage>),
    /// A training run.
    Run(Box<ReadRun>),
    /// A model, and the setting that takes it.
    Model(&'static str),
}

/// What became of a file that was asked for.
pub enum FileEvent {
    /// One was chosen; none where the user changed their mind, an error where there is no dialog.
    Chosen(Purpose, Result<Option<PathBuf>>),
    /// It was opened.
    Opened(PathBuf, Result<Opened>),
    /// It was saved; none where the user changed their mind.
    Saved(Result<Option<PathBuf>>),
}

/// What is being chosen, opened and saved.
#[derive(Default)]
pub struct Files {
    choosing: Vec<(Purpose, Pending<Option<PathBuf>>)>,
    opening: Vec<(PathBuf, Pending<Opened>)>,
    saving: Vec<((), Pending<Option<PathBuf>>)>,
}

impl Files {
    /// Asks for a file with the desktop's dialog.
    pub fn choose(&mut self, purpose: Purpose, background: &Background) {
        let asked = purpose.clone();
        self.choosing.push((purpose, background.run_apart("asking for a file", move || choose(&asked))));
    }

    /// Opens a file that was dropped, chosen or typed: a recipe, or else a picture. On the desktop a file has a path; where
    /// there is only its name, its bytes are here.
    pub fn open(&mut self, path: PathBuf, bytes: Option<Vec<u8>>, background: &Background) {
        let (name, file) = (format!("opening {}", path.display()), path.clone());
        self.opening.push((path, background.run(name, move || open(&file, bytes))));
    }

    /// Asks where to write a file, and lets `write` do it; into `folder` where there is no dialog.
    pub fn save(
        &mut self,
        name: &'static str,
        folder: PathBuf,
        background: &Background,
        write: impl FnOnce(&Path) -> Result<()> + Send + 'static,
    ) {
        let pending = background.run_apart("saving a file", move || {
            let path = place(name, &folder)?;
            path.as_deref().map_or(Ok(()), write)?;
            Ok(path)
        });
        self.saving.push(((), pending));
    }

    /// What has happened since this was last asked.
    pub fn poll(&mut self) -> Vec<FileEvent> {
        let chosen = Pending::take_all(&mut self.choosing).into_iter();
        let opened = Pending::take_all(&mut self.opening).into_iter();
        let saved = Pending::take_all(&mut self.saving).into_iter();
        let chosen = chosen.map(|(purpose, path)| FileEvent::Chosen(purpose, path));
        let opened = opened.map(|(path, opened)| FileEvent::Opened(path, opened));
        chosen.chain(opened).chain(saved.map(|((), path)| FileEvent::Saved(path))).collect()
    }
}

fn open(path: &Path, bytes: Option<Vec<u8>>) -> Result<Opened> {
    if let Some(folder) = run_folder(path) {
        return Ok(Opened::Run(Box::new(read_run(&folder)?)));
    }
    if let Some(setting) = models::setting_for(path) {
        return Ok(Opened::Model(setting));
    }
    if path.is_dir() {
        return Err(Error::new("the folder holds neither a training run nor a model")
            .at(path.display())
            .hint("choose one with a metrics.csv in it, as digits-train writes, or a diffusers folder"));
    }
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => read_file(path, limits::OPENED)?,
    };
    match recipe_from_bytes(&bytes, path.parent()) {
        Ok(recipe) => Ok(Opened::Recipe(Box::new(recipe), pictures::decode(&bytes).ok().map(Arc::new))),
        // A picture without a recipe is a picture; anything else keeps the recipe's error.
        Err(error) => match pictures::decode(&bytes) {
            Ok(_) if path.extension().is_some_and(|extension| extension == "json") => Err(error),
            Ok(pixels) if !carries(&bytes) => Ok(Opened::Picture(Arc::new(pixels))),
            _ => Err(error.at(path.display())),
        },
    }
}

/// Whether a PNG has a recipe of ours in it, even one that cannot be read.
fn carries(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") && !matches!(pictures::read_carried(bytes), Ok(None))
}

/// Where to write a file: as the desktop's dialog says, else in `folder` under the next free name.
fn place(name: &str, folder: &Path) -> Result<Option<PathBuf>> {
    let ending = Path::new(name).extension().unwrap_or_default().to_string_lossy().into_owned();
    let path = match has_dialog() {
        true => rfd::FileDialog::new().set_file_name(name).add_filter(ending.to_uppercase(), &[&ending]).save_file(),
        false => {
            writable_dir(folder)?;
            let free = |n: usize| folder.join(if n == 0 { name.to_owned() } else { format!("{n}-{name}") });
            (0..).map(free).find(|path| !path.exists())
        }
    };
    Ok(path.map(|path| if path.extension().is_some() { path } else { path.with_extension(ending) }))
}

/// Whether the desktop has a file dialog; rfd itself says "cancelled" where there is none.
fn has_dialog() -> bool {
    let portal = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || !cfg!(target_os = "linux");
    let zenity =
        || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|p| p.join("zenity").exists()));
    portal || zenity()
}

/// The desktop's dialog.
fn choose(purpose: &Purpose) -> Result<Option<PathBuf>> {
    if !has_dialog() {
        return Err(Error::new("this desktop has no file dialog").hint("type the path instead"));
    }
    let dialog = rfd::FileDialog::new();
    Ok(match purpose {
        Purpose::Setting(_, true) | Purpose::Run => dialog.pick_folder(),
        Purpose::Open => {
            dialog.add_filter("Pictures and recipes", &["png", "jpg", "jpeg", "webp", "gif", "bmp", "json"]).pick_file()
        }
        Purpose::Setting(key, false) if setting(key).is_some_and(|setting| setting.kind.is_picture()) => {
            dialog.add_filter("Pictures", &["png", "jpg", "jpeg", "webp", "gif", "bmp"]).pick_file()
        }
        Purpose::Setting(_, false) => dialog.pick_file(),
    })
}
