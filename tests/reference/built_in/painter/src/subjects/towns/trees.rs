//! Trees as cards: firs with snow on their boughs, round crowns, cypresses, bare trunks.

use super::skin::snow;
use super::stage::Stage;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::Light;

/// Light on a leaf at `side` (-1 left … 1 right) and `up` (-1 … 1) of a round crown.
fn leafy(light: &Light, colour: Vec3, side: f32, up: f32) -> Vec3 {
    let front = (1.0 - side * side).max(0.0).sqrt() * 0.6;
    let direct = vec3(side, up, front).dot(light.to).max(0.0) * 0.85 + 0.12;
    colour * (light.colour * direct + light.ambient)
}

pub struct Fir {
    pub height: f32,
    /// Half width over height.
    pub wide: f32,
    pub snow: f32,
    pub colour: Vec3,
}

impl Fir {
    pub fn any(random: &mut Rng, height: f32, snow: f32, colours: &[Vec3]) -> Fir {
        Fir {
            height: height * random.range(0.65, 1.25),
            wide: random.range(0.18, 0.28),
            snow,
            colour: *random.pick(colours),
        }
    }

    pub fn paint(&self, stage: &mut Stage, canvas: &mut Canvas, foot: Vec3, random: &mut Rng) {
        let d = -foot.z;
        let base = stage.seen(foot);
        let tall = stage.metre(d) * self.height;
        let wide = tall * self.wide;
        if base.x + wide < 0.0 || base.x - wide > 1.0 || base.y - tall > 1.0 || tall * (stage.size as f32) < 2.0 {
            return;
        }
        let tiers = if tall > 0.12 { 7 } else { 5 };
        let mut left = vec![base - vec2(0.0, tall)];
        let mut right = Vec::new();
        for tier in 1..=tiers {
            let t = tier as f32 / tiers as f32;
            let y = base.y - tall * (1.0 - 0.92 * t);
            let reach = |random: &mut Rng| wide * (0.1 + 0.9 * t.powf(0.85)) * random.range(0.8, 1.1);
            let (l, r) = (reach(random), reach(random));
            let droop = tall * 0.03;
            left.push(vec2(base.x - l, y + droop * random.unit()));
            left.push(vec2(base.x - l * 0.5, y - droop));
            right.push(vec2(base.x + r, y + droop * random.unit()));
            right.push(vec2(base.x + r * 0.5, y - droop));
        }
        left.pop();
        right.pop();
        right.reverse();
        left.extend(right);
        let noise = Noise::new(random);
        let trunk = Shape::rect(base.x - wide * 0.12, base.y - tall * 0.12, base.x + wide * 0.12, base.y + tall * 0.01);
        let brown = stage.weather.lit(vec3(0.2, 0.14, 0.1));
        stage.card(canvas, &trunk, d, |_| brown);
        let (dark, white) = (self.colour, snow());
        let weather = stage.weather;
        let light = weather.light;
        stage.card(canvas, &Shape::polygon(&left), d, |p| {
            let t = clamp01((p.y - base.y + tall) / tall);
            let side = ((p.x - base.x) / (wide * (0.15 + t))).clamp(-1.0, 1.0);
            let rough = noise.at((p - base) / tall * 22.0);
            let tier = (t / 0.92 * tiers as f32 + side.abs() * 0.35).fract();
            let lightness = 0.55 + 0.35 * side * light.to.x.signum() + 0.3 * tier + 0.25 * rough;
            let load = smoothstep(1.12 - self.snow, 1.3 - self.snow, tier + 0.3 * rough + 0.25 * side * light.to.x);
            let needle = dark * lightness;
            let colour = needle.lerp(white, load);
            colour
                * (light.colour * (0.35 + 0.5 * (0.5 + 0.5 * side * light.to.x.signum()) * light.to.y) + light.ambient)
        });
    }
}

/// A round or tall crown of leaves on a trunk; `fruit` dots it.
pub fn crown(
    stage: &mut Stage,
    canvas: &mut Canvas,
    foot: Vec3,
    (height, width): (f32, f32),
    colour: Vec3,
    fruit: Option<Vec3>,
    random: &mut Rng,
) {
    let d = -foot.z;
    let base = stage.seen(foot);
    let metre = stage.metre(d);
    let (tall, half) = (metre * height, metre * width * 0.5);
    if base.x + half < 0.0 || base.x - half > 1.0 || base.y - tall > 1.0 || tall * (stage.size as f32) < 2.0 {
        return;
    }
    let up = (tall * 0.5).min(half * 1.1).max(tall * 0.36);
    let middle = base - vec2(0.0, tall - up);
    let trunk = Shape::line(&[base, middle], half * 0.22);
    let brown = stage.weather.lit(vec3(0.28, 0.2, 0.14));
    stage.card(canvas, &trunk, d, |_| brown);
    let points: Vec<Vec2> = (0..26)
        .map(|k| {
            let out = if k % 2 == 0 { random.range(0.92, 1.12) } else { random.range(0.72, 0.95) };
            middle + Vec2::from_angle(k as f32 * std::f32::consts::TAU / 26.0) * vec2(half, up) * out
        })
        .collect();
    let noise = Noise::new(random);
    let light = stage.weather.light;
    stage.card(canvas, &Shape::blob(&points), d, |p| {
        let q = (p - middle) / vec2(half, up);
        let clump = noise.fractal(q * 3.4, 3, 0.7);
        let leaf = noise.lattice((q.x * 17.0 + clump).floor() as i32, (q.y * 17.0 - clump).floor() as i32, 1);
        if let Some(fruit) = fruit
            && leaf > 0.72
        {
            return leafy(&light, fruit, q.x, 0.5 - q.y * 0.5);
        }
        leafy(
            &light,
            colour * (1.0 + 0.5 * clump + 0.22 * leaf).max(0.25),
            (q.x + 0.7 * clump).clamp(-1.0, 1.0),
            -q.y + 0.5 * clump,
        )
    });
}

/// A bare or far-crowned trunk that leaves the frame above.
pub fn trunk(
    stage: &mut Stage,
    canvas: &mut Canvas,
    foot: Vec3,
    (height, width): (f32, f32),
    bark: Vec3,
    random: &mut Rng,
) {
    let d = -foot.z;
    let (base, metre) = (stage.seen(foot), stage.metre(d));
    let half = metre * width * 0.5;
    let top = base - vec2(random.range(-0.05, 0.05) * metre * height, metre * height);
    if base.x.max(top.x) + half < 0.0 || base.x.min(top.x) - half > 1.0 {
        return;
    }
    let noise = Noise::new(random);
    let shape = Shape::polygon(&[
        base + vec2(-half * 1.25, 0.0),
        base + vec2(half * 1.25, 0.0),
        base.lerp(top, 0.2) + vec2(half, 0.0),
        top + vec2(half * 0.6, 0.0),
        top - vec2(half * 0.6, 0.0),
        base.lerp(top, 0.2) - vec2(half, 0.0),
    ]);
    let light = stage.weather.light;
    stage.card(canvas, &shape, d, |p| {
        let middle = base.x + (top.x - base.x) * (base.y - p.y) / (base.y - top.y).max(1e-3);
        let side = ((p.x - middle) / half).clamp(-1.0, 1.0);
        let rough = 1.0 + 0.3 * noise.at(vec2((p.x - middle) / half * 3.0, p.y / half * 0.6));
        bark * rough * (light.colour * (0.3 + 0.45 * side * light.to.x.signum()).max(0.06) + light.ambient)
    });
}
