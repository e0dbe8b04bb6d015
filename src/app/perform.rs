//! What each command does.

use std::sync::Arc;

use egui::{Context, Vec2, ViewportCommand};
use image::RgbImage;

use super::benches::Bench;
use super::command_line::command_line;
use super::commands::Command;
use super::files::Purpose;
use super::lab::Lab;
use super::pixels::colour_image;
use super::session::Layout;
use super::sheets::{Done, Sheet};
use super::stage::{Shown, View};
use super::theme::Theme;
use super::undo::Deed;
use super::widgets::{seed, toasts::Tone};
use crate::experiments::{EXPERIMENTS, Recipe, Source, opening};
use crate::worker::{Destination, Job};

/// The picture that commands are about.
pub struct Current {
    pub(super) pixels: Arc<RgbImage>,
    pub(super) recipe: Option<Recipe>,
    pub(super) path: Option<std::path::PathBuf>,
}

impl Lab {
    /// Does a command.
    pub fn perform(&mut self, ctx: &Context, command: Command) {
        if !self.can(command) {
            return;
        }
        match command {
            Command::Generate => self.generate(ctx),
            Command::Cancel => self.cancel_first(),
            Command::CancelAll => {
                self.jobs.open().map(|job| job.id).collect::<Vec<_>>().into_iter().for_each(|id| self.cancel(id))
            }
            Command::PauseTraining => self.pause_training(),
            Command::NewSeed => self.session.recipe_mut().seed = vec![seed::random()],
            Command::ResetPanel => self.reset_panel(),
            Command::Open => self.files.choose(Purpose::Open, &self.background),
            Command::OpenPath => self.sheet = Some(Sheet::Path(String::new())),
            Command::StepBack => self.step_by(-1),
            Command::StepForward => self.step_by(1),
            Command::Play => self.play(),
            Command::Branch => self.branch(),
            Command::Compare => self.compare(ctx),
            Command::Star => self.star(),
            Command::Page => self.open_page(),
            // Arrows go through the steps while one is looked at.
            Command::PreviousPicture if self.timeline.at.is_some() => self.step_by(-1),
            Command::NextPicture if self.timeline.at.is_some() => self.step_by(1),
            Command::PreviousPicture if self.bench() == Bench::Training => self.dashboard.step_sheet(-1),
            Command::NextPicture if self.bench() == Bench::Training => self.dashboard.step_sheet(1),
            Command::PreviousPicture | Command::NextPicture => {
                let by = if command == Command::NextPicture { 1 } else { -1 };
                if let Some(path) = self.gallery.beside(by) {
                    self.select(path);
                }
            }
            Command::ShowJob => {
                if let Some(id) = self.jobs.running().map(|job| job.id) {
                    self.show_job(ctx, id);
                }
            }
            Command::RestoreSettings
            | Command::RestoreButSeed
            | Command::UseAsSource
            | Command::CopyPicture
            | Command::CopyCommand => {
                self.with_current(ctx, command);
            }
            Command::KeepSeed => {
                if let Some(seed) = self.seed_before.take() {
                    self.session.recipe_mut().seed = seed;
                }
            }
            Command::Trash => self.trash(),
            Command::Untrash => self.untrash(),
            Command::OpenFolder => self.open_folder(),
            Command::Fit => self.look_at(View::Fit),
            Command::ActualSize => self.look_at(View::Free { zoom: 1.0 / ctx.pixels_per_point(), pan: Vec2::ZERO }),
            Command::Undo => self.undo(false),
            Command::Redo => self.undo(true),
            Command::UndoStroke | Command::RedoStroke => {
                self.at_canvas(command);
                self.undo.step_stroke(&self.session, self.panel().verb, command == Command::RedoStroke);
            }
            Command::ClearCanvas | Command::InvertMask | Command::NewDrawing => self.at_canvas(command),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            _ => self.look(ctx, command),
        }
    }

    fn look_at(&mut self, view: View) {
        self.stage.view = view;
        self.benches.look(self.panel().verb, view);
    }

    fn at_canvas(&mut self, command: Command) {
        let verb = self.panel().verb;
        self.at_bench(|lab| lab.benches.perform(verb, command, lab.session.recipe_mut()));
    }

    /// Takes the last deed back, or does it again.
    fn undo(&mut self, forwards: bool) {
        let stroke = if forwards { Command::RedoStroke } else { Command::UndoStroke };
        match self.undo.step(&mut self.session, forwards) {
            Some(Deed::Stroke(verb)) => {
                verb.clone_into(&mut self.session.panel);
                self.benches.perform(verb, stroke, self.session.recipe_mut());
                self.undo.account(&self.session);
            }
            Some(Deed::Trash) if !forwards => self.untrash(),
            Some(Deed::Settings(_)) => self.wrong.clear(),
            Some(Deed::Edges(..) | Deed::Trash) | None => {}
        }
    }

    /// Commands that change only how things look.
    fn look(&mut self, ctx: &Context, command: Command) {
        if let Some(tool) = command.tool() {
            self.session.tools.tool = tool;
            return;
        }
        let session = &mut self.session;
        match command {
            Command::BrushSmaller | Command::BrushLarger => session.tools.resize(command == Command::BrushLarger),
            Command::Layout => {
                session.layout = match session.layout {
                    Layout::Both => Layout::Bench,
                    Layout::Bench => Layout::Pictures,
                    Layout::Pictures => Layout::Both,
                }
            }
            Command::PreviousExperiment | Command::NextExperiment => {
                let at = EXPERIMENTS.iter().position(|experiment| experiment.verb == session.panel).unwrap_or(0);
                let by = if command == Command::NextExperiment { 1 } else { EXPERIMENTS.len() - 1 };
                session.panel = EXPERIMENTS[(at + by) % EXPERIMENTS.len()].verb.to_owned();
            }
            Command::SidePanels => session.side_panels = !session.side_panels,
            Command::FullScreen => {
                let full = ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            Command::ScaleUp => session.scale = ((session.scale * 10.0).round() / 10.0 + 0.1).min(3.0),
            Command::ScaleDown => session.scale = ((session.scale * 10.0).round() / 10.0 - 0.1).max(0.5),
            Command::ScaleReset => session.scale = 1.0,
            Command::Dark => session.theme = Theme::Dark,
            Command::Light => session.theme = Theme::Light,
            Command::System => session.theme = Theme::System,
            Command::Palette => self.sheet = Some(Sheet::palette(&session.panel)),
            Command::Help => self.sheet = Some(Sheet::Help),
            Command::About => self.sheet = Some(Sheet::About),
            Command::Models => {
                self.sheet = Some(Sheet::models(self.engine.device()));
                self.downloads.list(&self.background);
                self.model.list_models(&self.background);
            }
            Command::FrameTimes => self.toasts.tell(Tone::Note, format!("Frames: {}", self.frames.describe())),
            _ => {}
        }
    }

    /// Whether a command has something to work on.
    pub fn can(&self, command: Command) -> bool {
        match command {
            Command::Generate => self.why_not().is_none(),
            Command::Undo => true,
            Command::StepBack | Command::StepForward | Command::Play => self.steps_shown() > 0,
            Command::Branch => self.timeline.at.is_some(),
            Command::Compare => self.compared.is_some() || self.current().is_some(),
            Command::Star => self.current().is_some_and(|current| current.path.is_some()),
            Command::Page => !self.gallery.paths.is_empty(),
            Command::Redo => self.undo.depth().1 > 0,
            Command::UndoStroke => self.benches.can_undo(self.panel().verb).0,
            Command::RedoStroke => self.benches.can_undo(self.panel().verb).1,
            Command::ClearCanvas => matches!(self.bench(), Bench::Mask | Bench::Drawing),
            Command::InvertMask => self.bench() == Bench::Mask,
            Command::NewDrawing => self.bench() == Bench::Drawing,
            Command::Layout => !matches!(self.bench(), Bench::Pictures | Bench::Training),
            Command::Cancel | Command::CancelAll => self.jobs.open().next().is_some(),
            Command::PauseTraining => self.dashboard.runs.live().is_some(),
            Command::ShowJob => self.jobs.running().is_some(),
            Command::UseAsSource | Command::CopyPicture => self.current().is_some(),
            Command::Trash => self
                .current()
                .is_some_and(|current| current.path.is_some_and(|path| path.starts_with(self.gallery.folder()))),
            Command::RestoreSettings | Command::RestoreButSeed => {
                self.current().is_some_and(|current| current.recipe.is_some())
            }
            Command::PreviousPicture | Command::NextPicture => {
                self.bench() == Bench::Training || !self.gallery.paths.is_empty()
            }
            Command::KeepSeed => self.seed_before.is_some(),
            Command::Untrash => self.gallery.has_trashed(),
            _ => true,
        }
    }

    /// What a sheet asked for.
    pub(super) fn done(&mut self, ctx: &Context, done: Done) {
        match done {
            Done::Command(command) => self.perform(ctx, command),
            Done::Panel(verb) => self.session.panel = verb.to_owned(),
            Done::Setting(key) => (self.session.side_panels, self.wanted) = (true, Some(key)),
            Done::Preset(recipe) => self.open_recipe(*recipe),
            Done::Path(path) => self.files.open(path.into(), None, &self.background),
            Done::Device(choice) => {
                self.engine.set_device(choice);
                let text = format!("The next job will run on: {}", choice.words());
                self.toasts.tell(Tone::Done, text);
            }
            Done::SavePage(draft) => {
                self.files.save("results.html", self.home.exports(), &self.background, move |path| draft.write(path));
            }
            Done::Leave => {
                self.leaving = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Done::Nothing => {}
        }
    }

    /// Opens a preset: its settings, with the source picture that is already there.
    pub fn open_recipe(&mut self, mut recipe: Recipe) {
        if recipe.image.is_none() {
            recipe.image = self.session.recipes.get(&recipe.experiment).and_then(|old| old.image.clone());
        }
        self.wrong.clear();
        self.session.open(recipe);
    }

    /// Why Generate is not to be pressed, if it is not.
    pub fn why_not(&self) -> Option<String> {
        let recipe = self.session.recipe();
        let experiment = recipe.experiment().ok()?;
        match recipe.lacking().ok()? {
            Some("mask") => return Some("Paint the area to replace first".to_owned()),
            Some(_) => return Some("Choose a source picture first".to_owned()),
            None => {}
        }
        let wrong = self.wrong.get(experiment.verb)?;
        wrong.values().next().cloned()
    }

    fn generate(&mut self, ctx: &Context) {
        if !self.session.seed_locked {
            self.session.recipe_mut().seed = vec![seed::random()];
        }
        let mut recipe = self.session.recipe().clone();
        if recipe.prompt.iter().any(|prompt| !prompt.trim().is_empty()) {
            recipe.prompt.retain(|prompt| !prompt.trim().is_empty());
        }
        let recipe = match recipe.checked() {
            Ok(recipe) => recipe,
            Err(error) => return self.toasts.tell(Tone::Failed, error.to_string()),
        };
        if self.bench() == Bench::Training {
            return self.train(recipe);
        }
        self.session.remember(&recipe.prompt);
        let busy = self.jobs.running().is_some();
        let destination = Destination::Gallery(self.gallery.folder().to_owned());
        let id = self.engine.submit(Job { recipe: recipe.clone(), destination });
        self.jobs.add(id, recipe);
        if !busy {
            self.show_job(ctx, id);
        }
    }

    fn cancel_first(&mut self) {
        let first = self.jobs.running().or_else(|| self.jobs.open().next()).map(|job| job.id);
        if let Some(id) = first {
            self.cancel(id);
        }
    }

    fn reset_panel(&mut self) {
        if let Ok(experiment) = self.session.recipe().experiment() {
            self.wrong.clear();
            self.session.open(opening(experiment));
        }
    }

    /// The picture that is shown; of a job, the one that was clicked or the newest.
    pub(super) fn current(&self) -> Option<Current> {
        match &self.stage.shown {
            Shown::Picture(_) => {
                let loaded = self.stage.loaded.as_ref()?;
                let path = Some(loaded.path.clone());
                Some(Current { pixels: Arc::clone(&loaded.pixels), recipe: loaded.recipe.clone(), path })
            }
            Shown::Job(id) => {
                let pictures = &self.jobs.get(*id)?.pictures;
                let clicked = pictures.iter().find(|picture| picture.index == self.timeline.picture);
                let picture = clicked.or(pictures.last())?;
                let recipe = Some(picture.recipe.clone());
                Some(Current { pixels: Arc::clone(&picture.pixels), recipe, path: picture.path.clone() })
            }
            Shown::Nothing => None,
        }
    }

    fn with_current(&mut self, ctx: &Context, command: Command) {
        let current = self.current();
        let name = current
            .as_ref()
            .and_then(|current| current.path.as_deref()?.file_name())
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "the picture".to_owned());
        match (command, current) {
            (Command::CopyCommand, current) => {
                // Without a picture, the command of the open panel.
                let recipe =
                    current.and_then(|current| current.recipe).unwrap_or_else(|| self.session.recipe().clone());
                match command_line(&recipe) {
                    Ok(line) => {
                        ctx.copy_text(line);
                        self.toasts.say(Tone::Done, "The command is on the clipboard");
                    }
                    Err(error) => self.toasts.tell(Tone::Failed, error.to_string()),
                }
            }
            (Command::CopyPicture, Some(current)) => {
                ctx.copy_image(colour_image(&current.pixels));
                self.toasts.say(Tone::Done, "The picture is on the clipboard");
            }
            (Command::UseAsSource, Some(current)) => {
                self.use_as_source(current.pixels, &name);
                if let Some(path) = current.path
                    && let Some(Source::Held(_)) = &self.session.recipe().image
                {
                    self.session.recipe_mut().image = Some(Source::File(path));
                }
            }
            (_, Some(Current { recipe: Some(recipe), .. })) => {
                self.restore(&recipe, command == Command::RestoreSettings, &name)
            }
            _ => {}
        }
    }

    fn trash(&mut self) {
        let Some(path) = self.current().and_then(|current| current.path) else { return };
        match self.gallery.trash(&path) {
            Ok(next) => {
                self.undo.note(Deed::Trash);
                self.toasts.say(Tone::Done, "Moved to the trash").action = Some(("Undo", Command::Untrash));
                match next {
                    Some(next) => self.select(next),
                    None => self.stage.clear(),
                }
            }
            Err(error) => self.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn untrash(&mut self) {
        match self.gallery.untrash() {
            Ok(Some(path)) => {
                self.gallery.list(&self.background);
                self.gallery.paths.insert(0, path.clone());
                self.select(path);
            }
            Ok(None) => {}
            Err(error) => self.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn open_folder(&mut self) {
        let folder = self.gallery.folder().to_owned();
        let program = match std::env::consts::OS {
            "macos" => "open",
            "windows" => "explorer",
            _ => "xdg-open",
        };
        let made = std::fs::create_dir_all(&folder);
        let quiet = std::process::Stdio::null;
        let started = std::process::Command::new(program).arg(&folder).stdout(quiet()).stderr(quiet()).spawn();
        match made.and(started) {
            // A thread waits for it, so that no dead process stays.
            Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
            Err(_) => self.toasts.tell(Tone::Note, format!("The gallery is {}", folder.display())),
        }
    }
}
