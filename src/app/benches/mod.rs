//! What one works at in the middle of the window, beside the pictures that come of it: a mask over a picture, a
//! drawing, a picture at any noise. One file a bench; a panel says which is its own. A bench edits the recipe and
//! draws what can be known at once; whatever takes longer is a job.

mod anagram;
mod canvas;
mod curve;
mod drawing;
mod hybrid;
mod mask;
mod noise;
mod strip;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Rect, Ui};
use image::RgbImage;

pub use anagram::AnagramBench;
use canvas::Canvas;
pub use curve::snr_db;
pub use drawing::DrawingBench;
pub use hybrid::HybridBench;
pub use mask::MaskBench;
pub use noise::NoiseBench;

use super::background::Background;
use super::commands::Command;
use super::digits::Digits;
use super::model_facts::ModelFacts;
use super::panels::{Ask, PANELS, Panel};
use super::source::SourceView;
use super::stage::View;
use super::view_pictures::ViewPictures;
use super::widgets::canvas::Tools;
use crate::error::Error;
use crate::experiments::{Recipe, Source};
use crate::pictures::drawing::Edges;

/// The side of canvases, in pixels: stage II's, of which stage I's is a reduction.
pub const CANVAS: u32 = 256;

/// Which bench a panel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// None: only pictures.
    Pictures,
    /// The mask, painted on the source.
    Mask,
    /// The source, drawn or painted over.
    Drawing,
    /// The source at any noise.
    Noise,
    /// An anagram that turns.
    Anagram,
    /// A hybrid from near and far.
    Hybrid,
    /// The dashboard of training, instead of pictures.
    Training,
}

/// Every bench's state. Each panel that paints has a canvas of its own: what is painted there, and its undo, are still
/// there when one comes back from another panel.
pub struct Benches {
    masks: BTreeMap<&'static str, MaskBench>,
    drawings: BTreeMap<&'static str, DrawingBench>,
    /// The noised picture.
    pub noise: NoiseBench,
    /// The anagram.
    pub anagram: AnagramBench,
    /// The hybrid.
    pub hybrid: HybridBench,
    /// Whether a handle of the noise bench is in hand.
    pub moving: bool,
}

/// What a bench works with.
pub struct Around<'a> {
    /// The open panel's recipe.
    pub recipe: &'a mut Recipe,
    /// What is painted with.
    pub tools: &'a mut Tools,
    /// How the mask's edges are changed.
    pub edges: &'a mut Edges,
    /// The source picture.
    pub source: &'a mut SourceView,
    /// The set of digits, of which one is the source where a panel takes them.
    pub digits: &'a mut Digits,
    /// Reads and fits pictures.
    pub background: &'a Background,
    /// What is asked of the window.
    pub asks: &'a mut Vec<Ask>,
    /// Commands that were pressed.
    pub pending: &'a mut Vec<Command>,
    /// What is known of the model.
    pub model: &'a ModelFacts,
    /// A sample picture as each view shows it.
    pub views: &'a mut ViewPictures,
    /// The picture that is shown, where the open panel made it, with its recipe.
    pub shown: Option<(Arc<RgbImage>, Recipe)>,
}

/// One bench for each panel that has it, by the panel's verb.
fn for_each_panel<B: Default>(bench: Bench) -> BTreeMap<&'static str, B> {
    PANELS.iter().filter(|panel| panel.bench == bench).map(|panel| (panel.verb, B::default())).collect()
}

impl Default for Benches {
    fn default() -> Self {
        Self {
            masks: for_each_panel(Bench::Mask),
            drawings: for_each_panel(Bench::Drawing),
            noise: NoiseBench::default(),
            anagram: AnagramBench::default(),
            hybrid: HybridBench::default(),
            moving: false,
        }
    }
}

impl Benches {
    /// Draws a panel's bench.
    pub fn ui(&mut self, ui: &mut Ui, panel: &Panel, around: &mut Around<'_>) {
        match panel.bench {
            Bench::Pictures | Bench::Training => {}
            Bench::Mask => {
                if let Some(mask) = self.masks.get_mut(panel.verb) {
                    mask.ui(ui, around);
                }
            }
            Bench::Drawing => {
                if let Some(drawing) = self.drawings.get_mut(panel.verb) {
                    drawing.ui(ui, around);
                }
            }
            Bench::Noise => self.moving = self.noise.ui(ui, around),
            Bench::Anagram => self.anagram.ui(ui, around),
            Bench::Hybrid => self.hybrid.ui(ui, around),
        }
    }

    /// The mask of a panel that paints one.
    pub fn mask(&self, verb: &str) -> Option<&MaskBench> {
        self.masks.get(verb)
    }

    /// Takes in what was worked out in the background; what went wrong, and the edges of masks that were read.
    pub fn poll(&mut self) -> (Vec<Error>, Vec<(&'static str, Edges)>) {
        let (mut wrong, mut edges) = (Vec::new(), Vec::new());
        wrong.extend(self.anagram.poll());
        wrong.extend(self.hybrid.poll());
        for (verb, mask) in &mut self.masks {
            match mask.poll() {
                Some(Ok(read)) => edges.push((*verb, read)),
                Some(Err(error)) => wrong.push(error),
                None => {}
            }
        }
        (wrong, edges)
    }

    /// Every panel's mask, to edit, by the panel's verb.
    pub fn masks_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut MaskBench)> {
        self.masks.iter_mut().map(|(verb, mask)| (*verb, mask))
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

    /// Does what a command says of a panel's canvas.
    pub fn perform(&mut self, verb: &str, command: Command, recipe: &mut Recipe) {
        if let Some(canvas) = self.canvas_mut(verb) {
            canvas.perform(command, recipe);
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
