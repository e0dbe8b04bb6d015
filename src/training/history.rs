//! What a run's steps came to: every loss, for the curve, the file of metrics and the eye on divergence.

use crate::error::{Error, Result};

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From 1.
    pub step: usize,
    /// From 1.
    pub epoch: usize,
    /// The batch's mean loss.
    pub loss: f32,
    /// The learning rate that the step was taken with.
    pub learning_rate: f64,
    /// Seconds of training until the step was done, earlier parts of a resumed run included.
    pub seconds: f64,
}

/// How much of each loss the running mean takes in: about the last 50 steps.
const SMOOTHING: f64 = 0.02;
/// A running mean this many times its lowest has diverged.
const DIVERGED: f64 = 20.0;
/// The running mean is judged from this step on.
const JUDGED_FROM: usize = 100;

/// Every step so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    points: Vec<Point>,
    mean: f64,
    lowest: f64,
}

impl History {
    /// A history of these points.
    pub fn of(points: Vec<Point>) -> Self {
        let mut history = Self::default();
        for point in points {
            history.follow(point.loss);
            history.points.push(point);
        }
        history
    }

    /// Every point, in order.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Adds a point; an error when the loss has diverged.
    pub fn push(&mut self, point: Point) -> Result<()> {
        self.follow(point.loss);
        self.points.push(point);
        if point.step >= JUDGED_FROM && self.mean > DIVERGED * self.lowest {
            return Err(Error::new(format!(
                "training diverges: the mean loss is {:.3e} at step {}, after {:.3e} at its best",
                self.mean, point.step, self.lowest
            ))
            .hint("take a smaller --lr; the last checkpoint is kept"));
        }
        Ok(())
    }

    fn follow(&mut self, loss: f32) {
        let loss = f64::from(loss);
        let first = self.points.is_empty();
        self.mean = if first { loss } else { self.mean + SMOOTHING * (loss - self.mean) };
        self.lowest = if first { self.mean } else { self.lowest.min(self.mean) };
    }

    /// The mean loss of the last `count` steps, `None` before the first.
    pub fn recent_mean(&self, count: usize) -> Option<f64> {
        let recent = &self.points[self.points.len().saturating_sub(count)..];
        (!recent.is_empty()).then(|| recent.iter().map(|p| f64::from(p.loss)).sum::<f64>() / recent.len() as f64)
    }

    /// As `metrics.csv`: step, epoch, loss, lr, seconds.
    pub fn csv(&self) -> String {
        let mut text = String::from("step,epoch,loss,lr,seconds\n");
        for Point { step, epoch, loss, learning_rate, seconds } in &self.points {
            text.push_str(&format!("{step},{epoch},{loss},{learning_rate},{seconds:.3}\n"));
        }
        text
    }
}
