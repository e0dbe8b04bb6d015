//! What commands do that more than one area has a hand in, and when they can. Which command does which is in
//! [`list`](crate::app::commands::list).

use egui::{Context, Vec2, ViewportCommand};

use super::Window;
use crate::app::commands::{Command, list};
use crate::app::dialogs::Dialog;
use crate::app::dialogs::done::Done;
use crate::app::dialogs::nearest::Nearest;
use crate::app::dialogs::trust::Asked;
use crate::app::files::Purpose;
use crate::app::session::undo::{Settings, UndoEntry};
use crate::app::theme::Theme;
use crate::app::widgets::canvas::Tool;
use crate::app::widgets::seed;
use crate::app::widgets::toasts::Tone;
use crate::app::widgets::view::View;
use crate::app::workspaces::CanvasAction;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::settings::prompting;
use crate::worker::{Destination, Extras};

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

    fn open_models(&mut self) {
        self.dialogs.open = Some(Dialog::models(self.shared.queue.engine.device()));
        self.dialogs.downloads.list(&self.shared.background);
        self.inspector.model.list_models(&self.shared.background);
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
