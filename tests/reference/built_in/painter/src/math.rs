//! The small functions that shading languages have.

pub use glam::{Mat2, Vec2, Vec3, Vec4, vec2, vec3};

pub fn clamp01(x: f32) -> f32 {
    x.clamp(0.0, 1.0)
}

pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 at `from`, 1 at `to` (either may be the larger), smooth between.
pub fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = clamp01((x - from) / (to - from));
    t * t * (3.0 - 2.0 * t)
}

/// The smaller of two distances, rounded over `k` where they meet (Quilez's polynomial).
pub fn smooth_min(a: f32, b: f32, k: f32) -> f32 {
    let h = k - (a - b).abs();
    if h <= 0.0 { a.min(b) } else { a.min(b) - h * h * 0.25 / k }
}

pub fn smooth_max(a: f32, b: f32, k: f32) -> f32 {
    -smooth_min(-a, -b, k)
}

/// A bell of height 1 and width `w` round 0.
pub fn bell(x: f32, w: f32) -> f32 {
    (-(x / w) * (x / w)).exp()
}

/// A colour from 0xRRGGBB, each channel in [0, 1].
pub fn rgb(hex: u32) -> Vec3 {
    vec3((hex >> 16 & 255) as f32, (hex >> 8 & 255) as f32, (hex & 255) as f32) / 255.0
}

pub fn luminance(c: Vec3) -> f32 {
    c.dot(vec3(0.299, 0.587, 0.114))
}

/// `c` with its saturation times `by`.
pub fn saturated(c: Vec3, by: f32) -> Vec3 {
    Vec3::splat(luminance(c)).lerp(c, by)
}

/// Hue in turns, saturation and value in [0, 1].
pub fn hsv(hue: f32, saturation: f32, value: f32) -> Vec3 {
    let channel = |offset: f32| {
        let k = (offset + hue.rem_euclid(1.0) * 6.0).rem_euclid(6.0);
        value * (1.0 - saturation * clamp01(k.min(4.0 - k)))
    };
    vec3(channel(5.0), channel(3.0), channel(1.0))
}

/// `p` turned by `angle` (radians, clockwise on the screen, where y points down).
pub fn turned(p: Vec2, angle: f32) -> Vec2 {
    Vec2::from_angle(angle).rotate(p)
}
