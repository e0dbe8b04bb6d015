//! Distances to simple things, all round the origin unless said otherwise.

use crate::math::{Vec3, clamp01, vec2, vec3};

pub fn sphere(p: Vec3, radius: f32) -> f32 {
    p.length() - radius
}

/// Not exact, but safe to step by.
pub fn ellipsoid(p: Vec3, radii: Vec3) -> f32 {
    let (a, b) = ((p / radii).length(), (p / (radii * radii)).length());
    if b < 1e-6 { -radii.min_element() } else { a * (a - 1.0) / b }
}

/// Half sizes `half`, edges rounded by `round`.
pub fn cuboid(p: Vec3, half: Vec3, round: f32) -> f32 {
    let q = p.abs() - half + round;
    q.max(Vec3::ZERO).length() + q.max_element().min(0.0) - round
}

/// From `a` to `b`, radius `ra` at `a` and `rb` at `b`.
pub fn cone(p: Vec3, a: Vec3, b: Vec3, ra: f32, rb: f32) -> f32 {
    let (pa, ba) = (p - a, b - a);
    let h = clamp01(pa.dot(ba) / ba.length_squared());
    (pa - ba * h).length() - (ra + (rb - ra) * h)
}

pub fn capsule(p: Vec3, a: Vec3, b: Vec3, radius: f32) -> f32 {
    cone(p, a, b, radius, radius)
}

/// Upright, flat ends.
pub fn cylinder(p: Vec3, radius: f32, half_height: f32, round: f32) -> f32 {
    let d = vec2(vec2(p.x, p.z).length() - radius + round, p.y.abs() - half_height + round);
    d.x.max(d.y).min(0.0) + d.max(vec2(0.0, 0.0)).length() - round
}

/// Lying flat.
pub fn torus(p: Vec3, radius: f32, thick: f32) -> f32 {
    vec2(vec2(p.x, p.z).length() - radius, p.y).length() - thick
}

/// What a turned thing has at distance `r` from the axis and height `y`: hand it a 2D distance.
pub fn lathe(p: Vec3, profile: impl Fn(f32, f32) -> f32) -> f32 {
    profile(vec2(p.x, p.z).length(), p.y)
}

/// `p` in the frame of a thing turned about y by `angle`.
pub fn about_y(p: Vec3, angle: f32) -> Vec3 {
    about_y_by(p, angle.sin_cos())
}

/// The same by the angle's sine and cosine, for distances, which are asked for often.
pub fn about_y_by(p: Vec3, (s, c): (f32, f32)) -> Vec3 {
    vec3(c * p.x - s * p.z, p.y, s * p.x + c * p.z)
}

/// About z, which points at a viewer who looks along -z.
pub fn about_z(p: Vec3, angle: f32) -> Vec3 {
    let (s, c) = angle.sin_cos();
    vec3(c * p.x + s * p.y, -s * p.x + c * p.y, p.z)
}

pub fn about_x(p: Vec3, angle: f32) -> Vec3 {
    let (s, c) = angle.sin_cos();
    vec3(p.x, c * p.y + s * p.z, -s * p.y + c * p.z)
}
