//! Back through every step of what is shown: by the slider, by keys, or playing; and from any step another way.

use std::time::{Duration, Instant};

use egui::{Context, Rect, pos2};

use super::background::Pending;
use super::film::{Films, Look, Strip};
use super::lab::Lab;
use super::pixels::texture;
use super::stage::{Cell, Shown};
use super::widgets::toasts::Tone;
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
    pub(super) branching: Option<Pending<Recipe>>,
}

impl Lab {
    /// The job whose steps are shown, and the pictures of it that are.
    fn filmed(&self) -> Option<(JobId, Vec<usize>)> {
        match &self.stage.shown {
            Shown::Nothing => None,
            Shown::Job(id) => Some((*id, (0..self.stage.cells.len()).collect())),
            Shown::Picture(path) => self.jobs.all.iter().find_map(|job| {
                let picture = job.pictures.iter().find(|picture| picture.path.as_ref() == Some(path))?;
                Some((job.id, vec![picture.index]))
            }),
        }
    }

    /// How many steps there are to go through.
    pub fn steps_shown(&self) -> usize {
        let Some((job, pictures)) = self.filmed() else { return 0 };
        pictures.iter().map(|&picture| self.films.of(job, picture).len()).max().unwrap_or(0)
    }

    /// The step that is looked at, of the picture that is looked at alone.
    pub fn step_shown(&self) -> Option<(&Frame, &Recipe)> {
        let (at, (job, pictures)) = (self.timeline.at?, self.filmed()?);
        let picture = if pictures.contains(&self.timeline.picture) { self.timeline.picture } else { pictures[0] };
        let strip = self.films.of(job, picture);
        let frame = strip.frame(along(at, strip.len(), self.steps_shown())?)?;
        Some((frame, &self.jobs.get(job)?.recipe))
    }

    /// Goes `by` steps on; past the last one is the end.
    pub fn step_by(&mut self, by: isize) {
        let steps = self.steps_shown();
        let at = self.timeline.at.unwrap_or(steps).saturating_add_signed(by);
        self.timeline.at = (at < steps).then_some(at);
    }

    /// Plays from where it is, or from the start; or stands still.
    pub fn play(&mut self) {
        let timeline = &mut self.timeline;
        timeline.playing = !timeline.playing;
        if timeline.playing && timeline.at.is_none() {
            timeline.at = Some(0);
        }
        timeline.ticked = None;
    }

    /// Moves on while it plays, and draws up the grid of the step.
    pub(super) fn follow_timeline(&mut self, ctx: &Context) {
        let steps = self.steps_shown();
        if steps == 0 {
            (self.timeline.at, self.timeline.playing) = (None, false);
        }
        if self.timeline.playing {
            let now = Instant::now();
            let ticked = *self.timeline.ticked.get_or_insert(now);
            if now.duration_since(ticked) >= EACH {
                self.timeline.ticked = Some(now);
                self.step_by(1);
                self.timeline.playing = self.timeline.at.is_some();
            }
            ctx.request_repaint_after(EACH);
        }
        let Some(at) = self.timeline.at else {
            self.timeline.made = None;
            return;
        };
        let Some((job, pictures)) = self.filmed() else { return };
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
        let Self { films, timeline, stage, .. } = self;
        let shown: Vec<(usize, Look, String)> = match timeline.look {
            Look::Everything => {
                let names = [
                    (Look::Sample, "x, what the network saw"),
                    (Look::Original, "x₀, its estimate of the picture"),
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
            let pixels = step_picture(films, job, picture, look, at, steps);
            let known = old.next().and_then(|cell| cell.picture);
            let handle = pixels.map(|pixels| match known {
                Some(mut handle) if handle.size() == [pixels.width() as usize, pixels.height() as usize] => {
                    handle.set(super::pixels::colour_image(&pixels), super::pixels::PIXELS);
                    handle
                }
                _ => texture(ctx, "step", &pixels),
            });
            let part = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            timeline.cells.push(Cell { label, picture: handle, part, live: false, path: None });
        }
    }

    /// Keeps the steps up to this one as a file, from which another run can go on.
    pub fn branch(&mut self) {
        let Some((job, _)) = self.filmed() else { return };
        let Some(at) = self.timeline.at else { return };
        let picture = self.timeline.picture;
        let strip = self.films.of(job, picture);
        let step = along(at, strip.len(), self.steps_shown());
        let recorded = step.and_then(|step| Some((step, strip.recorded(step)?)));
        let Some((step, (timesteps, samples))) = recorded else {
            self.toasts.tell(Tone::Note, "only a step of stage I can be gone on from");
            return;
        };
        let Some(recipe) = self.recipe_of(job, picture) else {
            self.toasts.tell(Tone::Note, "wait until this picture is finished, then branch off from any of its steps");
            return;
        };
        let path = self.home.branches().join(format!("{}-{}-{picture}-{step}.safetensors", self.started, job.0));
        let recipe = Recipe { branch: Some(Branch { path: path.clone(), step }), ..recipe };
        let name = format!("writing {}", path.display());
        let write = move || write_recorded(&path, &timesteps, &samples).map(|()| recipe);
        self.timeline.branching = Some(self.background.run(name, write));
    }

    /// The recipe that makes one picture of a job alone.
    fn recipe_of(&self, job: JobId, picture: usize) -> Option<Recipe> {
        let job = self.jobs.get(job)?;
        let finished = job.pictures.iter().find(|known| known.index == picture);
        finished.map(|picture| picture.recipe.clone()).or_else(|| (job.expected() == 1).then(|| job.recipe.clone()))
    }
}

/// The step of a strip that goes with step `at` of the longest of them.
fn along(at: usize, len: usize, longest: usize) -> Option<usize> {
    (len > 0).then(|| (at * len / longest.max(1)).min(len - 1))
}

fn step_picture(
    films: &Films,
    job: JobId,
    picture: usize,
    look: Look,
    at: usize,
    steps: usize,
) -> Option<std::sync::Arc<image::RgbImage>> {
    let strip: Strip<'_> = films.of(job, picture);
    strip.picture(along(at, strip.len(), steps)?, look)
}
