//! A file that stands while the window opens what its session names. One that is there at a start was left by a crash:
//! that start opens the session without its sources, so that what ended the program once does not end it for ever.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Request, Ticket};
use crate::experiments::Source;

/// Frames that are drawn with what came before the mark is taken away: textures are made in the first.
const FRAMES: u8 = 2;

/// Whether a model or a set of digits is named by its place: a name has one part, a hub id has two.
pub fn is_place(name: &str) -> bool {
    let path = Path::new(name);
    path.is_absolute() || name.starts_with('.') || path.components().count() > 2
}

/// Whether a request opens what a session names: a start would ask for it again. (A source picture may be a gallery's as
/// well; that is for its owner to say.)
pub(super) fn opens_a_source(request: &Request) -> bool {
    match request {
        Request::Mask(source, _) => matches!(source, Source::File(_)),
        Request::Recommend(model, stage_2) | Request::Glance(model, stage_2) => is_place(model) || is_place(stage_2),
        Request::Tokens(name, _) | Request::Digits(name) => is_place(name),
        _ => false,
    }
}

/// The mark, and what it waits for.
pub struct SourceMark {
    path: PathBuf,
    waiting: RefCell<HashSet<Ticket>>,
    stands: Cell<bool>,
    frames: Cell<u8>,
}

impl SourceMark {
    /// The mark in the file `path`.
    pub fn at(path: PathBuf) -> Self {
        Self { path, waiting: RefCell::default(), stands: Cell::new(false), frames: Cell::new(0) }
    }

    /// Whether a start before this one left it.
    pub fn is_left(&self) -> bool {
        !self.stands.get() && self.path.symlink_metadata().is_ok()
    }

    /// Puts it up. Where that fails, a crash is as it was without marks.
    pub fn set(&self) {
        self.frames.set(0);
        if !self.stands.replace(true) {
            let made = self.path.parent().is_none_or(|folder| std::fs::create_dir_all(folder).is_ok());
            let _ = made.then(|| std::fs::write(&self.path, "sources are being opened\n"));
        }
    }

    /// Lets it stand until the answer to this request is there.
    pub fn wait_for(&self, ticket: Ticket) {
        self.waiting.borrow_mut().insert(ticket);
    }

    /// An answer is there.
    pub fn came(&self, ticket: Ticket) {
        self.waiting.borrow_mut().remove(&ticket);
    }

    /// Done in each frame: takes it away once all answers were drawn. True where another frame is needed for that.
    pub fn settle(&self) -> bool {
        if !self.stands.get() || !self.waiting.borrow().is_empty() {
            return false;
        }
        self.frames.set(self.frames.get() + 1);
        if self.frames.get() > FRAMES {
            self.take_away();
        }
        self.stands.get()
    }

    /// Takes it away: everything is opened, or the window closes as it should.
    pub fn take_away(&self) {
        self.stands.set(false);
        let _ = std::fs::remove_file(&self.path);
    }
}
