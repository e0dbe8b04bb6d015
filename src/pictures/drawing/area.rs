//! A rectangle of whole pixels: what a stroke touched, what undo puts back, what a texture takes anew.

use std::ops::Range;

/// Never empty; inside its drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Area {
    /// All of a drawing.
    pub fn whole(width: usize, height: usize) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    /// The pixels that touch the box from `min` to `max`, inside a drawing of that size; `None` where none do.
    pub fn around(min: [f32; 2], max: [f32; 2], (width, height): (usize, usize)) -> Option<Self> {
        let clip = |value: f32, side: usize| value.clamp(0.0, side as f32) as usize;
        let (x, y) = (clip(min[0].floor(), width), clip(min[1].floor(), height));
        let (right, bottom) = (clip(max[0].ceil(), width), clip(max[1].ceil(), height));
        (right > x && bottom > y).then(|| Self { x, y, width: right - x, height: bottom - y })
    }

    /// Both, and what lies between.
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// The same with `by` more pixels on every side, inside a drawing of that size.
    pub fn grown(self, by: usize, (width, height): (usize, usize)) -> Self {
        let (x, y) = (self.x.saturating_sub(by), self.y.saturating_sub(by));
        let right = (self.x + self.width + by).min(width);
        let bottom = (self.y + self.height + by).min(height);
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// How many pixels it has.
    pub fn len(self) -> usize {
        self.width * self.height
    }

    /// Never.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Its rows as ranges of the pixels of a drawing that is `width` wide.
    pub fn rows(self, width: usize) -> impl Iterator<Item = Range<usize>> {
        (self.y..self.y + self.height).map(move |y| y * width + self.x..y * width + self.x + self.width)
    }
}
