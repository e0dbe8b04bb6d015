//! The page of scores, which stands in the middle while "Score digits" is open: how well a network's digits are read, which
//! of them are misread and as what, beside every earlier score of this and of other networks. Each score is a folder as the
//! command line writes it, so that it is there again after a restart.

mod files;
mod matrix;
mod page;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use super::background::{Background, Pending};
use super::home::free_folder;
use super::pixels::texture;
use super::widgets::table::Sort;
use crate::error::Result;
use crate::pictures;
pub use files::{Score, Scored};

/// Every score, and the one that is looked at.
#[derive(Default)]
pub struct Scores {
    /// Newest first.
    pub all: Vec<Score>,
    /// The chosen one: its folder, and which of its settings.
    chosen: Option<(PathBuf, usize)>,
    sort: Sort,
    /// Folders that jobs were given since the window opened.
    given: Vec<PathBuf>,
    listing: Option<Pending<Vec<Score>>>,
    misread: Option<Misread>,
}

/// The misread digits of a score.
enum Misread {
    Asked(PathBuf, Pending<Arc<RgbImage>>),
    Here(PathBuf, TextureHandle),
    None(PathBuf),
}

impl Scores {
    /// The scores of a folder, which are read in the background.
    pub fn new(folder: PathBuf, background: &Background) -> Self {
        let mut scores = Self::default();
        scores.list(folder, background);
        scores
    }

    /// Reads every score of a folder.
    pub fn list(&mut self, folder: PathBuf, background: &Background) {
        let name = format!("listing {}", folder.display());
        self.listing = Some(background.run(name, move || Ok(files::read_all(&folder))));
    }

    /// A folder for another score, which no waiting job has either.
    pub fn free_folder(&mut self, parent: &Path) -> PathBuf {
        let folder = free_folder(parent, "score", self.given.iter());
        self.given.push(folder.clone());
        folder
    }

    /// Looks at the newest score, whichever that will be.
    pub fn look_at_newest(&mut self) {
        self.chosen = None;
    }

    /// Takes in what was read.
    pub fn poll(&mut self, ctx: &Context) -> Result<()> {
        if let Some(Misread::Asked(of, pending)) = &self.misread
            && let Some(answer) = pending.take()
        {
            let of = of.clone();
            self.misread = Some(match answer {
                Ok(pixels) => Misread::Here(of, texture(ctx, "misread digits", &pixels)),
                Err(_) => Misread::None(of), // without misread digits there is no such file
            });
        }
        if let Some(all) = Pending::take_from(&mut self.listing) {
            self.all = all?;
        }
        Ok(())
    }

    /// The score that is looked at, and which of its settings: the chosen one, else the newest.
    pub fn looked_at(&self) -> Option<(&Score, &Scored)> {
        let chosen = self.chosen.as_ref().and_then(|(folder, at)| {
            let score = self.all.iter().find(|score| score.folder == *folder)?;
            Some((score, score.scored.get(*at)?))
        });
        chosen.or_else(|| self.all.first().and_then(|score| Some((score, score.scored.first()?))))
    }

    /// Whether misread digits are there to be seen.
    pub fn shows_misread(&self) -> bool {
        matches!(self.misread, Some(Misread::Here(..)))
    }

    /// The misread digits of the score in `folder`, once they are read.
    fn misread(&mut self, folder: &Path, background: &Background) -> Option<&TextureHandle> {
        let known = self.misread.as_ref().is_some_and(|misread| {
            let (Misread::Asked(of, _) | Misread::Here(of, _) | Misread::None(of)) = misread;
            of == folder
        });
        if !known {
            let (path, of) = (folder.join(files::MISREAD), folder.to_owned());
            let name = format!("reading {}", path.display());
            let read = background.run(name, move || pictures::load(&path).map(Arc::new));
            self.misread = Some(Misread::Asked(of, read));
        }
        match &self.misread {
            Some(Misread::Here(_, texture)) => Some(texture),
            _ => None,
        }
    }
}
