//! The shell's door: one file a command, flags from the list of settings, errors in one line.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 cancelled.

mod arguments;
mod bar;
mod bench;
mod encode;
mod experiment;
mod follow;
mod inspect;
mod list;
mod models;
mod report;
mod run;
mod screenshots;
mod standard_input;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use crate::error::{Error, Kind, Result, escaped, escaped_json, printable};

/// Runs the command in `arguments` (without the program's name) and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            ExitCode::from(match error.kind() {
                Kind::Failed => 1,
                Kind::Arguments => 2,
                Kind::Cancelled => 130,
            })
        }
    }
}

fn dispatch(arguments: impl IntoIterator<Item = OsString>) -> Result<()> {
    let name = std::iter::once(OsString::from("diffusion-lab"));
    let matches = match arguments::command().try_get_matches_from(name.chain(arguments)) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return Ok(());
        }
        Err(error) => return Err(one_line(&error)),
    };
    match matches.subcommand() {
        None => crate::app::run(arguments::worker_options(&matches)?),
        Some(("run", matches)) => run::command(matches),
        Some(("list", matches)) => list::command(matches),
        Some(("inspect", matches)) => inspect::command(matches),
        Some(("encode", matches)) => encode::command(matches),
        Some(("models", matches)) => models::command(matches),
        Some(("report", matches)) => report::command(matches),
        Some(("bench", matches)) => bench::command(matches),
        Some(("screenshots", matches)) => screenshots::command(matches),
        Some((verb, matches)) => experiment::command(verb, matches),
    }
}

/// clap's message without its usage, on one line.
fn one_line(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let said: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    let said = said.join("; ");
    Error::arguments(said.strip_prefix("error: ").unwrap_or(&said)).hint("`diffusion-lab --help` lists what there is")
}

/// The longest line on stderr, in characters.
const LONGEST: usize = 3000;

/// A line on stderr; where nobody can hear it, the program goes on.
fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "diffusion-lab: {}", printable(&line.to_string(), LONGEST));
}

/// A line on stdout; a reader that has gone away ends the program as a failure, not a panic.
fn print_line(line: impl Display) -> Result<()> {
    print(&escaped(&line.to_string()))
}

/// JSON on stdout.
fn print_json(text: impl Display) -> Result<()> {
    print(&escaped_json(&text.to_string()))
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").map_err(|error| Error::new(format!("cannot write to stdout ({error})")))
}
