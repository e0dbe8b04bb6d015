//! Between a running experiment and whoever listens: steps become progress and previews, pictures become files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use serde_json::{Map, Value};

use super::event::{Event, FinishedPicture, FinishedSheet, JobId, StepProgress, TrainProgress, What};
use super::files::Results;
use super::frames::{Frame, Frames};
use super::job::Control;
use super::preview::{Preview, Slots};
use super::recording::Recording;
use crate::error::{Error, Result};
use crate::experiments::{JobPlan, Observer, Picture, Progress, Sheet, StageStep, Trained, Wish};
use crate::pictures::side_by_side;

/// Previews come at most this often.
const BETWEEN_PREVIEWS: Duration = Duration::from_millis(50);

/// So many pictures of a run are previewed.
const MOST_SHOWN: usize = 128;

/// The worker's voice.
#[derive(Clone)]
pub struct Speaker {
    pub events: Sender<Event>,
    pub slots: Slots,
    pub frames: Option<Frames>,
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl Speaker {
    /// Sends an event and wakes the listener. A listener that is gone is no error.
    pub fn say(&self, job: JobId, what: What) {
        let _ = self.events.send(Event { job, what });
        (self.wake)();
    }

    fn show(&self, job: JobId, preview: Preview) {
        self.slots.put(job, preview);
        (self.wake)();
    }
}

/// Listens to one job's experiment.
pub struct JobObserver<'a> {
    speaker: &'a Speaker,
    job: JobId,
    control: Control,
    results: &'a mut Results,
    planned: [usize; 2],
    /// Mean seconds of a step by what was timed before this job.
    expected: [Option<f64>; 2],
    done: [usize; 2],
    spent: [Duration; 2],
    last_preview: Option<Instant>,
    recording: Option<Recording>,
    trained: Pace,
}

/// How fast training goes.
#[derive(Default)]
struct Pace {
    steps: usize,
    total: Duration,
    /// Mean of a step, the last few weighing most.
    recent_secs: f64,
}

impl Pace {
    fn add(&mut self, step: Duration) {
        let secs = step.as_secs_f64();
        self.recent_secs = if self.steps == 0 { secs } else { 0.95 * self.recent_secs + 0.05 * secs };
        self.steps += 1;
        self.total += step;
    }
}

impl<'a> JobObserver<'a> {
    pub fn new(speaker: &'a Speaker, job: JobId, control: Control, results: &'a mut Results) -> Self {
        let (planned, done, spent) = ([0; 2], [0; 2], [Duration::ZERO; 2]);
        let extras = results.extras();
        let recording = (extras.gif || extras.apng).then(Recording::default);
        Self {
            speaker,
            job,
            control,
            results,
            planned,
            expected: [None; 2],
            done,
            spent,
            last_preview: None,
            recording,
            trained: Pace::default(),
        }
    }

    /// With the mean seconds that a step of each stage is known to take, until this job's own are.
    pub fn expecting(self, expected: [Option<f64>; 2]) -> Self {
        Self { expected, ..self }
    }

    /// Mean seconds of a step, by stage, for `result.json`.
    pub fn timings(&self) -> Map<String, Value> {
        let mut timings = Map::new();
        for (stage, (spent, &done)) in self.spent.iter().zip(&self.done).enumerate() {
            if done > 0 {
                let mean = spent.as_secs_f64() / done as f64;
                timings.insert(format!("stage_{}_steps", stage + 1), done.into());
                timings.insert(format!("stage_{}_secs_per_step", stage + 1), mean.into());
            }
        }
        if self.trained.steps > 0 {
            timings.insert("training_steps".to_owned(), self.trained.steps.into());
            let mean = self.trained.total.as_secs_f64() / self.trained.steps as f64;
            timings.insert("secs_per_training_step".to_owned(), mean.into());
        }
        timings
    }

    /// Seconds that each stage's network took for a picture, where the whole job shows them what `plan` says.
    pub fn secs_a_picture(&self, plan: &JobPlan) -> [Option<f64>; 2] {
        [0, 1].map(|stage| {
            let shown = plan.shown[stage] as f64 / plan.evaluations[stage].max(1) as f64;
            Some(self.mean(stage)? / shown).filter(|secs| secs.is_finite())
        })
    }

    fn step(&mut self, said: &StageStep<'_>) -> Result<()> {
        let stage = said.stage - 1;
        self.done[stage] += 1;
        self.spent[stage] += said.step.elapsed;
        if let Some(recording) = &mut self.recording {
            recording.step(said)?;
        }
        let progress = StepProgress {
            stage: said.stage,
            step: said.step.index + 1,
            of: said.of,
            timestep: said.step.timestep,
            fraction: self.fraction(),
            step_secs: said.step.elapsed.as_secs_f64(),
            left_secs: self.left_secs(),
        };
        if self.last_preview.is_none_or(|last| last.elapsed() >= BETWEEN_PREVIEWS) {
            self.last_preview = Some(Instant::now());
            let shown = &said.step.kept_original;
            let shown = shown.narrow(0, 0, shown.dim(0)?.min(MOST_SHOWN))?;
            let pictures = said
                .codec
                .preview(&shown)
                .map_err(|error| Error::new(format!("{error} (at step {} of stage {})", progress.step, said.stage)))?;
            let pixels = Arc::new(side_by_side(&pictures));
            self.speaker.show(self.job, Preview { stage: said.stage, pixels });
        }
        if let Some(frames) = &self.speaker.frames {
            frames.put(self.job, Frame::of(said, self.results.picture_count())?);
        }
        self.speaker.say(self.job, What::Step(progress));
        Ok(())
    }

    /// Mean time of a stage's step, as far as one is known.
    fn mean(&self, stage: usize) -> Option<f64> {
        (self.done[stage] > 0).then(|| self.spent[stage].as_secs_f64() / self.done[stage] as f64)
    }

    fn left_secs(&self) -> Option<f64> {
        let mut left = 0.0;
        for stage in 0..2 {
            let steps = self.planned[stage].saturating_sub(self.done[stage]);
            if steps > 0 {
                left += steps as f64 * self.mean(stage).or(self.expected[stage])?;
            }
        }
        Some(left)
    }

    /// Part of the job that is done: by time where both stages' steps are known, else by steps.
    fn fraction(&self) -> f32 {
        let mean = |stage: usize| self.mean(stage).or(self.expected[stage]);
        let weight = |stage: usize| match (mean(0), mean(1)) {
            (Some(first), Some(second)) => [first, second][stage],
            _ => 1.0,
        };
        let sum = |counts: &[usize; 2]| counts[0] as f64 * weight(0) + counts[1] as f64 * weight(1);
        (sum(&self.done) / sum(&self.planned).max(f64::MIN_POSITIVE)).min(1.0) as f32
    }

    fn trained(&mut self, said: &Trained<'_>) {
        let (step, point) = (said.step, said.step.point);
        self.trained.add(Duration::from_secs_f64(step.step_secs));
        let left = said.of.saturating_sub(point.step) as f64;
        let progress = StepProgress {
            stage: 1,
            step: point.step,
            of: said.of,
            timestep: point.epoch,
            fraction: point.step as f32 / said.of.max(1) as f32,
            step_secs: step.step_secs,
            left_secs: Some(left * self.trained.recent_secs),
        };
        let pictures_per_sec = said.batch as f64 / step.step_secs.max(f64::MIN_POSITIVE);
        let by_time = step.by_time.clone();
        let trained = TrainProgress { progress, point, epoch_steps: said.epoch_steps, pictures_per_sec, by_time };
        self.speaker.say(self.job, What::Trained(Box::new(trained)));
    }

    fn sheet(&mut self, sheet: Sheet) -> Result<()> {
        let path = self.results.sheet(&sheet)?;
        let Sheet { epoch, pixels, measures } = sheet;
        self.speaker.say(self.job, What::Sheet(Box::new(FinishedSheet { epoch, pixels, measures, path })));
        Ok(())
    }

    fn picture(&mut self, picture: Picture) -> Result<()> {
        let saved = self.results.picture(&picture);
        let (path, unsaved) = match saved {
            Ok(path) => (path, None),
            Err(error) => (None, Some(error)),
        };
        if let Some(recording) = self.recording.as_mut().filter(|_| unsaved.is_none()) {
            for (shows, animation) in recording.finish_picture()? {
                self.results.animation(picture.index, shows, &animation)?;
            }
        }
        // What cannot be saved is shown all the same, before the job ends of it.
        let Picture { index, pixels, recipe, .. } = picture;
        let finished = FinishedPicture { index, pixels, recipe, path };
        self.speaker.say(self.job, What::Picture(Box::new(finished)));
        unsaved.map_or(Ok(()), Err)
    }
}

impl Observer for JobObserver<'_> {
    fn check(&self) -> Result<()> {
        if self.control.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        match progress {
            Progress::Note(note) => self.speaker.say(self.job, What::Note(note)),
            Progress::Loading(what) => self.speaker.say(self.job, What::Loading(what.to_owned())),
            Progress::Encoding { done, of } => {
                self.speaker.say(self.job, What::Loading(format!("the text encoder, layer {} of {of}", done + 1)));
            }
            Progress::Planned(planned) => self.planned = planned,
            Progress::Step(step) => self.step(&step)?,
            Progress::Picture(picture) => self.picture(*picture)?,
            Progress::Trajectory(trajectory) => self.results.trajectory(&trajectory)?,
            Progress::Trained(trained) => self.trained(&trained),
            Progress::Sheet(sheet) => self.sheet(sheet)?,
            Progress::File { name, bytes } => self.results.file(name, &bytes)?,
            Progress::Paused(paused) => self.speaker.say(self.job, What::Paused(paused)),
        }
        Ok(())
    }

    fn wants_trajectory(&self) -> bool {
        self.results.wants_trajectory()
    }

    fn wants_files(&self) -> bool {
        self.results.wants_files()
    }

    fn wish(&self) -> Wish {
        self.control.wish()
    }
}
