//! A human skull: seen from all sides, with and without its jaw, on mottled grounds, tables, books, beside a candle, on bare ground.

use glam::Mat3;

use super::candle::{Candle, add_glow};
use super::stage::{Stage, anywhere, cloth, still, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, bell, clamp01, rgb, smooth_max, smooth_min, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};
use crate::styles::Style;

/// About 2.2 high; the origin between the eyes, the face towards +z.
struct Skull {
    bone: Vec3,
    stain: Vec3,
    jaw: bool,
    /// How far the jaw hangs, radians.
    agape: f32,
    /// Half axes of the brain case and the eye sockets.
    case: Vec3,
    socket: Vec3,
    slant: f32,
    tooth: f32,
    crack: f32,
    noise: Noise,
}

const SOCKET: Vec3 = Vec3::new(0.28, -0.02, 0.66);

impl Skull {
    fn any(random: &mut Rng) -> Skull {
        let bones = [0xe8dcc0, 0xf0ece0, 0xd8c090, 0xc8b898, 0xdcd8d0, 0xb89868, 0xe4d0a8];
        Skull {
            bone: rgb(*random.pick(&bones)),
            stain: rgb(*random.pick(&[0x6a4a28, 0x5c5448, 0x7c6440])),
            jaw: random.chance(0.72),
            agape: if random.chance(0.5) { 0.0 } else { random.range(0.05, 0.4) },
            case: vec3(random.range(0.68, 0.78), random.range(0.62, 0.74), random.range(0.8, 0.95)),
            socket: vec3(random.range(0.2, 0.245), random.range(0.18, 0.23), 0.34),
            slant: random.range(-0.1, 0.35),
            tooth: random.range(4.0, 6.5),
            crack: if random.chance(0.4) { random.range(-0.4, 0.4) } else { 9.0 },
            noise: Noise::new(random),
        }
    }

    fn lowest(&self) -> f32 {
        if self.jaw { -1.14 - 0.55 * self.agape } else { -0.72 }
    }

    fn eye(&self, q: Vec3) -> f32 {
        ellipsoid(about_z(q - SOCKET, -self.slant), self.socket)
    }

    fn nose(&self, q: Vec3) -> f32 {
        ellipsoid(about_z(q - vec3(0.065, -0.35, 0.72), 0.22), vec3(0.085, 0.17, 0.22))
    }

    fn hung(&self, p: Vec3) -> Vec3 {
        let hinge = vec3(0.0, -0.2, -0.1);
        about_x(p - hinge, -self.agape) + hinge
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = vec3(p.x.abs(), p.y, p.z);
        let case = ellipsoid(p - vec3(0.0, 0.38, -0.18), self.case);
        let face = ellipsoid(p - vec3(0.0, -0.1, 0.28), vec3(0.5, 0.56, 0.42));
        let mut d = smooth_min(case, face, 0.2);
        if (q - vec3(0.3, -0.25, 0.35)).length() - 0.75 < d {
            d = smooth_max(d, -sphere(q - vec3(1.02, 0.02, 0.5), 0.5), 0.15);
            let cheek = cone(q, vec3(0.3, -0.27, 0.62), vec3(0.6, -0.18, 0.2), 0.1, 0.085);
            let arch = capsule(q, vec3(0.6, -0.18, 0.2), vec3(0.62, -0.12, -0.22), 0.06);
            d = smooth_min(d, smooth_min(cheek, arch, 0.06), 0.14);
            d = smooth_min(d, capsule(q, vec3(0.1, 0.19, 0.66), vec3(0.48, 0.16, 0.5), 0.07), 0.12);
            let upper = cylinder(p - vec3(0.0, -0.52, 0.36), 0.335, 0.17, 0.06);
            d = smooth_min(d, upper, 0.1);
            d = smooth_max(d, -self.eye(q), 0.05);
            d = smooth_max(d, -self.nose(q), 0.03);
        }
        if self.jaw { d.min(self.lower(p, d)) } else { d }
    }

    fn lower(&self, p: Vec3, nearest: f32) -> f32 {
        let p = self.hung(p);
        if (p - vec3(0.0, -0.65, 0.2)).length() - 0.78 > nearest {
            return nearest;
        }
        let q = vec3(p.x.abs(), p.y, p.z);
        let chin = cone(q, vec3(0.0, -1.0, 0.55), vec3(0.27, -0.96, 0.44), 0.135, 0.12);
        let side = cone(q, vec3(0.27, -0.96, 0.44), vec3(0.52, -0.78, 0.0), 0.12, 0.1);
        let back = cone(q, vec3(0.52, -0.78, 0.0), vec3(0.6, -0.22, -0.1), 0.1, 0.06);
        let gums = cylinder(p - vec3(0.0, -0.82, 0.33), 0.325, 0.135, 0.04);
        smooth_min(smooth_min(smooth_min(chin, side, 0.08), back, 0.1), gums, 0.08)
    }

    /// 0 … 1: how much of a tooth's light or of the dark between teeth is here: (tooth, gap).
    fn teeth(&self, p: Vec3) -> (f32, f32) {
        let low = self.hung(p);
        let row = |p: Vec3, from: f32, to: f32| {
            let (x, z) = (p.x, p.z - 0.34);
            let front = smoothstep(0.0, 0.12, z) * smoothstep(0.27, 0.29, (x * x + z * z).sqrt());
            let inside = smoothstep(from, from + 0.03, p.y) * smoothstep(to, to - 0.03, p.y);
            let across = (x.atan2(z) * self.tooth + 0.5).rem_euclid(1.0);
            (front * inside, front * inside * smoothstep(0.3, 0.42, (across - 0.5).abs()))
        };
        let (a, b) = (row(p, -0.72, -0.53), row(low, -0.86, -0.67));
        if self.jaw && low.y < -0.69 { b } else { a }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = vec3(p.x.abs(), p.y, p.z);
        let grime = clamp01(0.5 + 0.6 * self.noise.fractal3(p * 3.0, 3, 0.6) - 0.35 * p.y);
        let mut colour = self.bone.lerp(self.stain, 0.5 * grime * grime);
        let (tooth, gap) = self.teeth(p);
        colour = colour.lerp(self.bone.lerp(Vec3::ONE, 0.45), tooth);
        let seam = bell(p.z - 0.2 - 0.05 * self.noise.at3(p * 12.0), 0.015) * smoothstep(0.4, 0.6, p.y);
        let crack = bell(p.x - self.crack - 0.12 * self.noise.at3(p * 5.0), 0.014) * smoothstep(0.3, 0.5, p.y);
        colour *= 1.0 - 0.45 * seam - 0.8 * if p.z > 0.0 { crack } else { 0.0 };
        let hollow = smoothstep(0.045, 0.002, self.eye(q)).max(smoothstep(0.03, 0.0, self.nose(q)));
        // Under the skull and between the open jaws it is dark.
        let throat = smoothstep(0.29, 0.22, (p.x * p.x + (p.z - 0.33).powi(2)).sqrt()) * smoothstep(-0.45, -0.6, p.y);
        let throat = throat * smoothstep(-1.0, -0.9, p.y);
        colour = colour.lerp(rgb(0x0c0907), hollow.max(throat).max(0.92 * gap));
        Material { gloss: 0.12 * (1.0 - hollow), part: (hollow > 0.5) as u8, ..Material::dull(colour) }
    }
}

pub fn skull(picture: &mut Picture) {
    let skull = Skull::any(&mut picture.random);
    let printed = matches!(picture.style, Style::Lithograph | Style::Pencil);
    let hanging = if picture.dense {
        0.7
    } else if printed {
        0.5
    } else {
        0.3
    };
    if picture.random.chance(hanging) {
        portrait(picture, &skull);
    } else {
        standing(picture, &skull);
    }
}

/// Large on a mottled ground, from the front, the side, above, below.
fn portrait(picture: &mut Picture, skull: &Skull) {
    let share = if picture.dense { (0.8, 1.15) } else { (0.55, 0.95) };
    let stage = cloth(picture, 2.2, share);
    let random = &mut picture.random;
    let yaw = match random.weighted(&[0.3, 0.45, 0.25]) {
        0 => random.range(-0.2, 0.2),
        1 => random.sign() * random.range(0.2, 0.9),
        _ => random.sign() * random.range(0.9, 1.6),
    };
    let turn = turning(yaw, random.range(-0.35, 0.45), random.range(-0.45, 0.45));
    show(picture, skull, &stage, turn, vec3(0.0, 0.02 - 0.5 * (1.06 + skull.lowest()), 0.0) * 0.8);
}

/// On a table, a book or bare ground.
fn standing(picture: &mut Picture, skull: &Skull) {
    let share = if picture.dense { (0.68, 0.98) } else { (0.42, 0.85) };
    let tall = 1.06 - skull.lowest();
    let grounds = &[Ground::Desert, Ground::Beach, Ground::Forest, Ground::Snow, Ground::Meadow];
    let books = if picture.random.chance(0.3) { picture.random.int(1, 2) } else { 0 };
    let high = 0.34 * books as f32;
    let want = Want { grounds, height: tall + high, share, down: (0.02, 0.55) };
    let candle = picture.random.chance(0.28);
    let stage = if books > 0 || candle { still(picture, &want) } else { anywhere(picture, 0.55, &want) };
    let random = &mut picture.random;
    let (yaw, tilt) = (random.normal() * 0.7, if skull.jaw { 0.0 } else { random.range(-0.25, 0.0) });
    let turn = turning(yaw.clamp(-1.7, 1.7), tilt, random.range(-0.06, 0.06));
    if books > 0 {
        picture.detail_of(if books > 1 { &["on books", "on a stack of books"] } else { &["on a book"] });
        pile(picture, &stage, books, yaw);
    }
    let side = picture.random.sign() * picture.random.range(0.95, 1.35);
    let foot = vec3(side, 0.0, picture.random.range(-0.5, 0.4));
    let flame = candle.then(|| Candle::any(&mut picture.random, foot));
    if let Some(candle) = flame.filter(|candle| candle.foot.z < 0.0) {
        candle.show(picture, &stage);
    }
    show(picture, skull, &stage, turn, vec3(0.0, high - skull.lowest(), 0.0));
    if let Some(candle) = flame {
        if candle.foot.z >= 0.0 {
            candle.show(picture, &stage);
        }
        picture.detail_of(&["with a candle", "beside a candle"]);
        add_glow(picture, &stage, candle.flame(), 0.8);
    }
}

fn show(picture: &mut Picture, skull: &Skull, stage: &Stage, turn: Mat3, at: Vec3) {
    let solid = Solid {
        distance: |p: Vec3| skull.distance(turn * (p - at)),
        material: |p: Vec3, _| skull.material(turn * (p - at)),
        centre: at,
        radius: 1.45,
    };
    stage.show(picture, &solid);
}

/// Closed books lying on each other.
fn pile(picture: &mut Picture, stage: &Stage, count: i32, yaw: f32) {
    for k in 0..count {
        let random = &mut picture.random;
        let cover = crate::math::hsv(random.unit(), random.range(0.3, 0.8), random.range(0.2, 0.6));
        let angle = yaw * 0.5 + random.range(-0.4, 0.4);
        let half = vec3(random.range(0.9, 1.2), 0.17, random.range(0.75, 0.95));
        let middle = vec3(0.0, 0.17 + 0.34 * k as f32, 0.0);
        let solid = Solid {
            distance: |p: Vec3| cuboid(about_y(p - middle, angle), half, 0.03),
            material: |p: Vec3, _| {
                let q = about_y(p - middle, angle);
                let pages =
                    q.y.abs() < 0.12 && (q.z.abs() > half.z - 0.08 || q.x > half.x - 0.08) && q.x > 0.1 - half.x;
                if pages {
                    Material::dull(rgb(0xe0d4b4) * (0.85 + 0.15 * (q.y * 120.0).sin())).part(1)
                } else {
                    Material::dull(cover)
                }
            },
            centre: middle,
            radius: 1.6,
        };
        stage.show(picture, &solid);
    }
}
