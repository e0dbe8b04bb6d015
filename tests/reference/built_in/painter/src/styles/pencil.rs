//! Graphite: contours and hatching on paper.

use crate::canvas::Canvas;
use crate::random::Rng;

pub fn apply(_canvas: &mut Canvas, _random: &mut Rng) {}
