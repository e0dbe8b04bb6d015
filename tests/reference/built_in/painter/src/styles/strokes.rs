//! Brush strokes: bent, rounded, streaked by their bristles; each leaves colour and a height of paint.

use crate::math::{Vec2, Vec3, clamp01, vec2};
use crate::styles::grain::Grain;

pub struct Paint {
    pub size: usize,
    pub colour: Vec<Vec3>,
    /// How thickly the paint lies, about [0, 1].
    pub height: Vec<f32>,
}

pub struct Stroke {
    /// Its middle and the direction there, of length 1.
    pub middle: Vec2,
    pub along: Vec2,
    /// Half of each, in shares of the picture's side.
    pub length: f32,
    pub width: f32,
    /// How much it turns from its middle to its end, over its length.
    pub bend: f32,
    pub colour: Vec3,
    pub opacity: f32,
    /// Tells its bristles from those of others.
    pub number: i32,
}

impl Paint {
    pub fn stroke(&mut self, stroke: &Stroke, bristles: Grain) {
        let size = self.size as f32;
        let Stroke { middle, along, length, width, bend, .. } = *stroke;
        let (sag, bend) = (bend * length, bend / length);
        let streaks: [f32; 9] = std::array::from_fn(|k| bristles.lattice(k as i32, stroke.number));
        let reach = length * along.y.abs() + (width + sag.abs()) * along.x.abs();
        for y in pixels(middle.y - reach, middle.y + reach, self.size) {
            // The part of the row that lies within the stroke's oblong.
            let dy = (y as f32 + 0.5) / size - middle.y;
            let ends = between(along.x, dy * along.y, -length, length);
            let sides = between(-along.y, dy * along.x, sag.min(0.0) - width, sag.max(0.0) + width);
            for x in pixels(middle.x + ends.0.max(sides.0), middle.x + ends.1.min(sides.1), self.size) {
                let off = (vec2(x as f32, y as f32) + 0.5) / size - middle;
                let u = off.dot(along);
                let v = off.dot(along.perp()) - bend * u * u;
                let beyond = u.abs() - length + width;
                let away = if beyond > 0.0 { (beyond * beyond + v * v).sqrt() } else { v.abs() };
                let cover = (0.5 - (away - width) * size).min(1.0);
                if cover <= 0.0 {
                    continue;
                }
                let across = (v / width).clamp(-1.0, 1.0);
                let streak = streak(&streaks, across);
                // Towards its end the brush runs dry between the bristles.
                let end = (u / length - 0.3).max(0.0);
                let opacity = cover * stroke.opacity * clamp01(1.0 + end * (2.2 * streak - 0.7));
                let index = y * self.size + x;
                self.colour[index] = self.colour[index].lerp(stroke.colour * (1.0 + 0.07 * streak), opacity);
                let ridge = 0.35 + 0.4 * across * across * across * across + 0.3 * streak;
                self.height[index] += (ridge + 0.15 * end - self.height[index]) * opacity;
            }
        }
    }
}

/// The pixels between two places, and one more on either side.
fn pixels(from: f32, to: f32, size: usize) -> std::ops::Range<usize> {
    let at = |v: f32| (v * size as f32).clamp(0.0, size as f32) as usize;
    at(from - 1.0 / size as f32)..at(to + 2.0 / size as f32)
}

/// Where `slope` x + `start` lies between `low` and `high`.
fn between(slope: f32, start: f32, low: f32, high: f32) -> (f32, f32) {
    let slope = if slope.abs() < 1e-4 { 1e-4 } else { slope };
    let (a, b) = ((low - start) / slope, (high - start) / slope);
    (a.min(b), a.max(b))
}

/// Of the bristle at `across` (-1 … 1).
fn streak(streaks: &[f32; 9], across: f32) -> f32 {
    let place = (across + 1.0) * 3.99;
    let left = place as usize;
    streaks[left] + (streaks[left + 1] - streaks[left]) * (place - left as f32)
}
