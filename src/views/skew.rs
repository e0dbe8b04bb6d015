//! Skewed with wrap-around: column i rolled down by trunc(factor · (i - w/2)) pixels, Visual Anagrams' map.
//!
//! At stage II every column has its own roll, so the slope is four times as fine; averaged down it agrees
//! with stage I's to the pixel that a column of stage I is wide.

use super::ViewEntry;
use super::frame::warp;
use super::permutation::{Permutation, Permuted};
use crate::spec::{Grain, Parameter};

const FACTOR: Parameter = Parameter {
    name: "factor",
    label: "Skew",
    help: "How many pixels a column is rolled down against the one to its left, -4 to 4",
    default: 1.5,
    min: -4.0,
    max: 4.0,
    grain: Grain::Number,
};

pub(super) static SKEW: ViewEntry = ViewEntry {
    name: "skew",
    label: "Skewed",
    sentence: "Each column rolled down by its distance from the middle, what leaves below coming back above",
    parameters: &[FACTOR],
    orthogonal: true,
    make: |request| {
        let (size, factor) = (request.size, request.values[0]);
        let roll = move |x: usize| (factor * (x as f64 - (size / 2) as f64)).trunc();
        let permutation =
            Permutation::new(size, |x, y| (x, (y as i64 - roll(x) as i64).rem_euclid(size as i64) as usize))?;
        Ok(Permuted::view(permutation, move |picture, amount| {
            warp(picture, |x, y| {
                let from = y + 0.5 - roll(x as usize) * amount;
                Some((x, from.rem_euclid(size as f64) - 0.5))
            })
        }))
    },
};
