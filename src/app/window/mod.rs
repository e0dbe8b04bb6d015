//! The window: every area's state side by side, and what they share. It routes what one area has for another and owns
//! nothing else. `egui_kittest` drives it without a display.

mod centre;
mod commands;
mod desktop;
mod drop;
mod events;
mod frame;
mod frame_times;
mod pictures;
mod rail;

pub use frame_times::FrameTimes;

use super::background::Background;
use super::dialogs::Dialogs;
use super::files::Files;
use super::form::Inspector;
use super::form::panels::Panel;
use super::form::panels::panel;
use super::gallery::Gallery;
use super::home::Home;
use super::queue::{Engine, Queue};
use super::scores::Scores;
use super::session::Layout;
use super::session::autosave::Autosave;
use super::session::recovery;
use super::session::undo::Undo;
use super::shared::Shared;
use super::training::Training;
use super::viewer::{Current, Viewer};
use super::widgets::toasts::{Toasts, Tone};
use super::workspaces::Workspaces;
use super::workspaces::kind::Workspace;
use desktop::Desktop;

/// What stands in the middle of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middle {
    /// What a panel without pictures yet says of itself.
    Empty,
    /// The dashboard of training.
    Training,
    /// The page of scores.
    Scores,
    /// The workspace, the pictures, or both.
    Of(Layout),
}

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
    /// Scores of networks.
    pub scores: Scores,
    /// What is open above the window.
    pub dialogs: Dialogs,
    /// What was done.
    pub undo: Undo,
    /// How long frames take.
    pub frames: FrameTimes,
    /// The same, of those in which something was painted.
    pub painting: FrameTimes,
    /// What stood in the middle in the last frame.
    middle_before: Option<Middle>,
    /// The panel that was open in the last frame.
    panel_before: String,
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
            training: Training::new(home.runs(), &background),
            scores: Scores::new(home.scores(), &background),
            dialogs: Dialogs::default(),
            undo: Undo::default(),
            frames: FrameTimes::default(),
            painting: FrameTimes::default(),
            middle_before: None,
            panel_before: session.panel.clone(),
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

    /// The picture that commands are about: one that is to be seen.
    pub fn current(&self) -> Option<Current> {
        self.shows_pictures().then(|| self.viewer.current(&self.shared.queue.jobs))?
    }

    /// What stands in the middle. Another panel's pictures neither take the workspace's room nor hide what an empty panel
    /// says.
    pub fn middle(&self) -> Middle {
        let Shared { session, queue, .. } = &self.shared;
        let own = self.viewer.belongs_to(&session.panel, &queue.jobs);
        match (self.panel().workspace, own) {
            (Workspace::Training, _) => Middle::Training,
            (Workspace::Score, _) => Middle::Scores,
            (Workspace::Pictures, true) => Middle::Of(Layout::Pictures),
            (Workspace::Pictures, false) => Middle::Empty,
            (_, true) => Middle::Of(session.layout),
            (_, false) => Middle::Of(Layout::Workspace),
        }
    }

    /// Whether the viewer's pictures are to be seen.
    pub fn shows_pictures(&self) -> bool {
        matches!(self.middle(), Middle::Of(Layout::Both | Layout::Pictures))
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
