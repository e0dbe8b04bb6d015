//! The pictures in the middle of the window: those of a job, live and back through every step, or one of the gallery; alone,
//! or two of them under one divider.

mod compare;
mod divider;
mod formula;
mod picture_grid;
mod stage;
mod step_history;
mod timeline;
mod timeline_ui;
mod ui;

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;
use image::RgbImage;

pub use compare::Compared;
pub use stage::{Cell, Loaded, Shown, Stage};
pub use step_history::{Look, StepHistory};
pub use timeline::Timeline;

use crate::app::background::{Background, Pending};
use crate::app::commands::Command;
use crate::app::form::model_facts::ModelFacts;
use crate::app::queue::{JobState, JobView, Jobs};
use crate::app::text::{counted, file_name};
use crate::error::Result;
use crate::experiments::{ForeignRecipe, Recipe, read_recipe};
use crate::pictures;
use crate::worker::FinishedPicture;

/// The picture that commands are about.
pub struct Current {
    /// Its pixels.
    pub pixels: Arc<RgbImage>,
    /// What made it, where that is known.
    pub recipe: Option<ForeignRecipe>,
    /// Its file, where it has one.
    pub path: Option<PathBuf>,
}

/// A picture of the gallery that is being read, and a command to be done with it then.
struct Loading {
    path: PathBuf,
    then: Option<Command>,
    read: Pending<(Arc<RgbImage>, Option<ForeignRecipe>)>,
}

/// What is shown, and how it is looked at.
#[derive(Default)]
pub struct Viewer {
    /// What stands there.
    pub stage: Stage,
    /// Where in its steps it is.
    pub timeline: Timeline,
    /// Every step of the jobs so far.
    pub history: StepHistory,
    /// Two pictures under one divider.
    pub compared: Option<Compared>,
    /// The picture that was shown before this one.
    earlier: Option<Arc<RgbImage>>,
    loading: Option<Loading>,
    /// The panel at which what stands there was asked for.
    asked_at: String,
    /// Pixels of the screen for one of the pictures, in the last frame; none where there was no picture yet.
    zoom: Option<f32>,
    /// The picture whose menu is open.
    under_menu: Option<PathBuf>,
}

impl Viewer {
    /// The picture that is shown; of a job, the one that was clicked or the newest.
    pub fn current(&self, jobs: &Jobs) -> Option<Current> {
        match &self.stage.shown {
            Shown::Picture(_) => {
                let Loaded { path, pixels, recipe } = self.stage.loaded.as_ref()?;
                Some(Current { pixels: Arc::clone(pixels), recipe: recipe.clone(), path: Some(path.clone()) })
            }
            Shown::Job(id) => {
                let picture = self.of_job(jobs.get(*id)?)?;
                let recipe = Some(ForeignRecipe::own(picture.recipe.clone()));
                Some(Current { pixels: Arc::clone(&picture.pixels), recipe, path: picture.path.clone() })
            }
            Shown::Nothing => None,
        }
    }

    /// The picture of a job that was clicked, or its newest.
    fn of_job<'a>(&self, job: &'a JobView) -> Option<&'a FinishedPicture> {
        let clicked = job.pictures.iter().find(|picture| picture.index == self.timeline.picture);
        clicked.or(job.pictures.last())
    }

    /// Whether what stands there is the panel's own or was asked for beside it: another panel's pictures take no room.
    pub fn belongs_to(&self, panel: &str, jobs: &Jobs) -> bool {
        let of = match &self.stage.shown {
            Shown::Nothing => return false,
            Shown::Job(id) => jobs.get(*id).map(|job| &job.recipe),
            Shown::Picture(_) => {
                let recipe = self.stage.loaded.as_ref().and_then(|loaded| loaded.recipe.as_ref());
                recipe.map(ForeignRecipe::harmless)
            }
        };
        self.asked_at == panel || of.is_some_and(|recipe| recipe.experiment == panel)
    }

    /// Notes that what stands there, or comes to, was asked for beside a panel.
    pub fn asked_at(&mut self, panel: &str) {
        panel.clone_into(&mut self.asked_at);
    }

    /// Shows a picture of the gallery once it is read, in the background; then a command is to be done with it.
    pub fn load(&mut self, path: PathBuf, then: Option<Command>, background: &Background) {
        let file = path.clone();
        let read = move || Ok((Arc::new(pictures::load(&file)?), read_recipe(&file).ok()));
        let read = background.run(format!("reading {}", path.display()), read);
        self.loading = Some(Loading { path, then, read });
    }

    /// Shows the picture that was read; the command that is to be done with it.
    pub fn poll(&mut self, ctx: &Context, jobs: &Jobs) -> Result<Option<Command>> {
        let Some(answer) = self.loading.as_ref().and_then(|loading| loading.read.take()) else { return Ok(None) };
        let Some(Loading { path, then, .. }) = self.loading.take() else { return Ok(None) };
        let (pixels, recipe) = answer?;
        self.earlier = self.current(jobs).map(|current| current.pixels);
        (self.compared, self.timeline.at) = (None, None);
        self.stage.show_picture(ctx, Loaded { path, pixels, recipe });
        Ok(then)
    }

    /// Shows a job's pictures, finished or not.
    pub fn show_job(&mut self, ctx: &Context, job: &JobView, model: &ModelFacts) {
        (self.compared, self.timeline.at, self.loading) = (None, None, None);
        self.stage.show_job(job);
        self.timeline.picture = usize::MAX;
        job.pictures.iter().for_each(|picture| self.finished(ctx, picture, model));
        if !job.is_open() {
            self.stage.end();
        }
    }

    /// Takes in a finished picture of the shown job. An edit's strength is said both ways: the entry of the list is in the
    /// label, the timestep joins it.
    pub fn finished(&mut self, ctx: &Context, picture: &FinishedPicture, model: &ModelFacts) {
        self.stage.finished(ctx, picture);
        let starts = model.starts(&picture.recipe);
        if let ([t], Some(cell)) = (starts.as_slice(), self.stage.cells.get_mut(picture.index))
            && cell.label.contains("i_start")
        {
            cell.label.push_str(&format!(" · t {t}"));
        }
    }

    /// The line above the pictures.
    pub fn title(&self, jobs: &Jobs) -> String {
        match &self.stage.shown {
            Shown::Nothing => String::new(),
            Shown::Job(id) => jobs.get(*id).map_or_else(String::new, |job| {
                let state = match &job.state {
                    JobState::Queued => " · waiting",
                    JobState::Running => " · x̂₀, the estimate so far",
                    _ => "",
                };
                format!("{} of {}{state}", job.pictures.len(), counted(job.expected(), "picture"))
            }),
            Shown::Picture(path) => {
                let recipe = self.stage.loaded.as_ref().and_then(|loaded| loaded.recipe.as_ref());
                let facts = recipe.map_or_else(String::new, |recipe| format!(" · {}", facts(recipe.harmless())));
                format!("{}{facts}", file_name(path))
            }
        }
    }

    /// Pixels of the screen for one of the pictures, in the last frame; none where there was no picture yet.
    pub fn zoom(&self) -> Option<f32> {
        self.zoom
    }
}

/// What made a picture, in short.
fn facts(recipe: &Recipe) -> String {
    let list = |values: Vec<String>| values.join(", ");
    let mut facts = vec![recipe.experiment.clone()];
    if recipe.sampling.timesteps.is_none() && !recipe.sampling.steps.is_empty() {
        facts.push(format!("{} steps", list(recipe.sampling.steps.iter().map(usize::to_string).collect())));
    }
    if !recipe.guidance.scale.is_empty() {
        facts.push(format!("γ {}", list(recipe.guidance.scale.iter().map(f64::to_string).collect())));
    }
    facts.push(format!("seed {}", list(recipe.sampling.seed.iter().map(u64::to_string).collect())));
    facts.join(" · ")
}
