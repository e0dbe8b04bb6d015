//! What stands in the middle of the window: the pictures of a job, live, or one picture of the gallery; and how far
//! they are zoomed and moved.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Rect, TextureHandle, pos2};
use image::RgbImage;

use crate::app::explain::Symbol;
use crate::app::pixels::{PIXELS, colour_image, texture};
use crate::app::queue::JobView;
use crate::app::widgets::view::View;
use crate::experiments::{ForeignRecipe, Table};
use crate::worker::{FinishedPicture, JobId, Preview};

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Shown {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A job's pictures, or what they look like so far.
    Job(JobId),
    /// A picture of the gallery.
    Picture(PathBuf),
}

/// One cell of the grid.
pub struct Cell {
    /// What is beneath it.
    pub label: String,
    /// Its picture; none yet where it waits.
    pub picture: Option<TextureHandle>,
    /// The part of the texture.
    pub part: Rect,
    /// Whether it is still being drawn.
    pub live: bool,
    /// Its file.
    pub path: Option<PathBuf>,
    /// What of a step it shows.
    pub symbol: Option<Symbol>,
}

/// One picture of the gallery, read.
pub struct Loaded {
    /// Its file.
    pub path: PathBuf,
    /// Its pixels.
    pub pixels: Arc<RgbImage>,
    /// What made it.
    pub recipe: Option<ForeignRecipe>,
}

/// The middle of the window.
pub struct Stage {
    /// What is shown.
    pub shown: Shown,
    /// How it is shown.
    pub view: View,
    /// The grid.
    pub cells: Vec<Cell>,
    /// Pictures in a row.
    pub columns: usize,
    /// The gallery's picture.
    pub loaded: Option<Loaded>,
    preview: Option<(JobId, TextureHandle, usize)>,
}

/// So many pictures of a job are shown.
const MOST: usize = 256;

const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

impl Default for Stage {
    fn default() -> Self {
        Self { shown: Shown::Nothing, view: View::Fit, cells: Vec::new(), columns: 1, loaded: None, preview: None }
    }
}

impl Stage {
    /// Shows a job from its start.
    pub fn show_job(&mut self, job: &JobView) {
        if self.shown != Shown::Job(job.id) {
            self.shown = Shown::Job(job.id);
            self.view = View::Fit;
            self.loaded = None;
            self.cells.clear();
        }
        let table = Table::of(&job.recipe);
        let expected = table.pictures().min(MOST);
        self.columns = table.columns().unwrap_or(0);
        while self.cells.len() < expected {
            let label = table.label(self.cells.len());
            self.cells.push(Cell { label, picture: None, part: WHOLE, live: false, path: None, symbol: None });
        }
    }

    /// Takes in a finished picture of the shown job.
    pub fn finished(&mut self, ctx: &Context, picture: &FinishedPicture) {
        // A checkpoint's kind, which decides how many pictures there are, is known to the worker alone.
        while self.cells.len() <= picture.index.min(MOST - 1) {
            self.cells.push(Cell {
                label: String::new(),
                picture: None,
                part: WHOLE,
                live: false,
                path: None,
                symbol: None,
            });
        }
        if let Some(cell) = self.cells.get_mut(picture.index) {
            cell.picture = Some(texture(ctx, "finished", &picture.pixels));
            cell.part = WHOLE;
            cell.live = false;
            cell.path.clone_from(&picture.path);
        }
    }

    /// Takes in a preview of the shown job: the pictures of one run, side by side.
    pub fn preview(&mut self, ctx: &Context, job: &JobView, preview: &Preview) {
        let handle = match self.preview.take() {
            Some((id, mut handle, _)) if id == job.id => {
                handle.set(colour_image(&preview.pixels), PIXELS);
                handle
            }
            _ => texture(ctx, "preview", &preview.pixels),
        };
        let count = job.pictures_of_run();
        let (width, height) = (preview.pixels.width() as f32, preview.pixels.height().max(1) as f32);
        let parts = ((width / height).round() as usize).clamp(1, count);
        // A run's pictures come one by one: where some of them are here, the preview is still of all of them.
        let first = job.pictures.len() / parts * parts;
        for i in job.pictures.len() - first..count {
            if let Some(cell) = self.cells.get_mut(first + i) {
                let part = |i: usize| i.min(parts) as f32 / parts as f32;
                cell.part =
                    if i < parts { Rect::from_min_max(pos2(part(i), 0.0), pos2(part(i + 1), 1.0)) } else { WHOLE };
                cell.picture = (i < parts).then(|| handle.clone());
                cell.live = true;
            }
        }
        self.preview = Some((job.id, handle, parts));
    }

    /// Takes away the places of pictures that the job, now finished, did not make after all.
    pub fn complete(&mut self) {
        self.preview = None;
        self.cells.retain(|cell| !cell.live && cell.picture.is_some());
        if self.columns > self.cells.len() {
            self.columns = 0;
        }
    }

    /// Empties what was still being drawn when the job ended.
    pub fn end(&mut self) {
        self.preview = None;
        self.cells.retain(|cell| !cell.live && cell.picture.is_some());
        self.columns = self.columns.min(self.cells.len()).max(1);
        if self.cells.is_empty() {
            self.shown = Shown::Nothing;
        }
    }

    /// Shows a picture of the gallery.
    pub fn show_picture(&mut self, ctx: &Context, loaded: Loaded) {
        let label = loaded.recipe.as_ref().map_or_else(String::new, |recipe| Table::of(recipe.harmless()).label(0));
        let picture = Some(texture(ctx, "picture", &loaded.pixels));
        self.cells =
            vec![Cell { label, picture, part: WHOLE, live: false, path: Some(loaded.path.clone()), symbol: None }];
        self.columns = 1;
        self.view = View::Fit;
        self.shown = Shown::Picture(loaded.path.clone());
        self.loaded = Some(loaded);
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
