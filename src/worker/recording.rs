//! A run in motion: x_t and x̂_0 of each step, kept until its pictures are finished, then written as animations.

use std::time::Duration;

use image::RgbImage;

use crate::error::Result;
use crate::experiments::StageStep;
use crate::pictures::Animation;

/// A step is shown for this long.
const EACH: Duration = Duration::from_millis(100);
/// The end is shown for this long.
const LAST: Duration = Duration::from_millis(1500);

/// The frames of the run that is under way, by picture.
#[derive(Default)]
pub struct Recording {
    x_t: Vec<Vec<RgbImage>>,
    pred_original_sample: Vec<Vec<RgbImage>>,
    finished: usize,
}

impl Recording {
    /// Keeps a step; the first of a run, or of its second stage, begins anew.
    pub fn step(&mut self, said: &StageStep<'_>) -> Result<()> {
        if said.step.index == 0 {
            *self = Self::default();
        }
        let kept = [
            (&mut self.x_t, &said.step.x_t),
            (&mut self.pred_original_sample, &said.step.prediction.pred_original_sample),
        ];
        for (frames, tensor) in kept {
            for (row, picture) in said.codec.preview(tensor)?.into_iter().enumerate() {
                match frames.get_mut(row) {
                    Some(frames) => frames.push(picture),
                    None => frames.push(vec![picture]),
                }
            }
        }
        Ok(())
    }

    /// The animations of the next finished picture, by what they show.
    pub fn finish_picture(&mut self) -> Result<Vec<(&'static str, Animation)>> {
        let row = self.finished;
        self.finished += 1;
        let mut animations = Vec::new();
        for (name, frames) in [("x-t", &self.x_t), ("x-0", &self.pred_original_sample)] {
            if let Some(frames) = frames.get(row).filter(|frames| !frames.is_empty()) {
                animations.push((name, Animation::new(frames, EACH, LAST)?));
            }
        }
        Ok(animations)
    }
}
