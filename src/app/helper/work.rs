//! What the helper's threads do: one function a request.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use image::RgbImage;

use super::desk::Tokenizers;
use super::{Answer, Opened, Purpose, Request, TokenCount};
use crate::app::dashboard::{Exported, as_csv, as_json, read_run, run_folder};
use crate::app::draft::Draft;
use crate::datasets::Dataset;
use crate::error::{Error, Result};
use crate::experiments::{Source, read_recipe, recipe_from_bytes};
use crate::files::{atomic_write, limits, read_file, writable_dir};
use crate::models::{self, ModelSummary, Tokenizer};
use crate::pictures;
use crate::views::ViewSpec;
use crate::worker::write_recorded;

/// Longest side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 160;
/// Longest side of a source picture's copy in its form, in pixels.
const SOURCE: u32 = 512;

/// Does what is asked.
pub(super) fn answer(request: Request, tokenizers: &Tokenizers) -> Answer {
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
        Request::Square(pixels, side) => {
            let square = pictures::fit_square(&pixels, side);
            Answer::Squared(pixels, square)
        }
        Request::Mask(source, side) => {
            let grey = mask(&source, side);
            Answer::Mask(source, grey)
        }
        Request::Turn(pixels, views) => {
            let ways = views.iter().map(|view| way(&pixels, view)).collect();
            Answer::Turned(pixels, views, ways)
        }
        Request::Blur(pixels) => {
            let blurred = pictures::squinted(&pixels);
            Answer::Blurred(pixels, blurred)
        }
        Request::Glance(model, stage_2) => {
            let summary = ModelSummary::at(&model, &stage_2).map(Box::new);
            Answer::Glanced((model, stage_2), summary)
        }
        Request::Recommend(model, stage_2) => {
            // A model that is not there recommends nothing; the job says what is wrong with it.
            let recommended = models::recommendations(&model, &stage_2).unwrap_or_default();
            Answer::Recommended(model, stage_2, recommended)
        }
        Request::Branch { path, timesteps, samples, recipe } => {
            Answer::Branched(write_recorded(&path, &timesteps, &samples).map(|()| recipe))
        }
        Request::Export(name, pixels, folder) => Answer::Exported(export(name, &pixels, &folder)),
        Request::ExportRuns(name, runs, folder) => Answer::Exported(export_runs(name, &runs, &folder)),
        Request::ExportPage(draft, folder) => Answer::Exported(export_page(&draft, &folder)),
        Request::Digits(name) => {
            let set = Dataset::open(&name).map(Arc::new);
            Answer::Digits(name, set)
        }
        Request::Runs(folder) => Answer::Runs(runs(&folder)),
        Request::Resumed(job, folder) => Answer::Resumed(job, read_run(&folder).map(Box::new)),
        Request::Open(path, bytes) => {
            let opened = open(&path, bytes);
            Answer::Opened(path, opened)
        }
        Request::Tokens(model, prompt) => {
            let count = count(&model, &prompt, tokenizers);
            Answer::Tokens(model, prompt, count)
        }
        Request::Models => Answer::Models(models::models()),
        Request::Tidy(home, named) => {
            home.tidy(&named);
            Answer::Tidied
        }
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
            // While a model's name is being typed, there is none yet.
            let folder = models::find_model(model).ok().and_then(|folder| folder.subfolder("tokenizer"));
            let Some(folder) = folder else { return Ok(TokenCount::default()) };
            let tokenizer = Tokenizer::open(&folder).map(Arc::new);
            let mut tokenizers = tokenizers.lock().unwrap_or_else(PoisonError::into_inner);
            tokenizers.insert(model.to_owned(), tokenizer.clone());
            tokenizer
        }
    };
    let tokenizer = tokenizer?;
    let tokens = tokenizer.tokenize(&models::plain_caption(prompt))?;
    Ok(TokenCount { tokens: tokens.len, cut: tokens.cut })
}

/// Pictures between a picture and its view.
const ON_THE_WAY: usize = 24;

/// From the picture to its view, both ends included.
fn way(pixels: &RgbImage, view: &ViewSpec) -> Result<Vec<RgbImage>> {
    let side = pixels.width() as usize;
    let view = view.at(side, side)?;
    (0..=ON_THE_WAY).map(|at| view.frame(pixels, at as f64 / ON_THE_WAY as f64)).collect()
}

/// A mask as a square of that side, grey in every channel.
fn mask(source: &Source, side: u32) -> Result<RgbImage> {
    Ok(pictures::fit_square(&source.load_mask()?, side))
}

fn export(name: &str, pixels: &RgbImage, folder: &Path) -> Result<Option<PathBuf>> {
    let Some(path) = place(name, "png", folder)? else { return Ok(None) };
    atomic_write(&path, &pictures::encode_png(pixels, None)?)?;
    Ok(Some(path))
}

fn export_runs(name: &str, runs: &[Exported], folder: &Path) -> Result<Option<PathBuf>> {
    let (ending, text) = match name.ends_with(".json") {
        true => ("json", as_json(runs)?),
        false => ("csv", as_csv(runs)),
    };
    let Some(path) = place(name, ending, folder)? else { return Ok(None) };
    atomic_write(&path, text.as_bytes())?;
    Ok(Some(path))
}

fn export_page(draft: &Draft, folder: &Path) -> Result<Option<PathBuf>> {
    let Some(path) = place("results.html", "html", folder)? else { return Ok(None) };
    draft.write(&path)?;
    Ok(Some(path))
}

/// The folders with a training run in them, newest first.
fn runs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| run_folder(&entry.path()).is_some())
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Where to write a file: as the desktop's dialog says, else in `folder` under the next free name.
fn place(name: &str, ending: &str, folder: &Path) -> Result<Option<PathBuf>> {
    let path = match has_dialog() {
        true => rfd::FileDialog::new().set_file_name(name).add_filter(ending.to_uppercase(), &[ending]).save_file(),
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
        Purpose::Setting("embeddings" | "text_encoder", false) => dialog.pick_file(),
        Purpose::Open => {
            dialog.add_filter("Pictures and recipes", &["png", "jpg", "jpeg", "webp", "gif", "bmp", "json"]).pick_file()
        }
        Purpose::Setting(_, false) => {
            dialog.add_filter("Pictures", &["png", "jpg", "jpeg", "webp", "gif", "bmp"]).pick_file()
        }
    })
}
