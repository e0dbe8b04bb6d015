//! A bare head: skull, jaw, nose, brow, eyes in their sockets, lips, ears, the skin's colours and the marks of age.
//!
//! Its own frame: chin at y = -1, crown at 1, eyes at 0, nose towards +z.

use super::person::Person;
use super::relief::{Bounds, Surface, egg, one_over};
use crate::math::{Vec3, bell, clamp01, mix, smooth_max, smooth_min, smoothstep, vec2, vec3};
use crate::solid::distance::cone;

pub const BOUNDS: Bounds = Bounds { centre: vec3(0.0, -0.02, 0.08), radii: vec3(0.95, 1.28, 1.18) };
const EYE: Vec3 = vec3(0.28, 0.0, 0.6);

pub fn distance(person: &Person, p: Vec3) -> f32 {
    const SKULL: Vec3 = one_over(0.67, 0.73, 0.8);
    const JAW: Vec3 = one_over(0.56, 0.66, 0.56);
    const EAR: Vec3 = one_over(0.09, 0.2, 0.13);
    let p = person.grown(p);
    let q = vec3(p.x.abs(), p.y, p.z);
    let wide = person.width;
    let across = p.x / wide;
    let skull = egg(vec3(across, p.y - 0.27, p.z + 0.08), SKULL);
    let jaw = egg(vec3(across / person.jaw, p.y + 0.32, p.z - 0.13), JAW);
    let mut d = smooth_min(skull, jaw, 0.22);
    // Nothing stands out farther than this.
    if d > 0.6 {
        return d - 0.35;
    }
    let chin = (p - vec3(0.0, -0.84, 0.48)).length() - 0.17 * person.jaw;
    d = smooth_min(d, chin, 0.2);
    if q.x > 0.4 {
        let ear = egg(q - vec3(0.66 * wide, -0.06, -0.06), EAR);
        d = d.min(ear);
    }
    if p.z > 0.15 {
        let cheek = cone(q, vec3(0.36 * wide, -0.2, 0.45), vec3(0.24 * wide, -0.56, 0.44), 0.17, 0.17 * person.plump);
        d = smooth_min(d, cheek, 0.22);
        let brow = cone(q, vec3(0.0, 0.17, 0.64), vec3(0.36 * wide, 0.2, 0.5), 0.09, 0.08);
        d = smooth_min(d, brow, 0.12);
        let socket = (q - vec3(0.27, 0.01, 0.86)).length() - 0.2;
        d = smooth_max(d, -socket, 0.14);
        let ball = (q - EYE).length() - 0.115;
        d = smooth_min(d, ball, 0.03);
        let long = person.nose;
        let tip = vec3(0.0, -0.33, 0.73 + 0.18 * long);
        let bridge = cone(p, vec3(0.0, 0.12, 0.65), tip, 0.06, 0.07 + 0.045 * long);
        let wing = (q - vec3(0.08, -0.36, 0.7 + 0.08 * long)).length() - 0.06 - 0.03 * long;
        d = smooth_min(d, smooth_min(bridge, wing, 0.05), 0.07);
    }
    d
}

/// `blur`: a pixel's width, for soft edges.
pub fn surface(person: &Person, p: Vec3, blur: f32) -> Surface {
    let p = person.grown(p);
    let mut surface = Surface { gloss: 0.14, soft: 0.28, ..Surface::new(person.skin, 1) };
    let flesh = person.noise.fractal3(p * 3.0, 2, 0.5);
    surface.colour *= 1.0 + 0.07 * flesh;
    blush(person, p, &mut surface);
    if p.z > 0.1 {
        let front = smoothstep(0.1, 0.35, p.z);
        age(person, p, front, flesh, &mut surface);
        mouth(person, p, blur, &mut surface);
        brows(person, p, blur, &mut surface);
        eyes(person, p, blur, &mut surface);
    }
    stubble(person, p, &mut surface);
    surface
}

fn blush(person: &Person, p: Vec3, surface: &mut Surface) {
    let ax = p.x.abs();
    let cheeks = bell(vec2(ax - 0.4, p.y + 0.24).length(), 0.2) * smoothstep(0.1, 0.4, p.z);
    let nose = bell((p - vec3(0.0, -0.33, 0.92)).length(), 0.17);
    let ears = smoothstep(0.6, 0.75, ax);
    let red = clamp01(0.55 * cheeks + 0.6 * nose + 0.6 * ears) * person.ruddy;
    surface.colour = surface.colour.lerp(surface.colour * vec3(1.06, 0.72, 0.68), red);
    let nostril = bell((vec3(ax, p.y, p.z) - vec3(0.075, -0.445, 0.8)).length(), 0.05);
    surface.colour *= 1.0 - 0.8 * nostril.min(1.0);
}

/// Furrows on the brow, folds from nose to mouth, bags and feet at the eyes, hollow cheeks, spots.
fn age(person: &Person, p: Vec3, front: f32, flesh: f32, surface: &mut Surface) {
    let (ax, old) = (p.x.abs(), person.wrinkles * front);
    let fold =
        bell(ax - (0.17 + 0.32 * (-0.3 - p.y)), 0.035) * smoothstep(-0.2, -0.36, p.y) * smoothstep(-0.86, -0.66, p.y);
    let bag = bell(vec2((ax - 0.28) / 1.6, p.y + 0.155 - 0.3 * (ax - 0.28).powi(2)).length(), 0.035);
    if old < 0.02 {
        surface.lift -= 0.003 * fold * front;
        return;
    }
    let wave = p.y * 46.0 + 7.0 * p.x * p.x + 3.0 * flesh;
    let furrow = wave.sin().max(0.0).powi(2) * bell(p.y - 0.5, 0.15) * smoothstep(0.5, 0.3, ax);
    let feet = ((p.y - 0.02) * 34.0 + 5.0 * ax).sin().max(0.0) * bell(ax - 0.53, 0.09) * bell(p.y, 0.13);
    let frown = bell(ax - 0.05, 0.02) * bell(p.y - 0.2, 0.09);
    let hollow = bell(vec2(ax - 0.4, p.y + 0.52).length(), 0.15);
    let line = clamp01(fold + 0.8 * bag + 0.75 * furrow + 0.8 * feet + 0.7 * frown);
    surface.lift -= old * (0.035 * line + 0.05 * hollow - 0.02 * flesh);
    surface.colour *= 1.0 - old * (0.42 * line + 0.1 * hollow);
    surface.colour *= 1.0 - 0.12 * old * smoothstep(0.35, 0.6, flesh);
}

fn mouth(person: &Person, p: Vec3, blur: f32, surface: &mut Surface) {
    let half = person.mouth + 0.05 * person.smile.max(0.0);
    let across = p.x / half;
    if across.abs() > 1.25 || (p.y + 0.62).abs() > 0.25 {
        return;
    }
    let y = p.y + 0.62 - person.smile * 0.09 * (across * across - 0.4);
    let within = smoothstep(1.1, 0.8, across.abs());
    let taper = (1.0 - across * across).max(0.0).sqrt();
    let gap = person.open * taper;
    let full = person.lips;
    let (gap, below) = (0.4 * gap, 1.5 * gap);
    let upper = smoothstep(-blur, blur, y - gap) * smoothstep(blur, -blur, y - gap - 0.055 * full * taper);
    let lower = smoothstep(blur, -blur, y + below) * smoothstep(-blur, blur, y + below + 0.075 * full * taper);
    let lip = clamp01(upper + lower) * within;
    surface.colour = surface.colour.lerp(person.lip_colour * mix(0.78, 1.0, lower), 0.85 * lip);
    surface.lift += 0.045 * full * (bell(y - 0.03 - gap, 0.03) + bell(y + 0.045 + below, 0.035)) * within * taper;
    let line = if below > 0.01 { 0.0 } else { bell(y, 0.016 + 0.6 * blur) * within };
    surface.colour *= 1.0 - 0.72 * line;
    surface.lift -= 0.03 * line + 0.02 * bell(y + 0.14, 0.035) * within;
    if below > 0.01 {
        let inside = smoothstep(blur, -blur, y - gap) * smoothstep(-blur, blur, y + below) * within;
        let teeth = mix(0.8, 0.14, smoothstep(-0.4 * below, -0.75 * below, y));
        surface.colour = surface.colour.lerp(vec3(1.0, 0.93, 0.84) * teeth, inside);
    }
    if lip > 0.5 {
        (surface.part, surface.gloss) = (3, 0.2);
    }
}

fn brows(person: &Person, p: Vec3, blur: f32, surface: &mut Surface) {
    let ax = p.x.abs() - 0.28;
    if ax.abs() > 0.26 || p.y < 0.05 || p.y > 0.42 {
        return;
    }
    let arch = 0.185 + person.brow_lift + person.frown * ax - 0.9 * ax * ax;
    let thick = person.brows * (1.0 - 0.9 * (ax + 0.1).max(0.0));
    let cover = bell(p.y - arch, thick + 0.4 * blur) * smoothstep(0.25, 0.17, ax.abs());
    let hairs = 1.0 + 0.3 * (p.x * 60.0 + p.y * 25.0).sin();
    surface.colour = surface.colour.lerp(person.brow_colour * hairs, 0.9 * cover);
    surface.lift += cover * person.brows * 0.7;
    if cover > 0.5 {
        surface.part = 4;
    }
}

fn eyes(person: &Person, p: Vec3, blur: f32, surface: &mut Surface) {
    let side = p.x.signum();
    let across = (p.x.abs() - 0.28) / 0.155;
    if across.abs() > 1.7 || p.y.abs() > 0.2 {
        return;
    }
    let shade = bell(across, 1.0) * bell(p.y - 0.04, 0.11);
    surface.colour *= 1.0 - 0.22 * shade;
    let arc = (1.0 - across * across).max(0.0);
    let y = p.y + 0.015 - 0.02 * across;
    let (top, low) = (person.eyes * arc, -0.55 * person.eyes * arc);
    let inside =
        smoothstep(blur, -blur, y - top) * smoothstep(-blur, blur, y - low) * smoothstep(1.0, 0.9, across.abs());
    let at = vec2(p.x.abs() - 0.28 - side * person.gaze.x, y - 0.012 - person.gaze.y).length();
    let mut ball = vec3(0.58, 0.55, 0.52) * (1.0 - 0.35 * smoothstep(0.0, top, y));
    ball = ball.lerp(person.eye_colour, smoothstep(0.066 + blur, 0.066 - blur, at));
    ball = ball.lerp(Vec3::splat(0.03), smoothstep(0.033 + blur, 0.033 - blur, at));
    let glint = vec2(p.x - side * 0.28 - person.gaze.x + 0.025, y - 0.04).length();
    ball = ball.lerp(Vec3::ONE, 0.9 * smoothstep(0.022 + blur, 0.02 - blur, glint));
    surface.colour = surface.colour.lerp(ball, inside);
    let lash = bell(y - top - 0.008, 0.014 + 0.5 * blur) * smoothstep(1.15, 0.95, across.abs());
    surface.colour *= 1.0 - clamp01(person.lashes) * lash;
    let crease = bell(y - top - 0.06, 0.014 + 0.3 * blur) * smoothstep(1.2, 0.7, across.abs());
    surface.colour *= 1.0 - 0.3 * crease;
    if inside > 0.5 {
        (surface.part, surface.gloss) = (2, 0.08);
    }
}

fn stubble(person: &Person, p: Vec3, surface: &mut Surface) {
    if person.stubble > 0.0 {
        let limit = -0.3 - 0.5 * (p.z - 0.2).max(0.0) + 0.1 * bell(p.x, 0.14);
        let cover = smoothstep(limit + 0.06, limit - 0.1, p.y) * (0.8 + 0.2 * (p.x * 90.0).sin() * (p.y * 90.0).sin());
        let keep = 1.0 - bell(vec2(p.x / 2.4, p.y + 0.62).length(), 0.06);
        surface.colour = surface.colour.lerp(person.hair_colour * 0.8 + 0.04, clamp01(person.stubble * cover * keep));
    }
}
