//! What is painted on: colours, and beside them what things are and how far away, for the styles that draw contours.
//!
//! All coordinates are of the unit square, x to the right, y down: the same seed is the same composition at every size.

use crate::math::{Vec2, Vec3, Vec4, vec2};
use crate::shape::Shape;

pub struct Canvas {
    /// Pixels along a side.
    pub size: usize,
    /// Row by row; each channel in [0, 1] as it is shown (sRGB), not linear light.
    pub rgb: Vec<Vec3>,
    /// Which thing a pixel shows: contours run where it changes. Every `begin` is another thing.
    pub thing: Vec<u16>,
    /// 0 near … 1 at the horizon and beyond.
    pub depth: Vec<f32>,
    base: u16,
    current: u16,
    current_depth: f32,
}

/// Parts that a thing may have.
const PARTS: u16 = 16;

/// How much of each pixel is covered, within a rectangle of pixels.
#[derive(Clone)]
pub struct Mask {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
    /// [0, 1], row by row.
    pub cover: Vec<f32>,
}

impl Canvas {
    pub fn new(size: usize) -> Self {
        let pixels = size * size;
        Canvas {
            size,
            rgb: vec![Vec3::ZERO; pixels],
            thing: vec![0; pixels],
            depth: vec![1.0; pixels],
            base: 0,
            current: 0,
            current_depth: 1.0,
        }
    }

    /// From here on another thing is painted, at `depth` (0 near … 1 far).
    pub fn begin(&mut self, depth: f32) {
        self.base = self.base.wrapping_add(PARTS);
        self.part(0, depth);
    }

    /// From here on another part of the same thing.
    pub fn part(&mut self, part: u8, depth: f32) {
        self.current = self.base + part as u16 % PARTS;
        self.current_depth = depth;
    }

    /// The centre of a pixel.
    pub fn point(&self, x: usize, y: usize) -> Vec2 {
        vec2(x as f32 + 0.5, y as f32 + 0.5) / self.size as f32
    }

    /// The width of a pixel.
    pub fn pixel(&self) -> f32 {
        1.0 / self.size as f32
    }

    /// The colour at a point, which may be outside.
    pub fn colour(&self, p: Vec2) -> Vec3 {
        let last = self.size as f32 - 1.0;
        let at = |v: f32| (v * self.size as f32 - 0.5).round().clamp(0.0, last) as usize;
        self.rgb[at(p.y) * self.size + at(p.x)]
    }

    pub fn everywhere(&self) -> Mask {
        Mask { left: 0, top: 0, width: self.size, height: self.size, cover: vec![1.0; self.size * self.size] }
    }

    pub fn mask(&self, shape: &Shape) -> Mask {
        shape.mask(self.size)
    }

    /// The whole picture, without regard to what was there.
    pub fn cover(&mut self, colour: impl Fn(Vec2) -> Vec3) {
        let mask = self.everywhere();
        self.paint(&mask, colour);
    }

    /// `shape`, each point in its colour.
    pub fn fill(&mut self, shape: &Shape, colour: impl Fn(Vec2) -> Vec3) {
        let mask = self.mask(shape);
        self.paint(&mask, colour);
    }

    /// `shape` in one colour.
    pub fn flat(&mut self, shape: &Shape, colour: Vec3) {
        self.fill(shape, |_| colour);
    }

    /// What `mask` covers, each point in its colour.
    pub fn paint(&mut self, mask: &Mask, colour: impl Fn(Vec2) -> Vec3) {
        self.glaze(mask, |p| colour(p).extend(1.0));
    }

    /// What `mask` covers, each point in its colour and with its opacity (the fourth).
    pub fn glaze(&mut self, mask: &Mask, colour: impl Fn(Vec2) -> Vec4) {
        for row in 0..mask.height {
            for column in 0..mask.width {
                let cover = mask.cover[row * mask.width + column];
                if cover <= 0.0 {
                    continue;
                }
                let (x, y) = (mask.left + column, mask.top + row);
                let given = colour(self.point(x, y));
                self.put(x, y, given.truncate(), cover * given.w.clamp(0.0, 1.0));
            }
        }
    }

    /// One pixel of the current thing.
    pub fn put(&mut self, x: usize, y: usize, colour: Vec3, opacity: f32) {
        let index = y * self.size + x;
        self.rgb[index] = self.rgb[index].lerp(colour.clamp(Vec3::ZERO, Vec3::ONE), opacity);
        if opacity > 0.5 {
            self.thing[index] = self.current;
            self.depth[index] = self.current_depth;
        }
    }

    /// Light (above 1) or shadow (below) on what is there: every pixel that `mask` covers, times `by`.
    pub fn shade(&mut self, mask: &Mask, by: impl Fn(Vec2) -> Vec3) {
        for row in 0..mask.height {
            for column in 0..mask.width {
                let cover = mask.cover[row * mask.width + column];
                if cover > 0.0 {
                    let (x, y) = (mask.left + column, mask.top + row);
                    let index = y * self.size + x;
                    let factor = Vec3::ONE.lerp(by(self.point(x, y)), cover);
                    self.rgb[index] = (self.rgb[index] * factor).clamp(Vec3::ZERO, Vec3::ONE);
                }
            }
        }
    }

    /// Mean of `by` × `by` pixels.
    pub fn smaller(&self, by: usize) -> Vec<Vec3> {
        let size = self.size / by;
        let mean = |index: usize| {
            let (left, top) = (index % size * by, index / size * by);
            let all = (0..by * by).map(|k| self.rgb[(top + k / by) * self.size + left + k % by]).sum::<Vec3>();
            all / (by * by) as f32
        };
        (0..size * size).map(mean).collect()
    }
}

impl Mask {
    /// At a pixel of the canvas.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        let inside = x >= self.left && y >= self.top && x < self.left + self.width && y < self.top + self.height;
        if inside { self.cover[(y - self.top) * self.width + x - self.left] } else { 0.0 }
    }

    fn with(mut self, other: &Mask, combine: impl Fn(f32, f32) -> f32) -> Mask {
        for row in 0..self.height {
            for column in 0..self.width {
                let cover = &mut self.cover[row * self.width + column];
                *cover = combine(*cover, other.at(self.left + column, self.top + row));
            }
        }
        self
    }

    /// What both cover.
    pub fn and(self, other: &Mask) -> Mask {
        self.with(other, |a, b| a * b)
    }

    /// What this covers and `other` does not.
    pub fn without(self, other: &Mask) -> Mask {
        self.with(other, |a, b| a * (1.0 - b))
    }

    /// Softened by three box blurs, over about `radius` (of the unit square) on a canvas of `size` pixels.
    pub fn soft(&self, radius: f32, size: usize) -> Mask {
        let reach = (radius * size as f32 * 0.6).round() as usize;
        if reach == 0 {
            return self.clone();
        }
        let room = 3 * reach;
        let (left, top) = (self.left.saturating_sub(room), self.top.saturating_sub(room));
        let (right, bottom) = ((self.left + self.width + room).min(size), (self.top + self.height + room).min(size));
        let (width, height) = (right - left, bottom - top);
        let mut cover = vec![0.0; width * height];
        for row in 0..self.height {
            let to = (self.top - top + row) * width + self.left - left;
            cover[to..to + self.width].copy_from_slice(&self.cover[row * self.width..(row + 1) * self.width]);
        }
        for _ in 0..3 {
            box_blur(&mut cover, width, height, reach);
        }
        Mask { left, top, width, height, cover }
    }
}

/// Means over 2 `reach` + 1 pixels along rows and columns; edges are repeated.
pub fn box_blur(values: &mut [f32], width: usize, height: usize, reach: usize) {
    if width == 0 || height == 0 {
        return;
    }
    let share = 1.0 / (2 * reach + 1) as f32;
    let mut line = vec![0.0; width + 2 * reach + 1];
    for row in values.chunks_exact_mut(width) {
        line[..reach].fill(row[0]);
        line[reach..reach + width].copy_from_slice(row);
        line[reach + width..].fill(row[width - 1]);
        let mut sum: f32 = line[..2 * reach + 1].iter().sum();
        for ((value, old), new) in row.iter_mut().zip(&line).zip(&line[2 * reach + 1..]) {
            *value = sum * share;
            sum += new - old;
        }
    }
    // All columns at once, row by row.
    let rows = values.to_vec();
    let row = |k: isize| &rows[k.clamp(0, height as isize - 1) as usize * width..][..width];
    let reach = reach as isize;
    let mut sums = vec![0.0; width];
    for k in -reach..=reach {
        sums.iter_mut().zip(row(k)).for_each(|(sum, value)| *sum += value);
    }
    for (k, out) in values.chunks_exact_mut(width).enumerate() {
        let (old, new) = (row(k as isize - reach), row(k as isize + reach + 1));
        for (((value, sum), old), new) in out.iter_mut().zip(&mut sums).zip(old).zip(new) {
            *value = *sum * share;
            *sum += new - old;
        }
    }
}
