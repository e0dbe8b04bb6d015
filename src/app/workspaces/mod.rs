//! What one works at in the middle of the window, beside the pictures that come of it: a mask over a picture, a
//! drawing, a picture at any noise. One file a workspace; a panel says which is its own. A workspace edits the recipe and
//! draws what can be known at once; whatever takes longer is a job.

mod anagram;
mod around;
mod canvas;
mod canvas_tools;
pub mod curve;
mod drawing;
mod hybrid;
pub mod kind;
mod mask;
mod noise;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Context, Rect, Ui};
use image::RgbImage;

pub use anagram::AnagramWorkspace;
use around::Around;
use canvas::Canvas;
pub use canvas::CanvasAction;
pub use drawing::DrawingWorkspace;
pub use hybrid::HybridWorkspace;
use kind::Workspace;
pub use mask::MaskWorkspace;
pub use noise::NoiseWorkspace;

use super::form::Inspector;
use super::form::panels::PANELS;
use super::form::panels::Panel;
use super::session::Session;
use super::shared::Shared;
use super::training::digits::Digits;
use super::widgets::toasts::{Toasts, Tone};
use super::widgets::view::View;
use crate::experiments::{Recipe, Source};
use crate::worker::{JobId, What};

/// Every workspace's state. Each panel that paints has a canvas of its own: what is painted there, and its undo, are still
/// there when one comes back from another panel.
pub struct Workspaces {
    masks: BTreeMap<&'static str, MaskWorkspace>,
    drawings: BTreeMap<&'static str, DrawingWorkspace>,
    /// The noised picture.
    pub noise: NoiseWorkspace,
    /// The anagram.
    pub anagram: AnagramWorkspace,
    /// The hybrid.
    pub hybrid: HybridWorkspace,
    /// Whether a handle of the noised picture is in hand.
    moving: bool,
}

/// One workspace for each panel that has it, by the panel's verb.
fn for_each_panel<W: Default>(kind: Workspace) -> BTreeMap<&'static str, W> {
    PANELS.iter().filter(|panel| panel.workspace == kind).map(|panel| (panel.verb, W::default())).collect()
}

impl Workspaces {
    /// Every workspace, with what was painted in an earlier session.
    pub fn new(session: &Session) -> Self {
        let mut masks: BTreeMap<_, MaskWorkspace> = for_each_panel(Workspace::Mask);
        for (verb, mask) in &mut masks {
            if let Some(painted) = session.painted_masks.get(*verb) {
                mask.recall(painted, session.edges(verb));
            }
        }
        Self {
            masks,
            drawings: for_each_panel(Workspace::Drawing),
            noise: NoiseWorkspace::default(),
            anagram: AnagramWorkspace::default(),
            hybrid: HybridWorkspace::default(),
            moving: false,
        }
    }

    /// Draws the open panel's workspace; `shown` is the picture that is shown, where that panel made it.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        panel: &Panel,
        inspector: &mut Inspector,
        digits: &mut Digits,
        shown: Option<(Arc<RgbImage>, Recipe)>,
        shared: &mut Shared,
    ) {
        // The panel may have been opened within this frame: its own source, not the last panel's.
        inspector.source.follow(shared.session.recipe().source.image.as_ref(), &shared.background);
        let Inspector { source, model, views, .. } = inspector;
        let Shared { session, files, background, commands, .. } = shared;
        let mut edges = session.edges(panel.verb);
        let (recipe, tools) = session.parts_mut();
        let around = &mut Around {
            recipe,
            tools,
            edges: &mut edges,
            source,
            digits,
            model,
            views,
            background,
            files,
            commands,
            saved: None,
            shown,
        };
        self.draw(ui, panel, around);
        let saved = around.saved.take();
        session.set_edges(panel.verb, edges);
        if let Some((name, pixels)) = saved {
            shared.save_picture(name, pixels);
        }
    }

    fn draw(&mut self, ui: &mut Ui, panel: &Panel, around: &mut Around<'_>) {
        match panel.workspace {
            Workspace::Pictures | Workspace::Training | Workspace::Score => {}
            Workspace::Mask => {
                if let Some(mask) = self.masks.get_mut(panel.verb) {
                    mask.ui(ui, around);
                }
            }
            Workspace::Drawing => {
                if let Some(drawing) = self.drawings.get_mut(panel.verb) {
                    drawing.ui(ui, around);
                }
            }
            Workspace::Noise => self.moving = self.noise.ui(ui, around),
            Workspace::Anagram => self.anagram.ui(ui, around),
            Workspace::Hybrid => self.hybrid.ui(ui, around),
        }
    }

    /// Takes in what was worked out in the background.
    pub fn poll(&mut self, session: &mut Session, toasts: &mut Toasts) {
        for error in self.anagram.poll().into_iter().chain(self.hybrid.poll()) {
            toasts.tell(Tone::Note, error.to_string());
        }
        for (verb, mask) in &mut self.masks {
            match mask.poll() {
                Some(Ok(edges)) => session.set_edges(verb, edges),
                Some(Err(error)) => toasts.tell(Tone::Failed, error.to_string()),
                None => {}
            }
        }
    }

    /// Answers to a hand that moves: as soon as it lets go, a small job runs before all others, and the newest wins.
    pub fn follow_hand(&mut self, ctx: &Context, shared: &mut Shared) {
        let Some(wanted) = self.noise.wanted(ctx, shared.session.recipe(), self.moving) else { return };
        let Ok(wanted) = wanted.checked() else { return };
        self.noise.expect(shared.queue.submit_live(wanted));
    }

    /// Takes in what the worker says of a live job.
    pub fn take_event(&mut self, ctx: &Context, job: JobId, what: &What) {
        match what {
            What::Finished(summary) => self.noise.finished(ctx, job, &summary.figure),
            What::Failed(_) | What::Cancelled => self.noise.failed(job),
            _ => {}
        }
    }

    /// The mask of a panel that paints one.
    pub fn mask(&self, verb: &str) -> Option<&MaskWorkspace> {
        self.masks.get(verb)
    }

    /// The drawing of a panel that has one.
    pub fn drawing(&self, verb: &str) -> Option<&DrawingWorkspace> {
        self.drawings.get(verb)
    }

    /// What was painted as each panel's mask, before its edges were changed.
    pub fn painted(&self) -> BTreeMap<String, Source> {
        let painted = self.masks.iter().filter_map(|(verb, mask)| Some((verb, mask.painted()?)));
        painted.map(|(verb, painted)| ((*verb).to_owned(), painted.clone())).collect()
    }

    fn canvas(&self, verb: &str) -> Option<&dyn Canvas> {
        let mask = self.masks.get(verb).map(|mask| mask as &dyn Canvas);
        mask.or_else(|| self.drawings.get(verb).map(|drawing| drawing as &dyn Canvas))
    }

    fn canvas_mut(&mut self, verb: &str) -> Option<&mut dyn Canvas> {
        match self.masks.get_mut(verb) {
            Some(mask) => Some(mask),
            None => self.drawings.get_mut(verb).map(|drawing| drawing as &mut dyn Canvas),
        }
    }

    /// Whether a stroke can be undone and redone at a panel's canvas.
    pub fn can_undo(&self, verb: &str) -> (bool, bool) {
        let (past, future) = self.canvas(verb).map_or((0, 0), Canvas::depth);
        (past > 0, future > 0)
    }

    /// How often something was painted at a panel's canvas since the window opened.
    pub fn strokes(&self, verb: &str) -> usize {
        self.canvas(verb).map_or(0, Canvas::strokes)
    }

    /// Does something to a panel's canvas.
    pub fn act(&mut self, verb: &str, action: CanvasAction, recipe: &mut Recipe) {
        if let Some(canvas) = self.canvas_mut(verb) {
            canvas.act(action, recipe);
        }
    }

    /// Where a panel's canvas was in the last frame.
    pub fn place(&self, verb: &str) -> Option<Rect> {
        self.canvas(verb)?.place()
    }

    /// Whether a stroke is under way.
    pub fn is_painting(&self) -> bool {
        self.masks.values().any(Canvas::is_painting) || self.drawings.values().any(Canvas::is_painting)
    }

    /// Shows everything of a panel's canvas, or one pixel as one of the screen.
    pub fn look(&mut self, verb: &str, view: View) {
        if let Some(canvas) = self.canvas_mut(verb) {
            canvas.look(view);
        }
    }
}
