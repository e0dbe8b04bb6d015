//! What all `config.json` of networks have alike: values per level, keys that must have one value, sizes that are
//! believed.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::limits;

/// No width or count beyond this is believed.
const LARGEST: usize = 1 << 16;

/// A value for all levels, or one for each.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum PerLevel<T> {
    One(T),
    Each(Vec<T>),
}

impl<T: Clone> PerLevel<T> {
    /// One for each of `levels`; an error names `key`.
    pub fn levels(self, key: &str, levels: usize) -> Result<Vec<T>> {
        match self {
            Self::One(value) => Ok(vec![value; levels]),
            Self::Each(values) if values.len() == levels => Ok(values),
            Self::Each(values) => Err(Error::new(format!("{key} has {} values for {levels} levels", values.len()))),
        }
    }
}

/// An error by name where a key has another value than the one that is supported. Each is key, the value that diffusers
/// takes where the key is absent, and the only one.
pub fn refuse_unless(json: &Value, fixed: &[(&str, &str, &str)]) -> Result<()> {
    for (key, absent, supported) in fixed {
        let found = match json.get(key) {
            None => (*absent).to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if found != *supported {
            return Err(Error::new(format!("{key} {found} is not supported, only {supported}")));
        }
    }
    Ok(())
}

/// An error where one of the values is 0 or beyond belief; by its key, how many layers there are.
pub fn check_sizes<'a>(sizes: impl IntoIterator<Item = (&'a str, usize)>) -> Result<()> {
    let largest = |key: &str| if key.contains("layers") { limits::LAYERS } else { LARGEST };
    match sizes.into_iter().find(|&(key, value)| value == 0 || value > largest(key)) {
        Some((key, value)) => Err(Error::new(format!("{key} {value} is out of range"))),
        None => Ok(()),
    }
}
