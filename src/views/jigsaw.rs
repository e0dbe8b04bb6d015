//! A jigsaw puzzle put together in another order: pieces change places, turned by quarters where they must.
//!
//! Visual Anagrams' puzzle (4 × 4, drawn masks) as a formula, for any number of pieces. The pieces lie in
//! square rings about the middle. Every piece has a knob into its clockwise neighbour of the same ring, and
//! one into each neighbour of the ring within; so all corners of a ring have one shape, and so have all
//! other pieces of it, up to quarter turns. Corners change places with corners, sides with sides.
//! A knob is a disc of radius 0.15 and centre 0.1 beyond the cut, in units of a piece's side, evaluated on
//! whole numbers so that turned pieces match to the pixel. Stage II's knobs are as round as its pixels allow:
//! averaged down it agrees with stage I except along the knobs.

use std::f64::consts::FRAC_PI_2;

use super::ViewEntry;
use super::permutation::{Permutation, Permuted, SEED, seeded_order};
use super::permute::side;
use super::pieces::{Pieces, Placement, glide};
use crate::spec::{Grain, Parameter};
use crate::tensors::Generator;

const PIECES: Parameter = Parameter {
    name: "pieces",
    label: "Pieces a side",
    help: "How many pieces a side has, 2 to 16; it divides stage I's side",
    default: 4.0,
    min: 2.0,
    max: 16.0,
    grain: Grain::Whole,
};

pub(super) static JIGSAW: ViewEntry = ViewEntry {
    name: "jigsaw",
    label: "Jigsaw",
    sentence: "A jigsaw puzzle put together in another order, by a seed",
    parameters: &[PIECES, SEED],
    orthogonal: true,
    make: |request| {
        let (size, count) = (request.size, request.whole(0));
        let puzzle = Puzzle { count, side: side(size, request.base, count)? };
        let from = puzzle.shuffled(request.values[1] as u64);
        let permutation = Permutation::new(size, |x, y| puzzle.source(x, y, &from))?;
        let origins: Vec<(f64, f64)> = (0..count * count).map(|cell| puzzle.centre(cell)).collect();
        let mut goals = vec![(origins[0], 0.0); count * count];
        for (goal, &piece) in from.iter().enumerate() {
            let quarters = puzzle.quarters(piece, goal);
            let turn = FRAC_PI_2 * if quarters == 3 { -1.0 } else { f64::from(quarters) };
            goals[piece] = (origins[goal], turn);
        }
        let pieces = Pieces::new(size, origins, |x, y| puzzle.piece(x, y));
        Ok(Permuted::view(permutation, move |picture, amount| {
            pieces.draw(picture, |piece| {
                let (goal, turn) = goals[piece];
                Placement { at: glide(pieces.origin(piece), goal, amount), turn: turn * amount, scale: 1.0 }
            })
        }))
    },
};

/// `count` × `count` pieces whose cells have `side` pixels a side; a piece is named by its cell, row by row.
#[derive(Clone, Copy)]
struct Puzzle {
    count: usize,
    side: usize,
}

/// A cell by its square ring: `place` steps clockwise from the corner of side `quarter` (0 is the top).
#[derive(Clone, Copy, PartialEq)]
struct Seat {
    ring: usize,
    quarter: usize,
    place: usize,
}

impl Puzzle {
    fn seat(&self, cell: usize) -> Seat {
        let (row, column) = (cell / self.count, cell % self.count);
        let ring = row.min(column).min(self.count - 1 - row).min(self.count - 1 - column);
        let (row, column, last) = (row - ring, column - ring, self.last(ring));
        let (quarter, place) = match (row, column) {
            (0, column) if column < last || last == 0 => (0, column),
            (row, column) if column == last && row < last => (1, row),
            (row, column) if row == last && column > 0 => (2, last - column),
            (row, _) => (3, last - row),
        };
        Seat { ring, quarter, place }
    }

    fn cell(&self, Seat { ring, quarter, place }: Seat) -> usize {
        let last = self.last(ring);
        let (row, column) = match quarter {
            0 => (0, place),
            1 => (place, last),
            2 => (last, last - place),
            _ => (last - place, 0),
        };
        (row + ring) * self.count + column + ring
    }

    /// The last index along a side of a ring: as many places as each of its sides has.
    fn last(&self, ring: usize) -> usize {
        self.count - 1 - 2 * ring
    }

    /// The piece that each cell gets. Drawn from the outermost ring inwards: its corners, then its sides.
    fn shuffled(&self, seed: u64) -> Vec<usize> {
        let mut generator = Generator::new(seed);
        let mut from: Vec<usize> = (0..self.count * self.count).collect();
        for ring in 0..self.count / 2 {
            let seats = |places: std::ops::Range<usize>| -> Vec<usize> {
                let quarter = |quarter| places.clone().map(move |place| self.cell(Seat { ring, quarter, place }));
                (0..4).flat_map(quarter).collect()
            };
            for cells in [seats(0..1), seats(1..self.last(ring))] {
                for (&goal, index) in cells.iter().zip(seeded_order(&mut generator, cells.len())) {
                    from[goal] = cells[index];
                }
            }
        }
        from
    }

    /// Quarter turns clockwise that take a piece from one cell to another of its kind.
    fn quarters(&self, from: usize, to: usize) -> u8 {
        ((4 + self.seat(to).quarter - self.seat(from).quarter) % 4) as u8
    }

    /// Twice the position of a pixel against a cell's centre: whole, and symmetric under quarter turns.
    fn local(&self, x: usize, y: usize, cell: usize) -> (i64, i64) {
        let along = |at: usize, index: usize| 2 * at as i64 + 1 - ((2 * index + 1) * self.side) as i64;
        (along(x, cell % self.count), along(y, cell / self.count))
    }

    /// Whose pixel (x, y) is: the cell's, or a neighbour's whose knob is there.
    fn piece(&self, x: usize, y: usize) -> usize {
        let (column, row) = (x / self.side, y / self.side);
        let cell = row * self.count + column;
        let (dx, dy) = self.local(x, y, cell);
        let side = self.side as i64;
        for (right, down) in [(0, -1), (1, 0), (0, 1), (-1, 0)] {
            let (Some(column), Some(row)) = (column.checked_add_signed(right), row.checked_add_signed(down)) else {
                continue;
            };
            let neighbour = row * self.count + column;
            if column >= self.count || row >= self.count || !self.has_knob_into(neighbour, cell) {
                continue;
            }
            let (depth, along) = (side - dx * right as i64 - dy * down as i64, dx * down as i64 + dy * right as i64);
            if (10 * depth - 2 * side).pow(2) + (10 * along).pow(2) < (3 * side).pow(2) {
                return neighbour;
            }
        }
        cell
    }

    /// Whether of two neighbours the first has the knob.
    fn has_knob_into(&self, from: usize, to: usize) -> bool {
        let (seat, other) = (self.seat(from), self.seat(to));
        if seat.ring != other.ring {
            return seat.ring < other.ring;
        }
        let next = if seat.place + 1 < self.last(seat.ring) {
            Seat { place: seat.place + 1, ..seat }
        } else {
            Seat { quarter: (seat.quarter + 1) % 4, place: 0, ..seat }
        };
        next == other
    }

    /// The pixel of the picture that the view shows at (x, y), `from[cell]` being the piece that a cell gets.
    fn source(&self, x: usize, y: usize, from: &[usize]) -> (usize, usize) {
        let goal = self.piece(x, y);
        let piece = from[goal];
        let back = (0..self.quarters(piece, goal)).fold(self.local(x, y, goal), |(dx, dy), _| (dy, -dx));
        let along = |offset: i64, index: usize| ((offset + ((2 * index + 1) * self.side) as i64 - 1) / 2) as usize;
        (along(back.0, piece % self.count), along(back.1, piece / self.count))
    }

    fn centre(&self, cell: usize) -> (f64, f64) {
        let along = |index: usize| (index * self.side) as f64 + (self.side as f64 - 1.0) / 2.0;
        (along(cell % self.count), along(cell / self.count))
    }
}
