//! What comes in from the other threads, taken into the window's state.

use egui::{Context, ViewportCommand};

use super::background::Pending;
use super::commands::Command;
use super::files::{Happened, Opened, Purpose};
use super::lab::Lab;
use super::session::Layout;
use super::sheets::Sheet;
use super::stage::{Loaded, Shown};
use super::widgets::toasts::Tone;
use crate::error::{Error, Result};
use crate::experiments::{Recipe, Source, setting};
use crate::worker::{Event, FinishedPicture, JobId, What};

impl Lab {
    pub(super) fn drain_engine(&mut self, ctx: &Context) {
        while let Some(event) = self.engine.event() {
            self.jobs.apply(&event);
            self.film(event.job);
            self.follow_run(&event);
            self.take_event(ctx, &event);
            if self.jobs.get(event.job).is_some_and(|job| !job.is_open()) {
                self.engine.preview(event.job); // the last one, which nobody will look at
            }
        }
        let Some(job) = self.jobs.running() else { return };
        if let Some(preview) = self.engine.preview(job.id)
            && self.stage.shown == Shown::Job(job.id)
        {
            self.stage.preview(ctx, job, &preview);
        }
    }

    /// Takes in the steps of a job that were kept; those of a live one are not gone back through.
    fn film(&mut self, job: JobId) {
        let frames = self.engine.frames(job);
        if self.jobs.get(job).is_some_and(|job| !job.live) {
            self.films.add(job, frames);
        }
    }

    fn take_event(&mut self, ctx: &Context, event: &Event) {
        let shown = self.stage.shown == Shown::Job(event.job);
        let live = self.jobs.get(event.job).is_some_and(|job| job.live);
        match &event.what {
            What::Started if self.dashboard.runs.of(event.job).is_some() => {}
            What::Started if !live && !matches!(self.stage.shown, Shown::Picture(_)) => self.show_job(ctx, event.job),
            What::Finished(summary) if live => self.benches.noise.finished(ctx, event.job, &summary.figure),
            What::Finished(_) if shown => self.stage.complete(),
            What::Cancelled if live => self.benches.noise.failed(event.job),
            What::Picture(picture) => {
                if shown {
                    self.stage.finished(ctx, picture);
                    self.say_strength(picture);
                }
                if let Some(path) = &picture.path {
                    self.gallery.add(ctx, path.clone(), &picture.pixels);
                }
            }
            What::Note(text) => self.toasts.tell(Tone::Note, text.clone()),
            What::Failed(error) => {
                let command =
                    self.jobs.get(event.job).and_then(|job| super::command_line::command_line(&job.recipe).ok());
                let details = format!("{error}\n{}", command.unwrap_or_default());
                self.toasts.say(Tone::Failed, error.to_string()).details = Some(details);
                if shown {
                    self.stage.end();
                }
                self.benches.noise.failed(event.job);
            }
            What::Cancelled if shown => self.stage.end(),
            _ => {}
        }
    }

    /// Shows a job's pictures, finished or not.
    pub fn show_job(&mut self, ctx: &Context, id: JobId) {
        if let Some(colour) = self.dashboard.runs.of(id).map(|run| run.colour) {
            self.dashboard.choose(colour);
            self.open_dashboard();
            return;
        }
        let Some(job) = self.jobs.get(id) else { return };
        if !job.is_open() && job.pictures.is_empty() {
            return;
        }
        (self.compared, self.timeline.at) = (None, None);
        self.stage.show_job(job);
        self.timeline.picture = usize::MAX;
        let pictures = job.pictures.clone();
        for picture in &pictures {
            self.stage.finished(ctx, picture);
            self.say_strength(picture);
        }
        let Some(job) = self.jobs.get(id) else { return };
        if !job.is_open() {
            self.stage.end();
        }
        self.gallery.selected = None;
    }

    /// An edit's strength, said both ways: the entry of the list is in the label, the timestep joins it.
    fn say_strength(&mut self, picture: &FinishedPicture) {
        let starts = self.model.starts(&picture.recipe);
        if let ([t], Some(cell)) = (starts.as_slice(), self.stage.cells.get_mut(picture.index))
            && cell.label.contains("i_start")
        {
            cell.label.push_str(&format!(" · t {t}"));
        }
    }

    /// Takes in what was asked for in the background.
    pub(super) fn poll(&mut self, ctx: &Context) {
        let mut wrong: Vec<Error> = Vec::new();
        wrong.extend(std::iter::from_fn(|| self.background.notice()));
        wrong.extend(self.gallery.poll(ctx));
        wrong.extend(self.source.poll(ctx, &self.background).err());
        wrong.extend(self.tokens.poll());
        wrong.extend(self.model.poll());
        wrong.extend(self.downloads.poll());
        self.digits.poll();
        let (workspaces, edges) = self.benches.poll();
        wrong.extend(workspaces);
        edges.into_iter().for_each(|(verb, edges)| self.session.set_edges(verb, edges));
        wrong.extend(Pending::take_from(&mut self.tidying).and_then(Result::err));
        wrong.into_iter().for_each(|error| self.toasts.tell(Tone::Failed, error.to_string()));
        for error in Pending::take_all(&mut self.saving).into_iter().filter_map(|((), saved)| saved.err()) {
            self.toasts.tell(Tone::Failed, format!("the session is not saved: {error}"));
        }
        if let Err(error) = self.dashboard.poll() {
            self.toasts.tell(Tone::Note, format!("the curves begin at the resumed step: {error}"));
        }
        match Pending::take_from(&mut self.timeline.branching) {
            Some(Ok(recipe)) => {
                self.session.open(recipe);
                self.session.layout = Layout::Both;
                self.toasts
                    .tell(Tone::Done, "the next run goes on from this step: change what you like, then Generate");
            }
            Some(Err(error)) => self.toasts.tell(Tone::Failed, error.to_string()),
            None => {}
        }
        for happened in self.files.poll() {
            self.take_file(ctx, happened);
        }
        self.take_picture(ctx);
    }

    /// Shows the picture of the gallery that was read, if it is still the one that is wanted.
    fn take_picture(&mut self, ctx: &Context) {
        let Some(answer) = self.loading.as_ref().and_then(|(.., pending)| pending.take()) else { return };
        let Some((path, then, _)) = self.loading.take() else { return };
        match answer {
            Ok((pixels, recipe)) if self.gallery.selected.as_ref() == Some(&path) => {
                self.earlier = self.current().map(|current| current.pixels);
                (self.compared, self.timeline.at) = (None, None);
                self.stage.show_picture(ctx, Loaded { path, pixels, recipe });
                then.into_iter().for_each(|command| self.perform(ctx, command));
            }
            Ok(_) => {}
            Err(error) => self.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn take_file(&mut self, ctx: &Context, happened: Happened) {
        match happened {
            Happened::Chosen(purpose, chosen) => self.chosen(purpose, chosen),
            Happened::Opened(path, opened) => self.opened(ctx, &path, opened),
            Happened::Saved(Ok(Some(path))) => {
                self.toasts.tell(Tone::Done, format!("Saved as {}", path.display()));
            }
            Happened::Saved(Ok(None)) => {}
            Happened::Saved(Err(error)) => self.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    fn opened(&mut self, ctx: &Context, path: &std::path::Path, opened: Result<Opened>) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match opened {
            Ok(Opened::Recipe(recipe, pixels)) => {
                self.restore(&recipe, true, &name);
                if let Some(pixels) = pixels {
                    let loaded = Loaded { path: path.to_owned(), pixels, recipe: Some(*recipe) };
                    self.stage.show_picture(ctx, loaded);
                }
            }
            Ok(Opened::Picture(pixels)) => self.use_as_source(pixels, &name),
            Ok(Opened::Run(read)) => self.show_read(*read),
            Ok(Opened::Model(key)) => self.use_model(key, path, &name),
            Err(error) => self.toasts.tell(Tone::Failed, error.to_string()),
        }
    }

    /// Takes a model that was dropped, on the open panel where it has that setting.
    fn use_model(&mut self, key: &'static str, path: &std::path::Path, name: &str) {
        let Some(setting) = setting(key) else { return };
        if !self.session.recipe().experiment().is_ok_and(|experiment| experiment.reads(key)) {
            self.session.panel = "sample".to_owned();
        }
        self.set_path(key, path);
        self.toasts.say(Tone::Done, format!("{}: {name}", setting.label));
    }

    /// Puts a recipe's settings back and opens its panel; without its seed where the present one is to stay.
    pub fn restore(&mut self, recipe: &Recipe, with_seed: bool, from: &str) {
        let before = self.session.recipes.get(&recipe.experiment).map(|recipe| recipe.seed.clone());
        let mut recipe = recipe.clone();
        if let (false, Some(seed)) = (with_seed, &before) {
            recipe.seed.clone_from(seed);
        }
        self.wrong.clear();
        let other = before.as_ref().is_some_and(|seed| *seed != recipe.seed);
        self.session.open(recipe);
        self.seed_before = before;
        let toast = self.toasts.say(Tone::Done, format!("Settings restored from {from}"));
        if other {
            toast.action = Some(("Keep my seed", Command::KeepSeed));
        }
    }

    fn chosen(&mut self, purpose: Purpose, chosen: Result<Option<std::path::PathBuf>>) {
        match (purpose, chosen) {
            (Purpose::Open | Purpose::Run, Ok(Some(path))) => self.files.open(path, None, &self.background),
            (Purpose::Setting("image", _), Ok(Some(path))) => {
                self.session.recipe_mut().image = Some(Source::File(path))
            }
            (Purpose::Setting(key, _), Ok(Some(path))) => self.set_path(key, &path),
            (_, Ok(None)) => {}
            (Purpose::Open | Purpose::Run, Err(_)) => self.sheet = Some(Sheet::Path(String::new())),
            (_, Err(error)) => self.toasts.tell(Tone::Note, error.to_string()),
        }
    }

    fn set_path(&mut self, key: &str, path: &std::path::Path) {
        let recipe = self.session.recipe_mut();
        let text = path.to_string_lossy().into_owned();
        match setting(key).map(|setting| setting.key) {
            Some("model") => recipe.model = text,
            Some("stage_2") => recipe.stage_2 = text,
            Some("text_encoder") => recipe.text_encoder = text,
            Some("embeddings") => recipe.embeddings = Some(text),
            Some("mask") => recipe.mask = Some(Source::File(path.to_owned())),
            _ => {}
        }
    }

    /// Asks before the window closes on unfinished work.
    pub(super) fn guard_close(&mut self, ctx: &Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        if asked && !self.leaving && self.jobs.open().next().is_some() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.sheet = Some(Sheet::Close);
        }
    }
}
