//! What comes in from the other threads, routed to the areas that it concerns.

use std::path::Path;

use egui::Context;

use super::Window;
use crate::app::command_line::command_line;
use crate::app::dialogs::Dialog;
use crate::app::files::{FileEvent, Opened, Purpose};
use crate::app::form::inspector::set_path;
use crate::app::form::panels::panel;
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::viewer::{Loaded, Shown};
use crate::app::widgets::toasts::Tone;
use crate::app::workspaces::kind::Workspace;
use crate::error::{Error, Result};
use crate::experiments::setting;
use crate::worker::{Event, JobId, What};

impl Window {
    /// Takes in what the worker says.
    pub(super) fn take_events(&mut self, ctx: &Context) {
        while let Some(event) = self.shared.queue.event() {
            let steps = self.shared.queue.engine.frames(event.job);
            let job = self.shared.queue.jobs.get(event.job);
            let (live, over) = (job.is_some_and(|job| job.live), job.is_some_and(|job| !job.is_open()));
            if job.is_some() && !live {
                self.viewer.history.add(event.job, steps);
            }
            self.training.take_event(&event, &mut self.shared.toasts);
            self.take_event(ctx, &event, live);
            if over {
                self.shared.queue.engine.preview(event.job); // the last one, which nobody will look at
            }
        }
        let Some(job) = self.shared.queue.jobs.running() else { return };
        if let Some(preview) = self.shared.queue.engine.preview(job.id)
            && self.viewer.stage.shown == Shown::Job(job.id)
        {
            self.viewer.stage.preview(ctx, job, &preview);
        }
    }

    fn take_event(&mut self, ctx: &Context, event: &Event, live: bool) {
        let shown = self.viewer.stage.shown == Shown::Job(event.job);
        if live {
            self.workspaces.take_event(ctx, event.job, &event.what);
        }
        // Training takes long: to have seen it begin is enough.
        let ran = matches!(event.what, What::Finished(_) | What::Sheet(_));
        if let Some(job) = self.shared.queue.jobs.get(event.job).filter(|_| ran) {
            self.shared.session.lessons.ran(&job.recipe.experiment);
        }
        match &event.what {
            What::Started if live || self.training.runs.of(event.job).is_some() => {}
            What::Started => self.show_started(ctx, event.job),
            What::Finished(_) if self.is_score(event.job) => {
                self.scores.look_at_newest();
                self.scores.list(self.shared.home.scores(), &self.shared.background);
            }
            What::Finished(_) if shown => self.viewer.stage.complete(),
            What::Picture(picture) => {
                if shown {
                    self.viewer.finished(ctx, picture, &self.inspector.model);
                }
                if let Some(path) = &picture.path {
                    self.gallery.add(ctx, path.clone(), &picture.pixels);
                }
            }
            What::Note(text) => self.shared.toasts.tell_once(text),
            What::Failed(error) => {
                let job = self.shared.queue.jobs.get(event.job);
                let command =
                    job.and_then(|job| command_line(&job.recipe, job.recipe.to_json().ok()?).ok()).unwrap_or_default();
                self.shared.toasts.say(Tone::Failed, error.to_string()).details = Some(format!("{error}\n{command}"));
                if shown {
                    self.viewer.stage.end();
                }
            }
            What::Cancelled if shown => self.viewer.stage.end(),
            _ => {}
        }
    }

    /// A job that begins stands at its own panel, unless a picture of the gallery is looked at there.
    fn show_started(&mut self, ctx: &Context, id: JobId) {
        let Shared { session, queue, .. } = &self.shared;
        let pictures = ![Workspace::Training, Workspace::Score].contains(&self.panel().workspace);
        let own = pictures && queue.jobs.get(id).is_some_and(|job| job.recipe.experiment == session.panel);
        let looks = matches!(self.viewer.stage.shown, Shown::Picture(_)) && self.shows_pictures();
        if own && !looks {
            self.stand(ctx, id);
        }
    }

    fn is_score(&self, id: JobId) -> bool {
        self.shared.queue.jobs.get(id).is_some_and(|job| panel(&job.recipe.experiment).workspace == Workspace::Score)
    }

    /// Takes in what was asked for in the background.
    pub(super) fn poll(&mut self, ctx: &Context) {
        let Self { shared, inspector, workspaces, viewer, gallery, training, scores, dialogs, autosave, .. } = self;
        let mut wrong: Vec<Error> = std::iter::from_fn(|| shared.background.notice()).collect();
        wrong.extend(inspector.poll(ctx, &shared.background));
        wrong.extend(gallery.poll(ctx));
        wrong.extend(dialogs.downloads.poll());
        wrong.extend(scores.poll(ctx).err());
        wrong.into_iter().for_each(|error| shared.toasts.tell(Tone::Failed, error.to_string()));
        workspaces.poll(&mut shared.session, &mut shared.toasts);
        autosave.poll(&mut shared.toasts);
        if let Err(error) = training.poll() {
            shared.toasts.tell(Tone::Note, format!("the curves begin at the resumed step: {error}"));
        }
        viewer.poll_branch(shared);
        match viewer.poll(ctx, &shared.queue.jobs) {
            Ok(then) => then.into_iter().for_each(|command| self.perform(ctx, command)),
            Err(error) => shared.toasts.tell(Tone::Failed, error.to_string()),
        }
        for happened in self.shared.files.poll() {
            match happened {
                FileEvent::Chosen(purpose, chosen) => self.chosen(purpose, chosen),
                FileEvent::Opened(path, opened) => self.opened(ctx, &path, opened),
                FileEvent::Saved(Ok(Some(path))) => {
                    self.shared.toasts.tell(Tone::Done, format!("Saved as {}", path.display()));
                }
                FileEvent::Saved(Ok(None)) => {}
                FileEvent::Saved(Err(error)) => self.shared.toasts.tell(Tone::Failed, error.to_string()),
            }
        }
    }

    fn opened(&mut self, ctx: &Context, path: &Path, opened: Result<Opened>) {
        let (name, shared) = (file_name(path), &mut self.shared);
        match opened {
            Ok(Opened::Recipe(recipe, pixels)) => {
                if let Some(pixels) = pixels {
                    let loaded = Loaded { path: path.to_owned(), pixels, recipe: Some((*recipe).clone()) };
                    self.viewer.stage.show_picture(ctx, loaded);
                    self.make_seen();
                }
                self.restore(*recipe, true, name);
            }
            Ok(Opened::Picture(pixels)) => shared.use_as_source(pixels, &name),
            Ok(Opened::Run(read)) => self.training.show_read(*read, shared),
            Ok(Opened::Model(key)) => self.use_model(key, path, &name),
            Err(error) => shared.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    /// Takes a model that was dropped, on the open panel where it has that setting.
    fn use_model(&mut self, key: &'static str, path: &Path, name: &str) {
        let Some(setting) = setting(key) else { return };
        let session = &mut self.shared.session;
        if !session.recipe().experiment().is_ok_and(|experiment| experiment.reads(key)) {
            session.panel = "sample".to_owned();
        }
        set_path(session, key, path);
        self.shared.toasts.say(Tone::Done, format!("{}: {name}", setting.label));
    }

    fn chosen(&mut self, purpose: Purpose, chosen: Result<Option<std::path::PathBuf>>) {
        let shared = &mut self.shared;
        match (purpose, chosen) {
            (Purpose::Open | Purpose::Run, Ok(Some(path))) => shared.files.open(path, None, &shared.background),
            (Purpose::Setting(key, _), Ok(Some(path))) => set_path(&mut shared.session, key, &path),
            (_, Ok(None)) => {}
            (Purpose::Open | Purpose::Run, Err(_)) => self.dialogs.open = Some(Dialog::Path(String::new())),
            (_, Err(error)) => shared.toasts.tell(Tone::Note, error.to_string()),
        }
    }
}
