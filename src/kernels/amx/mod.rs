//! Convolutions of stride 1 and linear maps in bf16 with sums in f32, by a processor's tile unit (Intel's AMX).
//!
//! Weights and inputs are rounded to bf16 (8 bits of mantissa), their products are exact and are summed in f32. No patches
//! are gathered: the input is rounded into an image with its padding around it, in which the pixels that one tap sees lie
//! evenly apart, so a tile of the unit loads them as they are. Positions in the padding are computed, too, and dropped.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[path = "absent.rs"]
mod unit;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod unit;

use pulp::bytemuck::{cast_slice, cast_slice_mut};

use super::buffer::Buffer;
use super::half::Half;
use super::matmul::check;
use super::microkernel::Start;
use super::shape::Pictures;
use super::split::{self, Shared, with_scratch};
use unit::{Block, COLUMNS, DEPTH, ROWS, Unit};

/// Positions that one task takes, a multiple of `ROWS`.
const POSITIONS: usize = 256;

/// Packed weights of a square kernel, and their geometry.
#[derive(Clone, Debug)]
pub struct Amx {
    c_in: usize,
    c_out: usize,
    kernel: usize,
    /// Multiplies what the weights make.
    factor: f32,
    /// bf16 [columns / 16][tap][channels / 32][16 pairs of channels][16 columns][2].
    values: Buffer,
}

impl Amx {
    /// Whether this processor has such a unit and the system lets it be used; asked once.
    pub fn available() -> bool {
        static ASKED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        *ASKED.get_or_init(unit::available)
    }

    /// `weight(o, i, tap)` from input channel i to output channel o, taps row by row; an odd `kernel` keeps height and
    /// width. What they make is multiplied by `factor`.
    pub fn new(
        (c_in, c_out): (usize, usize),
        kernel: usize,
        factor: f32,
        weight: impl Fn(usize, usize, usize) -> f32 + Sync,
    ) -> Self {
        assert!(kernel % 2 == 1 && Self::available());
        let (blocks, panels) = (c_in.div_ceil(DEPTH), c_out.div_ceil(COLUMNS));
        let panel = kernel * kernel * blocks * DEPTH * COLUMNS;
        let mut values = Buffer::zeros(panels * panel / 2);
        let shared = Shared::new(&mut values);
        split::run(panels, |number| {
            // SAFETY: each task has a panel of its own.
            let panel: &mut [u16] = cast_slice_mut(unsafe { shared.slice(number * panel / 2, panel / 2) });
            for (at, value) in panel.iter_mut().enumerate() {
                let (block, within) = (at / (DEPTH * COLUMNS), at % (DEPTH * COLUMNS));
                let (pair, column, which) = (within / (2 * COLUMNS), within / 2 % COLUMNS, within % 2);
                let (i, o) = (block % blocks * DEPTH + 2 * pair + which, number * COLUMNS + column);
                if i < c_in && o < c_out {
                    *value = Half::Bf16.narrow(weight(o, i, block / blocks));
                }
            }
        });
        Self { c_in, c_out, kernel, factor, values }
    }

    /// Input channels.
    pub fn c_in(&self) -> usize {
        self.c_in
    }

    /// Output channels.
    pub fn c_out(&self) -> usize {
        self.c_out
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.values.len() * 4
    }

    /// y = start + factor · x convolved, zeros around it; x is [n, h, w, c_in], y [n, h, w, c_out].
    pub fn forward(&self, x: &[f32], pictures: Pictures, start: Start, y: &mut [f32]) {
        if pictures.pixels() == 0 {
            return;
        }
        assert_eq!(x.len(), pictures.pixels() * self.c_in);
        check(start, pictures.pixels(), self.c_out, self.c_out, y.len());
        let image = Image::new(pictures, self.kernel / 2, self.c_in);
        let offsets = image.offsets(self.kernel);
        with_scratch(image.len() / 2, |scratch| {
            image.fill(x, self.c_in, scratch);
            let values: &[u16] = cast_slice(scratch);
            let (blocks, panels) = (image.positions(self.kernel).div_ceil(POSITIONS), self.c_out.div_ceil(COLUMNS));
            let tasks = split::tasks(image.positions(self.kernel) * self.c_out * offsets.len() * DEPTH / 8);
            let groups = tasks.div_ceil(blocks).min(panels);
            let y = Shared::new(y);
            split::run(blocks * groups, |task| {
                let (block, group) = (task / groups, task % groups);
                let from = block * POSITIONS;
                let positions = from..(from + POSITIONS).min(image.positions(self.kernel));
                let panels = panels * group / groups..panels * (group + 1) / groups;
                self.products(&image, values, &offsets, positions, panels, start, y);
            });
        });
    }

    /// Some positions times some panels.
    #[allow(clippy::too_many_arguments, reason = "a kernel: each is a register")]
    fn products(
        &self,
        image: &Image,
        values: &[u16],
        offsets: &[usize],
        positions: std::ops::Range<usize>,
        panels: std::ops::Range<usize>,
        start: Start,
        y: Shared,
    ) {
        let weights: &[u16] = cast_slice(&self.values);
        let panel_len = offsets.len() * DEPTH * COLUMNS;
        let mut unit = Unit::new();
        let mut block = Block::default();
        for panel in panels {
            let b = &weights[panel * panel_len..][..panel_len];
            let columns = panel * COLUMNS..((panel + 1) * COLUMNS).min(self.c_out);
            for first in positions.clone().step_by(ROWS) {
                // SAFETY: `Image::len` has room for the taps of a whole tile at every position, b for all offsets.
                unsafe { unit.product(&values[first * image.row..], image.row, offsets, b, &mut block) };
                let count = ROWS.min(positions.end - first);
                for (row, pixel) in block.rows().iter().zip(image.pixels(first, count)) {
                    let Some(pixel) = pixel else { continue };
                    let at = pixel * self.c_out + columns.start;
                    // SAFETY: tasks differ in positions or columns.
                    let y = unsafe { y.slice(at, columns.len()) };
                    let bias = start.bias.map(|bias| &bias[columns.clone()]);
                    let add = start.add.map(|(add, factor)| (&add[at..at + columns.len()], factor));
                    unit.write(row, self.factor, bias, add, y);
                }
            }
        }
    }
}

/// The input in bf16 with its padding, [n, h + 2p, w + 2p, channels to the next 32].
struct Image {
    pictures: Pictures,
    padding: usize,
    /// Numbers of a pixel.
    row: usize,
}

impl Image {
    fn new(pictures: Pictures, padding: usize, c: usize) -> Self {
        Self { pictures, padding, row: c.next_multiple_of(DEPTH) }
    }

    fn height(&self) -> usize {
        self.pictures.h + 2 * self.padding
    }

    fn width(&self) -> usize {
        self.pictures.w + 2 * self.padding
    }

    /// Numbers, with room for the tile that begins at the last position.
    fn len(&self) -> usize {
        (self.pictures.n * self.height() * self.width() + ROWS) * self.row
    }

    /// Corners at which a kernel fits into the memory of all pictures together.
    fn positions(&self, kernel: usize) -> usize {
        self.pictures.n * self.height() * self.width() - (kernel - 1) * (self.width() + 1)
    }

    /// From a corner to each 32 channels of each tap.
    fn offsets(&self, kernel: usize) -> Vec<usize> {
        let pixel = |tap: usize| (tap / kernel * self.width() + tap % kernel) * self.row;
        (0..kernel * kernel).flat_map(|tap| (0..self.row / DEPTH).map(move |b| pixel(tap) + b * DEPTH)).collect()
    }

    fn fill(&self, x: &[f32], c: usize, scratch: &mut [f32]) {
        let (Pictures { h, w, .. }, padding, across) = (self.pictures, self.padding, self.width() * self.row);
        let (rows, shared) = (self.pictures.n * self.height(), Shared::new(scratch));
        // As many rows together as make a task worth its while.
        let together = rows.div_ceil(split::tasks(rows * across * 8));
        split::run(rows.div_ceil(together), |task| {
            for number in task * together..((task + 1) * together).min(rows) {
                // SAFETY: each task has rows of its own.
                let row: &mut [u16] = cast_slice_mut(unsafe { shared.slice(number * across / 2, across / 2) });
                let (picture, top) = (number / self.height(), number % self.height());
                if !(padding..padding + h).contains(&top) {
                    row.fill(0);
                    continue;
                }
                let (left, rest) = row.split_at_mut(padding * self.row);
                let (inside, right) = rest.split_at_mut(w * self.row);
                left.fill(0);
                right.fill(0);
                let from = &x[(picture * h + top - padding) * w * c..][..w * c];
                if c == self.row {
                    unit::narrow(from, inside);
                    continue;
                }
                for (from, to) in from.chunks_exact(c).zip(inside.chunks_exact_mut(self.row)) {
                    unit::narrow(from, &mut to[..c]);
                    to[c..].fill(0);
                }
            }
        });
    }

    /// The pixels whose corners are at `count` positions from `first` on; `None` where that is in the padding.
    fn pixels(&self, first: usize, count: usize) -> impl Iterator<Item = Option<usize>> {
        let (height, width, Pictures { h, w, .. }) = (self.height(), self.width(), self.pictures);
        let (mut picture, mut y, mut x) = (first / (height * width), first / width % height, first % width);
        (0..count).map(move |_| {
            let pixel = (y < h && x < w).then_some((picture * h + y) * w + x);
            x += 1;
            if x == width {
                (x, y) = (0, y + 1);
            }
            if y == height {
                (y, picture) = (0, picture + 1);
            }
            pixel
        })
    }
}
