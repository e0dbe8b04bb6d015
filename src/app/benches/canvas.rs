//! What benches with a canvas have in common: strokes with an undo of their own, a place on the screen, a view.

use egui::Rect;

use crate::app::commands::Command;
use crate::app::stage::View;
use crate::experiments::Recipe;

/// A bench that one paints at.
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

    /// Does what a command says of the canvas; what changed goes into the recipe.
    fn perform(&mut self, command: Command, recipe: &mut Recipe);
}
