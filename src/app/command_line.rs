//! A recipe as the command that makes the same picture without a window.

use serde_json::{Map, Value};

use crate::error::Result;
use crate::experiments::settings::prompting;
use crate::experiments::{Recipe, find, setting};

/// `diffusion-lab sample --prompt "…" …` of `recipe`, whose JSON may be the JSON of one that names more (a foreign one),
/// with only what differs from the defaults.
pub fn command_line(recipe: &Recipe, json: Map<String, Value>) -> Result<String> {
    let defaults = find(&recipe.experiment)?.recipe().to_json()?;
    let mut words = vec!["diffusion-lab".to_owned(), recipe.experiment.clone()];
    for (key, value) in json {
        let Some(setting) =
            setting(&key).filter(|_| key == prompting::prompt.key || defaults.get(&key) != Some(&value))
        else {
            continue;
        };
        if (setting.overruled)(recipe) {
            continue;
        }
        let values = match value {
            Value::Array(values) if setting.repeatable => values,
            Value::Array(values) => vec![Value::String(values.iter().map(text).collect::<Vec<_>>().join(","))],
            Value::Bool(true) => {
                words.push(format!("--{}", setting.flag()));
                continue;
            }
            other => vec![other],
        };
        for value in values {
            words.push(format!("--{}", setting.flag()));
            words.push(quoted(&text(&value)));
        }
    }
    Ok(words.join(" "))
}

fn text(value: &Value) -> String {
    match value.as_str() {
        // Pixels that only a picture carries have no name on the command line.
        Some(text) if text.starts_with("sha256:") => "SOURCE.png".to_owned(),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// For a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
