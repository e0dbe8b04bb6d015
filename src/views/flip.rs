//! Mirrored upside down (the course's anagram) and left to right; on its way the picture folds about its axis.

use std::f64::consts::PI;

use super::ViewEntry;
use super::frame::{middle, warp};
use super::permutation::{Permutation, Permuted};

pub(super) static FLIP_VERTICAL: ViewEntry = ViewEntry {
    name: "flip_vertical",
    label: "Upside down",
    sentence: "The rows reversed: the picture upside down, mirrored",
    parameters: &[],
    orthogonal: true,
    make: |request| {
        let size = request.size;
        let permutation = Permutation::new(size, |x, y| (x, size - 1 - y))?;
        Ok(Permuted::view(permutation, move |picture, amount| {
            warp(picture, |x, y| folded(y, size, amount).map(|y| (x, y)))
        }))
    },
};

pub(super) static FLIP_HORIZONTAL: ViewEntry = ViewEntry {
    name: "flip_horizontal",
    label: "Mirrored",
    sentence: "The columns reversed: the picture in a mirror",
    parameters: &[],
    orthogonal: true,
    make: |request| {
        let size = request.size;
        let permutation = Permutation::new(size, |x, y| (size - 1 - x, y))?;
        Ok(Permuted::view(permutation, move |picture, amount| {
            warp(picture, |x, y| folded(x, size, amount).map(|x| (x, y)))
        }))
    },
};

/// Where position `at` comes from when the picture has turned by `amount` of half a turn about its axis.
fn folded(at: f64, size: usize, amount: f64) -> Option<f64> {
    let width = (PI * amount).cos();
    (width.abs() > 1e-6).then(|| middle(size) + (at - middle(size)) / width)
}
