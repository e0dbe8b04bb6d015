//! Smoke, steam and flames of engines, painted flat over what is there.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, rgb, smoothstep, vec2};
use crate::noise::Noise;
use crate::shape::Shape;

pub struct Puff {
    pub at: Vec2,
    pub radius: f32,
    pub colour: Vec3,
    pub opacity: f32,
}

/// One ball of smoke, lit from `light` (a direction in the picture).
pub fn puff(canvas: &mut Canvas, puff: &Puff, light: Vec2, noise: Noise) {
    let reach = puff.radius * 1.3;
    let (a, b) = (puff.at - reach, puff.at + reach);
    let mask = canvas.mask(&Shape::rect(a.x, a.y, b.x, b.y));
    canvas.glaze(&mask, |p| {
        let q = (p - puff.at) / puff.radius;
        let ragged = q.length() + 0.25 * noise.fractal(p * 16.0, 2, 0.5);
        let shade = 0.72 + 0.34 * q.dot(light) + 0.12 * noise.at(p * 22.0);
        (puff.colour * shade).extend(puff.opacity * smoothstep(1.05, 0.8, ragged))
    });
}

/// The fire of an engine from `from` towards `to`, `wide` at its root.
pub fn jet(canvas: &mut Canvas, from: Vec2, to: Vec2, wide: f32, noise: Noise, blue: bool) {
    let axis = to - from;
    let long = axis.length().max(1e-3);
    let along = axis / long;
    let (hot, mid, cool) = if blue {
        (rgb(0xf4fcff), rgb(0x58b8ff), rgb(0x3048e0))
    } else {
        (rgb(0xfff8d8), rgb(0xffb428), rgb(0xe8441c))
    };
    let reach = long + wide;
    let mask = canvas.mask(&Shape::rect(from.x - reach, from.y - reach, from.x + reach, from.y + reach));
    canvas.begin(0.3);
    canvas.glaze(&mask, |p| {
        let off = p - from;
        let u = off.dot(along) / long;
        if !(-0.05..1.15).contains(&u) {
            return Vec3::ZERO.extend(0.0);
        }
        let v = off.dot(along.perp()) / wide;
        let wave = 0.18 * noise.fractal(vec2(u * 7.0, v * 1.5), 2, 0.5);
        let shape = (1.0 + 0.5 * (u * 5.0).min(1.0)) * (1.0 - u.max(0.0)).max(0.0).powf(0.75);
        let d = v.abs() / (shape + 1e-3) + wave;
        let heat = clamp01((1.0 - d) * 1.4) * clamp01(1.25 - u);
        let colour = cool.lerp(mid, smoothstep(0.0, 0.35, heat)).lerp(hot, smoothstep(0.35, 0.75, heat));
        colour.extend(smoothstep(1.08, 0.82, d) * smoothstep(-0.05, 0.0, u))
    });
}
