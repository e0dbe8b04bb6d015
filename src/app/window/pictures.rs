//! What is done with pictures: which of them are shown, and what becomes of the one that is. Commands come from
//! [`commands`](super::commands), jobs and files from [`events`](super::events).

use super::Window;
use crate::app::command_line::command_line;
use crate::app::commands::Command;
use crate::app::dialogs::Dialog;
use crate::app::dialogs::draft::Draft;
use crate::app::dialogs::nearest::Nearest;
use crate::app::dialogs::trust::Asked;
use crate::app::pixels::colour_image;
use crate::app::queue::JobView;
use crate::app::session::Layout;
use crate::app::session::undo::UndoEntry;
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::training::open_dashboard;
use crate::app::viewer::Current;
use crate::app::widgets::toasts::Tone;
use crate::app::workspaces::kind::Workspace;
use crate::experiments::{ForeignRecipe, Recipe, Source, carried};
use crate::files::{atomic_write, limits, read_file};
use crate::pictures::encode_png;
use crate::worker::{Destination, JobId};
use egui::Context;

impl Window {
    /// Runs what made the shown picture; the panel's settings stay as they are.
    pub(super) fn make_again(&mut self, ctx: &Context) {
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

    pub(super) fn show_running_job(&mut self, ctx: &Context) {
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

    /// What the shown picture is called.
    pub(super) fn current_name(&self) -> String {
        let path = self.current().and_then(|current| current.path);
        path.map_or_else(|| "the picture".to_owned(), |path| file_name(&path))
    }

    pub(super) fn restore_current(&mut self, with_seed: bool) {
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

    pub(super) fn restore_chosen(&mut self, recipe: &Recipe, with_seed: bool, from: &str) {
        self.inspector.restore(recipe, with_seed, from, &mut self.shared);
    }

    pub(super) fn use_current_as_source(&mut self) {
        let Some(current) = self.current() else { return };
        self.shared.use_as_source(current.pixels, &self.current_name());
        let recipe = self.shared.session.recipe_mut();
        if let (Some(path), Some(Source::Held(_))) = (current.path, &recipe.source.image) {
            recipe.source.image = Some(Source::File(path));
        }
    }

    /// A copy of the picture: of its file as it is, or of its pixels with the recipe inside.
    pub(super) fn save_current(&mut self) {
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

    pub(super) fn copy_picture(&mut self, ctx: &Context) {
        if let Some(current) = self.current() {
            ctx.copy_image(colour_image(&current.pixels));
            self.shared.toasts.say(Tone::Done, "The picture is on the clipboard");
        }
    }

    /// The command of the shown picture; without one, of the open panel.
    pub(super) fn copy_command(&mut self, ctx: &Context) {
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

    pub(super) fn star(&mut self) {
        let Some(path) = self.current().and_then(|current| current.path) else { return };
        if let Err(error) = self.gallery.star(&path) {
            self.shared.toasts.tell(Tone::Failed, error.to_string());
        }
    }

    pub(super) fn open_page(&mut self) {
        let chosen = self.gallery.chosen(self.current().and_then(|current| current.path));
        self.dialogs.open = Some(Dialog::page(Draft::new(chosen, &self.shared.session.captions)));
    }

    pub(super) fn open_nearest(&mut self) {
        let Some(current) = self.current() else { return };
        let data =
            current.recipe.as_ref().map_or(self.shared.session.recipe(), ForeignRecipe::harmless).digits.data.clone();
        self.dialogs.open = Some(Dialog::Nearest(Box::new(Nearest::of(current.pixels, &data))));
    }

    pub(super) fn trash(&mut self) {
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

    pub(super) fn untrash(&mut self) {
        match self.gallery.untrash(&self.shared.background) {
            Ok(Some(path)) => self.show_picture(path, None),
            Ok(None) => {}
            Err(error) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }
}
