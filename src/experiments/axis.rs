//! One side of a grid: a setting and the values that it takes, `KEY=VALUE,VALUE,…`.
//!
//! Values that hold commas themselves (views, decompositions, lists of timesteps, pairs, many prompts) are kept
//! apart with `;`: where there is one, it alone parts them. `|` joins what a setting takes at once in one cell:
//! `view=identity|flip_vertical;identity|skew:factor=2`.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;

use super::{Kind, Recipe, Setting, setting};
use crate::error::{Error, Result};

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
        if setting.fixed {
            return Err(Error::arguments(format!("`{key}` cannot vary in a grid")).hint("run one job for each"));
        }
        let apart = if values.contains(';') { ';' } else { ',' };
        let mut values: Vec<String> = values.split(apart).map(|value| value.trim().to_owned()).collect();
        if apart == ';' && values.last().is_some_and(String::is_empty) {
            values.pop(); // one value with commas is written `VALUE;`
        }
        for value in &values {
            let parsed = match setting.kind {
                // Alone it could be a list of one, which nobody means.
                Kind::Timesteps if apart == ',' && value.parse::<usize>().is_ok() => {
                    Err(Error::arguments(format!("`{value}` is no list of timesteps by itself")))
                }
                _ => setting.parse(&at_once(setting, value)),
            };
            parsed.map_err(|error| if apart == ',' { with_semicolons(setting, error) } else { error })?;
        }
        Ok(Self { key, values })
    }
}

/// The texts that one value stands for: several for a setting that takes several.
fn at_once(setting: &Setting, value: &str) -> Vec<String> {
    match setting.repeatable {
        true => value.split('|').map(|text| text.trim().to_owned()).collect(),
        false => vec![value.to_owned()],
    }
}

/// `error`, of a list that was parted at its commas, with the way to keep them.
fn with_semicolons(setting: &Setting, error: Error) -> Error {
    let example = match setting.kind {
        Kind::View => "view=skew:factor=2;jigsaw:pieces=4,seed=1",
        Kind::Decomposition => "decomposition=low_high:kernel=33,sigma=2;grey_colour",
        Kind::Timesteps => "timesteps=990,660,330,0;smart27",
        Kind::Pair => "repaint=1,1;5,5",
        _ => return error,
    };
    Error::arguments(error.to_string()).hint(format!("keep values with commas apart by `;`, such as {example}"))
}

impl Serialize for Axis {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let text = match (self.values.iter().any(|value| value.contains(',')), self.values.as_slice()) {
            (true, [only]) => format!("{only};"),
            (true, values) => values.join(";"),
            (false, values) => values.join(","),
        };
        serializer.serialize_str(&format!("{}={text}", self.key))
    }
}

impl<'de> Deserialize<'de> for Axis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Axis {
    /// `recipe` with this setting at its value `index`.
    pub fn set(&self, recipe: &Recipe, index: usize) -> Result<Recipe> {
        let known = setting(&self.key).ok_or_else(|| Error::arguments(format!("unknown setting `{}`", self.key)))?;
        let value = known.parse(&at_once(known, &self.values[index]))?;
        recipe.clone().overlaid(Map::from_iter([(self.key.clone(), value)]))
    }

    /// A label for each value.
    pub fn labels(&self) -> Vec<String> {
        let name = setting(&self.key).map_or(self.key.as_str(), |setting| setting.label);
        self.values.iter().map(|value| format!("{name} {value}")).collect()
    }
}
