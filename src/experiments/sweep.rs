//! X/Y grids: any two settings of a recipe with their values, one job, one labelled picture.
//!
//! The model, the encoded prompts, the sources and the seeds' noise are the same for every cell, so that only the
//! two settings differ.

use image::RgbImage;

use super::assemble::Job;
use super::axis::Axis;
use super::bounds::check_work;
use super::plan::JobPlan;
use super::sources::at_working_size;
use super::{Observer, Outcome, Progress, Recipe, Setting};
use crate::error::Result;
use crate::models::Model;

/// Runs `recipe` once for every cell of its grid, `x` across and `y` down.
///
/// Every cell is planned and its prompts are told to the model first, so that one that cannot run is refused before any
/// work.
pub fn sweep(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let (x, y) = (recipe.grid.x.as_ref(), recipe.grid.y.as_ref());
    let experiment = recipe.experiment()?;
    let varies = |setting: &Setting| [x, y].into_iter().flatten().any(|axis| axis.key == setting.key);
    let shared = if recipe.pictures().iter().any(|(setting, _)| varies(setting)) {
        recipe.clone()
    } else {
        at_working_size(recipe, model, observer)?
    };
    let summary = model.summary();
    let mut reporter = Cells { observer, cells: 0, cell: 0, pictures: 0, first: Vec::new(), said: Vec::new() };
    let (mut all, mut cost) = (Vec::new(), JobPlan::default());
    for cell in cells(&shared)? {
        let cell = cell.resolved(&summary.recommendations)?.checked()?;
        cost = cost.and(JobPlan::of(&cell, summary)?);
        let cell = at_working_size(&cell, model, &mut reporter)?;
        let job = Job::new(&cell, model, &mut reporter)?;
        if experiment.walks() {
            job.check()?;
        }
        all.push(cell);
    }
    reporter.observer.say(Progress::Planned(cost.evaluations))?;
    reporter.cells = all.len();
    for cell in &all {
        let _ = experiment.start(cell, model, &mut reporter)?;
        reporter.cell += 1;
    }
    let labels = |axis: Option<&Axis>| axis.map(Axis::labels).unwrap_or_default();
    let per_row = x.map_or(1, |axis| axis.values.len());
    Ok(Outcome { per_row, columns: labels(x), rows: labels(y), figure: reporter.first, ..Outcome::default() })
}

/// The recipes of a grid's cells, row by row; a recipe without a grid is its only cell. An error where there are too many.
pub fn cells(recipe: &Recipe) -> Result<Vec<Recipe>> {
    check_work(recipe)?;
    let mut all = vec![recipe.clone().with(|recipe| {
        recipe.grid.x = None;
        recipe.grid.y = None;
    })];
    for axis in [&recipe.grid.y, &recipe.grid.x].into_iter().flatten() {
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

/// Numbers the pictures and runs of all cells through, and keeps the first picture of each.
struct Cells<'a> {
    observer: &'a mut dyn Observer,
    cells: usize,
    cell: usize,
    pictures: usize,
    first: Vec<RgbImage>,
    /// What the cells had to say, each thing once.
    said: Vec<String>,
}

impl Observer for Cells<'_> {
    fn check(&self) -> Result<()> {
        self.observer.check()
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        let progress = match progress {
            Progress::Planned(_) => return Ok(()),
            Progress::Note(note) if self.said.contains(&note) => return Ok(()),
            Progress::Note(note) => {
                self.said.push(note.clone());
                Progress::Note(note)
            }
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
