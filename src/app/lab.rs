//! The window's state, and the one frame that is a function of it. `egui_kittest` drives it without a window.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use egui::{Context, Ui};

use super::background::{Background, Pending};
use super::benches::{Around, Bench, Benches};
use super::commands::{Command, pressed};
use super::compare::Compared;
use super::dashboard::Dashboard;
use super::digits::Digits;
use super::downloads::Downloads;
use super::engine::Engine;
use super::files::Files;
use super::film::Films;
use super::frames::FrameTimes;
use super::gallery::Gallery;
use super::home::Home;
use super::jobs::Jobs;
use super::model_facts::ModelFacts;
use super::panels::{Ask, Panel, panel};
use super::session::Session;
use super::sheets::Sheet;
use super::source::SourceView;
use super::stage::Stage;
use super::timeline::Timeline;
use super::token_counts::TokenCounts;
use super::undo::{Deed, Settings, Undo};
use super::view_pictures::ViewPictures;
use super::widgets::toasts::{Toasts, Tone};
use super::{frame, recovery, theme};
use crate::experiments::{EXPERIMENTS, Experiment, Recipe, Source, read_recipe};
use crate::files::atomic_write;
use crate::pictures;
use crate::worker::JobId;

/// Seconds since 1970, or 0 where the clock says otherwise.
fn since_1970() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Everything that the window shows.
pub struct Lab {
    /// What outlives the window.
    pub session: Session,
    /// The queue.
    pub jobs: Jobs,
    /// Results.
    pub gallery: Gallery,
    /// The middle of the window.
    pub stage: Stage,
    /// What one works at beside it.
    pub benches: Benches,
    /// Training runs.
    pub dashboard: Dashboard,
    /// Every step of the jobs so far.
    pub films: Films,
    /// Where in them the stage is.
    pub timeline: Timeline,
    /// Two pictures under one divider.
    pub compared: Option<Compared>,
    /// The picture that was shown before this one.
    pub(super) earlier: Option<Arc<image::RgbImage>>,
    /// Tells this window's files from another's.
    pub(super) started: u64,
    pub(super) undo: Undo,
    /// Messages.
    pub toasts: Toasts,
    /// What is open above the window.
    pub sheet: Option<Sheet>,
    /// Commands to be done after this frame.
    pub pending: Vec<Command>,
    /// How long frames take.
    pub frames: FrameTimes,
    /// The same, of those in which something was painted.
    pub painting: FrameTimes,
    pub(super) home: Home,
    pub(super) engine: Box<dyn Engine>,
    pub(super) background: Background,
    pub(super) files: Files,
    /// What is known of the open panel's model.
    pub(super) model: ModelFacts,
    pub(super) tokens: TokenCounts,
    pub(super) downloads: Downloads,
    pub(super) digits: Digits,
    pub(super) source: SourceView,
    pub(super) asks: Vec<Ask>,
    pub(super) views: ViewPictures,
    pub(super) wrong: HashMap<&'static str, HashMap<&'static str, String>>,
    /// The setting that the keyboard is to go to.
    pub(super) wanted: Option<&'static str>,
    pub(super) zoom: f32,
    pub(super) under_menu: Option<PathBuf>,
    /// A picture of the gallery that is being read, and what is to be done with it then.
    pub(super) loading: Option<(PathBuf, Option<Command>, Pending<(Arc<image::RgbImage>, Option<Recipe>)>)>,
    pub(super) tidying: Option<Pending<()>>,
    pub(super) saving: Vec<((), Pending<()>)>,
    pub(super) seed_before: Option<Vec<u64>>,
    pub(super) leaving: bool,
    installed: bool,
    pub(super) saved: Session,
    pub(super) changed: Option<Instant>,
    pub(super) percent: Option<u32>,
    pub(super) was_focused: bool,
}

impl Lab {
    /// The window on the folders of `home`, with work done by `engine`. `wake` is called when there is something to
    /// see.
    pub fn new(home: Home, engine: Box<dyn Engine>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let background = Background::spawn(home.source_mark(), wake);
        let mut toasts = Toasts::default();
        let (session, tidying) = recovery::opened(&home, &background, &mut toasts);
        let mut model = ModelFacts::default();
        model.list_models(&background);
        let mut benches = Benches::default();
        for (verb, mask) in benches.masks_mut() {
            if let Some(painted) = session.painted_masks.get(verb) {
                mask.recall(painted, session.edges(verb));
            }
        }
        Self {
            gallery: Gallery::new(home.gallery(), &background),
            saved: session.clone(),
            session,
            jobs: Jobs::default(),
            stage: Stage::default(),
            benches,
            dashboard: Dashboard::default(),
            films: Films::default(),
            timeline: Timeline::default(),
            compared: None,
            earlier: None,
            started: since_1970(),
            undo: Undo::default(),
            toasts,
            sheet: None,
            pending: Vec::new(),
            frames: FrameTimes::default(),
            painting: FrameTimes::default(),
            home,
            engine,
            background,
            files: Files::default(),
            model,
            tokens: TokenCounts::default(),
            downloads: Downloads::default(),
            digits: Digits::default(),
            source: SourceView::default(),
            asks: Vec::new(),
            views: ViewPictures::default(),
            wrong: HashMap::new(),
            wanted: None,
            zoom: 1.0,
            under_menu: None,
            loading: None,
            tidying,
            saving: Vec::new(),
            seed_before: None,
            leaving: false,
            installed: false,
            changed: None,
            percent: None,
            was_focused: true,
        }
    }

    /// Whether the machine's models have been looked through.
    pub fn models_are_listed(&self) -> bool {
        self.downloads.listed.is_some()
    }

    /// Fonts, styles and options, once, before the first frame that draws.
    pub fn install(&mut self, ctx: &Context) {
        theme::install(ctx);
        ctx.options_mut(|options| {
            options.quit_shortcuts.clear();
            options.zoom_with_keyboard = false;
        });
        self.installed = true;
    }

    /// Takes in what the worker and the background said; done for a hidden window too.
    pub fn logic(&mut self, ctx: &Context) {
        if !self.installed {
            return;
        }
        self.drain_engine(ctx);
        self.poll(ctx);
        self.guard_close(ctx);
        self.model.follow(self.session.recipe(), &self.background);
        self.source.follow(self.session.recipe().image.as_ref(), &self.background);
        self.follow_hand(ctx);
        self.follow_timeline(ctx);
        self.session.painted_masks = self.benches.painted();
        self.undo.follow(ctx, &self.session);
        self.session.theme.apply(ctx);
        if ctx.zoom_factor() != self.session.scale {
            ctx.set_zoom_factor(self.session.scale);
        }
        self.relist(ctx);
        self.title(ctx);
        if self.background.mark().settle() {
            ctx.request_repaint();
        }
        self.save_soon(ctx);
    }

    /// One frame.
    pub fn ui(&mut self, ui: &mut Ui) {
        if !self.installed {
            self.install(ui.ctx());
            ui.request_repaint();
            return; // the fonts are there from the next frame on
        }
        let keys = pressed(ui.ctx(), self.sheet.is_some());
        self.pending.extend(keys);
        frame::ui(self, ui);
        if let Some(command) = self.toasts.show(ui, frame::under_toasts(self.session.side_panels)) {
            self.pending.push(command);
        }
        if let Some(sheet) = &mut self.sheet
            && let Some(done) = sheet.show(ui, &mut self.downloads, &self.background)
        {
            self.sheet = None;
            self.done(ui.ctx(), done);
        }
        if let Some(Sheet::Page(page)) = &mut self.sheet {
            page.draft.keep(&mut self.session.captions);
            page.illustrate(&mut self.gallery, &self.background);
        }
        for ask in std::mem::take(&mut self.asks) {
            match ask {
                Ask::Choose(purpose) => self.files.choose(purpose, &self.background),
                Ask::Save(name, pixels) => {
                    let write = move |path: &Path| atomic_write(path, &pictures::encode_png(&pixels, None)?);
                    self.files.save(name, self.home.exports(), &self.background, write);
                }
            }
        }
        for command in std::mem::take(&mut self.pending) {
            self.perform(ui.ctx(), command);
        }
    }

    /// Whether a job is of the open panel.
    pub(super) fn is_of_panel(&self, id: JobId) -> bool {
        self.jobs.get(id).is_some_and(|job| job.recipe.experiment == self.session.panel)
    }

    /// The open panel.
    pub fn panel(&self) -> &'static Panel {
        panel(&self.session.panel)
    }

    /// The open panel's bench.
    pub fn bench(&self) -> Bench {
        self.panel().bench
    }

    /// Draws the open panel's bench, and notes what was painted there.
    pub(super) fn bench_ui(&mut self, ui: &mut Ui) {
        let panel = self.panel();
        // The panel may have been opened within this frame: its own source, not the last panel's.
        self.source.follow(self.session.recipe().image.as_ref(), &self.background);
        self.at_bench(|lab| {
            let shown = lab.current().and_then(|current| Some((current.pixels, current.recipe?)));
            let shown = shown.filter(|(_, recipe)| recipe.experiment == lab.session.panel);
            let Self { session, benches, source, digits, background, asks, pending, views, model, .. } = lab;
            let mut edges = session.edges(panel.verb);
            let (recipe, tools) = session.parts_mut();
            let around = &mut Around {
                recipe,
                tools,
                edges: &mut edges,
                source,
                digits,
                background,
                asks,
                pending,
                model,
                views,
                shown,
            };
            benches.ui(ui, panel, around);
            session.set_edges(panel.verb, edges);
        });
    }

    /// Does something at the open panel's bench, and notes what was painted by it.
    pub(super) fn at_bench(&mut self, act: impl FnOnce(&mut Self)) {
        let verb = self.panel().verb;
        let (strokes, settings) = (self.benches.strokes(verb), Settings::of(&self.session));
        act(self);
        if self.benches.strokes(verb) > strokes {
            self.undo.settle(settings); // a setting that was changed just before is a deed of its own
            self.undo.note(Deed::Stroke(verb));
            self.undo.account(&self.session);
        }
    }

    /// Stops a job.
    pub fn cancel(&mut self, id: JobId) {
        self.jobs.cancelling(id);
        self.engine.cancel(id);
    }

    /// Shows a picture of the gallery, once it is read.
    pub fn select(&mut self, path: PathBuf) {
        self.load(path, None);
    }

    /// Does `command` with a picture of the gallery, once it is read.
    pub fn with_picture(&mut self, path: PathBuf, command: Command) {
        self.load(path, Some(command));
    }

    fn load(&mut self, path: PathBuf, then: Option<Command>) {
        self.gallery.selected = Some(path.clone());
        let (name, file) = (format!("reading {}", path.display()), path.clone());
        let read = move || Ok((Arc::new(pictures::load(&file)?), read_recipe(&file).ok()));
        self.loading = Some((path, then, self.background.run(name, read)));
    }

    /// Makes pixels the source of the open panel, or of Upscale.
    pub fn use_as_source(&mut self, pixels: Arc<image::RgbImage>, from: &str) {
        let takes = |experiment: &Experiment| experiment.reads("image");
        let open = self.session.recipe().experiment().is_ok_and(takes);
        if !open {
            match EXPERIMENTS.iter().find(|experiment| takes(experiment)) {
                Some(experiment) => self.session.panel = experiment.verb.to_owned(),
                None => return,
            }
        }
        self.session.recipe_mut().image = Some(Source::Held(pixels));
        self.toasts.say(Tone::Done, format!("The source is the picture from {from}"));
    }
}
