//! Mean loss by diffusion time and training step: which noise levels are learned when. The columns' stretches of steps
//! grow with the run, so that a run of any length has the same few of them.

/// Stretches of diffusion time from 0 to 1.
pub const BINS: usize = 16;
/// Columns are joined in pairs once there are so many.
const COLUMNS: usize = 240;

/// Losses of one bin in one stretch of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    sum: f64,
    count: u32,
}

impl Cell {
    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

type Column = [Cell; BINS];

/// The cells of a run.
#[derive(Clone, Debug)]
pub struct ByTime {
    closed: Vec<Column>,
    open: Column,
    /// Steps in the open column.
    in_open: usize,
    /// Steps of a column.
    stretch: usize,
    /// The first step, from which columns are counted.
    first: usize,
    version: u64,
}

impl Default for ByTime {
    fn default() -> Self {
        Self { closed: Vec::new(), open: [Cell::default(); BINS], in_open: 0, stretch: 1, first: 1, version: 0 }
    }
}

/// The bin of a time from 0 to 1.
fn bin(time: f32) -> usize {
    ((time.clamp(0.0, 1.0) * BINS as f32) as usize).min(BINS - 1)
}

impl ByTime {
    /// Takes in step `step`: time and loss of each example.
    pub fn push(&mut self, step: usize, examples: &[(f32, f32)]) {
        if examples.is_empty() {
            return;
        }
        if self.is_empty() && self.in_open == 0 {
            self.first = step;
        }
        for &(time, loss) in examples.iter().filter(|(_, loss)| loss.is_finite()) {
            let cell = &mut self.open[bin(time)];
            cell.sum += f64::from(loss);
            cell.count += 1;
        }
        self.in_open += 1;
        if self.in_open >= self.stretch {
            self.closed.push(std::mem::take(&mut self.open));
            self.in_open = 0;
            self.version += 1;
            if self.closed.len() >= COLUMNS {
                self.join();
            }
        }
    }

    /// Columns of twice as many steps.
    fn join(&mut self) {
        let joined = self.closed.chunks(2).map(|pair| {
            let mut column = pair[0];
            for (cell, other) in column.iter_mut().zip(pair[1..].iter().flatten()) {
                cell.sum += other.sum;
                cell.count += other.count;
            }
            column
        });
        self.closed = joined.collect();
        self.stretch *= 2;
    }

    /// Whether there is no complete column.
    pub fn is_empty(&self) -> bool {
        self.closed.is_empty()
    }

    /// How many columns are complete.
    pub fn columns(&self) -> usize {
        self.closed.len()
    }

    /// Grows whenever a column is complete.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The mean loss of a bin in a column, where an example fell into it.
    pub fn mean(&self, column: usize, bin: usize) -> Option<f64> {
        self.closed.get(column)?.get(bin)?.mean()
    }

    /// First and last step of a column.
    pub fn steps(&self, column: usize) -> (usize, usize) {
        let first = self.first + column * self.stretch;
        (first, first + self.stretch - 1)
    }

    /// Where a bin begins and ends, in time from 0 to 1.
    pub fn times(bin: usize) -> (f32, f32) {
        (bin as f32 / BINS as f32, (bin + 1) as f32 / BINS as f32)
    }

    /// Lowest and highest mean loss above 0 of all cells.
    pub fn range(&self) -> Option<(f64, f64)> {
        let means = self.closed.iter().flatten().filter_map(|cell| cell.mean()).filter(|mean| *mean > 0.0);
        means.fold(None, |range, mean| {
            let (low, high) = range.unwrap_or((mean, mean));
            Some((mean.min(low), mean.max(high)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_fall_into_their_time_and_step() {
        let mut cells = ByTime::default();
        cells.push(7, &[(0.0, 1.0), (0.03, 3.0), (1.0, 5.0)]);
        assert_eq!((cells.columns(), cells.steps(0)), (1, (7, 7)));
        assert_eq!((cells.mean(0, 0), cells.mean(0, 1), cells.mean(0, BINS - 1)), (Some(2.0), None, Some(5.0)));
        assert_eq!(cells.range(), Some((2.0, 5.0)));
    }

    #[test]
    fn a_long_run_has_few_columns_and_loses_no_loss() {
        let mut cells = ByTime::default();
        for step in 1..=20_000 {
            cells.push(step, &[((step % 100) as f32 / 100.0, 2.0)]);
        }
        assert!((COLUMNS / 2..COLUMNS).contains(&cells.columns()), "{}", cells.columns());
        let (first, last) = cells.steps(cells.columns() - 1);
        assert!(last <= 20_000 && 20_000 - last < last + 1 - first, "{first} to {last}");
        let all = (0..cells.columns()).flat_map(|column| (0..BINS).map(move |bin| (column, bin)));
        assert!(all.filter_map(|(column, bin)| cells.mean(column, bin)).all(|mean| (mean - 2.0).abs() < 1e-9));
    }
}
