//! Models that come from the hub while the window goes on: one fetch at a time, in the background, its progress where the
//! dialog of models reads it. What has come stays when it is stopped, so stopping is pausing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use egui::Context;

use crate::app::background::{Background, Pending};
use crate::error::{Error, Result};
use crate::files::available_memory;
use crate::files::hub::Hub;
use crate::models::{DeviceChoice, Fetching, Here, Need, PACKAGES, Package, models_here};

/// What is here and what comes.
#[derive(Default)]
pub struct Downloads {
    /// What is on this machine; nothing until it has been looked through.
    pub listed: Option<Listed>,
    /// The package that comes now.
    pub running: Option<Running>,
    /// How the last fetch ended, and whether well.
    pub said: Option<(bool, String)>,
    listing: Option<Pending<Listed>>,
}

/// What is on this machine.
pub struct Listed {
    /// Models.
    pub here: Vec<Here>,
    /// What can be fetched, whether it is here, and the memory that its networks take.
    pub packages: Vec<(&'static Package, bool, Option<Need>)>,
    /// Free memory, in bytes.
    pub memory: Option<u64>,
    /// Where one can compute, and the memory that is free there.
    pub devices: Vec<(DeviceChoice, Option<u64>)>,
}

/// A fetch that goes on.
pub struct Running {
    /// The package's name.
    pub name: &'static str,
    progress: Arc<Progress>,
    /// What is on the machine once it has come, and how it ended.
    ended: Pending<(Listed, Result<()>)>,
}

/// What the fetch and the window tell each other.
#[derive(Default)]
struct Progress {
    fetching: Mutex<Option<Fetching>>,
    stopped: AtomicBool,
}

impl Running {
    /// How far it is; nothing before the first bytes.
    pub fn fetching(&self) -> Option<Fetching> {
        self.progress.fetching.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Downloads {
    /// Looks through the machine's models, elsewhere.
    pub fn list(&mut self, background: &Background) {
        self.listing = Some(background.run_apart("looking through this machine", || Ok(listed())));
    }

    /// Fetches a package, elsewhere, unless another one comes.
    pub fn fetch(&mut self, package: &'static Package, token: &str, ctx: &Context, background: &Background) {
        if self.running.is_some() {
            return;
        }
        let progress = Arc::<Progress>::default();
        let (shared, token, wake) = (Arc::clone(&progress), token.trim().to_owned(), ctx.clone());
        let ended = background.run_apart(format!("fetching {}", package.name), move || {
            let ended = bring(package, &token, &shared, &wake);
            Ok((listed(), ended))
        });
        self.running = Some(Running { name: package.name, progress, ended });
        self.said = None;
    }

    /// Stops the fetch within a piece of a file.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.progress.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Takes in what was listed and what has come; what went wrong with the listing.
    pub fn poll(&mut self) -> Option<Error> {
        if let Some(answer) = self.running.as_ref().and_then(|running| running.ended.take()) {
            let name = self.running.take().map_or("", |running| running.name);
            let ended = answer.and_then(|(listed, ended)| {
                self.listed = Some(listed);
                ended
            });
            self.said = Some(match ended {
                Ok(()) => (true, format!("{name} is here")),
                Err(error) if error.is_cancelled() => (true, "Paused; what has come is kept".to_owned()),
                Err(error) => (false, error.to_string()),
            });
        }
        match Pending::take_from(&mut self.listing)? {
            Ok(listed) => self.listed = Some(listed),
            Err(error) => return Some(error),
        }
        None
    }
}

fn bring(package: &'static Package, token: &str, progress: &Progress, ctx: &Context) -> Result<()> {
    let hub = Hub::of_user()?;
    let hub = if token.is_empty() { hub } else { hub.with_token(token) };
    package.fetch(&hub, &mut |fetching| {
        *progress.fetching.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetching.clone());
        ctx.request_repaint();
        if progress.stopped.load(Ordering::Relaxed) { Err(Error::cancelled()) } else { Ok(()) }
    })
}

fn listed() -> Listed {
    let hub = Hub::of_user();
    let here = |package: &Package| hub.as_ref().is_ok_and(|hub| package.is_here(hub));
    let packages = PACKAGES.iter().map(|package| (package, here(package), package.need())).collect();
    Listed { here: models_here(), packages, memory: available_memory(), devices: DeviceChoice::here() }
}
