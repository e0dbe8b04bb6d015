//! Quarter turns, counter-clockwise as `torch.rot90` over [h, w].

use std::f64::consts::FRAC_PI_2;
use std::sync::Arc;

use super::ViewEntry;
use super::frame::{middle, turned, warp};
use super::permutation::{Permutation, Permuted};
use super::view::Transform;
use crate::error::Result;
use crate::spec::Request;

pub(super) static ROTATE_90: ViewEntry = ViewEntry {
    name: "rotate_90",
    label: "Quarter turn",
    sentence: "Turned by 90° counter-clockwise",
    parameters: &[],
    orthogonal: true,
    make: |request| quarter_turns(request, 1),
};

pub(super) static ROTATE_180: ViewEntry = ViewEntry {
    name: "rotate_180",
    label: "Half turn",
    sentence: "Turned by 180°",
    parameters: &[],
    orthogonal: true,
    make: |request| quarter_turns(request, 2),
};

pub(super) static ROTATE_270: ViewEntry = ViewEntry {
    name: "rotate_270",
    label: "Quarter turn clockwise",
    sentence: "Turned by 270° counter-clockwise, that is by 90° clockwise",
    parameters: &[],
    orthogonal: true,
    make: |request| quarter_turns(request, 3),
};

/// `torch.rot90(x, k, (2, 3))`; on its way the picture takes the short way round.
fn quarter_turns(request: &Request<'_>, k: usize) -> Result<Arc<dyn Transform>> {
    let size = request.size;
    let permutation = Permutation::new(size, |x, y| (0..k).fold((x, y), |(x, y), _| (size - 1 - y, x)))?;
    let turn = FRAC_PI_2 * if k == 3 { -1.0 } else { k as f64 };
    let centre = (middle(size), middle(size));
    // What is turned counter-clockwise is found by turning clockwise.
    Ok(Permuted::view(permutation, move |picture, amount| {
        warp(picture, |x, y| Some(turned((x, y), centre, turn * amount)))
    }))
}
