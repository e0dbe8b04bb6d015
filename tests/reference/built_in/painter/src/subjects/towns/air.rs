//! What hangs in the air: smoke, falling snow, northern lights, clouds of fog in a valley, gulls.

use super::stage::Stage;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::shape::Shape;

/// Smoke that rises from a point of the world.
pub fn smoke(stage: &Stage, canvas: &mut Canvas, from: Vec3, random: &mut Rng) {
    let d = -from.z;
    let start = stage.seen(from);
    if start.x < 0.0 || start.x > 1.0 || start.y < 0.0 || start.y > 1.0 {
        return;
    }
    let tall = (stage.metre(d) * random.range(7.0, 14.0)).min(0.4);
    let drift = random.range(-0.9, 0.9) * tall;
    let noise = Noise::new(random);
    let points: Vec<Vec2> = (0..5)
        .map(|k| {
            let t = k as f32 / 4.0;
            start + vec2(drift * t * t + 0.05 * tall * (t * 9.0).sin(), -tall * t)
        })
        .collect();
    let radii: Vec<f32> = (0..5).map(|k| tall * (0.05 + 0.045 * k as f32)).collect();
    let mask = Shape::limb(&points, &radii).mask(canvas.size).soft(tall * 0.07, canvas.size);
    let tone = stage.hazy(stage.weather.lit(vec3(0.86, 0.86, 0.88)), d);
    canvas.begin(Stage::depth(d));
    canvas.glaze(&mask, |p| {
        let up = clamp01((start.y - p.y) / tall);
        let thick = 0.75 + 0.5 * noise.at((p - start) / tall * 7.0);
        (tone * (0.85 + 0.25 * thick)).extend(mix(0.85, 0.15, up) * clamp01(thick))
    });
}

/// Flakes near and far.
pub fn snowfall(canvas: &mut Canvas, random: &mut Rng, tone: Vec3) {
    let count = random.int(120, 420);
    let slant = random.range(-1.2, 1.2);
    for _ in 0..count {
        let near = random.unit();
        let radius = mix(0.003, 0.009, near * near * near);
        let at = vec2(random.unit(), random.unit());
        let size = canvas.size as f32;
        let reach = (radius * size * 1.5).ceil() as i32;
        let opacity = mix(0.5, 0.9, near);
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (x, y) = ((at.x * size) as i32 + dx, (at.y * size) as i32 + dy);
                if x < 0 || y < 0 || x >= canvas.size as i32 || y >= canvas.size as i32 {
                    continue;
                }
                let off = vec2(dx as f32 + 0.25 * slant * dy as f32, dy as f32 * 0.8).length() / (radius * size);
                let index = y as usize * canvas.size + x as usize;
                canvas.rgb[index] = canvas.rgb[index].lerp(tone, opacity * smoothstep(1.3, 0.5, off));
            }
        }
    }
}

/// Green curtains over a night sky.
pub struct Aurora {
    noise: Noise,
    low: f32,
    lean: f32,
    colour: (Vec3, Vec3),
}

impl Aurora {
    pub fn any(random: &mut Rng, horizon: f32) -> Aurora {
        let colours = [(rgb(0x40f090), rgb(0x8040c0)), (rgb(0x50e8b0), rgb(0x3060d0)), (rgb(0x80f060), rgb(0xd04080))];
        Aurora {
            noise: Noise::new(random),
            low: horizon * random.range(0.45, 0.75),
            lean: random.range(-0.3, 0.3),
            colour: *random.pick(&colours),
        }
    }

    pub fn over(&self, p: Vec2, sky: Vec3) -> Vec3 {
        let mut colour = sky;
        for band in 0..2 {
            let row = 9.0 * band as f32;
            let hem = self.low * (1.0 - 0.45 * band as f32)
                + self.lean * (p.x - 0.5)
                + 0.16 * self.noise.at(vec2(p.x * 2.5, row));
            let up = hem - p.y;
            let ray = 0.6 + 0.4 * self.noise.at(vec2(p.x * 16.0, row + 3.0));
            let bright = smoothstep(-0.03, 0.02, up) * (-up.max(0.0) / (0.08 + 0.16 * ray)).exp() * (0.55 + 0.45 * ray);
            colour += self.colour.0.lerp(self.colour.1, clamp01(up * 3.5)) * bright * 0.75;
        }
        colour
    }
}

/// Fog that lies in layers across what is far.
pub fn mist(stage: &Stage, canvas: &mut Canvas, random: &mut Rng, (near, far): (f32, f32)) {
    let noise = Noise::new(random);
    let level = stage.centre.y + random.range(-0.12, 0.12);
    let wide = random.range(0.04, 0.09);
    for y in 0..stage.size {
        for x in 0..stage.size {
            let index = y * stage.size + x;
            let behind = smoothstep(near, far, stage.far[index]);
            if behind > 0.0 && stage.far[index] < f32::MAX {
                let p = canvas.point(x, y);
                let off = p.y - level - 0.05 * noise.at(vec2(p.x * 4.0, 1.0));
                let thick = bell(off, wide) * clamp01(0.8 + 0.5 * noise.fractal(vec2(p.x * 4.0, p.y * 14.0), 2, 0.5));
                canvas.rgb[index] = canvas.rgb[index].lerp(stage.weather.sky.1 * 1.02, behind * thick * 0.9);
            }
        }
    }
}

/// A few gulls or crows.
pub fn birds(canvas: &mut Canvas, random: &mut Rng, colour: Vec3, below: f32) {
    canvas.begin(0.5);
    for _ in 0..random.int(2, 6) {
        let (at, wing) = (vec2(random.unit(), random.range(0.05, below.max(0.1))), random.range(0.012, 0.03));
        let bend = random.range(0.2, 0.7) * wing;
        let points = [
            at + vec2(-wing, -bend),
            at + vec2(-0.4 * wing, -bend),
            at,
            at + vec2(0.4 * wing, -bend),
            at + vec2(wing, -bend),
        ];
        canvas.flat(&Shape::curve(&points, wing * 0.22), colour);
    }
}
