//! Land seen over its heights, column by column from near to far; lakes and the sea mirror what stands behind them.

use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, mix, vec2, vec3};
use crate::noise::Noise;

/// A point of the land: what colours it.
pub struct Spot {
    /// x and distance ahead.
    pub at: Vec2,
    pub height: f32,
    pub normal: Vec3,
    /// Finer structure than this (metres) can't be seen.
    pub grain: f32,
}

impl Spot {
    /// A flat place for textures that neither slopes nor cliffs stretch.
    pub fn unrolled(&self) -> Vec2 {
        vec2(self.at.x + 0.3 * self.height, self.at.y + 1.6 * self.height)
    }
}

/// Paints the land from distance `near` to `far`. `height` and `colour` are of x and distance ahead; what is lower than 0 is water,
/// `colour` is handed its height as it is.
pub fn paint_land(
    stage: &mut Stage,
    canvas: &mut Canvas,
    (near, far): (f32, f32),
    height: &dyn Fn(Vec2) -> f32,
    colour: &dyn Fn(&Spot) -> Vec3,
) {
    let size = stage.size;
    let steps = 120 + size / 4;
    let ratio = (far / near).powf(1.0 / steps as f32);
    let distances: Vec<f32> = (0..=steps).map(|step| near * ratio.powi(step as i32)).collect();
    let x_of = |column: usize| (column as f32 - 0.5) / size as f32;
    let heights: Vec<f32> = (0..(steps + 1) * (size + 2))
        .map(|index| {
            let (step, column) = (index / (size + 2), index % (size + 2));
            let d = distances[step];
            height(vec2(stage.across(x_of(column), d), d))
        })
        .collect();
    let at = |step: usize, column: usize| heights[step.min(steps) * (size + 2) + column];
    for x in 0..size {
        let column = x + 1;
        let mut top = size as f32;
        let mut before = size as f32 + 1.0;
        for step in 0..=steps {
            let d = distances[step];
            let raw = at(step, column);
            let y = (stage.centre.y - stage.metre(d) * (raw.max(0.0) - stage.eye.y)) * size as f32;
            if y >= top - 0.01 {
                before = y;
                continue;
            }
            let last = distances[step.max(1) - 1];
            let wide = 2.0 * d / (stage.focal * size as f32);
            let level = |step, column| at(step, column).max(0.0);
            let dx = (level(step, column + 1) - level(step, column - 1)) / wide;
            let (back, fore) = (step.max(1) - 1, (step + 1).min(steps));
            let dd = (level(fore, column) - level(back, column)) / (distances[fore] - distances[back]);
            let normal = vec3(-dx, 1.0, dd).normalize();
            let (from, to) = (y.max(0.0).ceil() as usize, top.ceil() as usize);
            for row in from..to.min(size) {
                let t = clamp01((before - row as f32) / (before - y).max(1e-3));
                let d = if step == 0 { d } else { 1.0 / mix(1.0 / last, 1.0 / d, t) };
                let raw = if step == 0 { raw } else { mix(at(step - 1, column), raw, t) };
                let spot = Spot {
                    at: vec2(stage.across(x_of(column), d), d),
                    height: raw,
                    normal: if raw < 0.0 { Vec3::Y } else { normal },
                    grain: d / (stage.focal * size as f32),
                };
                let shown = stage.lit(&Look::dull(colour(&spot)), spot.normal, d);
                canvas.part(if raw < 0.0 { 1 } else { 0 }, Stage::depth(d));
                canvas.put(x, row, shown, 1.0);
                stage.far[row * size + x] = d;
                stage.water[row * size + x] = raw < 0.0;
            }
            top = y;
            before = y;
            if top <= 0.0 {
                break;
            }
        }
    }
}

/// The sky where nothing is yet.
pub fn paint_sky(stage: &Stage, canvas: &mut Canvas, more: impl Fn(Vec2, Vec3) -> Vec3) {
    canvas.begin(1.0);
    let horizon = stage.centre.y.max(0.2);
    for y in 0..stage.size {
        for x in 0..stage.size {
            if stage.far[y * stage.size + x] == f32::MAX {
                let p = canvas.point(x, y);
                canvas.put(x, y, more(p, stage.weather.sky(p, horizon)), 1.0);
            }
        }
    }
}

/// Water shows what is above its far shore, upside down and rippled.
pub fn mirror(stage: &Stage, canvas: &mut Canvas, strength: f32, waves: f32) {
    let size = stage.size;
    let shown = canvas.rgb.clone();
    for x in 0..size {
        let mut shore = None;
        for y in 0..size {
            let index = y * size + x;
            if !stage.water[index] {
                shore = None;
                continue;
            }
            let start = *shore.get_or_insert(y);
            let p = canvas.point(x, y);
            let near = (y - start) as f32 / size as f32;
            let ripple =
                stage.noise.fractal(vec2(p.x * 14.0, 6.0 / (p.y - stage.centre.y + 0.05).max(0.03) * 3.0), 2, 0.6);
            let off = ripple * waves * (0.3 + 2.0 * near);
            let from = start as f32 - (y - start) as f32 * 0.9 - 1.0 + off * size as f32;
            let to = (x as f32 + off * 0.4 * size as f32).clamp(0.0, size as f32 - 1.0) as usize;
            // Above the frame there is more sky.
            let from = if from < 0.0 { -from * 0.3 } else { from.min(start as f32) };
            let seen = shown[(from as usize).min(size - 1) * size + to];
            let share = strength * (1.0 - 0.35 * clamp01(near * 2.0)) * (0.85 + 0.3 * ripple);
            canvas.rgb[index] = canvas.rgb[index].lerp(seen * 0.92, clamp01(share));
        }
    }
}

/// Sharp crests and broad valleys, in [0, 1].
pub fn ridged(noise: Noise, p: Vec2, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut total, mut p, mut before) = (0.0, 1.0, 0.0, p, 1.0);
    for octave in 0..octaves {
        let crest = 1.0 - noise.at(p + vec2(17.3 * octave as f32, 5.1)).abs() * 1.25;
        let crest = clamp01(crest) * clamp01(crest);
        sum += weight * crest * before;
        total += weight;
        before = clamp01(crest * 1.6);
        weight *= 0.52;
        p = vec2(1.62 * p.x + 1.22 * p.y, -1.22 * p.x + 1.62 * p.y);
    }
    sum / total
}
