//! What commands do that more than one area has a hand in, and when they can. Which command does which is in
//! [`list`](crate::app::commands::list).

use egui::{Context, Vec2, ViewportCommand};

use super::Window;
use crate::app::command_line::command_line;
use crate::app::commands::{Command, list};
use crate::app::dialogs::Dialog;
use crate::app::dialogs::done::Done;
use crate::app::dialogs::draft::Draft;
use crate::app::dialogs::nearest::Nearest;
use crate::app::dialogs::trust::Asked;
use crate::app::files::Purpose;
use crate::app::pixels::colour_image;
use crate::app::queue::JobView;
use crate::app::session::Layout;
use crate::app::session::undo::{Settings, UndoEntry};
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::theme::Theme;
use crate::app::training::open_dashboard;
use crate::app::viewer::Current;
use crate::app::widgets::canvas::Tool;
use crate::app::widgets::seed;
use crate::app::widgets::toasts::Tone;
use crate::app::widgets::view::View;
use crate::app::workspaces::CanvasAction;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::settings::prompting;
use crate::experiments::{ForeignRecipe, Recipe, Source, carried};
use crate::files::{atomic_write, limits, read_file};
use crate::pictures::encode_png;
use crate::worker::{Destination, Extras, JobId};

/// When a command can be done, and what it does.
struct Handler {
    can: fn(&Window) -> bool,
    does: fn(&mut Window, &Context),
}

macro_rules! handle {
    ($($name:ident { $section:expr, $text:expr, $help:expr, $keys:expr, $can:expr, $does:expr })*) => {
        fn handler(command: Command) -> Handler {
            match command {
                $(Command::$name => Handler { can: $can, does: $does }),*
            }
        }
    };
}
list::commands!(handle);

fn always(_: &Window) -> bool {
    true
}

fn has_jobs(window: &Window) -> bool {
    window.shared.queue.jobs.open().next().is_some()
}

fn has_steps(window: &Window) -> bool {
    window.shows_pictures() && window.viewer.steps_shown(&window.shared.queue.jobs) > 0
}

fn has_pictures(window: &Window) -> bool {
    window.panel().workspace == Workspace::Training || !window.gallery.paths.is_empty()
}

fn has_recipe(window: &Window) -> bool {
    window.current().is_some_and(|current| current.recipe.is_some())
}

impl Window {
    /// Whether a command has something to work on.
    pub fn can(&self, command: Command) -> bool {
        (handler(command).can)(self)
    }

    /// Does a command, where it can be done.
    pub fn perform(&mut self, ctx: &Context, command: Command) {
        if self.can(command) {
            (handler(command).does)(self, ctx);
        }
    }

    fn generate(&mut self, ctx: &Context) {
        let session = &mut self.shared.session;
        if !session.seed_locked {
            session.recipe_mut().sampling.seed = vec![seed::random()];
        }
        let mut recipe = session.recipe().clone().without_idle(self.inspector.model.summary());
        if recipe.prompting.prompt.iter().any(|prompt| !prompt.trim().is_empty()) {
            recipe.prompting.prompt.retain(|prompt| !prompt.trim().is_empty());
        }
        let recipe = match recipe.checked() {
            Ok(recipe) => recipe,
            Err(error) => return self.shared.toasts.tell(Tone::Failed, error.to_string()),
        };
        self.shared.session.allow_files_of(&recipe);
        if self.panel().workspace == Workspace::Training {
            return self.training.train(recipe, &mut self.shared);
        }
        if self.panel().workspace == Workspace::Score {
            let path = self.scores.free_folder(&self.shared.home.scores());
            self.shared.queue.submit(recipe, Destination::Folder { path, extras: Extras::default() });
            return;
        }
        if prompting::prompt.applies(&recipe, self.inspector.model.summary()) {
            self.shared.session.remember(&recipe.prompting.prompt);
        }
        let busy = self.shared.queue.jobs.running().is_some();
        let id = self.shared.queue.submit(recipe, Destination::Gallery(self.gallery.folder().to_owned()));
        if !busy {
            self.stand(ctx, id);
        }
    }

    /// Runs what made the shown picture; the panel's settings stay as they are.
    fn make_again(&mut self, ctx: &Context) {
        let Some(recipe) = self.current().and_then(|current| current.recipe) else { return };
        match recipe.checked() {
            Ok(recipe) => {
                let id = self.shared.queue.submit(recipe, Destination::Gallery(self.gallery.folder().to_owned()));
                self.show_job(ctx, id);
            }
            Err(error) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    /// Shows a job's pictures, finished or not; of a job that trains, its run.
    pub fn show_job(&mut self, ctx: &Context, id: JobId) {
        if let Some(colour) = self.training.runs.of(id).map(|run| run.colour) {
            self.training.choose(colour);
            open_dashboard(&mut self.shared.session);
            return;
        }
        let Some(job) = self.shared.queue.jobs.get(id) else { return };
        if self.panel().workspace == Workspace::Training {
            // The dashboard has no place for pictures.
            self.shared.session.panel.clone_from(&job.recipe.experiment);
        }
        if self.stand(ctx, id) {
            self.make_seen();
        }
    }

    /// Lets a job's pictures, finished or not, stand in the viewer, seen or not; true where there are some.
    pub(super) fn stand(&mut self, ctx: &Context, id: JobId) -> bool {
        let job = self.shared.queue.jobs.get(id).filter(|job| job.is_open() || !job.pictures.is_empty());
        let Some(job) = job else { return false };
        self.viewer.show_job(ctx, job, &self.inspector.model);
        self.gallery.selected = None;
        true
    }

    /// Makes room for pictures that were asked for beside the open panel.
    pub(super) fn make_seen(&mut self) {
        let session = &mut self.shared.session;
        if session.layout == Layout::Workspace {
            session.layout = Layout::Both;
        }
        self.viewer.asked_at(&session.panel);
    }

    /// When another panel was opened, the pictures of its newest job stand there again.
    pub(super) fn follow_panel(&mut self, ctx: &Context) {
        let Shared { session, queue, .. } = &self.shared;
        if session.panel == self.panel_before {
            return;
        }
        self.panel_before.clone_from(&session.panel);
        if self.viewer.belongs_to(&session.panel, &queue.jobs) {
            return;
        }
        let own =
            |job: &&JobView| job.recipe.experiment == session.panel && (job.is_running() || !job.pictures.is_empty());
        let newest = queue.jobs.listed().rfind(own).map(|job| job.id);
        if let Some(id) = newest {
            self.stand(ctx, id);
        }
    }

    fn show_running_job(&mut self, ctx: &Context) {
        if let Some(id) = self.shared.queue.jobs.running().map(|job| job.id) {
            self.show_job(ctx, id);
        }
    }

    /// Shows a picture of the gallery, once it is read, and does a command with it.
    pub(super) fn show_picture(&mut self, path: std::path::PathBuf, then: Option<Command>) {
        self.gallery.selected = Some(path.clone());
        self.viewer.load(path, then, &self.shared.background);
        self.make_seen();
    }

    /// Arrows go through the steps while one is looked at, through a run's epochs, or through the gallery.
    fn go_along(&mut self, by: isize) {
        if self.shows_pictures() && self.viewer.timeline.at.is_some() {
            self.viewer.step_by(by, &self.shared.queue.jobs);
        } else if self.panel().workspace == Workspace::Training {
            self.training.step_samples(by);
        } else if let Some(path) = self.gallery.beside(by) {
            self.show_picture(path, None);
        }
    }

    fn look_at(&mut self, view: View) {
        self.viewer.stage.view = view;
        self.workspaces.look(self.panel().verb, view);
    }

    fn at_canvas(&mut self, action: CanvasAction) {
        let verb = self.panel().verb;
        self.noting_strokes(|window| window.workspaces.act(verb, action, window.shared.session.recipe_mut()));
    }

    /// The canvas's own undo, which passes over what was done elsewhere since.
    fn step_stroke(&mut self, action: CanvasAction) {
        self.at_canvas(action);
        self.undo.step_stroke(&self.shared.session, self.panel().verb, action == CanvasAction::Redo);
    }

    /// Does something at the open panel's workspace, and notes what was painted by it.
    pub(super) fn noting_strokes(&mut self, act: impl FnOnce(&mut Self)) {
        let verb = self.panel().verb;
        let (strokes, settings) = (self.workspaces.strokes(verb), Settings::of(&self.shared.session));
        act(self);
        if self.workspaces.strokes(verb) > strokes {
            self.undo.settle(settings); // a setting that was changed just before is an entry of its own
            self.undo.note(UndoEntry::Stroke(verb));
            self.undo.account(&self.shared.session);
        }
    }

    /// Takes back what was done last, or does it again.
    fn step_back(&mut self, forwards: bool) {
        let session = &mut self.shared.session;
        match self.undo.step(session, forwards) {
            Some(UndoEntry::Stroke(verb)) => {
                let action = if forwards { CanvasAction::Redo } else { CanvasAction::Undo };
                self.workspaces.act(verb, action, session.recipe_mut());
                self.undo.account(session);
            }
            Some(UndoEntry::Trash) if !forwards => self.untrash(),
            Some(UndoEntry::Settings(_)) => self.inspector.forget_wrong(),
            Some(UndoEntry::Edges(..) | UndoEntry::Trash) | None => {}
        }
    }

    fn takes_words(&self) -> bool {
        prompting::prompt.applies(self.shared.session.recipe(), self.inspector.model.summary())
    }

    fn write_prompt(&mut self) {
        self.shared.session.side_panels = true;
        self.inspector.wanted = Some(prompting::prompt.key);
    }

    /// What the shown picture is called.
    fn current_name(&self) -> String {
        let path = self.current().and_then(|current| current.path);
        path.map_or_else(|| "the picture".to_owned(), |path| file_name(&path))
    }

    fn restore_current(&mut self, with_seed: bool) {
        if let Some(recipe) = self.current().and_then(|current| current.recipe) {
            self.restore(recipe, with_seed, self.current_name());
        }
    }

    /// Puts a recipe's settings back; where it names files that nobody has allowed, after a question.
    pub(super) fn restore(&mut self, recipe: ForeignRecipe, with_seed: bool, from: String) {
        let session = &self.shared.session;
        let recipe = recipe.allowing(|file| session.has_allowed(&file.path));
        match recipe.files() {
            [] => self.restore_chosen(&recipe.trusted(), with_seed, &from),
            _ => self.dialogs.open = Some(Dialog::Trust(Box::new(Asked { recipe, with_seed, from }))),
        }
    }

    fn restore_chosen(&mut self, recipe: &Recipe, with_seed: bool, from: &str) {
        self.inspector.restore(recipe, with_seed, from, &mut self.shared);
    }

    fn use_current_as_source(&mut self) {
        let Some(current) = self.current() else { return };
        self.shared.use_as_source(current.pixels, &self.current_name());
        let recipe = self.shared.session.recipe_mut();
        if let (Some(path), Some(Source::Held(_))) = (current.path, &recipe.source.image) {
            recipe.source.image = Some(Source::File(path));
        }
    }

    /// A copy of the picture: of its file as it is, or of its pixels with the recipe inside.
    fn save_current(&mut self) {
        let Some(Current { pixels, recipe, path }) = self.current() else { return };
        let shared = &mut self.shared;
        let write = move |target: &std::path::Path| match path {
            Some(path) => atomic_write(target, &read_file(&path, limits::PICTURE)?),
            None => {
                let inside = recipe.map(|recipe| carried(recipe.harmless(), &serde_json::Map::new())).transpose()?;
                atomic_write(target, &encode_png(&pixels, inside.as_ref())?)
            }
        };
        shared.files.save("picture.png", shared.home.exports(), &shared.background, write);
    }

    fn copy_picture(&mut self, ctx: &Context) {
        if let Some(current) = self.current() {
            ctx.copy_image(colour_image(&current.pixels));
            self.shared.toasts.say(Tone::Done, "The picture is on the clipboard");
        }
    }

    /// The command of the shown picture; without one, of the open panel.
    fn copy_command(&mut self, ctx: &Context) {
        let recipe = self.current().and_then(|current| current.recipe);
        let recipe = recipe.unwrap_or_else(|| ForeignRecipe::own(self.shared.session.recipe().clone()));
        match recipe.to_json().and_then(|json| command_line(recipe.harmless(), json)) {
            Ok(line) => {
                ctx.copy_text(line);
                self.shared.toasts.say(Tone::Done, "The command is on the clipboard");
            }
            Err(error) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn star(&mut self) {
        let Some(path) = self.current().and_then(|current| current.path) else { return };
        if let Err(error) = self.gallery.star(&path) {
            self.shared.toasts.tell(Tone::Failed, error.to_string());
        }
    }

    fn open_page(&mut self) {
        let chosen = self.gallery.chosen(self.current().and_then(|current| current.path));
        self.dialogs.open = Some(Dialog::page(Draft::new(chosen, &self.shared.session.captions)));
    }

    fn open_nearest(&mut self) {
        let Some(current) = self.current() else { return };
        let data =
            current.recipe.as_ref().map_or(self.shared.session.recipe(), ForeignRecipe::harmless).digits.data.clone();
        self.dialogs.open = Some(Dialog::Nearest(Box::new(Nearest::of(current.pixels, &data))));
    }

    fn open_models(&mut self) {
        self.dialogs.open = Some(Dialog::models(self.shared.queue.engine.device()));
        self.dialogs.downloads.list(&self.shared.background);
        self.inspector.model.list_models(&self.shared.background);
    }

    fn trash(&mut self) {
        let Some(path) = self.current().and_then(|current| current.path) else { return };
        match self.gallery.trash(&path) {
            Ok(next) => {
                self.undo.note(UndoEntry::Trash);
                let said = format!("In the trash: {}", file_name(&path));
                let toast = self.shared.toasts.say(Tone::Done, said);
                toast.action = Some(("Undo", Command::Untrash));
                match next {
                    Some(next) => self.show_picture(next, None),
                    None => self.viewer.stage.clear(),
                }
            }
            Err(error) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn untrash(&mut self) {
        match self.gallery.untrash(&self.shared.background) {
            Ok(Some(path)) => self.show_picture(path, None),
            Ok(None) => {}
            Err(error) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    /// Does what a dialog asked for.
    pub(super) fn done(&mut self, ctx: &Context, done: Done) {
        let shared = &mut self.shared;
        match done {
            Done::Command(command) => self.perform(ctx, command),
            Done::Explain(symbol) => self.dialogs.open = Some(Dialog::Symbols(Some(symbol))),
            Done::Panel(verb) => shared.session.panel = verb.to_owned(),
            Done::Setting(key) => (shared.session.side_panels, self.inspector.wanted) = (true, Some(key)),
            Done::Preset(recipe) => self.inspector.open(*recipe, &mut shared.session),
            Done::Path(path) => shared.files.open(path.into(), None, &shared.background),
            Done::Device(choice) => {
                shared.queue.engine.set_device(choice);
                shared.toasts.tell(Tone::Done, format!("The next job will run on: {}", choice.words()));
            }
            Done::SavePage(draft) => {
                let write = move |path: &std::path::Path| draft.write(path);
                shared.files.save("results.html", shared.home.exports(), &shared.background, write);
            }
            Done::Restore(asked, whole) => {
                let Asked { recipe, with_seed, from } = *asked;
                let recipe = if whole { recipe.trusted() } else { recipe.harmless().clone() };
                if whole {
                    self.shared.session.allow_files_of(&recipe);
                }
                self.restore_chosen(&recipe, with_seed, &from);
            }
            Done::Leave => self.desktop.leave(ctx),
            Done::Nothing => {}
        }
    }
}
