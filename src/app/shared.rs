//! What every area works with: the session that it edits, the queue that it fills, the threads that it asks, the messages
//! that it leaves. An area takes it as an argument and has no other way to anything outside itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use super::background::Background;
use super::commands::Command;
use super::files::Files;
use super::home::Home;
use super::queue::Queue;
use super::session::Session;
use super::widgets::toasts::{Toasts, Tone};
use crate::experiments::settings::source;
use crate::experiments::{EXPERIMENTS, Experiment, Source};
use crate::files::atomic_write;
use crate::pictures::encode_png;

/// What is shared.
pub struct Shared {
    /// What outlives the window.
    pub session: Session,
    /// Jobs, and the worker that runs them.
    pub queue: Queue,
    /// Files from outside and to the outside.
    pub files: Files,
    /// Everything slow that is not the worker's.
    pub background: Background,
    /// The user's folders.
    pub home: Home,
    /// Messages.
    pub toasts: Toasts,
    /// Commands to be done after this frame.
    pub commands: Vec<Command>,
    /// A picture of the gallery to be shown after this frame, and a command to be done with it then.
    pub to_show: Option<(PathBuf, Option<Command>)>,
}

impl Shared {
    /// Writes a picture where the user says, under a name that can be changed.
    pub fn save_picture(&mut self, name: &'static str, pixels: Arc<RgbImage>) {
        let write = move |path: &Path| atomic_write(path, &encode_png(&pixels, None)?);
        self.files.save(name, self.home.exports(), &self.background, write);
    }

    /// Makes pixels the source of the open panel, or of Upscale.
    pub fn use_as_source(&mut self, pixels: Arc<RgbImage>, from: &str) {
        let takes = |experiment: &Experiment| experiment.uses(&source::image);
        let open = self.session.recipe().experiment().is_ok_and(takes);
        if !open {
            match EXPERIMENTS.iter().find(|experiment| takes(experiment)) {
                Some(experiment) => self.session.panel = experiment.verb.to_owned(),
                None => return,
            }
        }
        self.session.recipe_mut().source.image = Some(Source::Held(pixels));
        self.toasts.say(Tone::Done, format!("The source is the picture from {from}"));
    }
}
