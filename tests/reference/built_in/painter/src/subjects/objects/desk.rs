//! A desk seen from above: wood or colour, sheets of ruled, squared or plain paper, handwriting and drawings on them.

use crate::math::{Vec2, Vec3, bell, hsv, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Light};

#[derive(Clone, Copy, PartialEq)]
enum Marks {
    Blank,
    Ruled,
    Squared,
    Written,
    Drawn,
}

struct Sheet {
    at: Vec2,
    turn: Vec2,
    half: Vec2,
    paper: Vec3,
    marks: Marks,
    ink: Vec3,
}

impl Sheet {
    fn any(random: &mut Rng, first: bool) -> Sheet {
        let away = if first { 0.35 } else { 1.6 };
        let papers = [0xf2ede0, 0xe8e8e8, 0xf0e0b0, 0xd8c8a0, 0xc8d8e0, 0xe8c8c0, 0xc89c6c];
        let kinds = [Marks::Blank, Marks::Ruled, Marks::Squared, Marks::Written, Marks::Drawn];
        Sheet {
            at: vec2(random.range(-away, away), random.range(-away, away)),
            turn: Vec2::from_angle(random.range(-0.8, 0.8)),
            half: vec2(random.range(0.9, 1.5), random.range(1.1, 2.0)),
            paper: rgb(*random.pick(&papers)),
            marks: kinds[random.weighted(&[0.15, 0.3, 0.12, 0.28, 0.15])],
            ink: *random.pick(&[0x1c2440, 0x303030, 0x284890, 0x5c5854].map(rgb)),
        }
    }

    /// Its colour, where it lies, and how deep within its edge.
    fn colour(&self, p: Vec2, noise: Noise) -> Option<Vec3> {
        let q = self.turn.rotate(p - self.at);
        let inside = (self.half - q.abs()).min_element();
        if inside < 0.0 {
            return None;
        }
        let margin = inside < 0.14;
        let line = q.y * 8.0;
        let rule = smoothstep(0.1, 0.04, (line.fract() + 1.0).fract());
        let paper = self.paper * (1.0 + 0.05 * noise.at(q * 3.0));
        let blue = vec3(0.35, 0.5, 0.75);
        Some(match self.marks {
            Marks::Blank => paper,
            Marks::Ruled | Marks::Squared if !margin => {
                let across = smoothstep(0.1, 0.04, ((q.x * 7.0).fract() + 1.0).fract());
                let rule = if self.marks == Marks::Squared { rule.max(across) } else { rule };
                paper.lerp(blue, 0.55 * rule)
            }
            Marks::Written if !margin => paper.lerp(blue, 0.3 * rule).lerp(self.ink, 0.62 * written(q.x, line, noise)),
            Marks::Drawn if !margin => {
                let curve = noise.fractal(q * 1.3, 2, 0.4);
                paper.lerp(
                    self.ink,
                    0.8 * smoothstep(
                        0.06,
                        0.03,
                        ((curve * 4.0).fract() - 0.5).abs() * 0.4 + 0.02 * noise.at(q * 9.0).abs(),
                    ),
                )
            }
            _ => paper,
        })
    }
}

/// Words along a line of writing.
fn written(x: f32, line: f32, noise: Noise) -> f32 {
    let row = line.floor() as i32;
    let word = noise.at(vec2(x * 4.0, row as f32 * 3.0));
    let stroke = 0.5 + 0.3 * noise.at(vec2(x * 34.0, row as f32 * 7.0)) * (x * 60.0).sin();
    let end = 1.6 * noise.lattice(row, 1, 2);
    let there = word > -0.25 && (x < end.abs() || row % 3 != 0);
    if there { smoothstep(0.24, 0.1, (line - row as f32 - stroke).abs()) } else { 0.0 }
}

/// Paints it; `line` is a drawn stroke on the paper, with its colour.
pub fn desk(picture: &mut Picture, camera: &Camera, light: &Light, line: Option<(Vec<Vec2>, Vec3)>) {
    let random = &mut picture.random;
    let woods = [0x8a5a34, 0x5c3c24, 0xb08a5c, 0x3c2c20, 0xc8a070, 0x704838].map(rgb);
    let colour = if random.chance(0.6) {
        *random.pick(&woods)
    } else {
        hsv(random.unit(), random.range(0.15, 0.6), random.range(0.2, 0.7))
    };
    let bare = line.is_none() && random.chance(0.25);
    let count = if bare { 0 } else { random.int(1, 3) };
    let mut sheets: Vec<Sheet> = (0..count).map(|k| Sheet::any(random, k == 0)).collect();
    if line.is_some() {
        sheets[0].half = vec2(2.6, 2.6);
        sheets.truncate(1);
    }
    let (noise, turn) = (Noise::new(random), Vec2::from_angle(random.range(-1.0, 1.0)));
    let (spot, wide) = (vec2(light.to.x, -light.to.z) * random.range(0.2, 1.6), random.range(1.3, 3.5));
    let dim = if picture.dense { 0.72 } else { 1.0 };
    picture.canvas.begin(0.5);
    picture.canvas.cover(|p| {
        let Some(at) = camera.ground(p) else { return colour * 0.3 };
        let at = vec2(at.x, at.z);
        let q = turn.rotate(at);
        let lit = (light.colour * light.to.y + light.ambient) * mix(0.45, 1.02, bell((at - spot).length(), wide)) * dim;
        let mut shown = colour * (1.0 + 0.3 * noise.fractal(vec2(q.x * 1.4, q.y * 13.0), 3, 0.6));
        for sheet in sheets.iter().rev() {
            match sheet.colour(at, noise) {
                Some(paper) => shown = paper,
                None if sheet.colour(at + vec2(light.to.x, light.to.z) * 0.05, noise).is_some() => shown *= 0.55,
                None => {}
            }
        }
        if let Some((points, ink)) = &line {
            let near = points.windows(2).map(|ends| to_segment(at, ends[0], ends[1])).fold(9.0, f32::min);
            shown = shown.lerp(*ink, 0.9 * smoothstep(0.045, 0.025, near + 0.01 * noise.at(at * 30.0)));
        }
        shown * lit
    });
    if count > 0 {
        picture.detail_of(&["on paper", "on a sheet of paper", "on a desk"]);
    } else {
        picture.detail_of(&["on a desk", "on a table"]);
    }
}

fn to_segment(p: Vec2, a: Vec2, b: Vec2) -> f32 {
    let along = ((p - a).dot(b - a) / (b - a).length_squared().max(1e-6)).clamp(0.0, 1.0);
    (p - a.lerp(b, along)).length()
}
