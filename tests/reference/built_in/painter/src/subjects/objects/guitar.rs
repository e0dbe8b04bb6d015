//! A guitar, acoustic or electric: hung before a wall, lying at any angle, standing in the open.

use glam::Mat3;

use super::stage::{Stage, anywhere, cloth, part_from, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec2, Vec3, hsv, mix, rgb, smooth_max, smooth_min, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

/// Neck up along y, strings towards +z; about 2.9 high.
struct Guitar {
    electric: bool,
    lower: f32,
    upper: f32,
    horns: f32,
    top: Vec3,
    edge: Vec3,
    neck: Vec3,
    plate: Vec3,
    burst: f32,
    gloss: f32,
    noise: Noise,
}

const FOOT: f32 = -1.35;
const NUT: f32 = 1.15;

impl Guitar {
    fn any(random: &mut Rng) -> Guitar {
        let electric = random.chance(0.4);
        let woods = [0xd89848, 0xe8b868, 0xb86c2c, 0x8c4820, 0xf0d098, 0x5c3018].map(rgb);
        let top = if electric {
            hsv(random.unit(), random.range(0.5, 0.95), random.range(0.3, 0.95))
        } else {
            *random.pick(&woods)
        };
        Guitar {
            electric,
            lower: random.range(0.6, 0.7),
            upper: random.range(0.44, 0.53),
            horns: random.range(0.5, 0.75),
            top: if electric && random.chance(0.3) {
                *random.pick(&[0x18181c, 0xf0ece4, 0xb81818].map(rgb))
            } else {
                top
            },
            edge: rgb(*random.pick(&[0x3c2014, 0x20140c, 0x5c3018])),
            neck: rgb(*random.pick(&[0x4c2c18, 0x2c1c14, 0xa87040])),
            plate: rgb(*random.pick(&[0x1c1814, 0xf0ece0, 0x3c2018])),
            burst: if random.chance(0.4) { random.range(0.5, 0.9) } else { 0.15 },
            gloss: random.range(0.3, 0.8),
            noise: Noise::new(random),
        }
    }

    /// The body's outline, seen from the front.
    fn outline(&self, p: Vec2) -> f32 {
        let low = (p - vec2(0.0, -0.72)).length() - self.lower;
        let d = if self.electric {
            let m = vec2(p.x.abs(), p.y);
            let waist = (p - vec2(0.0, -0.1)).length() - 0.36;
            let horn = segment(m, vec2(0.2, -0.1), vec2(0.36, if p.x < 0.0 { 0.32 } else { 0.32 * self.horns })) - 0.15;
            let d = smooth_min(smooth_min(low, waist, 0.25), horn, 0.12);
            smooth_max(d, -((p - vec2(0.0, 0.42)).length() - 0.2), 0.06)
        } else {
            let high = (p - vec2(0.0, 0.05)).length() - self.upper;
            smooth_min(low, high, 0.3)
        };
        d * 0.95
    }

    fn body(&self, q: Vec3) -> f32 {
        let half = if self.electric { 0.09 } else { 0.2 };
        let flat = smooth_max(self.outline(vec2(q.x, q.y)), q.z.abs() - half, 0.05);
        if self.electric { flat } else { flat.max(-(cylinder(vec3(q.x, q.z - half, q.y + 0.2), 0.19, 0.1, 0.0))) }
    }

    fn front(&self) -> f32 {
        if self.electric { 0.09 } else { 0.2 }
    }

    fn stick(&self, q: Vec3) -> f32 {
        let z = self.front();
        let low = if self.electric { -0.25 } else { 0.02 };
        let middle = 0.5 * (low + NUT);
        let wide = mix(0.085, 0.065, smoothstep(low, NUT, q.y));
        let board = cuboid(q - vec3(0.0, middle, z), vec3(wide, 0.5 * (NUT - low), 0.05), 0.02);
        let head = cuboid(q - vec3(0.0, NUT + 0.17, z - 0.03), vec3(0.12, 0.19, 0.04), 0.02);
        let m = vec3(q.x.abs(), q.y, q.z);
        let peg = |y: f32| sphere(m - vec3(0.15, y, z - 0.03), 0.042);
        board.min(head).min(peg(NUT + 0.07)).min(peg(NUT + 0.18)).min(peg(NUT + 0.29))
    }

    fn bridge(&self, q: Vec3) -> f32 {
        cuboid(q - vec3(0.0, -0.78, self.front()), vec3(0.22, 0.045, 0.045), 0.02)
    }

    fn distance(&self, q: Vec3) -> f32 {
        self.body(q).min(self.stick(q)).min(self.bridge(q))
    }

    fn material(&self, q: Vec3) -> Material {
        let (body, stick, bridge) = (self.body(q), self.stick(q), self.bridge(q));
        let p = vec2(q.x, q.y);
        let before = q.z > self.front() - 0.03;
        let string = before
            && q.x.abs() < 0.055
            && ((q.x / 0.022).fract().abs() - 0.5).abs() < 0.16
            && p.y > -0.78
            && p.y < NUT + 0.02;
        if string && (stick < 0.03 || !self.electric || p.y > -0.6) {
            return Material::glossy(rgb(0xd8d4c8), 0.6).part(1);
        }
        if bridge < body.min(stick) {
            return Material::dull(rgb(0x201814)).part(2);
        }
        if stick < body {
            let fret = before && (q.y < NUT) && ((NUT - q.y).sqrt() * 11.0).fract() < 0.2;
            return Material::glossy(if fret { rgb(0xc8c4b8) } else { self.neck }, 0.2).part(1);
        }
        if !before {
            return Material::glossy(self.edge, self.gloss);
        }
        let hole = (p - vec2(0.0, -0.2)).length();
        if self.electric {
            let pickup = p.x.abs() < 0.17 && ((p.y + 0.4).abs() < 0.05 || (p.y + 0.6).abs() < 0.05);
            let guard = (p - vec2(0.2, -0.45)).length() < 0.36 && self.outline(p) < -0.08;
            if pickup {
                return Material::glossy(rgb(0x141414), 0.5).part(4);
            }
            if guard {
                return Material::glossy(self.plate, 0.4).part(3);
            }
        } else if hole < 0.19 {
            return Material::dull(rgb(0x0c0806)).part(4);
        } else if hole < 0.245 {
            return Material::dull(if hole < 0.225 { self.edge } else { rgb(0xf0e0b8) }).part(3);
        }
        let grain = 1.0 + if self.electric { 0.0 } else { 0.12 * self.noise.at(vec2(q.x * 30.0, q.y * 1.5)) };
        let rim = smoothstep(-0.26, 0.0, self.outline(p)) * self.burst;
        Material::glossy((self.top * grain).lerp(self.edge, rim), self.gloss).part(5)
    }
}

fn segment(p: Vec2, a: Vec2, b: Vec2) -> f32 {
    let h = ((p - a).dot(b - a) / (b - a).length_squared()).clamp(0.0, 1.0);
    (p - a.lerp(b, h)).length()
}

pub fn guitar(picture: &mut Picture) {
    let guitar = Guitar::any(&mut picture.random);
    if picture.random.chance(0.6) {
        picture.noun = Some(if guitar.electric { "an electric guitar" } else { "an acoustic guitar" }.into());
    }
    let share = if picture.dense { (0.95, 1.35) } else { (0.7, 1.0) };
    if picture.random.chance(0.55) {
        let stage = cloth(picture, 2.75, share);
        part_from(picture, &stage, guitar.top);
        let random = &mut picture.random;
        let roll = if random.chance(0.5) { random.normal() * 0.35 } else { random.range(-3.1, 3.1) };
        let turn = turning(random.range(-0.6, 0.6), random.range(-0.35, 0.35), roll);
        let at = turn.transpose() * vec3(0.0, 0.0, 0.0);
        show(picture, &guitar, &stage, turn, at);
    } else {
        let grounds = &[Ground::Meadow, Ground::Beach, Ground::Desert, Ground::Forest, Ground::Road, Ground::Studio];
        let want = Want { grounds, height: 2.75, share: (share.0 * 0.85, share.1 * 0.85), down: (0.0, 0.4) };
        let stage = anywhere(picture, 0.0, &want);
        let random = &mut picture.random;
        let turn = turning(random.range(-0.6, 0.6), random.range(-0.2, 0.0), random.range(-0.3, 0.3));
        show(picture, &guitar, &stage, turn, vec3(0.0, -FOOT, 0.0));
    }
}

fn show(picture: &mut Picture, guitar: &Guitar, stage: &Stage, turn: Mat3, at: Vec3) {
    let solid = Solid {
        distance: |p: Vec3| guitar.distance(turn * (p - at)),
        material: |p: Vec3, _| guitar.material(turn * (p - at)),
        centre: at,
        radius: 1.6,
    };
    stage.show(picture, &solid);
}
