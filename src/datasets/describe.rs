//! What a file or folder of digits is, for `inspect`.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::dataset::Dataset;
use super::folder::is_idx_name;
use super::idx::read_idx;
use super::split::Split;
use crate::error::Result;
use crate::files::{Folder, limits, read_file};

/// Whether `path` is a folder with IDX files in it.
pub fn is_dataset_folder(path: &Path) -> bool {
    Folder::open(path).is_ok_and(|folder| folder.file_names().iter().any(|name| is_idx_name(name)))
}

/// What the set of digits `name` (a name or a folder) is.
pub fn describe_dataset(name: &str) -> Result<Map<String, Value>> {
    let dataset = Dataset::open(name)?;
    let mut facts = Map::new();
    facts.insert("kind".to_owned(), json!("dataset"));
    facts.insert("name".to_owned(), json!(dataset.name));
    for (half, split) in [("training", &dataset.train), ("test", &dataset.test)] {
        facts.insert(format!("{half}_pictures"), json!(split.count()));
        facts.insert(format!("{half}_of_each_label"), json!(of_each_label(split)));
    }
    facts.insert("sha256".to_owned(), json!(dataset.sha256()));
    Ok(facts)
}

fn of_each_label(split: &Split) -> Vec<String> {
    let count = |label: u8| split.labels().iter().filter(|&&given| given == label).count();
    (0..10).map(|label| format!("{label}: {}", count(label))).collect()
}

/// What one IDX file is.
pub fn describe_idx(path: &Path) -> Result<Map<String, Value>> {
    let bytes = read_file(path, limits::DIGITS)?;
    let idx = read_idx(&bytes).map_err(|error| error.at(path.display()))?;
    let what = match idx.shape[..] {
        [_, _, _] => "IDX pictures",
        [_] => "IDX labels",
        _ => "an IDX array",
    };
    let mut facts = Map::new();
    facts.insert("kind".to_owned(), json!(what));
    facts.insert("shape".to_owned(), json!(idx.shape));
    if let (Some(low), Some(high)) = (idx.values.iter().min(), idx.values.iter().max()) {
        facts.insert("range".to_owned(), json!(format!("{low} to {high}")));
    }
    Ok(facts)
}
