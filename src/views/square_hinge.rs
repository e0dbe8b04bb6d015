//! Squares that turn against each other by a quarter, as a hinged tiling opens and closes: those on the
//! board's dark fields clockwise, the others counter-clockwise.
//!
//! The squares are as large as fits; pixels left over to the right and below stay, as in Visual Anagrams.
//! There 256 px has squares of 85 px; here of 84, four times stage I's 21, so that the two agree exactly.

use std::f64::consts::FRAC_PI_2;

use super::ViewEntry;
use super::permutation::{Permutation, Permuted};
use super::pieces::{Pieces, Placement};
use crate::error::Error;
use crate::spec::{Grain, Parameter};

const SQUARES: Parameter = Parameter {
    name: "squares",
    label: "Squares a side",
    help: "How many squares turn along a side, 2 to 16",
    default: 3.0,
    min: 2.0,
    max: 16.0,
    grain: Grain::Whole,
};

pub(super) static SQUARE_HINGE: ViewEntry = ViewEntry {
    name: "square_hinge",
    label: "Square hinge",
    sentence: "A board of squares, each turned by 90°, neighbours against each other",
    parameters: &[SQUARES],
    orthogonal: true,
    make: |request| {
        let (size, count) = (request.size, request.whole(0));
        let side = request.base / count * request.factor();
        if side == 0 {
            let base = request.base;
            return Err(Error::arguments(format!("{count} squares a side do not fit a picture of {base} px")));
        }
        let square = move |x: usize, y: usize| {
            let (column, row) = (x / side, y / side);
            (column < count && row < count).then_some((column, row))
        };
        let permutation = Permutation::new(size, |x, y| match square(x, y) {
            None => (x, y),
            Some((column, row)) => {
                let (left, top) = (column * side, row * side);
                let (dx, dy) = (x - left, y - top);
                if is_clockwise(column, row) {
                    (left + dy, top + side - 1 - dx)
                } else {
                    (left + side - 1 - dy, top + dx)
                }
            }
        })?;
        // The last piece is what is left over.
        let middle = |index: usize| (index * side) as f64 + (side as f64 - 1.0) / 2.0;
        let mut origins: Vec<(f64, f64)> =
            (0..count * count).map(|at| (middle(at % count), middle(at / count))).collect();
        origins.push((0.0, 0.0));
        let label = |x, y| square(x, y).map_or(count * count, |(column, row)| row * count + column);
        let pieces = Pieces::new(size, origins, label);
        Ok(Permuted::view(permutation, move |picture, amount| {
            pieces.draw(picture, |piece| {
                let at = pieces.origin(piece);
                if piece == count * count {
                    return Placement { at, turn: 0.0, scale: 1.0 };
                }
                let angle = FRAC_PI_2 * amount;
                let turn = if is_clockwise(piece % count, piece / count) { angle } else { -angle };
                // Hinged squares move apart by sin + cos; shrunk by that, the board keeps its size and
                // neighbours keep a corner in common.
                Placement { at, turn, scale: 1.0 / (angle.sin() + angle.cos()) }
            })
        }))
    },
};

fn is_clockwise(column: usize, row: usize) -> bool {
    (column + row).is_multiple_of(2)
}
