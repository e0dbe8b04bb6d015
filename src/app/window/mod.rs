//! The window: every area's state side by side, and what they share. It routes what one area has for another and owns
//! nothing else. `egui_kittest` drives it without a display.

mod centre;
mod commands;
mod desktop;
mod drop;
mod events;
mod frame;
mod frame_times;
mod rail;

pub use frame_times::FrameTimes;

use super::background::Background;
use super::dialogs::Dialogs;
use super::files::Files;
use super::form::Inspector;
use super::form::panel::Panel;
use super::form::panels::panel;
use super::gallery::Gallery;
use super::home::Home;
use super::queue::{Engine, Queue};
use super::session::autosave::Autosave;
use super::session::recovery;
use super::session::undo::Undo;
use super::shared::Shared;
use super::training::Training;
use super::viewer::{Current, Viewer};
use super::widgets::toasts::{Toasts, Tone};
use super::workspaces::Workspaces;
use desktop::Desktop;

/// Everything that the window shows.
pub struct Window {
    /// What every area works with.
    pub shared: Shared,
    /// The settings of the open panel.
    pub inspector: Inspector,
    /// What one works at beside the pictures.
    pub workspaces: Workspaces,
    /// The pictures.
    pub viewer: Viewer,
    /// Results.
    pub gallery: Gallery,
    /// Training runs.
    pub training: Training,
    /// What is open above the window.
    pub dialogs: Dialogs,
    /// What was done.
    pub undo: Undo,
    /// How long frames take.
    pub frames: FrameTimes,
    /// The same, of those in which something was painted.
    pub painting: FrameTimes,
    autosave: Autosave,
    pub(super) desktop: Desktop,
}

impl Window {
    /// The window on the folders of `home`, with work done by `engine`. `wake` is called when there is something to
    /// see.
    pub fn new(home: Home, engine: Box<dyn Engine>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let background = Background::spawn(home.source_mark(), wake);
        let mut toasts = Toasts::default();
        let (session, tidying) = recovery::opened(&home, &background, &mut toasts);
        let lock = home.lock();
        if lock.is_none() {
            let line = "another window of this program is open and keeps the settings; what is set here is not kept";
            toasts.say(Tone::Note, line);
        }
        let mut inspector = Inspector::default();
        inspector.model.list_models(&background);
        Self {
            inspector,
            workspaces: Workspaces::new(&session),
            viewer: Viewer::default(),
            gallery: Gallery::new(home.gallery(), &background),
            training: Training::default(),
            dialogs: Dialogs::default(),
            undo: Undo::default(),
            frames: FrameTimes::default(),
            painting: FrameTimes::default(),
            autosave: Autosave::new(session.clone(), lock, tidying),
            desktop: Desktop::default(),
            shared: Shared {
                session,
                queue: Queue::new(engine),
                files: Files::default(),
                background,
                home,
                toasts,
                commands: Vec::new(),
                to_show: None,
            },
        }
    }

    /// The open panel.
    pub fn panel(&self) -> &'static Panel {
        panel(&self.shared.session.panel)
    }

    /// The picture that commands are about.
    pub fn current(&self) -> Option<Current> {
        self.viewer.current(&self.shared.queue.jobs)
    }

    /// Why Generate is not to be pressed, if it is not.
    pub fn why_not(&self) -> Option<String> {
        self.inspector.why_not(&self.shared.session)
    }

    /// Writes the session now, at the end.
    pub fn save_now(&self) {
        self.autosave.save_now(&self.shared.session, &self.shared.home, &self.shared.background);
    }
}
