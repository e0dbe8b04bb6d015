//! Ink on paper: crayon grain, stipple and hatching by tone.

use crate::canvas::Canvas;
use crate::random::Rng;

pub fn apply(_canvas: &mut Canvas, _random: &mut Rng) {}
