//! Between the dashboard and the rest of the window: a run is started, taken up again, finished, opened.

use std::path::Path;

use super::{ReadRun, Run, State};
use crate::app::benches::Bench;
use crate::app::lab::Lab;
use crate::app::panels::{PANELS, panel};
use crate::app::widgets::toasts::Tone;
use crate::experiments::{Experiment, Recipe, find, training_settings};
use crate::models::digits::Kind;
use crate::worker::{Destination, Event, Extras, Job, What};

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

/// Whether a recipe trains a network.
pub fn trains(recipe: &Recipe) -> bool {
    panel(&recipe.experiment).bench == Bench::Training
}

impl Lab {
    /// Starts a run in a folder of its own; of one that is taken up again, what came before is read.
    pub(in crate::app) fn train(&mut self, recipe: Recipe) {
        let kind = training_settings(&recipe).kind;
        let path = self.dashboard.runs.free_folder(&self.home.runs(), kind.name());
        let destination = Destination::Folder { path: path.clone(), extras: Extras::default() };
        let id = self.engine.submit(Job { recipe: recipe.clone(), destination });
        self.jobs.add(id, recipe.clone());
        if let Some(folder) = recipe.resume.as_ref().and_then(|file| Path::new(file).parent()) {
            self.dashboard.resume(id, folder, &self.background);
        }
        self.dashboard.runs.begin(id, recipe, path);
        self.dashboard.look_at_live();
    }

    /// Trains a run further, in its own folder, from where it was saved.
    pub(in crate::app) fn go_on(&mut self, colour: usize) {
        let Some(run) = self.dashboard.runs.all.iter_mut().find(|run| run.colour == colour) else { return };
        let saved = run.folder.join("resume.safetensors");
        if !saved.is_file() {
            let said = format!("the run was not saved: {}; start it anew", saved.display());
            return self.toasts.tell(Tone::Failed, said);
        }
        let resume = Some(saved.to_string_lossy().into_owned());
        let data = self.session.recipe().data.clone();
        let known = run.recipe.clone().unwrap_or_else(|| Recipe { data, ..Recipe::new(&self.session.panel) });
        let recipe = Recipe { resume, init: None, max_steps: None, ..known };
        let destination = Destination::Folder { path: run.folder.clone(), extras: Extras::default() };
        let id = self.engine.submit(Job { recipe: recipe.clone(), destination });
        (run.job, run.state) = (Some(id), State::Waiting);
        run.recipe = run.recipe.is_some().then(|| recipe.clone());
        self.jobs.add(id, recipe);
    }

    /// Opens the panel that uses a run's network, with its checkpoint.
    pub(in crate::app) fn play_with(&mut self, colour: usize) {
        let run = self.dashboard.runs.all.iter().find(|run| run.colour == colour);
        let Some((run, experiment)) = run.and_then(|run| Some((run, player(run)?))) else { return };
        let checkpoint = Some(run.folder.join("checkpoint.safetensors").to_string_lossy().into_owned());
        let (data, known) =
            (run.recipe.as_ref().map(|recipe| recipe.data.clone()), self.session.recipes.get(experiment.verb));
        let known = known.cloned().unwrap_or_else(|| (experiment.defaults)());
        let data = data.unwrap_or_else(|| known.data.clone());
        self.session.open(Recipe { checkpoint, kind: None, data, ..known });
    }

    /// Lets the run that trains wait after its step, or go on.
    pub(in crate::app) fn pause_training(&mut self) {
        let Some((job, state)) = self.dashboard.runs.live().and_then(|run| Some((run.job?, run.state.clone()))) else {
            return;
        };
        let pause = state == State::Running;
        self.engine.pause(job, pause);
        if let Some(run) = self.dashboard.runs.of_mut(job) {
            run.state = if pause { State::Pausing } else { State::Running };
        }
    }

    /// Takes in what the worker says of a run.
    pub(in crate::app) fn follow_run(&mut self, event: &Event) {
        self.dashboard.runs.apply(event);
        let Some(run) = self.dashboard.runs.of(event.job) else { return };
        let said = match (&event.what, &run.state) {
            (What::Finished(_), _) => format!("{} is trained: {}", run.name, run.folder.display()),
            (What::Cancelled, State::Stopped) if run.last().is_some() => {
                format!("{} is stopped and saved: {}", run.name, run.folder.display())
            }
            _ => return,
        };
        self.toasts.tell(Tone::Done, said);
    }

    /// Shows a run that was read beside the others.
    pub(in crate::app) fn show_read(&mut self, read: ReadRun) {
        let steps = read.points.len();
        let name = read.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.dashboard.read(read);
        self.open_dashboard();
        self.toasts.say(Tone::Done, format!("{name}: {steps} steps"));
    }

    /// Opens the panel that the dashboard stands beside.
    pub(in crate::app) fn open_dashboard(&mut self) {
        if let Some(panel) = PANELS.iter().find(|panel| panel.bench == Bench::Training) {
            self.session.panel = panel.verb.to_owned();
        }
    }
}
