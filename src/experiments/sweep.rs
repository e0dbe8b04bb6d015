//! X/Y grids: any two settings of a recipe with their values, one job, one labelled picture.
//!
//! The model, the encoded prompts and the seeds' noise are the same for every cell, so that only the two
//! settings differ.

use std::str::FromStr;

use image::RgbImage;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Observer, Outcome, Progress, Recipe, setting};
use crate::error::{Error, Result};
use crate::models::Cascade;

/// A setting and the values that it takes along one side of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The setting's key.
    pub key: String,
    /// Its values, as they were written.
    pub values: Vec<String>,
}

impl FromStr for Axis {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::arguments(format!("`{text}` is not KEY=VALUE,VALUE,…")).hint("for example guidance=1,3,7");
        let (key, values) = text.split_once('=').ok_or_else(wrong)?;
        let key = key.trim().replace('-', "_");
        let setting = setting(&key).ok_or_else(|| Error::arguments(format!("unknown setting `{key}` in `{text}`")))?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        for value in &values {
            setting.parse(std::slice::from_ref(value))?;
        }
        Ok(Self { key, values })
    }
}

impl Serialize for Axis {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}={}", self.key, self.values.join(",")))
    }
}

impl<'de> Deserialize<'de> for Axis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Axis {
    /// `recipe` with this setting at its value `index`.
    fn set(&self, recipe: &Recipe, index: usize) -> Result<Recipe> {
        let known = setting(&self.key).ok_or_else(|| Error::arguments(format!("unknown setting `{}`", self.key)))?;
        let mut json = recipe.to_json()?;
        json.insert(self.key.clone(), known.parse(std::slice::from_ref(&self.values[index]))?);
        let mut changed = Recipe::from_json(&json)?;
        // Pixels do not go through JSON.
        changed.image.clone_from(&recipe.image);
        changed.mask.clone_from(&recipe.mask);
        Ok(changed)
    }

    /// A label for each value.
    pub fn labels(&self) -> Vec<String> {
        let name = setting(&self.key).map_or(self.key.as_str(), |setting| setting.label);
        self.values.iter().map(|value| format!("{name} {value}")).collect()
    }
}

/// Whether `recipe` asks for a grid.
pub fn is_sweep(recipe: &Recipe) -> bool {
    recipe.x.is_some() || recipe.y.is_some()
}

/// Runs `recipe` once for every cell of its grid, `x` across and `y` down.
pub fn sweep(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Outcome> {
    let (x, y) = (recipe.x.as_ref(), recipe.y.as_ref());
    for axis in [x, y].into_iter().flatten() {
        if matches!(axis.key.as_str(), "model" | "stage_2" | "dtype") {
            return Err(Error::arguments(format!("`{}` cannot vary in a grid", axis.key)).hint("run one job for each"));
        }
    }
    let experiment = recipe.experiment()?;
    let all = cells(recipe)?;
    let mut reporter = Cells { observer, cells: all.len(), cell: 0, pictures: 0, done: [0; 2], first: Vec::new() };
    for cell in all {
        let cell = cell.resolved(&cascade.recommendation()?)?.checked()?;
        experiment.start(&cell, cascade, &mut reporter)?;
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

/// Numbers the pictures and runs of all cells through, and keeps the first picture of each.
struct Cells<'a> {
    observer: &'a mut dyn Observer,
    cells: usize,
    cell: usize,
    pictures: usize,
    done: [usize; 2],
    first: Vec<RgbImage>,
}

impl Observer for Cells<'_> {
    fn check(&self) -> Result<()> {
        self.observer.check()
    }

    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        let progress = match progress {
            Progress::Planned(steps) => {
                // The cells to come are taken to be like this one.
                let left = self.cells - self.cell;
                Progress::Planned([0, 1].map(|stage| self.done[stage] + left * steps[stage]))
            }
            Progress::Step(step) => {
                self.done[step.stage - 1] += 1;
                Progress::Step(step)
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
}
