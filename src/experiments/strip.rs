//! A run in motion as a row of pictures: x_t at every fifth step, kept on its way to whoever watches.

use candle_core::Tensor;
use image::RgbImage;

use super::observer::{Observer, Progress, Wish};
use crate::error::Result;
use crate::models::Codec;
use crate::pictures::{Grid, encode_png};

/// Every so many steps one is kept.
const EVERY: usize = 5;

/// Tells `observer` everything, and keeps what a strip shows.
pub struct Strip<'a> {
    observer: &'a mut dyn Observer,
    labels: Vec<String>,
    /// Of each kept step, the pictures of the run.
    kept: Vec<Vec<RgbImage>>,
}

impl<'a> Strip<'a> {
    /// An empty strip.
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer, labels: Vec::new(), kept: Vec::new() }
    }

    /// The PNG of the strip that ends in `x_0` [b, c, h, w], a row a picture; none where nothing was kept.
    pub fn finish(mut self, x_0: &Tensor, codec: &dyn Codec) -> Result<Option<Vec<u8>>> {
        if self.kept.is_empty() {
            return Ok(None);
        }
        self.labels.push("result".to_owned());
        self.kept.push(codec.decode(x_0)?);
        let rows = self.kept[0].len();
        let pictures: Vec<&RgbImage> =
            (0..rows).flat_map(|row| self.kept.iter().filter_map(move |step| step.get(row))).collect();
        let grid =
            Grid { columns: &self.labels, rows: &[], captions: &[], per_row: self.labels.len(), pictures: &pictures };
        Ok(Some(encode_png(&grid.render()?, None)?))
    }
}

impl Observer for Strip<'_> {
    fn check(&self) -> Result<()> {
        self.observer.check()
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        if let Progress::Step(step) = &progress
            && step.step.index.is_multiple_of(EVERY)
            && self.observer.wants_files()
        {
            self.labels.push(format!("t = {}", step.step.timestep));
            self.kept.push(step.codec.preview(&step.step.sample)?);
        }
        self.observer.say(progress)
    }

    fn wants_trajectory(&self) -> bool {
        self.observer.wants_trajectory()
    }

    fn wants_files(&self) -> bool {
        self.observer.wants_files()
    }

    fn wish(&self) -> Wish {
        self.observer.wish()
    }
}
