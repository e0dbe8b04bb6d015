//! Everything slow that is not the worker's: reading pictures, listing folders, counting tokens, asking for a file.
//! A pool's threads take requests in order; answers come back by a channel, so the window never waits.

mod desk;
mod pool;
mod source_mark;
mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use candle_core::Tensor;
use image::RgbImage;

use super::dashboard::{Exported, ReadRun};
use super::draft::Draft;
use super::home::Home;
use super::session::Session;
use crate::datasets::Dataset;
use crate::error::{Error, Result};
use crate::experiments::{Recipe, Source};
use crate::models::{ModelInfo, ModelSummary, Recommendations};
use crate::views::ViewSpec;
use crate::worker::JobId;
use desk::Desk;
pub use pool::{MOST_STUCK, Pool, Refusal, Ticket, Work};
pub use source_mark::{SourceMark, is_place};
pub use work::{shrink, thumbnail};

/// Tokens that the text encoder reads.
pub const TOKEN_LIMIT: usize = 77;

/// A request that takes longer is stuck, and the others go on without it: a large picture takes a few seconds, a disk
/// that wakes up some more.
const PATIENCE: Duration = Duration::from_secs(10);

/// What to do.
pub enum Request {
    /// The pictures in a folder, newest first.
    List(PathBuf),
    /// A small copy of a picture, for the strip.
    Thumbnail(PathBuf),
    /// A picture and its recipe.
    Picture(PathBuf),
    /// A small copy of pixels that are here.
    Shrink(Arc<RgbImage>),
    /// Pixels that are here, as a square of that side.
    Square(Arc<RgbImage>, u32),
    /// A mask as grey, as a square of that side.
    Mask(Source, u32),
    /// The pictures on the way from a picture to each of its views.
    Turn(Arc<RgbImage>, Vec<ViewSpec>),
    /// A picture as narrowed eyes see it.
    Blur(Arc<RgbImage>),
    /// What the configs of a model and its stage II say.
    Glance(String, String),
    /// What a model and its stage II recommend.
    Recommend(String, String),
    /// Asks where to write a picture, and writes it; into the folder where there is no dialog.
    Export(&'static str, Arc<RgbImage>, PathBuf),
    /// Asks where to write the curves of runs, as CSV or JSON by the name's ending, and writes them; likewise.
    ExportRuns(&'static str, Vec<Exported>, PathBuf),
    /// Asks where to write a page of results, and writes it; likewise.
    ExportPage(Draft, PathBuf),
    /// The training runs in a folder, newest first.
    Runs(PathBuf),
    /// The set of digits of a name or in a folder.
    Digits(String),
    /// The run in a folder, which a job takes up again.
    Resumed(JobId, PathBuf),
    /// Writes the steps of a run, for a recipe that goes on from one of them.
    Branch {
        /// The file.
        path: PathBuf,
        /// Where the network was evaluated.
        timesteps: Vec<usize>,
        /// x_t of each, [1, 3, h, w].
        samples: Vec<Tensor>,
        /// The recipe that names the file.
        recipe: Box<Recipe>,
    },
    /// A file that was dropped or chosen: a recipe, or else a picture.
    Open(PathBuf, Option<Vec<u8>>),
    /// How many tokens a prompt has for a model.
    Tokens(String, String),
    /// Asks for a file with the desktop's dialog.
    Choose(Purpose),
    /// The models that there are.
    Models,
    /// Removes kept pictures but those at these paths.
    Tidy(Home, Vec<PathBuf>),
    /// Writes the session.
    Save(Box<Session>, Home),
}

/// What a chosen file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be opened as a recipe or picture.
    Open,
    /// To be shown as a training run.
    Run,
    /// To be the text of a setting: its key, and whether it is a folder.
    Setting(&'static str, bool),
}

/// What came of it.
pub enum Answer {
    /// Paths, newest first.
    Listed(PathBuf, Vec<PathBuf>),
    /// A small copy; `None` where the file is no picture any more.
    Thumbnail(PathBuf, Option<Arc<RgbImage>>),
    /// Pixels and their small copy.
    Shrunk(Arc<RgbImage>, RgbImage),
    /// Pixels and their square.
    Squared(Arc<RgbImage>, RgbImage),
    /// The recipe that goes on from a step that was written.
    Branched(Result<Box<Recipe>>),
    /// A mask in grey.
    Mask(Source, Result<RgbImage>),
    /// A picture, its views, and the way to each of them.
    Turned(Arc<RgbImage>, Vec<ViewSpec>, Result<Vec<Vec<RgbImage>>>),
    /// A picture and its blurred copy.
    Blurred(Arc<RgbImage>, Result<RgbImage>),
    /// The names of a model and its stage II, and what their configs say.
    Glanced((String, String), Result<Box<ModelSummary>>),
    /// What a model and its stage II recommend.
    Recommended(String, String, Recommendations),
    /// Folders of training runs, newest first.
    Runs(Vec<PathBuf>),
    /// A set of digits, by its name.
    Digits(String, Result<Arc<Dataset>>),
    /// What a job's run was before.
    Resumed(JobId, Result<Box<ReadRun>>),
    /// Where the picture, the curves or the page were written, if they were.
    Exported(Result<Option<PathBuf>>),
    /// Pixels, and the recipe where there is one.
    Picture(PathBuf, Result<(Arc<RgbImage>, Option<Box<Recipe>>)>),
    /// A recipe, or a picture without one.
    Opened(PathBuf, Result<Opened>),
    /// Tokens of (model, prompt).
    Tokens(String, String, Result<TokenCount>),
    /// The file, if one was chosen; an error where there is no dialog.
    Chosen(Purpose, Result<Option<PathBuf>>),
    /// The models that there are.
    Models(Vec<ModelInfo>),
    /// Kept pictures were gone through.
    Tidied,
    /// Whether the session is written.
    Saved(Result<()>),
    /// Something went wrong that has no answer of its own: a panic, a request that is stuck.
    Said(Error),
}

/// What a dropped file turned out to be.
pub enum Opened {
    /// A recipe, and the picture that carries it.
    Recipe(Box<Recipe>, Option<Arc<RgbImage>>),
    /// A picture without one.
    Picture(Arc<RgbImage>),
    /// A training run.
    Run(Box<ReadRun>),
    /// A model, and the setting that takes it.
    Model(&'static str),
}

/// How long a prompt is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens with the end mark; 0 where the model or its tokenizer is not there.
    pub tokens: usize,
    /// The end of the prompt that does not fit.
    pub cut: Option<String>,
}

/// The threads, and the mark that stands while they open what the session names.
pub struct Helper {
    pool: Pool<Desk>,
    mark: SourceMark,
}

impl Helper {
    /// Starts the threads; `mark` is the file that stands while sources are opened, `wake` is called after each answer.
    pub fn spawn(mark: PathBuf, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { pool: Pool::spawn(Desk::default(), PATIENCE, wake), mark: SourceMark::at(mark) }
    }

    /// Asks; the answer comes by [`Self::answer`]. A dialog gets a thread of its own.
    pub fn ask(&self, request: Request) {
        if matches!(
            request,
            Request::Choose(_) | Request::Export(..) | Request::ExportRuns(..) | Request::ExportPage(..)
        ) {
            self.pool.ask_apart(request);
        } else if source_mark::opens_a_source(&request) {
            self.ask_source(request);
        } else {
            self.pool.ask(request);
        }
    }

    /// Asks for something that a start asks for too, since the session names it: if it ends the program, the next start
    /// leaves it out.
    pub fn ask_source(&self, request: Request) {
        self.mark.set();
        self.mark.wait_for(self.pool.ask(request));
    }

    /// The next answer, if there is one.
    pub fn answer(&self) -> Option<Answer> {
        let (ticket, answer) = self.pool.answer()?;
        if let Some(ticket) = ticket {
            self.mark.came(ticket);
        }
        Some(answer)
    }

    /// The mark.
    pub fn mark(&self) -> &SourceMark {
        &self.mark
    }
}
