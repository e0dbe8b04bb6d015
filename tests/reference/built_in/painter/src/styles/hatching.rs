//! Parallel lines by hand: neither quite straight nor evenly pressed.

use crate::math::{Vec2, turned, vec2};
use crate::styles::grain::Grain;

#[derive(Clone, Copy)]
pub struct Hatching {
    pub angle: f32,
    /// From line to line, a share of the picture's side.
    pub period: f32,
    /// How much the lines waver, in periods.
    pub waver: f32,
    pub noise: Grain,
}

impl Hatching {
    /// 1 on the middle of a line … 0 half-way between two; and how hard this place of the line is pressed, [0, 1].
    /// `bend` shifts the lines, in periods.
    pub fn at(&self, p: Vec2, bend: f32) -> (f32, f32) {
        let q = turned(p, self.angle);
        let row = q.y / self.period + bend + self.waver * self.noise.at(q * 6.0);
        let line = row.floor();
        let ridge = 1.0 - 2.0 * (row - line - 0.5).abs();
        let press = 0.5 + 0.5 * self.noise.at(vec2(q.x * 9.0 + 31.7 * line, line * 5.31));
        (ridge, press)
    }
}
