//! A lens, a film: light exposure, a little blur, grain.

use crate::canvas::Canvas;
use crate::random::Rng;

pub fn apply(_canvas: &mut Canvas, _random: &mut Rng) {}
