//! Scores as files: each a folder with the `result.json` that `digits-score` writes.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::app::text::file_name;
use crate::experiments::settings::{digits, scoring};
use crate::experiments::{ForeignRecipe, read_recipe};
use crate::files::{limits, read_text_file};

/// The picture with the misread digits.
pub const MISREAD: &str = "grid.png";
const RESULT: &str = "result.json";

/// What one run of the experiment found.
#[derive(Clone, Debug)]
pub struct Score {
    /// Its folder.
    pub folder: PathBuf,
    /// When it was written.
    pub at: SystemTime,
    /// What it was started with.
    pub recipe: ForeignRecipe,
    /// One for each combination of the recipe's repeated values; the misread digits are of the first.
    pub scored: Vec<Scored>,
}

/// How good the digits of one setting are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// γ, number of steps and seed that they were drawn with; none where they came from a folder.
    pub drawn: Option<(f64, u64, u64)>,
    /// How many digits.
    pub samples: u64,
    /// The part that was read as what was asked for, 0 to 1; none where nothing was asked for.
    pub accuracy: Option<f64>,
    /// Fréchet distance to the test digits in the classifier's features.
    pub distance: f64,
    /// The same of as many training digits.
    pub floor: f64,
    /// How many digits were read as each class.
    pub read_as: Vec<u64>,
    /// By the class that was asked for: how many were read as each class. Empty where nothing was asked for.
    pub confusion: Vec<Vec<u64>>,
}

impl Score {
    /// The network that drew the digits.
    pub fn checkpoint(&self) -> String {
        let [samples, checkpoint] = [&scoring::samples, &digits::checkpoint].map(|setting| self.recipe.told(setting));
        match (samples.as_str(), checkpoint.as_str()) {
            (Some(folder), _) => file_name(Path::new(folder)),
            (None, Some(path)) => {
                let path = Path::new(path);
                // Every run's file is called the same; its folder is not.
                let parent = path.parent().map(file_name).filter(|name| !name.is_empty());
                parent.unwrap_or_else(|| file_name(path))
            }
            (None, None) => "built-in".to_owned(),
        }
    }
}

/// Every score in the folders within `folder`, newest first; what is no score is passed over.
pub fn read_all(folder: &Path) -> Vec<Score> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<Score> = entries.filter_map(|entry| read(&entry.path())).collect();
    all.sort_by(|a, b| (b.at, &b.folder).cmp(&(a.at, &a.folder)));
    all
}

fn read(folder: &Path) -> Option<Score> {
    let path = folder.join(RESULT);
    let at = path.metadata().ok()?.modified().ok()?;
    let result: Value = serde_json::from_str(&read_text_file(&path, limits::RECIPE_TEXT).ok()?).ok()?;
    let measures = result.get("measures")?.as_object()?;
    let runs = match measures.get("runs").and_then(Value::as_array) {
        Some(runs) => runs.iter().filter_map(Value::as_object).map(scored).collect(),
        None => vec![scored(measures)],
    };
    let scored: Vec<Scored> = runs.into_iter().flatten().collect();
    (!scored.is_empty()).then_some(Score { folder: folder.to_owned(), at, recipe: read_recipe(&path).ok()?, scored })
}

fn scored(measures: &Map<String, Value>) -> Option<Scored> {
    let number = |key: &str| measures.get(key).and_then(Value::as_f64);
    let whole = |key: &str| measures.get(key).and_then(Value::as_u64);
    let counts = |value: &Value| -> Vec<u64> {
        value.as_array().map(|counts| counts.iter().filter_map(Value::as_u64).collect()).unwrap_or_default()
    };
    Some(Scored {
        drawn: number("guidance")
            .zip(whole("steps"))
            .zip(whole("seed"))
            .map(|((guidance, steps), seed)| (guidance, steps, seed)),
        samples: whole("samples")?,
        accuracy: number("accuracy"),
        distance: number("frechet_distance")?,
        floor: number("frechet_floor_train_test")?,
        read_as: measures.get("read_as").map(counts).unwrap_or_default(),
        confusion: measures
            .get("confusion")
            .and_then(Value::as_array)
            .map(|rows| rows.iter().map(counts).collect())
            .unwrap_or_default(),
    })
}
