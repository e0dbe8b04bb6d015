//! `diffusion-lab screenshots DIR`: the real window, driven through a script, with the built-in model. A home of its
//! own, so that the pictures are the same on every machine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egui::{ColorImage, Context};
use image::RgbImage;

use super::commands::Command;
use super::home::Home;
use super::lab::Lab;
use super::shell;
use super::theme::Theme;
use crate::error::{Error, Result};
use crate::experiments::{Recipe, Source, find};
use crate::files::{atomic_write, writable_dir};
use crate::models::find_model;
use crate::pictures::encode_png;
use crate::worker::Options;

/// One picture: what leads to it, and when it is there.
struct Shot {
    name: &'static str,
    prepare: fn(&mut Lab, &Context),
    ready: fn(&Lab) -> bool,
}

const SCRIPT: [Shot; 10] = [
    Shot { name: "start-dark", prepare: |_, _| {}, ready: |lab| !lab.models.is_empty() },
    Shot { name: "running", prepare: start, ready: |lab| lab.jobs.running().is_some_and(|job| job.fraction() > 0.6) },
    Shot { name: "sample-dark", prepare: |_, _| {}, ready: idle },
    Shot { name: "sample-light", prepare: |lab, _| lab.session.theme = Theme::Light, ready: idle },
    Shot { name: "palette", prepare: dark_palette, ready: idle },
    Shot { name: "about", prepare: |lab, ctx| sheet(lab, ctx, Command::About), ready: idle },
    Shot { name: "keys", prepare: |lab, ctx| sheet(lab, ctx, Command::Help), ready: idle },
    Shot { name: "upscale", prepare: upscale, ready: idle },
    Shot { name: "edit", prepare: edit, ready: idle },
    Shot { name: "anagram", prepare: anagram, ready: idle },
];

fn idle(lab: &Lab) -> bool {
    lab.jobs.open().next().is_none()
}

fn start(lab: &mut Lab, _: &Context) {
    let prompts = lab.recommendation.prompts.iter().take(3).cloned().collect();
    lab.session.open(Recipe { prompt: prompts, ..Recipe::new("sample") });
    lab.pending.push(Command::Generate);
}

fn dark_palette(lab: &mut Lab, ctx: &Context) {
    lab.session.theme = Theme::Dark;
    sheet(lab, ctx, Command::Palette);
}

fn sheet(lab: &mut Lab, ctx: &Context, command: Command) {
    lab.sheet = None;
    lab.perform(ctx, command);
}

fn edit(lab: &mut Lab, _: &Context) {
    lab.toasts.clear();
    let prompt = vec!["a red and white lighthouse".to_owned()];
    let image = first_picture(lab).map(Source::Held);
    lab.session.open(Recipe { prompt, image, i_start: vec![1, 5, 10, 15, 20, 25], ..defaults("edit") });
    lab.pending.push(Command::Generate);
}

fn anagram(lab: &mut Lab, _: &Context) {
    lab.toasts.clear();
    let prompts = ["an oil painting of people around a campfire", "a red and white lighthouse"];
    lab.session.open(Recipe { prompt: prompts.map(str::to_owned).to_vec(), count: 2, ..defaults("anagram") });
    lab.pending.push(Command::Generate);
}

fn defaults(verb: &str) -> Recipe {
    find(verb).map_or_else(|_| Recipe::new(verb), |experiment| (experiment.defaults)())
}

fn first_picture(lab: &Lab) -> Option<Arc<RgbImage>> {
    lab.jobs.all.first().and_then(|job| job.pictures.last()).map(|picture| Arc::clone(&picture.pixels))
}

fn upscale(lab: &mut Lab, _: &Context) {
    lab.sheet = None;
    if let Some(pixels) = first_picture(lab) {
        lab.use_as_source(pixels, "the gallery");
    }
    lab.toasts.clear();
    lab.session.recipe_mut().prompt = lab.recommendation.prompts.iter().skip(2).take(1).cloned().collect();
    // A model without stage II would only fail.
    let model = find_model(&lab.session.recipe().model);
    if model.is_ok_and(|folder| folder.subfolder("stage-2").is_some()) {
        lab.pending.push(Command::Generate);
    }
}

/// Where the script is.
struct Play {
    folder: PathBuf,
    at: usize,
    prepared: Option<Instant>,
    settled: Option<Instant>,
    asked: bool,
    begun: Instant,
    outcome: Arc<Mutex<Vec<Result<PathBuf>>>>,
}

const SETTLE: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(900);

/// Makes the pictures in `folder`; needs a display, real or Xvfb.
pub fn screenshots(folder: &Path, options: Options) -> Result<Vec<PathBuf>> {
    writable_dir(folder)?;
    let home = std::env::temp_dir().join(format!("diffusion-lab-screenshots-{}", std::process::id()));
    let outcome: Arc<Mutex<Vec<Result<PathBuf>>>> = Arc::default();
    let mut play = Play {
        folder: folder.to_owned(),
        at: 0,
        prepared: None,
        settled: None,
        asked: false,
        begun: Instant::now(),
        outcome: Arc::clone(&outcome),
    };
    let driver = Box::new(move |lab: &mut Lab, ctx: &Context| play.frame(lab, ctx));
    let opened = shell::open(options, Home::at(&home), Some([1440.0, 900.0]), Some(driver));
    let _ = std::fs::remove_dir_all(&home);
    opened?;
    let outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
    let paths = outcome.into_iter().collect::<Result<Vec<_>>>()?;
    if paths.len() < SCRIPT.len() {
        return Err(Error::new("the window was closed before every picture was made").at(folder.display()));
    }
    Ok(paths)
}

impl Play {
    fn frame(&mut self, lab: &mut Lab, ctx: &Context) {
        ctx.request_repaint_after(Duration::from_millis(40));
        let done = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).len();
        if self.begun.elapsed() > PATIENCE || self.at >= SCRIPT.len() {
            lab.leaving = true;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            return;
        }
        if self.asked {
            if done > self.at {
                (self.at, self.prepared, self.settled, self.asked) = (self.at + 1, None, None, false);
            }
            return;
        }
        let shot = &SCRIPT[self.at];
        let prepared = *self.prepared.get_or_insert_with(|| {
            (shot.prepare)(lab, ctx);
            Instant::now()
        });
        let live = shot.name == "running";
        if prepared.elapsed() > Duration::from_millis(200) && (shot.ready)(lab) {
            let settled = *self.settled.get_or_insert_with(Instant::now);
            if live || settled.elapsed() > SETTLE {
                self.asked = true;
                self.shoot(ctx, shot.name);
            }
        }
    }

    fn shoot(&self, ctx: &Context, name: &str) {
        let path = self.folder.join(format!("{name}.png"));
        let outcome = Arc::clone(&self.outcome);
        ctx.request_screenshot(move |image: Arc<ColorImage>| {
            let saved = save(&image, &path).map(|()| path);
            outcome.lock().unwrap_or_else(PoisonError::into_inner).push(saved);
        });
    }
}

fn save(image: &ColorImage, path: &Path) -> Result<()> {
    let [width, height] = image.size;
    let bytes = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let pixels = RgbImage::from_raw(width as u32, height as u32, bytes)
        .ok_or_else(|| Error::new("the screenshot is incomplete"))?;
    atomic_write(path, &encode_png(&pixels, None)?)
}
