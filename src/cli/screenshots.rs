//! `diffusion-lab screenshots DIR`: pictures of the program's own panels, for README.

use std::path::PathBuf;

use clap::ArgMatches;

use super::arguments::worker_options;
use super::print_line;
use crate::error::Result;
use crate::worker::Options;

/// Drives the real window and saves its panels.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let folder = matches.get_one::<PathBuf>("DIR").cloned().unwrap_or_default();
    // Times are this machine's, and the pictures are to be the same on every one.
    let options = Options { remember: false, ..worker_options(matches)? };
    for path in crate::app::screenshots(&folder, options)? {
        print_line(path.display())?;
    }
    Ok(())
}
