//! A robot of boxes and tubes: heads, eyes, antennas, gauges, arms in many poses, on legs, wheels or tracks.

use super::stage::{anywhere, cloth};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

struct Robot {
    turn: f32,
    head: Vec3,
    round_head: bool,
    look: f32,
    trunk: Vec3,
    legs: usize,
    leg: f32,
    /// Of each arm: forwards and sideways, as angles.
    arms: [(f32, f32); 2],
    one_eye: bool,
    antennas: usize,
    metal: Vec3,
    second: Vec3,
    eye: Vec3,
    front: usize,
    gloss: f32,
    rust: f32,
    noise: Noise,
}

impl Robot {
    fn any(random: &mut Rng) -> Robot {
        let gray = *random.pick(&[0xb4b8bc, 0x8c9298, 0xd8d8d4, 0x6c7278, 0xa89878].map(rgb));
        let strong = |random: &mut Rng| hsv(random.unit(), random.range(0.5, 0.85), random.range(0.45, 0.9));
        let metal = if random.chance(0.5) { gray } else { strong(random) };
        Robot {
            turn: random.normal() * 0.45,
            head: vec3(random.range(0.3, 0.46), random.range(0.24, 0.36), random.range(0.26, 0.36)),
            round_head: random.chance(0.3),
            look: random.normal() * 0.25,
            trunk: vec3(random.range(0.4, 0.58), random.range(0.42, 0.6), random.range(0.28, 0.4)),
            legs: random.weighted(&[0.65, 0.2, 0.15]),
            leg: random.range(0.4, 0.75),
            arms: [
                (random.range(-0.5, 1.2), random.range(0.15, 2.7)),
                (random.range(-0.5, 1.2), random.range(0.15, 1.4)),
            ],
            one_eye: random.chance(0.15),
            antennas: random.weighted(&[0.2, 0.5, 0.3]),
            metal,
            second: if random.chance(0.5) { rgb(0x40464c) } else { strong(random) },
            eye: *random.pick(&[0xfff080, 0x60e8ff, 0xff4030, 0x80ff80, 0xffffff].map(rgb)),
            front: random.weighted(&[0.4, 0.3, 0.3]),
            gloss: random.range(0.3, 0.85),
            rust: if random.chance(0.25) { random.range(0.4, 0.9) } else { 0.0 },
            noise: Noise::new(random),
        }
    }

    fn hip(&self) -> f32 {
        [2.0 * self.leg * 0.8, 0.45, 0.42][self.legs]
    }

    fn chest(&self) -> f32 {
        self.hip() + self.trunk.y
    }

    fn face(&self) -> f32 {
        self.chest() + self.trunk.y + 0.1 + self.head.y
    }

    fn height(&self) -> f32 {
        self.face() + self.head.y + if self.antennas > 0 { 0.32 } else { 0.0 }
    }

    fn skull(&self, q: Vec3) -> f32 {
        let p = about_y(q - vec3(0.0, self.face(), 0.0), self.look);
        if self.round_head { ellipsoid(p, self.head * 1.15) } else { cuboid(p, self.head, 0.05) }
    }

    fn body(&self, q: Vec3) -> f32 {
        cuboid(q - vec3(0.0, self.chest(), 0.0), self.trunk, 0.06)
    }

    /// Joints, limbs, antennas: of the second colour.
    fn limbs(&self, q: Vec3) -> f32 {
        let neck = cylinder(q - vec3(0.0, self.chest() + self.trunk.y + 0.04, 0.0), 0.12, 0.1, 0.01);
        let mut d = neck.min(self.stand(q));
        let side = if q.x > 0.0 { 1.0 } else { -1.0 };
        let (fore, out) = self.arms[(q.x < 0.0) as usize];
        let m = vec3(q.x * side, q.y, q.z);
        let shoulder = vec3(self.trunk.x + 0.1, self.chest() + self.trunk.y * 0.65, 0.0);
        let elbow = shoulder + 0.38 * vec3(out.sin() * 0.75 + 0.12, -out.cos(), 0.35 * fore).normalize();
        let hand = elbow
            + 0.36 * vec3(0.2 * out.sin(), -(out * 1.25).cos() + 0.3 * fore.max(0.0), 0.8 * fore.max(0.1)).normalize();
        d = d
            .min(sphere(m - shoulder, 0.14))
            .min(capsule(m, shoulder, elbow, 0.08))
            .min(capsule(m, elbow, hand, 0.085));
        let claw = sphere(m - hand, 0.14).max(-sphere(m - hand - (hand - elbow).normalize() * 0.13, 0.09));
        d = d.min(claw);
        let top = self.face() + self.head.y;
        let spread = 0.5 * self.head.x;
        match self.antennas {
            1 => d
                .min(capsule(q, vec3(0.0, top, 0.0), vec3(0.0, top + 0.24, 0.0), 0.025))
                .min(sphere(q - vec3(0.0, top + 0.27, 0.0), 0.075)),
            2 => {
                let (a, b) = (vec3(spread, top - 0.05, 0.0), vec3(spread * 1.7, top + 0.24, 0.0));
                d.min(capsule(m, a, b, 0.025)).min(sphere(m - b, 0.065))
            }
            _ => d,
        }
    }

    fn stand(&self, q: Vec3) -> f32 {
        let m = vec3(q.x.abs(), q.y, q.z);
        let wide = self.trunk.x * 0.55;
        match self.legs {
            0 => {
                let leg = capsule(m, vec3(wide, 0.1, 0.0), vec3(wide, self.hip() + 0.05, 0.0), 0.1);
                leg.min(cuboid(m - vec3(wide, 0.1, 0.08), vec3(0.18, 0.1, 0.27), 0.05))
            }
            1 => {
                let wheel = cylinder(about_z(m - vec3(wide + 0.12, 0.27, 0.0), 1.571), 0.27, 0.1, 0.03);
                wheel.min(cylinder(q - vec3(0.0, 0.36, 0.0), 0.14, 0.12, 0.02))
            }
            _ => {
                let track = cuboid(m - vec3(wide + 0.15, 0.2, 0.0), vec3(0.15, 0.2, 0.46), 0.18);
                track.min(cuboid(q - vec3(0.0, 0.3, 0.0), vec3(wide, 0.12, 0.2), 0.02))
            }
        }
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = about_y(p, self.turn);
        let body = self.skull(q).min(self.body(q));
        // Nothing of the limbs lies before or behind this.
        if q.z.abs() - 0.85 > body { body } else { body.min(self.limbs(q)) }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = about_y(p, self.turn);
        let (skull, body, limbs) = (self.skull(q), self.body(q), self.limbs(q));
        let worn = |colour: Vec3| {
            let spot = self.rust * crate::math::smoothstep(0.05, 0.35, self.noise.fractal3(q * 4.0, 3, 0.6));
            Material::glossy(colour.lerp(rgb(0x7c4420), spot), self.gloss * (1.0 - spot))
        };
        if limbs < skull.min(body) {
            return worn(self.second).part(2);
        }
        if skull < body { self.visage(q, worn(self.metal)) } else { self.panel(q, worn(self.metal)) }
    }

    fn visage(&self, q: Vec3, metal: Material) -> Material {
        let p = about_y(q - vec3(0.0, self.face(), 0.0), self.look);
        let metal = metal.part(1);
        if p.z < 0.0 {
            return metal;
        }
        let at = vec2(p.x, p.y) / vec2(self.head.x, self.head.y);
        let wide = if self.one_eye { 0.0 } else { 0.43 };
        let off = vec2((at.x.abs() - wide) * self.head.x, (at.y - 0.2) * self.head.y).length();
        let big = if self.one_eye { 0.17 } else { 0.105 };
        if off < big {
            return Material { glow: self.eye * 0.75, ..Material::dull(self.eye * 0.4) }.part(5);
        }
        if off < big * 1.5 {
            return Material::dull(rgb(0x18181c)).part(4);
        }
        let mouth = (at.y + 0.52).abs() < 0.17 && at.x.abs() < 0.55;
        if mouth {
            let grill = (at.x * 16.0).sin() > 0.0;
            return Material::dull(if grill { rgb(0x18181c) } else { rgb(0xd8d4c8) }).part(4);
        }
        metal
    }

    fn panel(&self, q: Vec3, metal: Material) -> Material {
        if q.z < 0.5 * self.trunk.z {
            return metal;
        }
        let at = vec2(q.x / self.trunk.x, (q.y - self.chest()) / self.trunk.y);
        let plate = at.x.abs() < 0.68 && at.y.abs() < 0.68;
        if plate && (at.x.abs() > 0.62 || at.y.abs() > 0.62) {
            return Material::dull(self.metal * 0.4).part(6);
        }
        match self.front {
            0 if plate => {
                let cell = (at * 2.2).floor();
                let off = (at * 2.2 - cell - 0.5).length();
                let lamp = hsv(self.noise.lattice(cell.x as i32, cell.y as i32, 1) * 0.5 + 0.5, 0.8, 0.95);
                if off < 0.28 {
                    Material { glow: lamp * 0.35, ..Material::dull(lamp * 0.6) }.part(5)
                } else {
                    Material { colour: self.second * 0.8, ..metal }
                }
            }
            1 if (at - vec2(0.0, 0.15)).length() < 0.42 => {
                let p = at - vec2(0.0, 0.15);
                let hand = (p.x - 0.3 * p.y).abs() < 0.05 && p.y > -0.05;
                Material::dull(if hand {
                    rgb(0xc02018)
                } else if p.length() > 0.36 {
                    rgb(0x303030)
                } else {
                    rgb(0xf0ece0)
                })
                .part(5)
            }
            2 if plate => {
                let bar = (at.y * 12.0).sin() > 0.2;
                if bar { Material::dull(rgb(0x1c2024)).part(5) } else { Material { colour: self.second, ..metal } }
            }
            _ => metal,
        }
    }
}

pub fn robot(picture: &mut Picture) {
    let robot = Robot::any(&mut picture.random);
    let height = robot.height();
    let share = if picture.dense { (0.85, 1.15) } else { (0.58, 0.92) };
    let grounds = &[Ground::Road, Ground::Meadow, Ground::Desert, Ground::Beach, Ground::Snow, Ground::Forest];
    let want = Want { grounds, height, share, down: (-0.05, 0.4) };
    let afloat = picture.random.chance(if picture.dense { 0.4 } else { 0.15 });
    let stage = if afloat { cloth(picture, height, share) } else { anywhere(picture, 0.35, &want) };
    let foot = if afloat { -0.5 * height } else { 0.0 };
    let solid = Solid {
        distance: |p: Vec3| robot.distance(p - vec3(0.0, foot, 0.0)),
        material: |p: Vec3, _| robot.material(p - vec3(0.0, foot, 0.0)),
        centre: vec3(0.0, foot + 0.5 * height, 0.0),
        radius: vec2(0.52 * height, 0.9).length(),
    };
    stage.show(picture, &solid);
}
