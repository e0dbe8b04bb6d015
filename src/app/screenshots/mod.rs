//! `diffusion-window screenshots DIR`: the real window, driven through a script, with the built-in model. A home of its
//! own, so that the pictures are the same on every machine.

mod script;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egui::{ColorImage, Context, Event};
use image::RgbImage;

use super::home::Home;
use super::shell::{self, Driver};
use super::window::Window;
use crate::error::{Error, Result};
use crate::files::{atomic_write, writable_dir};
use crate::pictures::encode_png;
use crate::worker::Options;
use script::SCRIPT;

/// Where the script is.
struct Play {
    folder: PathBuf,
    at: usize,
    prepared: Option<Instant>,
    settled: Option<Instant>,
    asked: bool,
    begun: Instant,
    /// What the script's pointer is still to do.
    events: Vec<Event>,
    outcome: Arc<Mutex<Vec<Result<PathBuf>>>>,
}

const SETTLE: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(900);

/// Makes the pictures in `folder`; needs a display, real or Xvfb.
pub fn screenshots(folder: &Path, options: Options) -> Result<Vec<PathBuf>> {
    writable_dir(folder)?;
    let home = std::env::temp_dir().join(format!("diffusion-window-screenshots-{}", std::process::id()));
    let outcome: Arc<Mutex<Vec<Result<PathBuf>>>> = Arc::default();
    let play = Play {
        folder: folder.to_owned(),
        at: 0,
        prepared: None,
        settled: None,
        asked: false,
        begun: Instant::now(),
        events: Vec::new(),
        outcome: Arc::clone(&outcome),
    };
    let opened = shell::open(options, Home::at(&home), Some([1440.0, 900.0]), Some(Box::new(play)));
    let _ = std::fs::remove_dir_all(&home);
    opened?;
    let outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
    let paths = outcome.into_iter().collect::<Result<Vec<_>>>()?;
    if paths.len() < SCRIPT.iter().filter(|shot| !shot.name.is_empty()).count() {
        return Err(Error::new("the window was closed before every picture was made").at(folder.display()));
    }
    Ok(paths)
}

impl Driver for Play {
    fn events(&mut self) -> Vec<Event> {
        // One a frame, so that the window sees a hand and not a leap.
        self.events.drain(..self.events.len().min(1)).collect()
    }

    fn frame(&mut self, window: &mut Window, ctx: &Context) {
        let pause = if self.events.is_empty() { 40 } else { 1 };
        ctx.request_repaint_after(Duration::from_millis(pause));
        let done = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).len();
        let made = SCRIPT.iter().take(self.at).filter(|shot| !shot.name.is_empty()).count();
        if self.begun.elapsed() > PATIENCE || self.at >= SCRIPT.len() {
            window.desktop.leave(ctx);
            return;
        }
        if self.asked {
            if done > made {
                (self.at, self.prepared, self.settled, self.asked) = (self.at + 1, None, None, false);
            }
            return;
        }
        let shot = &SCRIPT[self.at];
        if self.prepared.is_none() {
            self.events = (shot.prepare)(window, ctx);
        }
        let prepared = *self.prepared.get_or_insert_with(Instant::now);
        let live = shot.name == "running";
        if prepared.elapsed() > Duration::from_millis(200) && self.events.is_empty() && (shot.ready)(window) {
            let settled = *self.settled.get_or_insert_with(Instant::now);
            if live || settled.elapsed() > SETTLE {
                self.asked = !shot.name.is_empty();
                if self.asked {
                    self.shoot(ctx, shot.name);
                } else {
                    (self.at, self.prepared, self.settled) = (self.at + 1, None, None);
                }
            }
        }
    }
}

impl Play {
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
