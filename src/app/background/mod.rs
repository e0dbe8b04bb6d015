//! Everything slow that is not the worker's: reading pictures, listing folders, counting tokens, asking for a file. An
//! area hands a job to [`Background::run`] and keeps the [`Pending`] answer where it asked, so the window never waits and
//! nobody else hears of it.

mod latest;
mod pending;
mod pool;
mod source_mark;

use std::path::PathBuf;
use std::time::Duration;

pub use latest::Latest;
pub use pending::Pending;
pub use pool::{MOST_STUCK, Pool};
pub use source_mark::SourceMark;

use crate::error::{Error, Result};

/// A job that takes longer is stuck, and the others go on without it: a large picture takes a few seconds, a disk that
/// wakes up some more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Threads of the lane of what the window keeps for itself, which is written in order, and of the lane of all else.
const LANES: [usize; 2] = [1, 2];
const KEEPING: usize = 0;
const ALL_ELSE: usize = 1;

/// The threads, and the mark that stands while they open what the session names.
pub struct Background {
    pool: Pool,
    mark: SourceMark,
}

impl Background {
    /// Starts the threads; `mark` is the file that stands while sources are opened, `wake` is called after each answer.
    pub fn spawn(mark: PathBuf, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { pool: Pool::spawn(&LANES, PATIENCE, wake), mark: SourceMark::at(mark) }
    }

    /// Does a job on another thread; `name` says it in messages, such as `reading x.png`.
    pub fn run<T, F>(&self, name: impl Into<String>, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.pool.run(ALL_ELSE, name.into(), None, job)
    }

    /// The same. Where it `opens` something that a start opens too, since the session names it: if that ends the program,
    /// the next start leaves it out.
    pub fn run_opening<T, F>(&self, opens: bool, name: impl Into<String>, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let token = opens.then(|| {
            self.mark.set();
            self.mark.token()
        });
        self.pool.run(ALL_ELSE, name.into(), token, job)
    }

    /// Does a job after those that were asked for in this way before, and waits for no others: what the window keeps.
    pub fn run_in_order<T, F>(&self, name: impl Into<String>, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.pool.run(KEEPING, name.into(), None, job)
    }

    /// Does a job on a thread of its own, however long it takes: one that waits for a person or for the net.
    pub fn run_apart<T, F>(&self, name: impl Into<String>, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.pool.run_apart(name.into(), job)
    }

    /// The next thing to say that answers no job: one that is stuck.
    pub fn notice(&self) -> Option<Error> {
        self.pool.notice()
    }

    /// The mark.
    pub fn mark(&self) -> &SourceMark {
        &self.mark
    }
}
