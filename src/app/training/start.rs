//! Between the dashboard and what it works with: a run is started, taken up again, finished, opened.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::files::ReadRun;
use super::run::{Run, RunState};
use super::state::Training;
use crate::app::form::panels::PANELS;
use crate::app::queue::Queue;
use crate::app::session::Session;
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::widgets::toasts::{Toasts, Tone};
use crate::app::workspaces::kind::Workspace;
use crate::experiments::{Experiment, ForeignRecipe, Recipe, begun_with, find, training_settings};
use crate::models::digits::Kind;
use crate::worker::{Destination, Event, Extras, What};

/// The experiment that a run's network is for, as far as its kind is known.
pub(super) fn player(run: &Run) -> Option<&'static Experiment> {
    let kind = run.kind()?;
    let verb = match kind {
        Kind::Classifier => return None,
        Kind::Denoiser | Kind::NoiseDenoiser => "digits-denoise",
        Kind::Time | Kind::Class | Kind::FlowTime | Kind::FlowClass => "digits-sample",
    };
    find(verb).ok()
}

/// Opens the panel that the dashboard stands beside.
pub fn open_dashboard(session: &mut Session) {
    if let Some(panel) = PANELS.iter().find(|panel| panel.workspace == Workspace::Training) {
        session.panel = panel.verb.to_owned();
    }
}

impl Training {
    /// Starts a run in a folder of its own; of one that is taken up again, what came before is read.
    pub fn train(&mut self, recipe: Recipe, shared: &mut Shared) {
        let kind = training_settings(&recipe).kind;
        let path = self.runs.free_folder(&shared.home.runs(), kind.name());
        let destination = Destination::Folder { path: path.clone(), extras: Extras::default() };
        let id = shared.queue.submit(recipe.clone(), destination);
        if let Some(folder) = recipe.training.resume.as_ref().and_then(|file| Path::new(file).parent()) {
            self.resume(id, folder, &shared.background);
        }
        self.runs.begin(id, recipe, path);
        self.look_at_live();
    }

    /// Trains a run further, in its own folder, from where it was saved.
    pub(super) fn go_on(&mut self, colour: usize, shared: &mut Shared) {
        let Some(run) = self.runs.all.iter_mut().find(|run| run.colour == colour) else { return };
        let saved = run.folder.join("resume.safetensors");
        if !saved.is_file() {
            let said = format!("the run was not saved: {}; start it anew", saved.display());
            return shared.toasts.tell(Tone::Failed, said);
        }
        let open = shared.session.recipe();
        let anew = || {
            ForeignRecipe::own(
                Recipe::new(&open.experiment).with(|recipe| recipe.digits.data = open.digits.data.clone()),
            )
        };
        let changes = [("resume", json!(saved.to_string_lossy())), ("init", Value::Null), ("max_steps", Value::Null)];
        let mut changes: Map<String, Value> = changes.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        if run.recipe.is_none() {
            changes.extend(begun_with(&saved).unwrap_or_default()); // the job says what is wrong with the file
        }
        let recipe = run.recipe.clone().unwrap_or_else(anew).overlaid(changes);
        let recipe = match recipe.map(|recipe| recipe.allowing(|file| shared.session.has_allowed(&file.path))) {
            Ok(recipe) if recipe.files().is_empty() => recipe.trusted(),
            Ok(recipe) => {
                let files: Vec<&str> = recipe.files().iter().map(|file| file.path.as_str()).collect();
                let said =
                    format!("{} was trained with {}; open its result.json to allow that", run.name, files.join(", "));
                return shared.toasts.tell(Tone::Failed, said);
            }
            Err(error) => return shared.toasts.tell(Tone::Failed, error.to_string()),
        };
        let destination = Destination::Folder { path: run.folder.clone(), extras: Extras::default() };
        run.recipe = run.recipe.is_some().then(|| ForeignRecipe::own(recipe.clone()));
        (run.job, run.state) = (Some(shared.queue.submit(recipe, destination)), RunState::Waiting);
    }

    /// Opens the panel that uses a run's network, with its checkpoint.
    pub(super) fn play_with(&mut self, colour: usize, session: &mut Session) {
        let run = self.runs.all.iter().find(|run| run.colour == colour);
        let Some((run, experiment)) = run.and_then(|run| Some((run, player(run)?))) else { return };
        let checkpoint = Some(run.folder.join("checkpoint.safetensors").to_string_lossy().into_owned());
        let known = session.recipes.get(experiment.verb).cloned().unwrap_or_else(|| experiment.recipe());
        let of_run = run.recipe.as_ref().map(|recipe| recipe.harmless().digits.data.clone());
        let data = of_run.unwrap_or_else(|| known.digits.data.clone());
        session.open(known.with(|recipe| {
            recipe.digits.checkpoint = checkpoint;
            recipe.digits.kind = None;
            recipe.digits.data = data;
        }));
    }

    /// Lets the run that trains wait after its step, or go on.
    pub fn pause(&mut self, queue: &Queue) {
        let Some((job, state)) = self.runs.live().and_then(|run| Some((run.job?, run.state.clone()))) else {
            return;
        };
        let pause = state == RunState::Running;
        queue.engine.pause(job, pause);
        if let Some(run) = self.runs.of_mut(job) {
            run.state = if pause { RunState::Pausing } else { RunState::Running };
        }
    }

    /// Takes in what the worker says of a run.
    pub fn take_event(&mut self, event: &Event, toasts: &mut Toasts) {
        self.runs.apply(event);
        let Some(run) = self.runs.of(event.job) else { return };
        let said = match (&event.what, &run.state) {
            (What::Finished(_), _) => format!("{} is trained: {}", run.name, run.folder.display()),
            (What::Cancelled, RunState::Stopped) if run.last().is_some() => {
                format!("{} is stopped and saved: {}", run.name, run.folder.display())
            }
            _ => return,
        };
        toasts.tell(Tone::Done, said);
    }

    /// Shows a run that was read beside the others.
    pub fn show_read(&mut self, read: ReadRun, shared: &mut Shared) {
        let said = format!("{}: {} steps", file_name(&read.folder), read.points.len());
        self.read(read);
        open_dashboard(&mut shared.session);
        shared.toasts.say(Tone::Done, said);
    }
}
