//! A series of any length, drawn with about two points for each point of the screen: the extremes of ever longer
//! stretches of it, kept up as values come in, so that a frame's work does not grow with the run.

use std::ops::Range;

/// Lowest and highest value of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    low: f32,
    high: f32,
    /// Whether the lowest value comes before the highest.
    rises: bool,
}

impl Extent {
    fn of(value: f32) -> Self {
        Self { low: value, high: value, rises: true }
    }

    /// This stretch and the one after it.
    fn and(self, next: Self) -> Self {
        let (lower, higher) = (next.low < self.low, next.high > self.high);
        let rises = match (lower, higher) {
            (false, false) => self.rises,
            (true, true) => next.rises,
            (_, higher) => higher,
        };
        Self { low: self.low.min(next.low), high: self.high.max(next.high), rises }
    }
}

/// The series with its stretches of 2, 4, 8, … values.
#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    values: Vec<f32>,
    levels: Vec<Vec<Extent>>,
}

impl Pyramid {
    /// Adds a value at the end, in a time that grows with the logarithm of the length.
    pub fn push(&mut self, value: f32) {
        let at = self.values.len();
        self.values.push(value);
        for (level, extents) in self.levels.iter_mut().enumerate() {
            match extents.get_mut(at >> (level + 1)) {
                Some(extent) => *extent = extent.and(Extent::of(value)),
                None => extents.push(Extent::of(value)),
            }
        }
        let top = self.levels.last().map_or(self.values.len(), Vec::len);
        if top > 2 {
            let pairs = |extents: &[Extent]| -> Vec<Extent> {
                extents.chunks(2).filter_map(|pair| pair.iter().copied().reduce(Extent::and)).collect()
            };
            let level = match self.levels.last() {
                Some(last) => pairs(last),
                None => pairs(&self.values.iter().copied().map(Extent::of).collect::<Vec<_>>()),
            };
            self.levels.push(level);
        }
    }

    /// Value `index`.
    pub fn get(&self, index: usize) -> Option<f32> {
        self.values.get(index).copied()
    }

    /// The values of `range` as at most about `most` points (index, value), its extremes among them; every value where
    /// there are so few.
    pub fn points(&self, range: Range<usize>, most: usize) -> Vec<(usize, f32)> {
        let range = range.start.min(self.values.len())..range.end.min(self.values.len());
        let level =
            (0..=self.levels.len()).find(|&level| range.len() >> level <= most / if level == 0 { 1 } else { 2 });
        let level = level.unwrap_or(self.levels.len());
        if range.is_empty() || level == 0 {
            return range.map(|index| (index, self.values[index])).collect();
        }
        let mut points = Vec::with_capacity(2 * (range.len() >> level) + 4);
        for cell in range.start >> level..=(range.end - 1) >> level {
            let extent = self.levels[level - 1][cell];
            let (first, second) = if extent.rises { (extent.low, extent.high) } else { (extent.high, extent.low) };
            let middle = ((cell << level) + (1 << (level - 1))).min(self.values.len() - 1);
            points.extend([(cell << level, first), (middle, second)]);
        }
        // The line ends where the series does.
        let last = range.end - 1;
        if let Some(end) = points.last_mut().filter(|_| range.end == self.values.len()) {
            *end = (last, end.1);
        }
        points
    }
}

impl FromIterator<f32> for Pyramid {
    fn from_iter<T: IntoIterator<Item = f32>>(values: T) -> Self {
        let mut pyramid = Self::default();
        values.into_iter().for_each(|value| pyramid.push(value));
        pyramid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that jump about, the same on every run.
    fn rough(count: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + 13) % 1009) as f32 / 1009.0 + 1.0 / (1.0 + i as f32)).collect()
    }

    #[test]
    fn few_points_keep_every_extreme() {
        let values = rough(100_000);
        let pyramid: Pyramid = values.iter().copied().collect();
        for range in [0..100_000, 5..99_990, 40_000..47_000, 99_000..100_000] {
            let points = pyramid.points(range.clone(), 1600);
            assert!(points.len() <= 1604, "{range:?}: {}", points.len());
            assert!(points.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{range:?} is in order");
            let extremes = |values: &mut dyn Iterator<Item = f32>| {
                values.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)))
            };
            let (low, high) = extremes(&mut values[range.clone()].iter().copied());
            let (shown_low, shown_high) = extremes(&mut points.iter().map(|point| point.1));
            assert!(shown_low <= low && shown_high >= high, "{range:?}");
        }
    }

    #[test]
    fn few_values_are_all_shown() {
        let values = rough(50);
        let pyramid: Pyramid = values.iter().copied().collect();
        let shown: Vec<(usize, f32)> = (10..40).map(|index| (index, values[index])).collect();
        assert_eq!(pyramid.points(10..40, 100), shown);
        assert_eq!(pyramid.points(60..90, 100), []);
    }

    /// A stretch that falls is drawn falling.
    #[test]
    fn extremes_keep_their_order() {
        let pyramid: Pyramid = (0..64).rev().map(|value| value as f32).collect();
        let points = pyramid.points(0..64, 8);
        assert!(points.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{points:?}");
    }
}
