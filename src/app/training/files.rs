//! Runs as files: a run's folder read back, and the curves that are drawn written as CSV or JSON, every step as it
//! was.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::run::{EpochSamples, Run};
use crate::error::{Error, Result};
use crate::experiments::{ForeignRecipe, read_recipe};
use crate::files::{atomic_write, limits, read_text_file};
use crate::pictures;
use crate::training::Point;

/// The file that every run's folder has.
const METRICS: &str = "metrics.csv";
const COLUMNS: &str = "step,epoch,loss,lr,seconds";

/// A run that was read from its folder.
pub struct ReadRun {
    /// The folder.
    pub folder: PathBuf,
    /// Every step.
    pub points: Vec<Point>,
    /// The epochs' pictures; what was measured is known of the last epoch alone.
    pub samples: Vec<EpochSamples>,
    /// What it was started with, where the run was finished.
    pub recipe: Option<ForeignRecipe>,
}

/// The folder of the run that `path` (the folder or a file in it) belongs to, if it is one.
pub fn run_folder(path: &Path) -> Option<PathBuf> {
    let is_metrics = path.file_name().is_some_and(|name| name == METRICS);
    let folder = if is_metrics { path.parent()? } else { path };
    folder.join(METRICS).is_file().then(|| folder.to_owned())
}

/// The folders with a training run in them, newest first.
pub fn earlier_runs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| run_folder(&entry.path()).is_some())
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Reads a run's folder: `metrics.csv`, and `epoch-….png` and `result.json` where there are some.
pub fn read_run(folder: &Path) -> Result<ReadRun> {
    let metrics = folder.join(METRICS);
    let text = read_text_file(&metrics, limits::CURVE)
        .map_err(|error| error.hint("choose a folder that digits-train wrote"))?;
    let points = read_metrics(&text).map_err(|error| error.at(metrics.display()))?;
    let result = folder.join("result.json");
    let mut samples = read_samples(folder)?;
    if let (Some(last), Some(measures)) = (samples.last_mut(), measures(&result)) {
        last.measures = measures;
    }
    Ok(ReadRun { folder: folder.to_owned(), points, samples, recipe: read_recipe(&result).ok() })
}

/// The points of a `metrics.csv`.
pub fn read_metrics(text: &str) -> Result<Vec<Point>> {
    let mut lines = text.lines();
    if lines.next().map(str::trim) != Some(COLUMNS) {
        return Err(Error::new("this is no run's curve").hint(format!("its first line should be {COLUMNS}")));
    }
    let mut points = Vec::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let point = read_point(line).ok_or_else(|| {
            Error::new(format!("line {} is no step of a run: `{}`", number + 2, line.trim()))
                .hint(format!("each line should hold {COLUMNS}"))
        })?;
        points.push(point);
    }
    Ok(points)
}

fn read_point(line: &str) -> Option<Point> {
    let mut fields = line.split(',').map(str::trim);
    let point = Point {
        step: fields.next()?.parse().ok()?,
        epoch: fields.next()?.parse().ok()?,
        loss: fields.next()?.parse().ok()?,
        learning_rate: fields.next()?.parse().ok()?,
        seconds: fields.next()?.parse().ok()?,
    };
    (fields.next().is_none() && point.step > 0 && point.epoch > 0).then_some(point)
}

fn read_samples(folder: &Path) -> Result<Vec<EpochSamples>> {
    let epoch = |path: &Path| -> Option<usize> {
        path.file_name()?.to_str()?.strip_prefix("epoch-")?.strip_suffix(".png")?.parse().ok()
    };
    let paths = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut samples = Vec::new();
    for (epoch, path) in paths.filter_map(|path| Some((epoch(&path)?, path))) {
        samples.push(EpochSamples { epoch, pixels: Arc::new(pictures::load(&path)?), measures: Map::new() });
    }
    samples.sort_by_key(|samples| samples.epoch);
    Ok(samples)
}

/// What a finished run was measured by.
fn measures(result: &Path) -> Option<Map<String, Value>> {
    let text = read_text_file(result, limits::RECIPE_TEXT).ok()?;
    let all: Value = serde_json::from_str(&text).ok()?;
    let mut measures = all.get("measures")?.as_object()?.clone();
    // What the whole run was, rather than how good its last epoch.
    ["settings", "data", "steps", "parameters"].iter().for_each(|key| drop(measures.remove(*key)));
    Some(measures)
}

/// What an exported run holds.
pub struct Exported {
    /// What it is called.
    pub name: String,
    /// What it was started with.
    pub recipe: Option<ForeignRecipe>,
    /// Every step.
    pub points: Vec<Point>,
    /// What was measured after each epoch.
    pub measures: Vec<(usize, Map<String, Value>)>,
}

impl Exported {
    /// What `run` exports.
    pub fn of(run: &Run) -> Self {
        let measures = run.samples.iter().map(|samples| (samples.epoch, samples.measures.clone()));
        let measures = measures.filter(|(_, measures)| !measures.is_empty()).collect();
        Self { name: run.name.clone(), recipe: run.recipe.clone(), points: run.curve.points().to_vec(), measures }
    }
}

/// The steps of `runs` as one table: run, then the columns of `metrics.csv`.
fn as_csv(runs: &[Exported]) -> String {
    let mut text = format!("run,{COLUMNS}\n");
    for run in runs {
        let name = format!("\"{}\"", run.name.replace('"', "\"\""));
        for Point { step, epoch, loss, learning_rate, seconds } in &run.points {
            text.push_str(&format!("{name},{step},{epoch},{loss},{learning_rate},{seconds:.3}\n"));
        }
    }
    text
}

/// The same as JSON: of each run its name, recipe, a list for each column, and what was measured after each epoch.
fn as_json(runs: &[Exported]) -> Result<String> {
    let each = |run: &Exported| -> Result<Value> {
        let points = &run.points;
        let recipe = run.recipe.as_ref().map(ForeignRecipe::to_json).transpose()?;
        let measures = run.measures.iter().map(|(epoch, measures)| json!({ "epoch": epoch, "measures": measures }));
        Ok(json!({
            "name": run.name,
            "recipe": recipe,
            "step": points.iter().map(|point| point.step).collect::<Vec<_>>(),
            "epoch": points.iter().map(|point| point.epoch).collect::<Vec<_>>(),
            "loss": points.iter().map(|point| point.loss).collect::<Vec<_>>(),
            "lr": points.iter().map(|point| point.learning_rate).collect::<Vec<_>>(),
            "seconds": points.iter().map(|point| point.seconds).collect::<Vec<_>>(),
            "epochs": measures.collect::<Vec<_>>(),
        }))
    };
    let runs = runs.iter().map(each).collect::<Result<Vec<_>>>()?;
    Ok(format!("{}\n", json!({ "runs": runs })))
}

/// Writes the curves of runs, as CSV or JSON by the name's ending.
pub fn write_runs(path: &Path, runs: &[Exported]) -> Result<()> {
    let text = match path.extension().is_some_and(|ending| ending == "json") {
        true => as_json(runs)?,
        false => as_csv(runs),
    };
    atomic_write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::History;

    fn points() -> Vec<Point> {
        let point = |step: usize| Point { step, epoch: 1, loss: 0.5, learning_rate: 1e-3, seconds: step as f64 };
        (1..=3).map(point).collect()
    }

    #[test]
    fn what_training_writes_is_read_back() {
        assert_eq!(read_metrics(&History::of(points()).csv()).unwrap(), points());
    }

    #[test]
    fn a_broken_curve_says_which_line() {
        let said = |text: &str| read_metrics(text).unwrap_err().to_string();
        assert!(said("a,b\n").contains("first line"), "{}", said("a,b\n"));
        let text = format!("{COLUMNS}\n1,1,0.5,0.001,1.0\n2,1,half,0.001,2.0\n");
        assert!(said(&text).contains("line 3"), "{}", said(&text));
        assert!(read_metrics(&format!("{COLUMNS}\n0,1,0.5,0.001,1.0\n")).is_err(), "steps count from 1");
    }

    #[test]
    fn exports_hold_every_step_and_quote_names() {
        let run = Exported { name: "a \"b\", c".to_owned(), recipe: None, points: points(), measures: Vec::new() };
        let csv = as_csv(std::slice::from_ref(&run));
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.contains("\"a \"\"b\"\", c\",2,1,0.5,0.001,2.000"), "{csv}");
        let json: Value = serde_json::from_str(&as_json(&[run]).unwrap()).unwrap();
        assert_eq!(json["runs"][0]["step"], json!([1, 2, 3]));
    }
}
