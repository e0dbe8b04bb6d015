//! A run's loss and learning rate over its steps, raw and smoothed, along any of three axes.

use std::ops::Range;

use super::pyramid::Pyramid;
use crate::training::Point;

/// What the curves run along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Along {
    /// Training steps.
    #[default]
    Step,
    /// Passes through the data.
    Epoch,
    /// Minutes of training.
    Time,
}

impl Along {
    /// Every axis with its word.
    pub const ALL: [(&'static str, Self); 3] = [("Step", Self::Step), ("Epoch", Self::Epoch), ("Time", Self::Time)];
}

/// What is drawn over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Each step's loss.
    Loss,
    /// Its debiased exponential mean.
    Smoothed,
    /// The learning rate.
    Rate,
}

/// Exponential mean without the bias towards 0 of its first values (as in Adam; Kingma and Ba 2015): the mean of the
/// values so far, weighted by `factor` to the power of their age.
#[derive(Clone, Copy, Debug, Default)]
struct Smoothing {
    factor: f64,
    sum: f64,
    weight: f64,
}

impl Smoothing {
    fn take(&mut self, value: f32) -> f32 {
        self.sum = self.factor * self.sum + (1.0 - self.factor) * f64::from(value);
        self.weight = self.factor * self.weight + 1.0 - self.factor;
        (self.sum / self.weight) as f32
    }
}

/// The largest factor with which so many steps are still a curve: its mean reaches back over a tenth of them. By powers of
/// two, so that a run that grows is not smoothed anew at every step.
fn longest(steps: usize) -> f64 {
    let steps = steps.checked_ilog2().map_or(0.0, |power| f64::from(1_u32 << power.min(31)));
    if steps > 10.0 { 1.0 - 10.0 / steps } else { 0.0 }
}

/// The points of one run with what is drawn of them.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    points: Vec<Point>,
    loss: Pyramid,
    smoothed: Pyramid,
    rate: Pyramid,
    smoothing: Smoothing,
    /// The factor that was asked for; a short run is smoothed with less.
    factor: f64,
    epoch_steps: Option<usize>,
}

impl Curve {
    /// A curve of these points, of which the smoothed one weighs each step with `factor` (0 to below 1) against the
    /// step after it.
    pub fn new(points: &[Point], factor: f64) -> Self {
        let mut curve = Self { factor, ..Self::default() };
        points.iter().for_each(|point| curve.push(*point));
        curve
    }

    /// Adds a step. One that is not after the last, or whose loss is no number, is not drawn.
    pub fn push(&mut self, point: Point) {
        let follows = self.points.last().is_none_or(|last| last.step < point.step);
        if !follows || !point.loss.is_finite() {
            return;
        }
        self.loss.push(point.loss);
        self.smoothed.push(self.smoothing.take(point.loss));
        self.rate.push(point.learning_rate as f32);
        self.points.push(point);
        self.smooth(self.factor);
    }

    /// Puts the earlier part of a run, which was read from its files, before what is there.
    pub fn precede(&mut self, earlier: &[Point]) {
        let first = self.points.first().map_or(usize::MAX, |point| point.step);
        let mut points: Vec<Point> = earlier.iter().filter(|point| point.step < first).copied().collect();
        points.extend(&self.points);
        *self = Self { epoch_steps: self.epoch_steps, ..Self::new(&points, self.factor) };
    }

    /// Smooths by another factor, by less of it while the run is short; nothing is done where it is the same.
    pub fn smooth(&mut self, factor: f64) {
        self.factor = factor;
        let factor = factor.min(longest(self.points.len()));
        if factor != self.smoothing.factor {
            self.smoothing = Smoothing { factor, ..Smoothing::default() };
            self.smoothed = self.points.iter().map(|point| self.smoothing.take(point.loss)).collect();
        }
    }

    /// Notes how many steps an epoch has.
    pub fn note_epoch_steps(&mut self, steps: usize) {
        self.epoch_steps = Some(steps.max(1));
    }

    /// Every step.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Steps of an epoch: as noted, else as the points tell; where the first epoch is not over, all of them.
    fn epoch_steps(&self) -> usize {
        let told = || {
            let first = self.points.first()?.epoch;
            let next = self.points.partition_point(|point| point.epoch == first);
            Some((self.points.get(next)?.step - 1) / first)
        };
        let all = || self.points.last().map(|last| last.step);
        self.epoch_steps.or_else(told).or_else(all).unwrap_or(1).max(1)
    }

    /// Where point `index` lies along an axis.
    pub fn x(&self, index: usize, along: Along) -> Option<f64> {
        self.points.get(index).map(|point| self.place(point, along, self.epoch_steps()))
    }

    fn place(&self, point: &Point, along: Along, epoch_steps: usize) -> f64 {
        match along {
            Along::Step => point.step as f64,
            Along::Epoch => point.step as f64 / epoch_steps as f64,
            Along::Time => point.seconds / 60.0,
        }
    }

    /// The points between two places along an axis, and one beyond at either side, so that lines reach the edge.
    fn within(&self, along: Along, low: f64, high: f64) -> Range<usize> {
        let epoch_steps = self.epoch_steps();
        let before = |x: f64| self.points.partition_point(|point| self.place(point, along, epoch_steps) < x);
        before(low).saturating_sub(1)..(before(high) + 1).min(self.points.len())
    }

    /// A series between two places along an axis as at most about `most` points, [x, value].
    pub fn drawn(&self, series: Series, along: Along, (low, high): (f64, f64), most: usize) -> Vec<[f64; 2]> {
        let values = match series {
            Series::Loss => &self.loss,
            Series::Smoothed => &self.smoothed,
            Series::Rate => &self.rate,
        };
        let epoch_steps = self.epoch_steps();
        let place = |index: usize| self.place(&self.points[index], along, epoch_steps);
        let points = values.points(self.within(along, low, high), most);
        points.into_iter().map(|(index, value)| [place(index), f64::from(value)]).collect()
    }

    /// The point nearest to a place along an axis.
    pub fn nearest(&self, along: Along, x: f64) -> Option<usize> {
        let epoch_steps = self.epoch_steps();
        let place = |index: usize| self.place(&self.points[index], along, epoch_steps);
        let after = self.points.partition_point(|point| self.place(point, along, epoch_steps) < x);
        let candidates = [after.checked_sub(1), Some(after).filter(|&after| after < self.points.len())];
        candidates.into_iter().flatten().min_by(|&a, &b| (place(a) - x).abs().total_cmp(&(place(b) - x).abs()))
    }

    /// The smoothed loss at point `index`.
    pub fn smoothed(&self, index: usize) -> Option<f32> {
        self.smoothed.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: usize, loss: f32) -> Point {
        Point { step, epoch: (step - 1) / 10 + 1, loss, learning_rate: 1e-3, seconds: step as f64 * 6.0 }
    }

    #[test]
    fn the_smoothed_curve_has_no_bias_towards_nothing() {
        let points: Vec<Point> = (1..=40).map(|step| point(step, 0.5)).collect();
        let mut curve = Curve::new(&points, 0.5);
        assert!((0..40).all(|index| (curve.smoothed(index).unwrap() - 0.5).abs() < 1e-6));
        curve.push(point(41, 1.5));
        let expected = 0.5 + 0.5 / (1.0 - 0.5_f64.powi(41));
        assert!((f64::from(curve.smoothed(40).unwrap()) - expected).abs() < 1e-6);
        curve.smooth(0.0);
        assert_eq!(curve.smoothed(40), Some(1.5));
    }

    /// Half of a run's fall is to be seen in its smoothed curve, however short it is.
    #[test]
    fn a_short_run_is_not_smoothed_away() {
        for steps in [2_usize, 12, 40, 700, 5000] {
            let falling: Vec<Point> =
                (1..=steps).map(|step| point(step, (steps - step) as f32 / steps as f32)).collect();
            let curve = Curve::new(&falling, 0.999);
            let shown = curve.smoothed(0).unwrap() - curve.smoothed(steps - 1).unwrap();
            let fell = falling[0].loss - falling[steps - 1].loss;
            assert!(shown > 0.5 * fell, "{steps} steps: {shown} of {fell}");
        }
    }

    #[test]
    fn the_three_axes_agree() {
        let points: Vec<Point> = (1..=25).map(|step| point(step, 1.0)).collect();
        let curve = Curve::new(&points, 0.0);
        assert_eq!(curve.x(19, Along::Step), Some(20.0));
        assert_eq!(curve.x(19, Along::Epoch), Some(2.0), "an epoch has 10 steps");
        assert_eq!(curve.x(19, Along::Time), Some(2.0), "of 6 seconds each");
        assert_eq!(curve.nearest(Along::Epoch, 1.16), Some(11));
        assert_eq!(curve.nearest(Along::Step, 1e9), Some(24));
        assert_eq!(Curve::default().nearest(Along::Step, 1.0), None);
        let drawn = curve.drawn(Series::Loss, Along::Step, (5.0, 7.0), 100);
        assert_eq!(drawn.iter().map(|point| point[0]).collect::<Vec<_>>(), [4.0, 5.0, 6.0, 7.0]);
    }

    #[test]
    fn an_earlier_part_comes_before_and_repeats_nothing() {
        let later: Vec<Point> = (11..=20).map(|step| point(step, 0.1)).collect();
        let mut curve = Curve::new(&later, 0.0);
        curve.precede(&(1..=12).map(|step| point(step, 0.9)).collect::<Vec<_>>());
        curve.push(point(20, 7.0));
        curve.push(point(21, f32::NAN));
        assert_eq!(curve.points().iter().map(|point| point.step).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        assert_eq!(curve.points()[10].loss, 0.1);
    }
}
