//! What workspaces with a canvas have in common: strokes with an undo of their own, a place on the screen, a view.

use egui::Rect;

use crate::app::widgets::view::View;
use crate::experiments::Recipe;

/// What is done to a canvas as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanvasAction {
    /// The last stroke is taken back.
    Undo,
    /// It is made again.
    Redo,
    /// Everything painted goes.
    Clear,
    /// What was kept is made new, and the other way round.
    Invert,
    /// An empty sheet of paper takes the picture's place.
    New,
}

/// A workspace that one paints at.
pub trait Canvas {
    /// How many strokes can be undone and redone.
    fn depth(&self) -> (usize, usize);

    /// How often something was painted since the window opened.
    fn strokes(&self) -> usize;

    /// Where the canvas was in the last frame.
    fn place(&self) -> Option<Rect>;

    /// Whether a stroke is under way.
    fn is_painting(&self) -> bool;

    /// Zoom and pan.
    fn look(&mut self, view: View);

    /// Does something to the canvas; what changed goes into the recipe.
    fn act(&mut self, action: CanvasAction, recipe: &mut Recipe);
}
