//! Squares shuffled: patches, or single pixels of stage I.
//!
//! The order is drawn for the squares, not for the pixels, so stage II's permutation is stage I's with each
//! pixel a block: their averages agree to the bit of a sum's rounding.

use std::sync::Arc;

use super::ViewEntry;
use super::permutation::{Permutation, Permuted, SEED, seeded_order};
use super::pieces::{Pieces, Placement, glide};
use super::view::Transform;
use crate::error::{Error, Result};
use crate::spec::{Grain, Parameter, Request};
use crate::tensors::Generator;

const PATCHES: Parameter = Parameter {
    name: "patches",
    label: "Patches a side",
    help: "How many patches a side is cut into, 2 to 64; it divides stage I's side",
    default: 8.0,
    min: 2.0,
    max: 64.0,
    grain: Grain::Whole,
};

const PIXELS: Parameter = Parameter {
    name: "pixels",
    label: "Pixels a side",
    help: "How many squares a side is cut into, 2 to 256; no more than stage I has pixels",
    default: 64.0,
    min: 2.0,
    max: 256.0,
    grain: Grain::Whole,
};

pub(super) static PATCH_PERMUTE: ViewEntry = ViewEntry {
    name: "patch_permute",
    label: "Shuffled patches",
    sentence: "Cut into square patches, shuffled by a seed",
    parameters: &[PATCHES, SEED],
    orthogonal: true,
    make: |request| shuffled(request, request.whole(0)),
};

pub(super) static PIXEL_PERMUTE: ViewEntry = ViewEntry {
    name: "pixel_permute",
    label: "Shuffled pixels",
    sentence: "Every pixel of stage I (a block at stage II) put elsewhere by a seed",
    parameters: &[PIXELS, SEED],
    orthogonal: true,
    make: |request| shuffled(request, request.whole(0).min(request.base)),
};

/// `count` × `count` squares in a seeded order, counted row by row: the view's square i is the picture's
/// square `order[i]`.
fn shuffled(request: &Request<'_>, count: usize) -> Result<Arc<dyn Transform>> {
    let (size, base) = (request.size, request.base);
    let side = side(size, base, count)?;
    let order = seeded_order(&mut Generator::new(request.values[1] as u64), count * count);
    let permutation = Permutation::new(size, |x, y| {
        let from = order[y / side * count + x / side];
        (from % count * side + x % side, from / count * side + y % side)
    })?;
    let centre = |square: usize, side: usize| {
        let along = |at: usize| at as f64 * side as f64 + (side as f64 - 1.0) / 2.0;
        (along(square % count), along(square / count))
    };
    let origins: Vec<(f64, f64)> = (0..count * count).map(|square| centre(square, side)).collect();
    let mut goals = origins.clone();
    for (goal, &from) in order.iter().enumerate() {
        goals[from] = origins[goal];
    }
    let pieces = Pieces::new(size, origins, |x, y| y / side * count + x / side);
    Ok(Permuted::view(permutation, move |picture, amount| {
        pieces.draw(picture, |piece| Placement {
            at: glide(pieces.origin(piece), goals[piece], amount),
            turn: 0.0,
            scale: 1.0,
        })
    }))
}

/// The side in pixels of one of `count` squares along a side; an error unless they fit stage I exactly.
pub(super) fn side(size: usize, base: usize, count: usize) -> Result<usize> {
    if base.is_multiple_of(count) {
        return Ok(size / count);
    }
    let fitting: Vec<String> = (2..=base.min(64)).filter(|&n| base.is_multiple_of(n)).map(|n| n.to_string()).collect();
    let error = Error::arguments(format!("{count} squares a side do not divide a picture of {base} px"));
    Err(if fitting.is_empty() { error } else { error.hint(format!("choose among {}", fitting.join(", "))) })
}
