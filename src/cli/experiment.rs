//! `diffusion-lab EXPERIMENT`: one experiment without a window.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Map, Value};

use super::arguments::{given_settings, worker_options};
use super::follow::{Manner, follow};
use super::standard_input::with_piped;
use crate::error::Result;
use crate::experiments::{Recipe, begun_with, find, pace, preset};

/// Runs the experiment `verb` with the given flags.
pub fn command(verb: &str, matches: &ArgMatches) -> Result<()> {
    let mut given = match matches.try_get_one::<String>("pace").ok().flatten().and_then(|name| preset(name)) {
        Some(preset) => pace(&(preset.recipe)()),
        None => Map::new(),
    };
    given.extend(given_settings(find(verb)?, matches)?);
    given.insert("experiment".to_owned(), verb.into());
    if let Some(resumed) = given.get("resume").and_then(Value::as_str) {
        for (key, value) in begun_with(Path::new(resumed))? {
            given.entry(key).or_insert(value);
        }
    }
    let recipe = with_piped(Recipe::from_json(&given)?, &given)?;
    follow(recipe, worker_options(matches)?, &Manner::of(matches))
}
