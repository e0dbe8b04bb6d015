//! `diffusion-lab screenshots DIR`: pictures of the program's own panels, for README.

use std::path::PathBuf;

use clap::ArgMatches;

use super::arguments::worker_options;
use crate::error::Result;

/// Drives the real window and saves its panels.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let folder = matches.get_one::<PathBuf>("DIR").cloned().unwrap_or_default();
    for path in crate::app::screenshots(&folder, worker_options(matches)?)? {
        println!("{}", path.display());
    }
    Ok(())
}
