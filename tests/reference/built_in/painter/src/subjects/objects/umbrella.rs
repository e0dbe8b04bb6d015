//! An open umbrella: in the rain, stuck in the sand, lying on its side, seen from above and below.

use glam::Mat3;

use super::stage::{Stage, cloth, open, part_from, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, rgb, smooth_max, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::{Material, Solid, distance::*};

/// The stick along y, its top at 1, its foot at -1.1; the roof 1.15 wide.
struct Umbrella {
    gores: f32,
    deep: f32,
    first: Vec3,
    second: Vec3,
    pattern: usize,
    stick: Vec3,
    hook: bool,
}

impl Umbrella {
    fn any(random: &mut Rng) -> Umbrella {
        let strong = |random: &mut Rng| hsv(random.unit(), random.range(0.6, 0.95), random.range(0.4, 0.95));
        let first = if random.chance(0.15) { rgb(0x1c1c22) } else { strong(random) };
        Umbrella {
            gores: *random.pick(&[6.0, 8.0, 8.0, 10.0]),
            deep: random.range(0.55, 0.85),
            first,
            second: if random.chance(0.6) { rgb(0xf4f0e8) } else { strong(random) },
            pattern: random.weighted(&[0.4, 0.4, 0.2]),
            stick: rgb(*random.pick(&[0x6c4424, 0x303034, 0xb0b0b4])),
            hook: true,
        }
    }

    fn roof(&self, q: Vec3) -> f32 {
        let low = 0.98 - self.deep;
        let p = q - vec3(0.0, low, 0.0);
        let sector = std::f32::consts::TAU / self.gores;
        let off = ((q.x.atan2(q.z)).rem_euclid(sector) - 0.5 * sector).abs() / (0.5 * sector);
        // Between the ribs the cloth hangs in and its hem is higher.
        let slack = 0.07 * (1.0 - off * off);
        let out = ellipsoid(p, vec3(1.15, self.deep, 1.15)) + slack * vec2(p.x, p.z).length();
        smooth_max(out.abs() - 0.022, 0.09 * (1.0 - off) - p.y, 0.02) * 0.8
    }

    fn pole(&self, q: Vec3) -> f32 {
        let shaft = capsule(q, vec3(0.0, -0.95, 0.0), vec3(0.0, 1.1, 0.0), 0.035);
        if !self.hook {
            return shaft;
        }
        let p = q - vec3(0.14, -0.95, 0.0);
        let hook = (vec2(vec2(p.x, p.y).length() - 0.14, p.z).length() - 0.05).max(p.y);
        shaft.min(hook)
    }

    fn distance(&self, q: Vec3) -> f32 {
        self.roof(q).min(self.pole(q))
    }

    fn material(&self, q: Vec3, inside: bool) -> Material {
        if self.pole(q) < self.roof(q) {
            return Material::glossy(self.stick, 0.4).part(1);
        }
        let sector = std::f32::consts::TAU / self.gores;
        let gore = q.x.atan2(q.z).rem_euclid(std::f32::consts::TAU) / sector;
        let r = vec2(q.x, q.z).length();
        let colour = match self.pattern {
            1 if gore as i32 % 2 == 0 => self.second,
            2 if (0.82..0.98).contains(&r) => self.second,
            _ => self.first,
        };
        let rib = ((gore.fract() - 0.5).abs() - 0.5).abs() * sector * r < 0.018;
        let dim = if inside { 0.62 } else { 1.0 };
        let even = gore as i32 % 2 == 0;
        Material::glossy(colour * dim * if rib { 0.5 } else { 1.0 } * if even { 0.93 } else { 1.0 }, 0.15)
            .part(2 + even as u8)
    }
}

pub fn umbrella(picture: &mut Picture) {
    let mut umbrella = Umbrella::any(&mut picture.random);
    let share = if picture.dense { (0.85, 1.15) } else { (0.55, 0.9) };
    match picture.random.weighted(&[0.4, 0.3, 0.3]) {
        0 => {
            let stage = cloth(picture, 2.3, share);
            part_from(picture, &stage, umbrella.first);
            let random = &mut picture.random;
            let turn = turning(random.range(0.0, 6.3), random.range(-0.5, 1.2), random.range(-0.8, 0.8));
            show(picture, &umbrella, &stage, turn, vec3(0.0, 0.0, 0.0));
            if picture.random.chance(0.45) {
                rain(picture);
            }
        }
        1 => {
            umbrella.hook = false;
            umbrella.pattern = umbrella.pattern.max(picture.random.int(0, 1) as usize);
            let want = Want {
                grounds: &[Ground::Beach, Ground::Beach, Ground::Meadow, Ground::Desert],
                height: 2.1,
                share,
                down: (-0.05, 0.4),
            };
            let stage = open(picture, &want);
            let random = &mut picture.random;
            let turn = turning(random.range(0.0, 6.3), random.normal() * 0.12, random.normal() * 0.2);
            show(picture, &umbrella, &stage, turn, vec3(0.0, 0.93, 0.0));
        }
        _ => {
            // On its side: the hem and the handle touch the ground.
            let grounds = &[Ground::Road, Ground::Snow, Ground::Meadow, Ground::Forest, Ground::Beach];
            let want = Want { grounds, height: 2.0, share, down: (0.05, 0.6) };
            let stage = open(picture, &want);
            let random = &mut picture.random;
            let spin = Mat3::from_rotation_y(random.range(0.0, 6.3));
            let turn =
                spin * Mat3::from_rotation_z(-random.range(1.15, 1.3)) * Mat3::from_rotation_y(random.range(0.0, 6.3));
            show(picture, &umbrella, &stage, turn, vec3(0.0, 0.98, 0.0));
            if picture.random.chance(0.4) {
                rain(picture);
            }
        }
    }
}

fn rain(picture: &mut Picture) {
    let lean = picture.random.range(-0.3, 0.3);
    picture.detail("in the rain");
    picture.canvas.begin(0.05);
    for _ in 0..picture.random.int(60, 130) {
        let random = &mut picture.random;
        let (at, long) = (vec2(random.range(-0.1, 1.1), random.range(-0.1, 1.0)), random.range(0.04, 0.12));
        let drop = Shape::line(&[at, at + vec2(lean, 1.0) * long], random.range(0.002, 0.005));
        let mask = picture.canvas.mask(&drop);
        picture.canvas.glaze(&mask, |_| vec3(0.82, 0.88, 0.94).extend(0.42));
    }
}

fn show(picture: &mut Picture, umbrella: &Umbrella, stage: &Stage, turn: Mat3, at: Vec3) {
    let eye = turn * (stage.camera.eye - at);
    let low = vec3(0.0, 0.98 - umbrella.deep, 0.0);
    let solid = Solid {
        distance: |p: Vec3| umbrella.distance(turn * (p - at)),
        material: |p: Vec3, normal: Vec3| {
            let q = turn * (p - at);
            umbrella.material(q, (turn * normal).dot(q - low) < 0.0 && eye.y < 1.0)
        },
        centre: at,
        radius: 1.4,
    };
    stage.show(picture, &solid);
}
