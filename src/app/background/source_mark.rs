//! A file that stands while the window opens what its session names. One that is there at a start was left by a crash:
//! that start opens the session without its sources, so that what ended the program once does not end it for ever.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use super::pending::Token;

/// Frames that are drawn with what came before the mark is taken away: textures are made in the first.
const FRAMES: u8 = 2;

/// The mark, and what it waits for.
pub struct SourceMark {
    path: PathBuf,
    /// A clone of it goes with each job that the mark waits for, and is given back with the answer.
    waiting: Token,
    stands: Cell<bool>,
    frames: Cell<u8>,
}

impl SourceMark {
    /// The mark in the file `path`.
    pub fn at(path: PathBuf) -> Self {
        Self { path, waiting: Token::default(), stands: Cell::new(false), frames: Cell::new(0) }
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

    /// Lets it stand until this is given back.
    pub(super) fn token(&self) -> Token {
        Arc::clone(&self.waiting)
    }

    /// Done in each frame: takes it away once all answers were drawn. True where another frame is needed for that.
    pub fn settle(&self) -> bool {
        if !self.stands.get() || Arc::strong_count(&self.waiting) > 1 {
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
