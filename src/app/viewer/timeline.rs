//! Back through every step of what is shown: by the slider, by keys, or playing; and from any step another way.

use std::time::{Duration, Instant};

use egui::{Context, Rect, pos2};

use super::Viewer;
use super::stage::{Cell, Shown};
use super::step_history::{Look, StepHistory, Strip};
use crate::app::background::Pending;
use crate::app::pixels::{PIXELS, colour_image, texture};
use crate::app::queue::Jobs;
use crate::app::session::Layout;
use crate::app::shared::Shared;
use crate::app::widgets::toasts::Tone;
use crate::experiments::settings::source;
use crate::experiments::{Branch, Recipe};
use crate::worker::{Frame, JobId, write_recorded};

/// A step is shown for so long while it plays.
const EACH: Duration = Duration::from_millis(90);

/// Where in its steps the stage is.
#[derive(Default)]
pub struct Timeline {
    /// The step; none: the end, or live.
    pub at: Option<usize>,
    /// Whether it plays.
    pub playing: bool,
    /// What of the step is looked at.
    pub look: Look,
    /// The picture that is looked at alone, and that a branch leaves from.
    pub picture: usize,
    /// The grid of this step.
    pub cells: Vec<Cell>,
    made: Option<(JobId, usize, Look, usize, usize)>,
    ticked: Option<Instant>,
    /// The recipe of a branch whose steps are being written.
    branching: Option<Pending<Recipe>>,
}

impl Timeline {
    /// Plays from where it is, or from the start; or stands still.
    pub fn play(&mut self) {
        self.playing = !self.playing;
        if self.playing && self.at.is_none() {
            self.at = Some(0);
        }
        self.ticked = None;
    }
}

impl Viewer {
    /// The job whose steps are shown, and the pictures of it that are.
    fn recorded(&self, jobs: &Jobs) -> Option<(JobId, Vec<usize>)> {
        match &self.stage.shown {
            Shown::Nothing => None,
            Shown::Job(id) => Some((*id, (0..self.stage.cells.len()).collect())),
            Shown::Picture(path) => jobs.all.iter().find_map(|job| {
                let picture = job.pictures.iter().find(|picture| picture.path.as_ref() == Some(path))?;
                Some((job.id, vec![picture.index]))
            }),
        }
    }

    /// How many steps there are to go through.
    pub fn steps_shown(&self, jobs: &Jobs) -> usize {
        let Some((job, pictures)) = self.recorded(jobs) else { return 0 };
        pictures.iter().map(|&picture| self.history.of(job, picture).len()).max().unwrap_or(0)
    }

    /// Whether what is shown was made in steps that are not here any more.
    pub fn lacks_steps(&self, jobs: &Jobs) -> bool {
        let Shown::Picture(_) = self.stage.shown else { return false };
        let recipe = self.stage.loaded.as_ref().and_then(|loaded| loaded.recipe.as_ref());
        let in_steps = recipe.is_some_and(|recipe| recipe.harmless().experiment().is_ok_and(|it| it.walks()));
        in_steps && self.steps_shown(jobs) == 0
    }

    /// The step that is looked at, of the picture that is looked at alone.
    pub fn step_shown<'a>(&'a self, jobs: &'a Jobs) -> Option<(&'a Frame, &'a Recipe)> {
        let (at, (job, pictures)) = (self.timeline.at?, self.recorded(jobs)?);
        let picture = if pictures.contains(&self.timeline.picture) { self.timeline.picture } else { pictures[0] };
        let strip = self.history.of(job, picture);
        let frame = strip.frame(along(at, strip.len(), self.steps_shown(jobs))?)?;
        Some((frame, &jobs.get(job)?.recipe))
    }

    /// Goes `by` steps on; past the last one is the end.
    pub fn step_by(&mut self, by: isize, jobs: &Jobs) {
        let steps = self.steps_shown(jobs);
        let at = self.timeline.at.unwrap_or(steps).saturating_add_signed(by);
        self.timeline.at = (at < steps).then_some(at);
    }

    /// Moves on while it plays, and draws up the grid of the step.
    pub fn follow_timeline(&mut self, ctx: &Context, jobs: &Jobs) {
        let steps = self.steps_shown(jobs);
        if steps == 0 {
            (self.timeline.at, self.timeline.playing) = (None, false);
        }
        if self.timeline.playing {
            let now = Instant::now();
            let ticked = *self.timeline.ticked.get_or_insert(now);
            if now.duration_since(ticked) >= EACH {
                self.timeline.ticked = Some(now);
                self.step_by(1, jobs);
                self.timeline.playing = self.timeline.at.is_some();
            }
            ctx.request_repaint_after(EACH);
        }
        let Some(at) = self.timeline.at else {
            self.timeline.made = None;
            return;
        };
        let Some((job, pictures)) = self.recorded(jobs) else { return };
        if !pictures.contains(&self.timeline.picture) {
            self.timeline.picture = pictures[0];
        }
        let made = (job, at, self.timeline.look, self.timeline.picture, steps);
        if self.timeline.made != Some(made) {
            self.timeline.made = Some(made);
            self.draw_step(ctx, job, &pictures, at, steps);
        }
    }

    fn draw_step(&mut self, ctx: &Context, job: JobId, pictures: &[usize], at: usize, steps: usize) {
        let Self { history, timeline, stage, .. } = self;
        let shown: Vec<(usize, Look, String)> = match timeline.look {
            Look::Everything => {
                let names = [
                    (Look::Sample, "x, what the network saw"),
                    (Look::Original, "x̂₀, its estimate of the picture"),
                    (Look::Noise, "ε, its estimate of the noise"),
                    (Look::Variance, "σ², from β̃ (black) to β (white)"),
                ];
                names.map(|(look, name)| (timeline.picture, look, name.to_owned())).to_vec()
            }
            look => {
                let label = |place: usize| stage.cells.get(place).map_or_else(String::new, |cell| cell.label.clone());
                pictures.iter().enumerate().map(|(place, &picture)| (picture, look, label(place))).collect()
            }
        };
        let mut old = std::mem::take(&mut timeline.cells).into_iter();
        for (picture, look, label) in shown {
            let pixels = step_picture(history, job, picture, look, at, steps);
            let known = old.next().and_then(|cell| cell.picture);
            let handle = pixels.map(|pixels| match known {
                Some(mut handle) if handle.size() == [pixels.width() as usize, pixels.height() as usize] => {
                    handle.set(colour_image(&pixels), PIXELS);
                    handle
                }
                _ => texture(ctx, "step", &pixels),
            });
            let part = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            timeline.cells.push(Cell { label, picture: handle, part, live: false, path: None, symbol: look.symbol() });
        }
    }

    /// Keeps the steps up to this one as a file, from which another run can go on.
    pub fn branch(&mut self, shared: &mut Shared) {
        let Shared { queue, toasts, home, background, .. } = shared;
        let Some((job, _)) = self.recorded(&queue.jobs) else { return };
        let Some(at) = self.timeline.at else { return };
        let picture = self.timeline.picture;
        let strip = self.history.of(job, picture);
        let step = along(at, strip.len(), self.steps_shown(&queue.jobs));
        let recorded = step.and_then(|step| Some((step, strip.recorded(step)?)));
        let Some((step, (timesteps, samples))) = recorded else {
            toasts.tell(Tone::Note, "only a step of stage I can be gone on from");
            return;
        };
        let Some(recipe) = recipe_of(&queue.jobs, job, picture) else {
            toasts.tell(Tone::Note, "wait until this picture is finished, then branch off from any of its steps");
            return;
        };
        if !recipe.experiment().is_ok_and(|experiment| experiment.uses(&source::branch)) {
            toasts.tell(Tone::Note, "this experiment has no branches; the same on a panel with a model has");
            return;
        }
        let path = home.branches().join(format!("{}-{}-{picture}-{step}.safetensors", queue.opened_at, job.0));
        let recipe = recipe.with(|recipe| recipe.source.branch = Some(Branch { path: path.clone(), step }));
        let name = format!("writing {}", path.display());
        let write = move || write_recorded(&path, &timesteps, &samples).map(|()| recipe);
        self.timeline.branching = Some(background.run(name, write));
    }

    /// Opens the branch whose steps are written.
    pub fn poll_branch(&mut self, shared: &mut Shared) {
        match Pending::take_from(&mut self.timeline.branching) {
            Some(Ok(recipe)) => {
                shared.session.open(recipe);
                shared.session.layout = Layout::Both;
                let said = "the next run goes on from this step: change what you like, then Generate";
                shared.toasts.tell(Tone::Done, said);
            }
            Some(Err(error)) => shared.toasts.tell(Tone::Failed, error.to_string()),
            None => {}
        }
    }
}

/// The recipe that makes one picture of a job alone.
fn recipe_of(jobs: &Jobs, job: JobId, picture: usize) -> Option<Recipe> {
    let job = jobs.get(job)?;
    let finished = job.pictures.iter().find(|known| known.index == picture);
    finished.map(|picture| picture.recipe.clone()).or_else(|| (job.expected() == 1).then(|| job.recipe.clone()))
}

/// The step of a strip that goes with step `at` of the longest of them.
fn along(at: usize, len: usize, longest: usize) -> Option<usize> {
    (len > 0).then(|| (at * len / longest.max(1)).min(len - 1))
}

fn step_picture(
    history: &StepHistory,
    job: JobId,
    picture: usize,
    look: Look,
    at: usize,
    steps: usize,
) -> Option<std::sync::Arc<image::RgbImage>> {
    let strip: Strip<'_> = history.of(job, picture);
    strip.picture(along(at, strip.len(), steps)?, look)
}
