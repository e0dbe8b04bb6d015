//! `diffusion-lab EXPERIMENT`: one experiment without a window.

use clap::ArgMatches;
use serde_json::Map;

use super::arguments::{given_settings, worker_options};
use super::follow::{Manner, follow};
use super::standard_input::with_piped;
use crate::error::Result;
use crate::experiments::{Recipe, find, pace, preset};

/// Runs the experiment `verb` with the given flags.
pub fn command(verb: &str, matches: &ArgMatches) -> Result<()> {
    let mut given = match matches.try_get_one::<String>("pace").ok().flatten().and_then(|name| preset(name)) {
        Some(preset) => pace(&(preset.recipe)()),
        None => Map::new(),
    };
    given.extend(given_settings(find(verb)?, matches)?);
    given.insert("experiment".to_owned(), verb.into());
    let recipe = with_piped(Recipe::from_json(&given)?, &given)?;
    follow(recipe, worker_options(matches)?, &Manner::of(matches))
}
