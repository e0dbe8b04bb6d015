//! The window, driven by accessible names as a person or a screen reader would, without a display.

#[cfg(unix)]
mod background;
mod commands;
mod explaining;
mod files;
mod keyboard;
mod looking;
mod noising;
mod painting;
mod panels;
mod recovery;
mod sample;
mod scores;
mod session;
mod showing;
#[cfg(feature = "snapshots")]
mod snapshots;
mod training;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diffusion_lab::app::Window;
use diffusion_lab::app::home::Home;
use diffusion_lab::app::queue::Engine;
use diffusion_lab::models::DeviceChoice;
use diffusion_lab::worker::{Event, Job, JobId, Options, Preview, Worker};
use egui_kittest::Harness;

#[cfg(not(feature = "snapshots"))]
#[test]
fn every_panel_looks_as_it_did() {
    eprintln!("SKIPPED: pictures of the panels need a rasteriser and --features snapshots");
}

/// An engine that says what a test tells it to.
#[derive(Clone, Default)]
pub struct Scripted(Rc<RefCell<Script>>);

#[derive(Default)]
pub struct Script {
    pub jobs: Vec<Job>,
    pub cancelled: Vec<JobId>,
    pub reordered: Vec<(JobId, isize)>,
    pub paused: Vec<(JobId, bool)>,
    pub rates: Vec<(JobId, f64)>,
    pub events: VecDeque<Event>,
    pub preview: Option<Preview>,
    pub device: DeviceChoice,
}

impl Scripted {
    pub fn with<T>(&self, take: impl FnOnce(&mut Script) -> T) -> T {
        take(&mut self.0.borrow_mut())
    }
}

impl Engine for Scripted {
    fn submit(&self, job: Job) -> JobId {
        self.with(|script| {
            script.jobs.push(job);
            JobId(script.jobs.len() as u64)
        })
    }

    fn reorder(&self, job: JobId, by: isize) {
        self.with(|script| script.reordered.push((job, by)));
    }

    fn pause(&self, job: JobId, paused: bool) {
        self.with(|script| script.paused.push((job, paused)));
    }

    fn set_learning_rate(&self, job: JobId, rate: f64) {
        self.with(|script| script.rates.push((job, rate)));
    }

    fn device(&self) -> DeviceChoice {
        self.with(|script| script.device)
    }

    fn set_device(&self, choice: DeviceChoice) {
        self.with(|script| script.device = choice);
    }

    fn cancel(&self, job: JobId) {
        self.with(|script| script.cancelled.push(job));
    }

    fn event(&self) -> Option<Event> {
        self.with(|script| script.events.pop_front())
    }

    fn preview(&self, _: JobId) -> Option<Preview> {
        self.with(|script| script.preview.take())
    }
}

/// A window on a home of its own.
pub fn window(home: &Path, engine: Box<dyn Engine>) -> Harness<'static, Window> {
    let lab = Window::new(Home::at(home), engine, || {});
    let mut harness =
        Harness::builder().with_size(egui::vec2(1280.0, 800.0)).with_max_steps(12).build_ui_state(frame, lab);
    harness.run_ok();
    harness
}

/// One frame as the shell does it.
pub fn frame(ui: &mut egui::Ui, lab: &mut Window) {
    lab.logic(ui.ctx());
    lab.ui(ui);
}

/// A window with a scripted engine.
pub fn scripted() -> (tempfile::TempDir, Scripted, Harness<'static, Window>) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let engine = Scripted::default();
    let harness = window(home.path(), Box::new(engine.clone()));
    (home, engine, harness)
}

/// How many steps of what is shown there are to go through.
pub fn steps_shown(window: &Window) -> usize {
    window.viewer.steps_shown(&window.shared.queue.jobs)
}

/// The real worker.
pub fn real() -> Box<dyn Engine> {
    Box::new(Worker::spawn(Options::default(), || {}).expect("a worker"))
}

/// Steps until `done`, or fails after a minute.
pub fn until(harness: &mut Harness<'static, Window>, what: &str, mut done: impl FnMut(&Window) -> bool) {
    let begun = Instant::now();
    while !done(harness.state()) {
        assert!(begun.elapsed() < Duration::from_secs(120), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    harness.step();
}

/// A file on its way into the window.
#[derive(Debug)]
pub struct Dropped(pub std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

/// Drops a file on the window.
pub fn drop_file(harness: &mut Harness<'static, Window>, path: &Path) {
    harness.input_mut().dropped_files.push(Arc::new(Dropped(path.to_owned())));
    harness.step();
}
