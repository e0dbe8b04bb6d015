//! What one works at in the middle of the window, beside the pictures that come of it: a mask over a picture, a
//! drawing, a picture at any noise. One file a bench; a panel says which is its own. A bench edits the recipe and
//! draws what can be known at once; whatever takes longer is a job.

mod anagram;
mod curve;
mod drawing;
mod hybrid;
mod mask;
mod noise;
mod strip;

use std::sync::Arc;

use egui::{Rect, Ui};
use image::RgbImage;

pub use anagram::AnagramBench;
pub use curve::snr_db;
pub use drawing::DrawingBench;
pub use hybrid::HybridBench;
pub use mask::MaskBench;
pub use noise::NoiseBench;

use super::commands::Command;
use super::glances::Glances;
use super::helper::Helper;
use super::panels::Ask;
use super::source::SourceView;
use super::stage::View;
use super::view_pictures::ViewPictures;
use super::widgets::canvas::Tools;
use crate::experiments::Recipe;
use crate::models::Recommendation;
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

/// Every bench's state.
#[derive(Default)]
pub struct Benches {
    /// The mask.
    pub mask: MaskBench,
    /// The drawing.
    pub drawing: DrawingBench,
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
    /// Reads and fits pictures.
    pub helper: &'a Helper,
    /// What is asked of the window.
    pub asks: &'a mut Vec<Ask>,
    /// Commands that were pressed.
    pub pending: &'a mut Vec<Command>,
    /// What the model says of itself.
    pub glances: &'a Glances,
    /// What it recommends.
    pub recommendation: &'a Recommendation,
    /// A sample picture as each view shows it.
    pub views: &'a mut ViewPictures,
    /// The picture that is shown, where the open panel made it, with its recipe.
    pub shown: Option<(Arc<RgbImage>, Recipe)>,
}

impl Benches {
    /// Draws a bench.
    pub fn ui(&mut self, ui: &mut Ui, bench: Bench, around: &mut Around<'_>) {
        match bench {
            Bench::Pictures | Bench::Training => {}
            Bench::Mask => self.mask.ui(ui, around),
            Bench::Drawing => self.drawing.ui(ui, around),
            Bench::Noise => self.moving = self.noise.ui(ui, around),
            Bench::Anagram => self.anagram.ui(ui, around),
            Bench::Hybrid => self.hybrid.ui(ui, around),
        }
    }

    /// Whether a stroke can be undone and redone there.
    pub fn can_undo(&self, bench: Bench) -> (bool, bool) {
        let (past, future, _) = match bench {
            Bench::Mask => self.mask.depth(),
            Bench::Drawing => self.drawing.depth(),
            _ => (0, 0, 0),
        };
        (past > 0, future > 0)
    }

    /// How often something was painted there since the window opened.
    pub fn strokes(&self, bench: Bench) -> usize {
        match bench {
            Bench::Mask => self.mask.strokes(),
            Bench::Drawing => self.drawing.strokes(),
            _ => 0,
        }
    }

    /// Does what a command says of the canvas.
    pub fn perform(&mut self, bench: Bench, command: Command, recipe: &mut Recipe) {
        match bench {
            Bench::Mask => self.mask.perform(command, recipe),
            Bench::Drawing => self.drawing.perform(command, recipe),
            _ => {}
        }
    }

    /// Where the canvas was in the last frame.
    pub fn place(&self, bench: Bench) -> Option<Rect> {
        match bench {
            Bench::Mask => self.mask.place(),
            Bench::Drawing => self.drawing.place(),
            _ => None,
        }
    }

    /// Whether a stroke is under way.
    pub fn is_painting(&self) -> bool {
        self.mask.is_painting() || self.drawing.is_painting()
    }

    /// Shows everything, or one pixel as one of the screen.
    pub fn look(&mut self, view: View) {
        self.mask.look(view);
        self.drawing.look(view);
    }
}
