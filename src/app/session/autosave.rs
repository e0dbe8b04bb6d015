//! The session's file, written soon after each change, so that a kill loses nothing.

use std::time::{Duration, Instant};

use egui::Context;

use super::Session;
use crate::app::background::{Background, Pending};
use crate::app::home::Home;
use crate::app::shared::Shared;
use crate::app::widgets::toasts::{Toasts, Tone};
use crate::files::FolderLock;

/// How long a change waits before it is written.
const SAVE_AFTER: Duration = Duration::from_millis(700);

/// The session as it was last seen, and when that changed.
pub struct Autosave {
    seen: Session,
    changed: Option<Instant>,
    /// The session is this window's to write; none where another window has it.
    lock: Option<FolderLock>,
    saving: Vec<((), Pending<()>)>,
    /// The removal of pictures that no session names any more.
    tidying: Option<Pending<()>>,
}

impl Autosave {
    /// Follows `session`, which is as its file has it, and writes it where `lock` is there.
    pub fn new(session: Session, lock: Option<FolderLock>, tidying: Option<Pending<()>>) -> Self {
        Self { seen: session, changed: None, lock, saving: Vec::new(), tidying }
    }

    /// Follows the session from frame to frame.
    pub fn follow(&mut self, ctx: &Context, shared: &Shared) {
        let Shared { session, home, background, .. } = shared;
        if *session != self.seen {
            self.seen.clone_from(session);
            self.changed = Some(Instant::now());
            ctx.request_repaint_after(SAVE_AFTER + Duration::from_millis(20));
        }
        if self.lock.is_some() && self.changed.is_some_and(|at| at.elapsed() >= SAVE_AFTER) {
            self.changed = None;
            let (session, home) = (session.clone(), home.clone());
            self.saving.push(((), background.run_in_order("saving the session", move || session.save(&home))));
        }
    }

    /// Says what could not be written.
    pub fn poll(&mut self, toasts: &mut Toasts) {
        for error in Pending::take_all(&mut self.saving).into_iter().filter_map(|((), saved)| saved.err()) {
            toasts.tell(Tone::Failed, format!("the session is not saved: {error}"));
        }
        if let Some(Err(error)) = Pending::take_from(&mut self.tidying) {
            toasts.tell(Tone::Failed, error.to_string());
        }
    }
}

impl Autosave {
    /// Writes the session now, at the end.
    pub fn save_now(&self, session: &Session, home: &Home, background: &Background) {
        if self.lock.is_some() {
            // At the end there is no window left to say it in.
            let _ = session.save(home);
        }
        // What is still being opened is no crash.
        background.mark().take_away();
    }
}
