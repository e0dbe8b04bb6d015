//! Every step of a run in pictures, so that a window can go back through it: x_t, x̂_0, ε̂ and the variance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::Tensor;
use image::RgbImage;

use super::event::JobId;
use crate::diffusion::samplers::{Leap, Sampler};
use crate::error::{Error, Result};
use crate::experiments::StageStep;
use crate::pictures::pictures_from_tensor;
use crate::tensors::OnCpu;

/// One step of one run.
#[derive(Clone, Debug)]
pub struct Frame {
    /// 1 or 2.
    pub stage: usize,
    /// The step, from 0, and how many the run has.
    pub step: usize,
    /// How many steps the run has.
    pub of: usize,
    /// Where the network was evaluated, as it is said.
    pub timestep: usize,
    /// Where it began and arrived on the schedule.
    pub leap: Leap,
    /// The sampler that took it.
    pub sampler: Sampler,
    /// The number, in the job, of the picture that the first row becomes.
    pub first_picture: usize,
    /// What is to be seen, for each picture of the run.
    pub rows: Vec<StepPictures>,
    /// x_t as the network saw it, [b, c, h, w] in f32; stage I only, for branches.
    pub sample: Option<OnCpu>,
}

/// What one step of one picture looks like.
#[derive(Clone, Debug)]
pub struct StepPictures {
    /// x_t as the network saw it.
    pub x_t: Arc<RgbImage>,
    /// x̂_0 as the step used it.
    pub pred_original_sample: Arc<RgbImage>,
    /// ε̂ guided and composed; black is -3, white 3.
    pub noise_pred: Arc<RgbImage>,
    /// Where the learned variance lies between β̃ (black) and β (white), by the root, since most of it is near β̃.
    pub variance: Option<Arc<RgbImage>>,
}

/// ε̂ is a standard normal, more or less: nearly all of it lies within three deviations.
const NOISE_RANGE: f64 = 3.0;
/// At most so many pictures of a run are kept step by step.
const MOST_ROWS: usize = 16;

/// Numbers from -1 (black) to 1 (white), whatever the network's pictures are; one channel is grey.
fn measured(x: &Tensor) -> Result<Vec<RgbImage>> {
    if x.dim(1)? == 1 { pictures_from_tensor(&x.repeat((1, 3, 1, 1))?) } else { pictures_from_tensor(x) }
}

impl Frame {
    /// The pictures of a step.
    pub(super) fn of(said: &StageStep<'_>, first_picture: usize) -> Result<Self> {
        let step = said.step;
        let prediction = &step.prediction;
        let first = |x: &Tensor| -> Result<Tensor> { Ok(x.narrow(0, 0, x.dim(0)?.min(MOST_ROWS))?) };
        let shown = [&step.sample, &prediction.pred_original_sample, &prediction.noise_pred];
        let shown = shown.into_iter().chain(&prediction.predicted_variance).map(first).collect::<Result<Vec<_>>>()?;
        let fetched = OnCpu::all(&shown)?;
        let [sample, original, noise, variance @ ..] = fetched.as_slice() else {
            return Err(Error::new("a step without pictures"));
        };
        let shared = |pictures: Vec<RgbImage>| pictures.into_iter().map(Arc::new).collect::<Vec<_>>();
        let b = step.sample.dim(0)?;
        let whole = || if b <= MOST_ROWS { Ok(sample.clone()) } else { OnCpu::of(&step.sample) };
        let x_t = shared(said.codec.preview(sample)?);
        let pred_original_sample = shared(said.codec.preview(original)?);
        let noise_pred = shared(measured(&(&**noise / NOISE_RANGE)?)?);
        let variance = match variance.first() {
            Some(variance) => {
                let fraction = ((&**variance + 1.0)? / 2.0)?.clamp(0.0, 1.0)?;
                shared(measured(&fraction.sqrt()?.affine(2.0, -1.0)?)?).into_iter().map(Some).collect()
            }
            None => vec![None; x_t.len()],
        };
        let rows = x_t.into_iter().zip(pred_original_sample).zip(noise_pred).zip(variance);
        let rows = rows.map(|(((x_t, pred_original_sample), noise_pred), variance)| StepPictures {
            x_t,
            pred_original_sample,
            noise_pred,
            variance,
        });
        Ok(Self {
            stage: said.stage,
            step: step.index,
            of: said.of,
            timestep: step.timestep,
            leap: step.leap,
            sampler: said.sampler,
            first_picture,
            rows: rows.collect(),
            sample: (said.stage == 1).then(whole).transpose()?,
        })
    }

    /// Bytes that its pictures and tensor hold, about.
    pub fn bytes(&self) -> usize {
        let side = self.rows.first().map_or(0, |row| row.x_t.as_raw().len());
        self.rows.len() * side * 4 + self.sample.as_ref().map_or(0, |x| x.elem_count() * 4)
    }
}

/// Frames that nobody has taken yet, by job.
#[derive(Clone, Default)]
pub(super) struct Frames(Arc<Mutex<HashMap<JobId, Vec<Frame>>>>);

impl Frames {
    pub fn put(&self, job: JobId, frame: Frame) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(job).or_default().push(frame);
    }

    pub fn take(&self, job: JobId) -> Vec<Frame> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&job).unwrap_or_default()
    }
}
