//! A drawing: its pixels, the stroke that is being made, and what can be undone.

use image::{Rgb, RgbImage};

use super::history::{History, Patch};
use super::{Area, Brush, Coverage, Shape, flood};

/// What is painted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink<const C: usize> {
    /// A colour.
    Colour([u8; C]),
    /// What the drawing began with: an eraser.
    Ground,
}

/// A stroke under way.
#[derive(Clone, Debug)]
struct Stroke<const C: usize> {
    brush: Brush,
    ink: Ink<C>,
    at: [f32; 2],
    touched: Option<Area>,
}

/// Pixels of `C` channels that can be painted on.
#[derive(Clone, Debug)]
pub struct Drawing<const C: usize> {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<[u8; C]>,
    /// The pixels without the stroke that is under way.
    settled: Vec<[u8; C]>,
    ground: Vec<[u8; C]>,
    /// How much the stroke under way covers; 0 wherever it has not been.
    cover: Vec<u8>,
    stroke: Option<Stroke<C>>,
    history: History<C>,
    changed: Option<Area>,
}

impl<const C: usize> Drawing<C> {
    /// A drawing that begins with `ground`, row by row; an error of the caller where the sizes disagree.
    pub fn new(width: usize, height: usize, ground: Vec<[u8; C]>) -> Self {
        assert!(ground.len() == width * height && !ground.is_empty(), "{} pixels", ground.len());
        Self {
            width,
            height,
            pixels: ground.clone(),
            settled: ground.clone(),
            cover: vec![0; ground.len()],
            ground,
            stroke: None,
            history: History::default(),
            changed: Some(Area::whole(width, height)),
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The pixels, row by row, with the stroke under way.
    pub fn pixels(&self) -> &[[u8; C]] {
        &self.pixels
    }

    /// The pixel under a position.
    pub fn pixel_at(&self, at: [f32; 2]) -> Option<[u8; C]> {
        let (x, y) = self.inside(at)?;
        Some(self.pixels[y * self.width + x])
    }

    fn inside(&self, at: [f32; 2]) -> Option<(usize, usize)> {
        let fits = |value: f32, side: usize| (0.0..side as f32).contains(&value).then_some(value as usize);
        Some((fits(at[0], self.width)?, fits(at[1], self.height)?))
    }

    /// What changed since this was last asked.
    pub fn take_changed(&mut self) -> Option<Area> {
        self.changed.take()
    }

    /// Whether a stroke is under way.
    pub fn is_painting(&self) -> bool {
        self.stroke.is_some()
    }

    /// Begins a stroke with a dot; one that is under way is finished first.
    pub fn begin(&mut self, brush: Brush, ink: Ink<C>, at: [f32; 2]) {
        self.finish();
        self.stroke = Some(Stroke { brush, ink, at, touched: None });
        self.extend(at);
    }

    /// Leads the stroke on to `to`. Within a stroke nothing builds up, however often it crosses itself.
    pub fn extend(&mut self, to: [f32; 2]) {
        let size = self.size();
        let Some(stroke) = &mut self.stroke else { return };
        let from = std::mem::replace(&mut stroke.at, to);
        let Some(covered) = stroke.brush.segment(from, to, size) else { return };
        let touched = stroke.touched.map_or(covered.area, |touched| touched.union(covered.area));
        stroke.touched = Some(touched);
        let ink = stroke.ink;
        self.lay(&covered, ink);
    }

    /// Paints with coverage: the more of both old and new counts.
    fn lay(&mut self, covered: &Coverage, ink: Ink<C>) {
        let rows = covered.area.rows(self.width).zip(covered.values.chunks_exact(covered.area.width));
        for (row, values) in rows {
            for (index, &value) in row.zip(values) {
                if value <= self.cover[index] {
                    continue;
                }
                self.cover[index] = value;
                let to = match ink {
                    Ink::Colour(colour) => colour,
                    Ink::Ground => self.ground[index],
                };
                self.pixels[index] = mixed(self.settled[index], to, value);
            }
        }
        self.note(covered.area);
    }

    /// Ends the stroke; true where it left anything. One stroke is one step of undo.
    pub fn finish(&mut self) -> bool {
        let Some(Stroke { touched: Some(area), .. }) = self.stroke.take() else { return false };
        self.settle(area)
    }

    /// Takes the stroke under way back.
    pub fn abandon(&mut self) {
        let Some(Stroke { touched: Some(area), .. }) = self.stroke.take() else { return };
        for row in area.rows(self.width) {
            self.pixels[row.clone()].copy_from_slice(&self.settled[row.clone()]);
            self.cover[row].fill(0);
        }
        self.note(area);
    }

    /// Makes what was painted in `area` final.
    fn settle(&mut self, area: Area) -> bool {
        area.rows(self.width).for_each(|row| self.cover[row].fill(0));
        if area.rows(self.width).all(|row| self.pixels[row.clone()] == self.settled[row]) {
            return false;
        }
        self.history.push(Patch::of(&self.settled, self.width, area));
        for row in area.rows(self.width) {
            self.settled[row.clone()].copy_from_slice(&self.pixels[row]);
        }
        true
    }

    /// Fills a shape; true where that changed anything.
    pub fn fill_shape(&mut self, shape: &Shape, ink: Ink<C>) -> bool {
        self.finish();
        let Some(covered) = shape.coverage(self.size()) else { return false };
        self.lay(&covered, ink);
        self.settle(covered.area)
    }

    /// Fills what hangs together with the pixel at `at` and differs from it by at most `tolerance`.
    pub fn fill_region(&mut self, at: [f32; 2], tolerance: u8, ink: Ink<C>) -> bool {
        self.finish();
        let Some(at) = self.inside(at) else { return false };
        let index = at.1 * self.width + at.0;
        let colour = match ink {
            Ink::Colour(colour) => colour,
            Ink::Ground => self.ground[index],
        };
        if self.pixels[index] == colour {
            return false; // or its rim would grow with every click
        }
        let covered = flood::region(&self.pixels, self.size(), at, tolerance);
        self.lay(&covered, ink);
        self.settle(covered.area)
    }

    /// Changes every pixel at once, as one step of undo.
    pub fn change_all(&mut self, change: impl Fn([u8; C]) -> [u8; C]) -> bool {
        let pixels: Vec<[u8; C]> = self.pixels.iter().map(|pixel| change(*pixel)).collect();
        self.replace(&pixels)
    }

    /// Puts back what the drawing began with, as one step of undo.
    pub fn clear(&mut self) -> bool {
        let ground = std::mem::take(&mut self.ground);
        let changed = self.replace(&ground);
        self.ground = ground;
        changed
    }

    /// Takes other pixels of the same number, as one step of undo.
    pub(super) fn replace(&mut self, pixels: &[[u8; C]]) -> bool {
        self.finish();
        self.pixels.copy_from_slice(pixels);
        let all = Area::whole(self.width, self.height);
        self.note(all);
        self.settle(all)
    }

    /// Takes the last change back.
    pub fn undo(&mut self) -> bool {
        self.finish();
        let area = self.history.undo(&mut self.pixels, self.width);
        self.went(area)
    }

    /// Makes the change again that was taken back last.
    pub fn redo(&mut self) -> bool {
        self.finish();
        let area = self.history.redo(&mut self.pixels, self.width);
        self.went(area)
    }

    fn went(&mut self, area: Option<Area>) -> bool {
        let Some(area) = area else { return false };
        for row in area.rows(self.width) {
            self.settled[row.clone()].copy_from_slice(&self.pixels[row]);
        }
        self.note(area);
        true
    }

    /// How many changes can be undone and redone, and how many bytes they hold.
    pub fn depth(&self) -> (usize, usize, usize) {
        self.history.depth()
    }

    fn note(&mut self, area: Area) {
        self.changed = Some(self.changed.map_or(area, |changed| changed.union(area)));
    }
}

impl Drawing<3> {
    /// A drawing on top of a picture.
    pub fn on(picture: &RgbImage) -> Self {
        let ground = picture.pixels().map(|pixel| pixel.0).collect();
        Self::new(picture.width() as usize, picture.height() as usize, ground)
    }

    /// Whether it looks like a picture, pixel for pixel.
    pub fn shows(&self, picture: &RgbImage) -> bool {
        picture.dimensions() == (self.width as u32, self.height as u32)
            && self.pixels.iter().zip(picture.pixels()).all(|(mine, its)| *mine == its.0)
    }

    /// The drawing as a picture.
    pub fn picture(&self) -> RgbImage {
        RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            Rgb(self.pixels[y as usize * self.width + x as usize])
        })
    }
}

/// `value`/255 of the way from one colour to another.
fn mixed<const C: usize>(from: [u8; C], to: [u8; C], value: u8) -> [u8; C] {
    let part = u32::from(value);
    std::array::from_fn(|i| ((u32::from(from[i]) * (255 - part) + u32::from(to[i]) * part + 127) / 255) as u8)
}
