//! Undo and redo: of each change only the rectangle that it touched, as it was before.

use std::collections::VecDeque;

use super::Area;

/// Changes are kept until they hold this many bytes together.
const KEPT_BYTES: usize = 48 << 20;

/// A rectangle of pixels at another time.
#[derive(Clone, Debug)]
pub struct Patch<const C: usize> {
    pub area: Area,
    pub pixels: Vec<[u8; C]>,
}

impl<const C: usize> Patch<C> {
    /// The rectangle as it is in `pixels`, a drawing that is `width` wide.
    pub fn of(pixels: &[[u8; C]], width: usize, area: Area) -> Self {
        let mut kept = Vec::with_capacity(area.len());
        area.rows(width).for_each(|row| kept.extend_from_slice(&pixels[row]));
        Self { area, pixels: kept }
    }

    /// Puts the rectangle back, and keeps what was there.
    fn swap(&mut self, pixels: &mut [[u8; C]], width: usize) {
        for (row, kept) in self.area.rows(width).zip(self.pixels.chunks_exact_mut(self.area.width)) {
            pixels[row].swap_with_slice(kept);
        }
    }

    fn bytes(&self) -> usize {
        self.pixels.len() * C
    }
}

/// What can be undone and redone.
#[derive(Clone, Debug, Default)]
pub struct History<const C: usize> {
    past: VecDeque<Patch<C>>,
    future: Vec<Patch<C>>,
    bytes: usize,
}

impl<const C: usize> History<C> {
    /// Keeps how a rectangle was before a change.
    pub fn push(&mut self, patch: Patch<C>) {
        self.future.clear();
        self.bytes += patch.bytes();
        self.past.push_back(patch);
        while self.bytes > KEPT_BYTES && self.past.len() > 1 {
            self.bytes -= self.past.pop_front().map_or(0, |patch| patch.bytes());
        }
    }

    /// Takes the last change back; what it touched.
    pub fn undo(&mut self, pixels: &mut [[u8; C]], width: usize) -> Option<Area> {
        let mut patch = self.past.pop_back()?;
        self.bytes -= patch.bytes();
        patch.swap(pixels, width);
        let area = patch.area;
        self.future.push(patch);
        Some(area)
    }

    /// Makes the last change again that was taken back.
    pub fn redo(&mut self, pixels: &mut [[u8; C]], width: usize) -> Option<Area> {
        let mut patch = self.future.pop()?;
        patch.swap(pixels, width);
        self.bytes += patch.bytes();
        let area = patch.area;
        self.past.push_back(patch);
        Some(area)
    }

    /// How many changes can be undone and redone, and how many bytes they hold.
    pub fn depth(&self) -> (usize, usize, usize) {
        (self.past.len(), self.future.len(), self.bytes)
    }
}
