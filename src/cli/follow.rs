//! Submits one job and follows it to its end: a bar on a terminal, JSON lines where they are asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::ArgMatches;
use crossbeam_channel::RecvTimeoutError;
use serde_json::{Map, Value, json};

use super::bar::{Bar, filled};
use super::{print_json, print_line, say};
use crate::error::{Error, Result};
use crate::experiments::{Recipe, Run};
use crate::files::{limits, read_text_file, time};
use crate::models::ModelSummary;
use crate::worker::{
    Destination, Extras, Job, Options, StepProgress, Summary, TrainProgress, What, Worker, when_asked_to_end,
};

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

impl Manner {
    /// The hashes in the `result.json` that was written.
    pub fn hashes(&self) -> Result<Map<String, Value>> {
        let path = self.out.join("result.json");
        let result: Value = serde_json::from_str(&read_text_file(&path, limits::RECIPE_TEXT)?)
            .map_err(|error| Error::new(error.to_string()).at(path.display()))?;
        Ok(result.get("hashes").and_then(Value::as_object).cloned().unwrap_or_default())
    }
}

/// A worker whose jobs are cancelled when the program is asked to end, by Ctrl+C or otherwise.
pub struct Desk {
    pub worker: Worker,
    interrupted: Arc<AtomicBool>,
}

impl Desk {
    /// Starts the worker and listens; one a process.
    pub fn open(options: Options) -> Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        when_asked_to_end(move || flag.store(true, Ordering::Relaxed))?;
        Ok(Self { worker: Worker::spawn(options, || {})?, interrupted })
    }

    /// Runs a job to its end; `hear` is told all that it says.
    pub fn run(&self, job: Job, mut hear: impl FnMut(&What) -> Result<()>) -> Result<Summary> {
        let id = self.worker.submit(job);
        loop {
            if self.interrupted.load(Ordering::Relaxed) {
                self.worker.cancel(id);
            }
            let what = match self.worker.events().recv_timeout(Duration::from_millis(50)) {
                Ok(event) => event.what,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(Error::new("the worker thread is gone")),
            };
            hear(&what)?;
            match what {
                What::Finished(summary) => return Ok(summary),
                What::Failed(error) => return Err(error),
                What::Cancelled => return Err(Error::cancelled()),
                _ => {}
            }
        }
    }
}

/// Runs `recipe` to its end. Ctrl+C cancels it within one step.
pub fn follow(recipe: Recipe, options: Options, manner: &Manner) -> Result<()> {
    let desk = Desk::open(options)?;
    let experiment = recipe.experiment()?;
    let timed = matches!(experiment.run, Run::Model(_)) && experiment.walks();
    let expected_secs = expected_secs(&desk.worker, &recipe);
    let destination = Destination::Folder { path: manner.out.clone(), extras: manner.extras };
    let bar = Bar::on_terminal(!manner.quiet && !manner.json);
    let summary = desk.run(Job { recipe, destination }, |what| {
        if manner.json {
            print_json(as_json(what, expected_secs))?;
        }
        match what {
            What::Started if timed => bar.say(&expected(expected_secs)),
            _ => show(&bar, "", what, manner.quiet),
        }
        Ok(())
    });
    bar.clear();
    let summary = summary?;
    if manner.json || manner.quiet { Ok(()) } else { print_files(&summary, manner) }
}

/// Draws on `bar` how far a job is, after `before`; its notes are lines of their own.
pub fn show(bar: &Bar, before: &str, what: &What, quiet: bool) {
    match what {
        What::Loading(what) => bar.draw(&format!("{before}loading {what} …")),
        What::Step(progress) => bar.draw(&format!("{before}{}", described(progress))),
        What::Trained(trained) => bar.draw(&format!("{before}{}", learned(trained))),
        What::Note(note) if !quiet => {
            bar.clear();
            say(format_args!("note: {note}"));
        }
        _ => {}
    }
}

/// Seconds that `recipe` will take, if its networks were timed on this machine.
fn expected_secs(worker: &Worker, recipe: &Recipe) -> Option<f64> {
    let summary = ModelSummary::at(&recipe.model_name(), &recipe.networks.stage_2).ok()?;
    let resolved = recipe.experiment().ok()?.resolved(recipe, &summary.recommendations).ok()?;
    worker.expected_secs(&resolved, &summary)
}

fn expected(secs: Option<f64>) -> String {
    match secs {
        Some(secs) => format!("about {}, without loading and encoding", time(secs)),
        None => "not timed on this machine yet; the bar estimates from the first step".to_owned(),
    }
}

fn print_files(summary: &Summary, manner: &Manner) -> Result<()> {
    summary.files.iter().try_for_each(|name| print_line(manner.out.join(name).display()))
}

fn described(progress: &StepProgress) -> String {
    let stage = if progress.stage == 2 { "stage II" } else { "stage I" };
    let left = progress.left_secs.map_or_else(String::new, |left| format!(" · {left:.0} s left"));
    format!(
        "{} {:3.0} % · {stage} · step {}/{} · {:.2} s/step{left}",
        filled(progress.fraction),
        progress.fraction * 100.0,
        progress.step,
        progress.of,
        progress.step_secs
    )
}

fn learned(trained: &TrainProgress) -> String {
    let TrainProgress { progress, point, pictures_per_sec, .. } = trained;
    let left = progress.left_secs.map_or_else(String::new, |left| format!(" · {left:.0} s left"));
    format!(
        "{} {:3.0} % · epoch {} · step {}/{} · loss {:.4} · {pictures_per_sec:.0} digits/s{left}",
        filled(progress.fraction),
        progress.fraction * 100.0,
        point.epoch,
        progress.step,
        progress.of,
        point.loss
    )
}

fn file_name(path: Option<&Path>) -> Option<String> {
    Some(path?.file_name()?.to_string_lossy().into_owned())
}

fn as_json(what: &What, expected_secs: Option<f64>) -> String {
    let value: Value = match what {
        What::Started => json!({ "event": "started", "expected_secs": expected_secs }),
        What::Loading(what) => json!({ "event": "loading", "what": what }),
        What::Note(note) => json!({ "event": "note", "text": note }),
        What::Step(step) => json!({
            "event": "step", "stage": step.stage, "step": step.step, "of": step.of, "timestep": step.timestep,
            "fraction": step.fraction, "step_secs": step.step_secs, "left_secs": step.left_secs,
        }),
        What::Trained(trained) => {
            let TrainProgress { progress, point, pictures_per_sec, .. } = &**trained;
            json!({
                "event": "trained", "step": point.step, "of": progress.of, "epoch": point.epoch, "loss": point.loss,
                "lr": point.learning_rate, "seconds": point.seconds, "step_secs": progress.step_secs,
                "pictures_per_sec": pictures_per_sec, "fraction": progress.fraction, "left_secs": progress.left_secs,
            })
        }
        What::Sheet(sheet) => json!({
            "event": "sheet", "epoch": sheet.epoch, "file": file_name(sheet.path.as_deref()), "measures": sheet.measures,
        }),
        What::Paused(paused) => json!({ "event": if *paused { "paused" } else { "resumed" } }),
        What::Picture(picture) => {
            let file = file_name(picture.path.as_deref());
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
