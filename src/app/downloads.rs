//! Models that come from the hub while the window goes on: one fetch at a time on a thread of its own, its progress
//! where the sheet of models reads it. What has come stays when it is stopped, so stopping is pausing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::Context;

use crate::error::{Error, Result};
use crate::files::available_memory;
use crate::files::hub::Hub;
use crate::models::{DeviceChoice, Fetching, Here, Need, PACKAGES, Package, models_here};

/// What is here and what comes. Clones share it.
#[derive(Clone, Default)]
pub struct Downloads(Arc<Mutex<State>>);

/// All that the sheet shows.
#[derive(Default)]
pub struct State {
    /// What is on this machine; nothing until it has been looked through.
    pub listed: Option<Listed>,
    /// The package that comes now.
    pub running: Option<Running>,
    /// How the last fetch ended, and whether well.
    pub said: Option<(bool, String)>,
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
    /// How far it is; nothing before the first bytes.
    pub fetching: Option<Fetching>,
    /// Whether it is to stop.
    pub stopped: bool,
}

impl Downloads {
    /// Looks through the machine's models, elsewhere.
    pub fn list(&self, ctx: &Context) {
        self.in_thread(ctx, |own| own.look().listed = Some(listed()));
    }

    /// Fetches a package, elsewhere, unless another one comes.
    pub fn fetch(&self, package: &'static Package, token: &str, ctx: &Context) {
        let mut state = self.look();
        if state.running.is_some() {
            return;
        }
        state.running = Some(Running { name: package.name, fetching: None, stopped: false });
        state.said = None;
        drop(state);
        let (token, wake) = (token.trim().to_owned(), ctx.clone());
        self.in_thread(ctx, move |own| {
            let ended = own.bring(package, &token, &wake);
            let listed = listed();
            let mut state = own.look();
            state.running = None;
            state.listed = Some(listed);
            state.said = match ended {
                Ok(()) => Some((true, format!("{} is here", package.name))),
                Err(error) if error.is_cancelled() => Some((true, "Paused; what has come is kept".to_owned())),
                Err(error) => Some((false, error.to_string())),
            };
        });
    }

    /// Stops the fetch within a piece of a file.
    pub fn stop(&self) {
        if let Some(running) = &mut self.look().running {
            running.stopped = true;
        }
    }

    /// What there is to show now.
    pub fn look(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bring(&self, package: &'static Package, token: &str, ctx: &Context) -> Result<()> {
        let hub = Hub::of_user()?;
        let hub = if token.is_empty() { hub } else { hub.with_token(token) };
        package.fetch(&hub, &mut |fetching| {
            let mut state = self.look();
            let Some(running) = &mut state.running else { return Err(Error::cancelled()) };
            running.fetching = Some(fetching.clone());
            let stopped = running.stopped;
            drop(state);
            ctx.request_repaint();
            if stopped { Err(Error::cancelled()) } else { Ok(()) }
        })
    }

    fn in_thread(&self, ctx: &Context, work: impl FnOnce(&Self) + Send + 'static) {
        let (own, ctx) = (self.clone(), ctx.clone());
        let run = move || {
            work(&own);
            ctx.request_repaint();
        };
        // Without a thread the sheet stays empty; the window works all the same.
        let _ = std::thread::Builder::new().name("models".to_owned()).spawn(run);
    }
}

fn listed() -> Listed {
    let hub = Hub::of_user();
    let here = |package: &Package| hub.as_ref().is_ok_and(|hub| package.is_here(hub));
    let packages = PACKAGES.iter().map(|package| (package, here(package), package.need())).collect();
    Listed { here: models_here(), packages, memory: available_memory(), devices: DeviceChoice::here() }
}
