//! Everything slow that is not the worker's: reading pictures, listing folders, counting tokens, asking for a file.
//! Two threads take requests in order; answers come back by a channel, so the window never waits.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, unbounded};
use image::RgbImage;

use super::home::Home;
use super::session::Session;
use crate::error::{Error, Result};
use crate::experiments::{Recipe, read_recipe, recipe_from_bytes};
use crate::models::{self, Tokenizer};
use crate::pictures;

/// Longest side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 160;
/// Longest side of a source picture's copy in its form, in pixels.
const SOURCE: u32 = 512;
/// Tokens that the text encoder reads.
pub const TOKEN_LIMIT: usize = 77;

/// What to do.
pub enum Request {
    /// The pictures in a folder, newest first.
    List(PathBuf),
    /// A small copy of a picture, for the strip.
    Thumbnail(PathBuf),
    /// A picture and its recipe.
    Picture(PathBuf),
    /// A small copy of pixels that are here.
    Shrink(Arc<RgbImage>),
    /// A file that was dropped or chosen: a recipe, or else a picture.
    Open(PathBuf, Option<Vec<u8>>),
    /// How many tokens a prompt has for a model.
    Tokens(String, String),
    /// Asks for a file with the desktop's dialog.
    Choose(Purpose),
    /// The models that there are.
    Models,
    /// Writes the session.
    Save(Box<Session>, Home),
}

/// What a chosen file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be opened as a recipe or picture.
    Open,
    /// To be the text of a setting: its key, and whether it is a folder.
    Setting(&'static str, bool),
}

/// What came of it.
pub enum Answer {
    /// Paths, newest first.
    Listed(PathBuf, Vec<PathBuf>),
    /// A small copy; `None` where the file is no picture any more.
    Thumbnail(PathBuf, Option<Arc<RgbImage>>),
    /// Pixels and their small copy.
    Shrunk(Arc<RgbImage>, RgbImage),
    /// Pixels, and the recipe where there is one.
    Picture(PathBuf, Result<(Arc<RgbImage>, Option<Box<Recipe>>)>),
    /// A recipe, or a picture without one.
    Opened(PathBuf, Result<Opened>),
    /// Tokens of (model, prompt).
    Tokens(String, String, TokenCount),
    /// The file, if one was chosen; an error where there is no dialog.
    Chosen(Purpose, Result<Option<PathBuf>>),
    /// The models that there are.
    Models(Vec<models::ModelInfo>),
    /// Whether the session is written.
    Saved(Result<()>),
}

/// What a dropped file turned out to be.
pub enum Opened {
    /// A recipe, and the picture that carries it.
    Recipe(Box<Recipe>, Option<Arc<RgbImage>>),
    /// A picture without one.
    Picture(Arc<RgbImage>),
}

/// How long a prompt is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens with the end mark; 0 where the model's tokenizer cannot be read.
    pub tokens: usize,
    /// The end of the prompt that does not fit.
    pub cut: Option<String>,
}

/// The two threads.
pub struct Helper {
    requests: Sender<Request>,
    answers: Receiver<Answer>,
    own: Sender<Answer>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

type Tokenizers = Arc<Mutex<HashMap<String, Option<Arc<Tokenizer>>>>>;

impl Helper {
    /// Starts the threads; `wake` is called after each answer.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (requests, queue) = unbounded::<Request>();
        let (own, answers) = unbounded();
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let tokenizers = Tokenizers::default();
        for number in 0..2 {
            let (queue, own, wake, tokenizers) =
                (queue.clone(), own.clone(), Arc::clone(&wake), Arc::clone(&tokenizers));
            let work = move || {
                while let Ok(request) = queue.recv() {
                    if own.send(answer(request, &tokenizers)).is_err() {
                        return;
                    }
                    wake();
                }
            };
            // Without threads there are no thumbnails; the window works all the same.
            let _ = std::thread::Builder::new().name(format!("helper-{number}")).spawn(work);
        }
        Self { requests, answers, own, wake }
    }

    /// Asks; the answer comes by [`Self::answer`]. A dialog gets a thread of its own.
    pub fn ask(&self, request: Request) {
        if let Request::Choose(purpose) = request {
            let (own, wake) = (self.own.clone(), Arc::clone(&self.wake));
            let ask = move || {
                let chosen = choose(&purpose);
                let _ = own.send(Answer::Chosen(purpose, chosen));
                wake();
            };
            let _ = std::thread::Builder::new().name("dialog".to_owned()).spawn(ask);
        } else {
            let _ = self.requests.send(request);
        }
    }

    /// The next answer, if there is one.
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

fn answer(request: Request, tokenizers: &Tokenizers) -> Answer {
    match request {
        Request::List(folder) => {
            let paths = list(&folder);
            Answer::Listed(folder, paths)
        }
        Request::Thumbnail(path) => {
            let small = pictures::load(&path).ok().map(|pixels| Arc::new(thumbnail(&pixels)));
            Answer::Thumbnail(path, small)
        }
        Request::Picture(path) => {
            let pixels = pictures::load(&path);
            let recipe = read_recipe(&path).ok().map(Box::new);
            Answer::Picture(path, pixels.map(|pixels| (Arc::new(pixels), recipe)))
        }
        Request::Shrink(pixels) => {
            let small = shrink(&pixels, SOURCE);
            Answer::Shrunk(pixels, small)
        }
        Request::Open(path, bytes) => {
            let opened = open(&path, bytes);
            Answer::Opened(path, opened)
        }
        Request::Tokens(model, prompt) => {
            let count = count(&model, &prompt, tokenizers).unwrap_or_default();
            Answer::Tokens(model, prompt, count)
        }
        Request::Models => Answer::Models(models::models()),
        Request::Save(session, home) => Answer::Saved(session.save(&home)),
        Request::Choose(purpose) => {
            let chosen = choose(&purpose);
            Answer::Chosen(purpose, chosen)
        }
    }
}

/// The PNGs in `folder`, newest first.
fn list(folder: &Path) -> Vec<PathBuf> {
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

/// A copy for the strip.
pub fn thumbnail(pixels: &RgbImage) -> RgbImage {
    shrink(pixels, THUMBNAIL)
}

/// A copy that is at most `limit` on its longer side.
pub fn shrink(pixels: &RgbImage, limit: u32) -> RgbImage {
    let longest = pixels.width().max(pixels.height());
    if longest <= limit {
        return pixels.clone();
    }
    let side = |value: u32| (u64::from(value) * u64::from(limit) / u64::from(longest)).max(1) as u32;
    image::imageops::thumbnail(pixels, side(pixels.width()), side(pixels.height()))
}

fn open(path: &Path, bytes: Option<Vec<u8>>) -> Result<Opened> {
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => std::fs::read(path)
            .map_err(|error| Error::new(format!("cannot read the file ({error})")).at(path.display()))?,
    };
    match recipe_from_bytes(&bytes) {
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

fn count(model: &str, prompt: &str, tokenizers: &Tokenizers) -> Result<TokenCount> {
    let known = tokenizers.lock().unwrap_or_else(PoisonError::into_inner).get(model).cloned();
    let tokenizer = match known {
        Some(tokenizer) => tokenizer,
        None => {
            let folder = models::find_model(model)?.subfolder("tokenizer");
            let tokenizer = folder.and_then(|folder| Tokenizer::open(&folder).ok()).map(Arc::new);
            let mut tokenizers = tokenizers.lock().unwrap_or_else(PoisonError::into_inner);
            tokenizers.insert(model.to_owned(), tokenizer.clone());
            tokenizer
        }
    };
    let tokenizer = tokenizer.ok_or_else(|| Error::new("the model has no tokenizer"))?;
    let tokens = tokenizer.tokenize(&models::plain_caption(prompt))?;
    Ok(TokenCount { tokens: tokens.len, cut: tokens.cut })
}

/// The desktop's dialog. "Cancelled" and "there is no dialog" look the same to rfd, so the latter is asked first.
fn choose(purpose: &Purpose) -> Result<Option<PathBuf>> {
    let portal = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || !cfg!(target_os = "linux");
    let zenity =
        || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|p| p.join("zenity").exists()));
    if !portal && !zenity() {
        return Err(Error::new("this desktop has no file dialog").hint("type the path instead"));
    }
    let dialog = rfd::FileDialog::new();
    Ok(match purpose {
        Purpose::Setting(_, true) => dialog.pick_folder(),
        Purpose::Setting("embeddings", false) => dialog.pick_file(),
        Purpose::Open => {
            dialog.add_filter("Pictures and recipes", &["png", "jpg", "jpeg", "webp", "gif", "bmp", "json"]).pick_file()
        }
        Purpose::Setting(_, false) => {
            dialog.add_filter("Pictures", &["png", "jpg", "jpeg", "webp", "gif", "bmp"]).pick_file()
        }
    })
}
