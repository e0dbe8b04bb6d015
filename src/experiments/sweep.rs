//! X/Y grids: any two settings of a recipe with their values, one job, one labelled picture.
//!
//! The model, the encoded prompts, the sources and the seeds' noise are the same for every cell, so that only the
//! two settings differ.

use image::RgbImage;

use super::axis::Axis;
use super::sources::at_working_size;
use super::{Observer, Outcome, Progress, Recipe};
use crate::error::{Error, Result};
use crate::models::Cascade;

/// Whether `recipe` asks for a grid.
pub fn is_sweep(recipe: &Recipe) -> bool {
    recipe.x.is_some() || recipe.y.is_some()
}

/// Runs `recipe` once for every cell of its grid, `x` across and `y` down.
///
/// Every cell is rehearsed first, so that one that cannot run is refused before any work.
pub fn sweep(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Outcome> {
    let (x, y) = (recipe.x.as_ref(), recipe.y.as_ref());
    let experiment = recipe.experiment()?;
    let varies = |key: &str| [x, y].into_iter().flatten().any(|axis| axis.key == key);
    let shared =
        if varies("image") || varies("mask") { recipe.clone() } else { at_working_size(recipe, cascade, observer)? };
    let mut all = Vec::new();
    for cell in cells(&shared)? {
        all.push(cell.resolved(cascade.recommendations())?.checked()?);
    }
    let mut rehearsal = Rehearsal { observer, planned: [0; 2], over: false, notes: Vec::new() };
    for cell in &all {
        rehearsal.over = false;
        match experiment.start(cell, cascade, &mut rehearsal) {
            Err(_) if rehearsal.over => {}
            other => drop(other?),
        }
    }
    let Rehearsal { planned, notes, .. } = rehearsal;
    for note in notes {
        observer.say(Progress::Note(note))?;
    }
    observer.say(Progress::Planned(planned))?;
    let mut reporter = Cells { observer, cells: all.len(), cell: 0, pictures: 0, first: Vec::new() };
    for cell in &all {
        experiment.start(cell, cascade, &mut reporter)?;
        reporter.cell += 1;
    }
    let labels = |axis: Option<&Axis>| axis.map(Axis::labels).unwrap_or_default();
    let per_row = x.map_or(1, |axis| axis.values.len());
    Ok(Outcome { per_row, columns: labels(x), rows: labels(y), figure: reporter.first, ..Outcome::default() })
}

/// The recipes of a grid's cells, row by row; a recipe without a grid is its only cell.
pub fn cells(recipe: &Recipe) -> Result<Vec<Recipe>> {
    let mut all = vec![Recipe { x: None, y: None, ..recipe.clone() }];
    for axis in [&recipe.y, &recipe.x].into_iter().flatten() {
        let mut next = Vec::new();
        for cell in &all {
            for index in 0..axis.values.len() {
                next.push(axis.set(cell, index)?);
            }
        }
        all = next;
    }
    Ok(all)
}

/// Listens to a cell until all that could be refused is accepted: until it says what it plans, or shows anything.
struct Rehearsal<'a> {
    observer: &'a mut dyn Observer,
    /// The steps of all cells.
    planned: [usize; 2],
    /// Whether this cell is accepted.
    over: bool,
    /// What the cells had to say, each thing once.
    notes: Vec<String>,
}

impl Observer for Rehearsal<'_> {
    fn check(&self) -> Result<()> {
        self.observer.check()
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        match progress {
            Progress::Note(note) if self.notes.contains(&note) => return Ok(()),
            Progress::Note(note) => {
                self.notes.push(note);
                return Ok(());
            }
            Progress::Encoding { .. } | Progress::Loading(_) => return self.observer.say(progress),
            Progress::Planned(steps) => self.planned = [0, 1].map(|stage| self.planned[stage] + steps[stage]),
            _ => {}
        }
        self.over = true;
        Err(Error::cancelled())
    }

    fn wants_trajectory(&self) -> bool {
        false
    }
}

/// Numbers the pictures and runs of all cells through, and keeps the first picture of each.
struct Cells<'a> {
    observer: &'a mut dyn Observer,
    cells: usize,
    cell: usize,
    pictures: usize,
    first: Vec<RgbImage>,
}

impl Observer for Cells<'_> {
    fn check(&self) -> Result<()> {
        self.observer.check()
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        let progress = match progress {
            // Said in the rehearsal.
            Progress::Planned(_) | Progress::Note(_) => return Ok(()),
            Progress::Picture(mut picture) => {
                picture.index = self.pictures;
                self.pictures += 1;
                if self.first.len() == self.cell {
                    self.first.push((*picture.pixels).clone());
                }
                Progress::Picture(picture)
            }
            Progress::Trajectory(mut trajectory) => {
                trajectory.run += self.cell * trajectory.runs;
                trajectory.runs *= self.cells;
                Progress::Trajectory(trajectory)
            }
            other => other,
        };
        self.observer.say(progress)
    }

    fn wants_trajectory(&self) -> bool {
        self.observer.wants_trajectory()
    }

    fn wants_files(&self) -> bool {
        false // a grid keeps pictures alone
    }
}
