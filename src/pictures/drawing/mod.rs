//! Painting by hand, apart from any window: strokes with soft edges, shapes, filling, and undo by the rectangle that
//! changed. A mask is a drawing of one channel, a picture one of three.
//!
//! Positions are in pixels: pixel (0, 0) covers [0, 1) × [0, 1), its centre is (0.5, 0.5), y points down.

mod area;
mod brush;
mod document;
mod edges;
mod flood;
mod history;
mod mask;
mod shape;

pub use area::Area;
pub use brush::Brush;
pub use document::{Drawing, Ink};
pub use edges::{Edges, MAX_FEATHER, MAX_GROW};
pub use shape::Shape;

/// What is painted where: coverage from 0 to 255 of every pixel of an area, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The area.
    pub area: Area,
    /// Its pixels.
    pub values: Vec<u8>,
}
