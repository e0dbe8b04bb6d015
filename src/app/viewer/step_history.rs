//! Every step of the jobs since the window opened, to go back through: kept up to a number of bytes, the oldest job's
//! given up first.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use crate::app::explain::Symbol;
use crate::worker::{Frame, JobId};

/// Frames of all jobs together hold at most this many bytes.
const KEPT_BYTES: usize = 96 << 20;

/// What of a step is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The estimate of the finished picture, x̂_0.
    #[default]
    Original,
    /// The noisy picture that the network saw, x_t.
    Sample,
    /// The estimate of the noise, ε̂.
    Noise,
    /// The learned variance.
    Variance,
    /// All of them, of one picture.
    Everything,
}

impl Look {
    /// Every look, with its name in the timeline.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Original, "x̂₀"),
        (Self::Sample, "x"),
        (Self::Noise, "ε"),
        (Self::Variance, "σ²"),
        (Self::Everything, "All"),
    ];
}

impl Look {
    /// What it shows; of all of them at once no single thing.
    pub fn symbol(self) -> Option<Symbol> {
        match self {
            Self::Original => Some(Symbol::Estimate),
            Self::Sample => Some(Symbol::Sample),
            Self::Noise => Some(Symbol::Noise),
            Self::Variance => Some(Symbol::Variance),
            Self::Everything => None,
        }
    }
}

/// The frames of jobs, oldest job first.
#[derive(Default)]
pub struct StepHistory {
    jobs: Vec<(JobId, Vec<Frame>)>,
    bytes: usize,
}

impl StepHistory {
    /// Takes frames in; those of other jobs may have to go.
    pub fn add(&mut self, job: JobId, frames: Vec<Frame>) {
        if frames.is_empty() {
            return;
        }
        self.bytes += frames.iter().map(Frame::bytes).sum::<usize>();
        match self.jobs.iter_mut().find(|(known, _)| *known == job) {
            Some((_, known)) => known.extend(frames),
            None => self.jobs.push((job, frames)),
        }
        while self.bytes > KEPT_BYTES && self.jobs.len() > 1 {
            let (_, old) = self.jobs.remove(0);
            self.bytes -= old.iter().map(Frame::bytes).sum::<usize>();
        }
    }

    /// The steps of picture `index` of a job.
    pub fn of(&self, job: JobId, index: usize) -> Strip<'_> {
        let frames = self.jobs.iter().find(|(known, _)| *known == job).map_or(&[][..], |(_, frames)| frames);
        let mine = |frame: &&Frame| (frame.first_picture..frame.first_picture + frame.rows.len()).contains(&index);
        Strip { index, frames: frames.iter().filter(mine).collect() }
    }

    /// Bytes that all frames hold, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The steps of one picture, stage I first.
pub struct Strip<'a> {
    index: usize,
    frames: Vec<&'a Frame>,
}

impl<'a> Strip<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Step `at`.
    pub fn frame(&self, at: usize) -> Option<&'a Frame> {
        self.frames.get(at).copied()
    }

    /// What step `at` looks like; of a learned variance that is not there, nothing.
    pub fn picture(&self, at: usize, look: Look) -> Option<Arc<RgbImage>> {
        let frame = self.frame(at)?;
        let row = frame.rows.get(self.index - frame.first_picture)?;
        Some(Arc::clone(match look {
            Look::Original | Look::Everything => &row.pred_original_sample,
            Look::Sample => &row.x_t,
            Look::Noise => &row.noise_pred,
            Look::Variance => row.variance.as_ref()?,
        }))
    }

    /// x_t of stage I's steps up to and with `at`, [1, c, h, w] each, with where they were evaluated.
    pub fn recorded(&self, at: usize) -> Option<(Vec<usize>, Vec<Tensor>)> {
        let (mut timesteps, mut samples) = (Vec::new(), Vec::new());
        for frame in self.frames.get(..=at)? {
            let sample = frame.sample.as_ref()?;
            timesteps.push(frame.timestep);
            samples.push(sample.narrow(0, self.index - frame.first_picture, 1).ok()?);
        }
        Some((timesteps, samples))
    }
}
