//! Winograd's transform of the weights, U = G g Gᵀ, several output channels side by side.
//!
//! Training transforms every weight twice a step, so that it is no smaller matter than the pictures' transforms.
//! In f64 and then rounded: the error of F(4×4, 3×3) is that of its sums alone.

// Loops over indices of fixed length become vectors; `array::from_fn` is not inlined and would not.
#![allow(clippy::needless_range_loop, reason = "the index names the same place in several arrays")]

use std::ops::Range;

use super::POINTS;
use crate::isa::{Kernel, Vector};

/// Output channels side by side.
const LANES: usize = 8;

type Lanes = [f64; LANES];

/// The 36 matrices of some output channels: `panel` is [point][c_in][width].
pub(super) struct Weights<'a, F> {
    /// The nine weights from input channel i to output channel o: `taps(o, i)`.
    pub taps: &'a F,
    pub columns: Range<usize>,
    pub c_in: usize,
    pub width: usize,
    pub panel: &'a mut [f32],
}

impl<F: Fn(usize, usize) -> [f32; 9]> Kernel for Weights<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, _: V) {
        let Self { taps, columns, c_in, width, panel } = self;
        assert!(columns.len() <= width && panel.len() == POINTS * c_in * width);
        for i in 0..c_in {
            for first in (0..columns.len()).step_by(LANES) {
                let count = LANES.min(columns.len() - first);
                let mut g = [[0.0; LANES]; 9];
                for lane in 0..count {
                    let nine = taps(columns.start + first + lane, i);
                    for tap in 0..9 {
                        g[tap][lane] = f64::from(nine[tap]);
                    }
                }
                let columns = [six([g[0], g[3], g[6]]), six([g[1], g[4], g[7]]), six([g[2], g[5], g[8]])];
                for y in 0..6 {
                    let row = six([columns[0][y], columns[1][y], columns[2][y]]);
                    for x in 0..6 {
                        let to = &mut panel[((6 * y + x) * c_in + i) * width + first..][..count];
                        for lane in 0..count {
                            to[lane] = row[x][lane] as f32;
                        }
                    }
                }
            }
        }
    }
}

/// G g.
#[inline(always)]
fn six(g: [Lanes; 3]) -> [Lanes; 6] {
    let mut u = [[0.0; LANES]; 6];
    for lane in 0..LANES {
        let (sum, mixed) = (g[0][lane] + g[2][lane], g[0][lane] + 4.0 * g[2][lane]);
        u[0][lane] = g[0][lane] * 0.25;
        u[1][lane] = (sum + g[1][lane]) * (-1.0 / 6.0);
        u[2][lane] = (sum - g[1][lane]) * (-1.0 / 6.0);
        u[3][lane] = (mixed + 2.0 * g[1][lane]) * (1.0 / 24.0);
        u[4][lane] = (mixed - 2.0 * g[1][lane]) * (1.0 / 24.0);
        u[5][lane] = g[2][lane];
    }
    u
}
