//! Submits one job and follows it to its end: a bar on a terminal, JSON lines where they are asked for.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::ArgMatches;
use crossbeam_channel::RecvTimeoutError;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::experiments::Recipe;
use crate::worker::{Destination, Extras, Job, Options, StepProgress, Summary, What, Worker};

/// How a job is told about.
pub struct Manner {
    out: PathBuf,
    extras: Extras,
    json: bool,
    quiet: bool,
}

impl Manner {
    /// What the flags ask for.
    pub fn of(matches: &ArgMatches) -> Self {
        Self {
            out: matches.get_one::<PathBuf>("out").cloned().unwrap_or_else(|| "out".into()),
            extras: Extras {
                tensors: matches.get_flag("tensors"),
                gif: matches.get_flag("gif"),
                apng: matches.get_flag("apng"),
            },
            json: matches.get_flag("json"),
            quiet: matches.get_flag("quiet"),
        }
    }
}

/// Runs `recipe` to its end. Ctrl+C cancels it within one step.
pub fn follow(recipe: Recipe, options: Options, manner: &Manner) -> Result<()> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .map_err(|error| Error::new(format!("cannot listen for Ctrl+C ({error})")))?;
    let worker = Worker::spawn(options, || {})?;
    let destination = Destination::Folder { path: manner.out.clone(), extras: manner.extras };
    let id = worker.submit(Job { recipe, destination });
    let bar = Bar { shown: !manner.quiet && !manner.json && std::io::stderr().is_terminal() };
    loop {
        if interrupted.load(Ordering::Relaxed) {
            worker.cancel(id);
        }
        let what = match worker.events().recv_timeout(Duration::from_millis(50)) {
            Ok(event) => event.what,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return Err(Error::new("the worker thread is gone")),
        };
        if manner.json {
            print_line(&as_json(&what))?;
        }
        match what {
            What::Loading(what) => bar.draw(&format!("loading {what} …")),
            What::Step(progress) => bar.draw(&described(&progress)),
            What::Note(note) if !manner.quiet => {
                bar.clear();
                eprintln!("diffusion-lab: note: {note}");
            }
            What::Finished(summary) => {
                bar.clear();
                return if manner.json || manner.quiet { Ok(()) } else { print_files(&summary, manner) };
            }
            What::Failed(error) => {
                bar.clear();
                return Err(error);
            }
            What::Cancelled => {
                bar.clear();
                return Err(Error::cancelled());
            }
            What::Started | What::Note(_) | What::Picture(_) => {}
        }
    }
}

fn print_files(summary: &Summary, manner: &Manner) -> Result<()> {
    summary.files.iter().try_for_each(|name| print_line(&manner.out.join(name).display().to_string()))
}

/// A line on stdout; a reader that has gone away ends the program as a failure, not a panic.
fn print_line(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| Error::new(format!("cannot write to stdout ({error})")))
}

fn described(progress: &StepProgress) -> String {
    let width = 24;
    let filled = (progress.fraction * width as f32) as usize;
    let stage = if progress.stage == 2 { "stage II" } else { "stage I" };
    let left = progress.left_secs.map_or_else(String::new, |left| format!(" · {left:.0} s left"));
    format!(
        "[{}{}] {:3.0} % · {stage} · step {}/{} · {:.2} s/step{left}",
        "=".repeat(filled),
        " ".repeat(width - filled),
        progress.fraction * 100.0,
        progress.step,
        progress.of,
        progress.step_secs
    )
}

fn as_json(what: &What) -> String {
    let value: Value = match what {
        What::Started => json!({ "event": "started" }),
        What::Loading(what) => json!({ "event": "loading", "what": what }),
        What::Note(note) => json!({ "event": "note", "text": note }),
        What::Step(step) => json!({
            "event": "step", "stage": step.stage, "step": step.step, "of": step.of, "timestep": step.timestep,
            "fraction": step.fraction, "step_secs": step.step_secs, "left_secs": step.left_secs,
        }),
        What::Picture(picture) => {
            let file = picture.path.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
            json!({ "event": "picture", "index": picture.index, "file": file })
        }
        What::Finished(summary) => {
            json!({ "event": "finished", "files": summary.files, "seconds": summary.seconds })
        }
        What::Failed(error) => json!({ "event": "failed", "error": error.to_string() }),
        What::Cancelled => json!({ "event": "cancelled" }),
    };
    value.to_string()
}

/// One line on a terminal's stderr that is drawn over and over.
struct Bar {
    shown: bool,
}

impl Bar {
    fn draw(&self, line: &str) {
        if self.shown {
            eprint!("\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
