//! A mask's edges, moved and softened without touching what was painted: first grown or shrunk by a disc, then
//! feathered by a Gaussian. Both can be worked out for a rectangle alone, so that painting stays quick.

use serde::{Deserialize, Serialize};

use super::Area;

/// The most pixels that edges are moved by.
pub const MAX_GROW: i32 = 32;
/// The widest feather in pixels.
pub const MAX_FEATHER: f32 = 32.0;

/// How a mask's edges are changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edges {
    /// Pixels that it grows by; it shrinks where this is below 0.
    pub grow: i32,
    /// Pixels over which an edge fades, about; σ is half of it.
    pub feather: f32,
}

impl Edges {
    /// Whether they are left as they are.
    pub fn are_plain(self) -> bool {
        self == Self::default()
    }

    /// How far a pixel's value reaches.
    pub fn reach(self) -> usize {
        self.grow.unsigned_abs() as usize + self.taps().len() / 2
    }

    /// The mask `pixels` with its edges changed, for the pixels of `area` alone, written into `out`. Pixels beyond the
    /// border are as those at the border.
    pub fn refine(self, pixels: &[[u8; 1]], size: (usize, usize), area: Area, out: &mut [u8]) {
        let around = area.grown(self.reach(), size);
        let mut window = Window::cut(pixels, size.0, around);
        match self.grow {
            0 => {}
            grow if grow > 0 => window.dilate(grow as usize),
            shrink => {
                window.invert();
                window.dilate(shrink.unsigned_abs() as usize);
                window.invert();
            }
        }
        let taps = self.taps();
        if taps.len() > 1 {
            window.blur(&taps);
        }
        for (row, y) in area.rows(size.0).zip(area.y..) {
            let from = (y - around.y) * around.width + (area.x - around.x);
            out[row].copy_from_slice(&window.values[from..from + area.width]);
        }
    }

    /// The Gaussian's weights, an odd number.
    fn taps(self) -> Vec<f32> {
        let sigma = self.feather.clamp(0.0, MAX_FEATHER) / 2.0;
        if sigma < 0.05 {
            return vec![1.0];
        }
        let half = (3.0 * sigma).ceil() as i32;
        let raw: Vec<f32> = (-half..=half).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp()).collect();
        let sum: f32 = raw.iter().sum();
        raw.into_iter().map(|tap| tap / sum).collect()
    }
}

/// A rectangle of a mask by itself.
struct Window {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Window {
    fn cut(pixels: &[[u8; 1]], width: usize, area: Area) -> Self {
        let values = area.rows(width).flat_map(|row| pixels[row].iter().map(|pixel| pixel[0])).collect();
        Self { width: area.width, height: area.height, values }
    }

    fn invert(&mut self) {
        self.values.iter_mut().for_each(|value| *value = 255 - *value);
    }

    /// Each pixel becomes the largest within `radius`: rows widened one pixel at a time, and each width laid at the
    /// two heights where the disc is that wide.
    fn dilate(&mut self, radius: usize) {
        let (width, height) = (self.width, self.height);
        let half_width = |dy: usize| ((radius * radius - dy * dy) as f64).sqrt() as usize;
        let mut widened = self.values.clone();
        let mut largest = self.values.clone();
        let mut reached = 0;
        for dy in (0..=radius).rev() {
            while reached < half_width(dy) {
                widened = widened.chunks_exact(width).flat_map(wider).collect();
                reached += 1;
            }
            for y in 0..height {
                for from in [y.checked_sub(dy), (y + dy < height).then_some(y + dy)].into_iter().flatten() {
                    let source = &widened[from * width..(from + 1) * width];
                    let target = &mut largest[y * width..(y + 1) * width];
                    target.iter_mut().zip(source).for_each(|(a, b)| *a = (*a).max(*b));
                }
            }
        }
        self.values = largest;
    }

    fn blur(&mut self, taps: &[f32]) {
        let (width, height, half) = (self.width, self.height, taps.len() / 2);
        let mut across = vec![0.0_f32; width * height];
        let mut padded = vec![0.0_f32; width + 2 * half];
        for (row, out) in self.values.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
            padded[..half].fill(f32::from(row[0]));
            padded[half + width..].fill(f32::from(row[width - 1]));
            padded[half..half + width].iter_mut().zip(row).for_each(|(a, b)| *a = f32::from(*b));
            for (k, tap) in taps.iter().enumerate() {
                out.iter_mut().zip(&padded[k..]).for_each(|(sum, value)| *sum += tap * value);
            }
        }
        let mut sum = vec![0.0_f32; width];
        for y in 0..height {
            sum.fill(0.0);
            for (k, tap) in taps.iter().enumerate() {
                let from = (y + k).saturating_sub(half).min(height - 1) * width;
                sum.iter_mut().zip(&across[from..from + width]).for_each(|(sum, value)| *sum += tap * value);
            }
            let row = &mut self.values[y * width..(y + 1) * width];
            row.iter_mut().zip(&sum).for_each(|(value, sum)| *value = sum.round() as u8);
        }
    }
}

/// A row in which every pixel is the largest of itself and its two neighbours.
fn wider(row: &[u8]) -> impl Iterator<Item = u8> {
    let last = row.len() - 1;
    (0..row.len()).map(move |x| row[x].max(row[x.saturating_sub(1)]).max(row[(x + 1).min(last)]))
}
