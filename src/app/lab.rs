//! The window's state, and the one frame that is a function of it. `egui_kittest` drives it without a window.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use egui::{Context, Ui};

use super::benches::{Around, Bench, Benches};
use super::commands::{Command, pressed};
use super::compare::Compared;
use super::dashboard::Dashboard;
use super::digits::Digits;
use super::downloads::Downloads;
use super::engine::Engine;
use super::film::Films;
use super::frames::FrameTimes;
use super::gallery::Gallery;
use super::glances::Glances;
use super::helper::{Helper, Request};
use super::home::Home;
use super::jobs::Jobs;
use super::panels::{Ask, Panel, TokenCounts, panel};
use super::session::Session;
use super::sheets::Sheet;
use super::source::SourceView;
use super::stage::Stage;
use super::timeline::Timeline;
use super::undo::{Deed, Settings, Undo};
use super::view_pictures::ViewPictures;
use super::widgets::toasts::{Toasts, Tone};
use super::{frame, recovery, theme};
use crate::experiments::Recipe;
use crate::models::{ModelInfo, Recommendations, recommendations};
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
    pub(super) helper: Helper,
    pub(super) recommendations: Recommendations,
    pub(super) tokens: TokenCounts,
    pub(super) models: Vec<ModelInfo>,
    pub(super) downloads: Downloads,
    pub(super) digits: Digits,
    pub(super) source: SourceView,
    pub(super) asks: Vec<Ask>,
    pub(super) views: ViewPictures,
    pub(super) glances: Glances,
    pub(super) wrong: HashMap<&'static str, HashMap<&'static str, String>>,
    /// The setting that the keyboard is to go to.
    pub(super) wanted: Option<&'static str>,
    pub(super) zoom: f32,
    pub(super) under_menu: Option<PathBuf>,
    pub(super) after_load: Option<(PathBuf, Command)>,
    pub(super) seed_before: Option<Vec<u64>>,
    pub(super) leaving: bool,
    recommends: (String, String),
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
        let helper = Helper::spawn(home.source_mark(), wake);
        let mut toasts = Toasts::default();
        let session = recovery::opened(&home, &helper, &mut toasts);
        helper.ask(Request::Models);
        let mut benches = Benches::default();
        for (verb, mask) in benches.masks_mut() {
            if let Some(painted) = session.painted_masks.get(verb) {
                mask.recall(painted, session.edges(verb));
            }
        }
        Self {
            gallery: Gallery::new(home.gallery(), &helper),
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
            helper,
            recommendations: Recommendations::default(),
            tokens: TokenCounts::default(),
            models: Vec::new(),
            downloads: Downloads::default(),
            digits: Digits::default(),
            source: SourceView::default(),
            asks: Vec::new(),
            views: ViewPictures::default(),
            glances: Glances::default(),
            wrong: HashMap::new(),
            wanted: None,
            zoom: 1.0,
            under_menu: None,
            after_load: None,
            seed_before: None,
            leaving: false,
            recommends: Default::default(),
            installed: false,
            changed: None,
            percent: None,
            was_focused: true,
        }
    }

    /// Whether the machine's models have been looked through.
    pub fn models_are_listed(&self) -> bool {
        self.downloads.look().listed.is_some()
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

    /// Takes in what the worker and the helper said; done for a hidden window too.
    pub fn logic(&mut self, ctx: &Context) {
        if !self.installed {
            return;
        }
        self.drain_engine(ctx);
        self.drain_helper(ctx);
        self.guard_close(ctx);
        self.follow_model();
        let image = self.session.recipe().image.clone();
        self.source.follow(image.as_ref(), &self.helper);
        let recipe = self.session.recipe();
        self.glances.follow(&recipe.model_name(), &recipe.stage_2, &self.helper);
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
        if self.helper.mark().settle() {
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
            && let Some(done) = sheet.show(ui)
        {
            self.sheet = None;
            self.done(ui.ctx(), done);
        }
        if let Some(Sheet::Page(page)) = &mut self.sheet {
            page.draft.keep(&mut self.session.captions);
            page.illustrate(&mut self.gallery, &self.helper);
        }
        for ask in std::mem::take(&mut self.asks) {
            self.helper.ask(match ask {
                Ask::Choose(purpose) => Request::Choose(purpose),
                Ask::Save(name, pixels) => Request::Export(name, pixels, self.home.exports()),
            });
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
        self.source.follow(self.session.recipe().image.as_ref(), &self.helper);
        self.at_bench(|lab| {
            let shown = lab.current().and_then(|current| Some((current.pixels, current.recipe?)));
            let shown = shown.filter(|(_, recipe)| recipe.experiment == lab.session.panel);
            let Self {
                session, benches, source, digits, helper, asks, pending, views, glances, recommendations, ..
            } = lab;
            let mut edges = session.edges(panel.verb);
            let (recipe, tools) = session.parts_mut();
            let around = &mut Around {
                recipe,
                tools,
                edges: &mut edges,
                source,
                digits,
                helper,
                asks,
                pending,
                glances,
                recommendations,
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
        self.gallery.selected = Some(path.clone());
        self.helper.ask(Request::Picture(path));
    }

    /// Does `command` with a picture of the gallery, once it is read.
    pub fn with_picture(&mut self, path: PathBuf, command: Command) {
        self.after_load = Some((path.clone(), command));
        self.select(path);
    }

    /// Makes pixels the source of the open panel, or of Upscale.
    pub fn use_as_source(&mut self, pixels: Arc<image::RgbImage>, from: &str) {
        let takes = |experiment: &crate::experiments::Experiment| experiment.reads("image");
        let open = self.session.recipe().experiment().is_ok_and(takes);
        if !open {
            match crate::experiments::EXPERIMENTS.iter().find(|experiment| takes(experiment)) {
                Some(experiment) => self.session.panel = experiment.verb.to_owned(),
                None => return,
            }
        }
        self.session.recipe_mut().image = Some(crate::experiments::Source::Held(pixels));
        self.toasts.say(Tone::Done, format!("The source is the picture from {from}"));
    }

    fn follow_model(&mut self) {
        let Recipe { model, stage_2, .. } = self.session.recipe();
        if (model, stage_2) == (&self.recommends.0, &self.recommends.1) {
            return;
        }
        self.recommends = (model.clone(), stage_2.clone());
        let inside = model == "built-in" && ["auto", "none", "built-in"].contains(&stage_2.as_str());
        if inside {
            self.recommendations = recommendations(model, stage_2).unwrap_or_default();
        } else {
            // On a disk, which may take its time.
            self.recommendations = Recommendations::default();
            self.helper.ask(Request::Recommend(model.clone(), stage_2.clone()));
        }
    }

    /// Takes in what a model recommends, if it is the recipe's.
    pub(super) fn recommended(&mut self, model: &str, stage_2: &str, recommended: Recommendations) {
        if (model, stage_2) == (&self.recommends.0, &self.recommends.1) {
            self.recommendations = recommended;
        }
    }
}
