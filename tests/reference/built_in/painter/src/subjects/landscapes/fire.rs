//! An open fire: logs, a ring of stones, flames, sparks, smoke, and the light round it.

use std::f32::consts::TAU;

use super::nature::{dab, each_pixel, glow};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::Camera;

pub struct Fire {
    /// 1 is a fire that reaches to the chest of those who sit round it.
    pub size: f32,
    pub power: f32,
    pub colour: Vec3,
    noise: Noise,
    lean: f32,
    smoke: f32,
    sparks: i32,
    ringed: bool,
}

impl Fire {
    pub fn new(random: &mut Rng, size: f32) -> Fire {
        Fire {
            size,
            power: mix(0.8, 1.3, clamp01(size - 0.5)),
            colour: vec3(1.0, random.range(0.6, 0.7), random.range(0.28, 0.42)),
            noise: Noise::new(random),
            lean: random.range(-0.25, 0.25),
            smoke: if random.chance(0.6) { random.range(0.2, 0.55) } else { 0.0 },
            sparks: random.int(6, 40),
            ringed: random.chance(0.6),
        }
    }

    /// Its place in the picture and the length of a metre there.
    fn place(&self, camera: &Camera) -> Option<(Vec2, f32)> {
        let (foot, _) = camera.seen(Vec3::ZERO)?;
        let (right, _) = camera.seen(vec3(1.0, 0.0, 0.0))?;
        Some((foot, right.x - foot.x))
    }

    /// Light in the air, over what is behind.
    pub fn glow(&self, canvas: &mut Canvas, camera: &Camera) {
        let Some((foot, metre)) = self.place(camera) else { return };
        let centre = foot - vec2(0.0, 0.4 * metre * self.size);
        glow(canvas, centre, 1.1 * metre * self.size, self.colour * vec3(0.42, 0.34, 0.24));
        self.paint_smoke(canvas, foot, metre);
    }

    pub fn paint(&self, canvas: &mut Canvas, camera: &Camera, random: &mut Rng) {
        let Some((foot, metre)) = self.place(camera) else { return };
        canvas.begin(0.3);
        if self.ringed {
            self.stones(canvas, camera, random, false);
        }
        self.logs(canvas, camera, random);
        canvas.part(1, 0.3);
        self.flames(canvas, foot, metre);
        canvas.part(2, 0.3);
        self.front_logs(canvas, foot, metre, random);
        if self.ringed {
            self.stones(canvas, camera, random, true);
        }
        self.fly(canvas, foot, metre, random);
    }

    fn stones(&self, canvas: &mut Canvas, camera: &Camera, random: &mut Rng, before: bool) {
        for k in 0..12 {
            let angle = k as f32 / 12.0 * TAU;
            let at = vec3(angle.sin(), 0.06, angle.cos()) * vec3(0.55, 1.0, 0.55);
            if (at.z > 0.0) != before {
                continue;
            }
            let Some((place, far)) = camera.seen(at) else { continue };
            let size = random.range(0.1, 0.16) / far;
            let gray = rgb(0x6a625c) * random.range(0.7, 1.1);
            let dark = if before { 0.22 } else { 0.5 };
            dab(canvas, place, vec2(size, size * 0.75), gray * dark, 1.0);
            let shine = if before { vec2(0.0, -0.45) } else { vec2(0.0, 0.1) };
            dab(canvas, place + shine * size, vec2(size * 0.7, size * 0.3), gray * self.colour * 1.5, 0.8);
        }
    }

    fn logs(&self, canvas: &mut Canvas, camera: &Camera, random: &mut Rng) {
        let turn = random.range(0.0, TAU);
        for k in 0..5 {
            let angle = turn + k as f32 * TAU / 5.0;
            let (low, high) = (vec3(angle.sin() * 0.42, 0.05, angle.cos() * 0.42), vec3(0.0, 0.34, 0.0));
            let (Some((a, far)), Some((b, _))) = (camera.seen(low * self.size), camera.seen(high * self.size)) else {
                continue;
            };
            let wide = 0.13 * self.size / far;
            canvas.flat(&Shape::line(&[a, b], wide), rgb(0x2c1810));
            canvas.flat(&Shape::line(&[a.lerp(b, 0.3), b], wide * 0.4), rgb(0xd0501c));
        }
    }

    fn front_logs(&self, canvas: &mut Canvas, foot: Vec2, metre: f32, random: &mut Rng) {
        for side in [-1.0, 1.0] {
            let (low, high) = (random.range(0.0, 0.06), random.range(0.1, 0.22));
            let a = foot + vec2(side * 0.36, 0.05 - low) * metre * self.size;
            let b = foot + vec2(-side * 0.1, -high) * metre * self.size;
            canvas.flat(&Shape::line(&[a, b], 0.1 * metre * self.size), rgb(0x1c0f0a));
            let lift = vec2(0.0, -0.03) * metre * self.size;
            canvas.flat(&Shape::line(&[a + lift, b + lift], 0.025 * metre * self.size), rgb(0xf08030));
        }
    }

    fn flames(&self, canvas: &mut Canvas, foot: Vec2, metre: f32) {
        let (half, high) = (0.44 * metre * self.size, 1.15 * metre * self.size);
        let base = foot + vec2(0.0, 0.04 * metre);
        each_pixel(canvas, base - vec2(1.6 * half, 1.25 * high), base + vec2(1.6 * half, 0.0), |canvas, x, y, p| {
            let v = (base.y - p.y) / high;
            let sway = self.lean * v * v + 0.22 * self.noise.at(vec2(3.0, v * 3.0)) * v;
            let u = (p.x - base.x) / half - sway;
            let tongues =
                self.noise.at(vec2(u * 2.3 + 9.0, v * 0.9)) + 0.6 * self.noise.at(vec2(u * 5.0, v * 1.8 + 4.0));
            let tall = (1.0 - 0.85 * u * u).max(0.0) * (0.72 + 0.42 * tongues);
            let heat = (tall - v) * 1.7;
            let wide = smoothstep(1.1, 0.75, u.abs() - 0.2 * v.min(0.5));
            let cover = smoothstep(0.0, 0.12, heat) * wide * smoothstep(-0.02, 0.05, v);
            if cover <= 0.01 {
                return;
            }
            let inner = clamp01(heat * (1.15 - 0.8 * u.abs()) + 0.15 * tongues);
            let red = rgb(0xe0421a).lerp(rgb(0xff9a24), smoothstep(0.05, 0.4, inner));
            let colour = red.lerp(rgb(0xfff0a8), smoothstep(0.35, 0.85, inner));
            canvas.put(x, y, colour, cover);
        });
    }

    fn paint_smoke(&self, canvas: &mut Canvas, foot: Vec2, metre: f32) {
        if self.smoke <= 0.0 {
            return;
        }
        let from = foot.y - 0.8 * metre * self.size;
        each_pixel(canvas, vec2(0.0, 0.0), vec2(1.0, from), |canvas, x, y, p| {
            let up = (from - p.y) / metre;
            let middle = foot.x + metre * (self.lean * up + 0.15 * self.noise.at(vec2(up * 0.9, 8.0)) * up);
            let wide = metre * (0.2 + 0.22 * up);
            let thick = bell(p.x - middle, wide) * smoothstep(0.0, 0.6, up);
            if thick < 0.03 {
                return;
            }
            let curl = 0.5 + 0.6 * self.noise.fractal(p * 7.0, 3, 0.5);
            let index = y * canvas.size + x;
            let gray = rgb(0x6c6460).lerp(self.colour, bell(up, 1.0) * 0.4) * 0.75;
            canvas.rgb[index] = canvas.rgb[index].lerp(gray, clamp01(thick * curl * self.smoke * 1.5));
        });
    }

    fn fly(&self, canvas: &mut Canvas, foot: Vec2, metre: f32, random: &mut Rng) {
        for _ in 0..self.sparks {
            let up = random.range(0.5, 2.6) * self.size;
            let off = random.normal() * 0.16 * (0.4 + up) + self.lean * up * 0.6;
            let size = random.range(0.003, 0.007);
            dab(canvas, foot + vec2(off, -up) * metre, vec2(size, size), rgb(0xffb040), random.range(0.5, 1.0));
        }
    }
}
