//! A bicycle from the side or aslant, standing on roads, grass, sand.

use super::stage::open;
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, rgb, vec2, vec3};
use crate::picture::Picture;
use crate::shape::Shape;
use crate::solid::{Material, Solid, distance::*};

/// In the plane of x and y, the fore wheel at +x.
struct Bicycle {
    turn: f32,
    wheel: f32,
    base: f32,
    tube: f32,
    frame: Vec3,
    tyre: Vec3,
    step: bool,
    basket: bool,
    guard: bool,
}

impl Bicycle {
    fn hub(&self, side: f32) -> Vec3 {
        vec3(side * self.base, self.wheel, 0.0)
    }

    fn wheels(&self, q: Vec3) -> f32 {
        let p = vec3(q.x.abs() - self.base, q.y - self.wheel, q.z);
        vec2(vec2(p.x, p.y).length() - self.wheel + 0.05, p.z).length() - 0.055
    }

    fn frame(&self, q: Vec3) -> f32 {
        let (back, fore) = (self.hub(-1.0), self.hub(1.0));
        let pedal = vec3(-0.08, self.wheel * 0.85, 0.0);
        let seat = vec3(-0.32, self.wheel + 0.62, 0.0);
        let head = vec3(self.base - 0.28, self.wheel + 0.66, 0.0);
        let r = self.tube;
        let top = if self.step { pedal.lerp(seat, 0.45) } else { seat.lerp(pedal, 0.08) };
        capsule(q, pedal, seat, r)
            .min(capsule(q, top, head, r))
            .min(capsule(q, pedal, head - vec3(-0.03, 0.1, 0.0), r))
            .min(capsule(q, back, pedal, r * 0.8))
            .min(capsule(q, back, seat, r * 0.8))
            .min(capsule(q, head, fore, r))
    }

    fn fittings(&self, q: Vec3) -> f32 {
        let saddle = vec3(-0.38, self.wheel + 0.76, 0.0);
        let head = vec3(self.base - 0.28, self.wheel + 0.66, 0.0);
        let stem = head + vec3(-0.06, 0.22, 0.0);
        let m = vec3(q.x, q.y, q.z.abs());
        let grip = stem + vec3(-0.14, 0.03, 0.3);
        let bars = capsule(m, stem, stem + vec3(0.05, 0.04, 0.2), 0.04).min(capsule(
            m,
            stem + vec3(0.05, 0.04, 0.2),
            grip,
            0.045,
        ));
        let seat = ellipsoid(q - saddle, vec3(0.22, 0.06, 0.11));
        let crank = cylinder(about_x(q - vec3(-0.08, self.wheel * 0.85, 0.0), 1.571), 0.13, 0.04, 0.01);
        let post = capsule(q, saddle, saddle - vec3(-0.05, 0.15, 0.0), 0.035).min(capsule(q, head, stem, 0.04));
        bars.min(seat).min(crank).min(post)
    }

    fn carrier(&self, q: Vec3) -> f32 {
        let mut d = 9.0f32;
        if self.basket {
            d = cuboid(q - vec3(self.base - 0.02, self.wheel + 0.78, 0.0), vec3(0.2, 0.15, 0.2), 0.03);
        }
        if self.guard {
            let p = vec3(q.x.abs() - self.base, q.y - self.wheel, q.z);
            let arc = (vec2(p.x, p.y).length() - self.wheel - 0.06).abs().max(p.z.abs() - 0.06).max(-p.y * 0.8) - 0.02;
            d = d.min(arc);
        }
        d
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = about_y(p, self.turn);
        let bare = self.wheels(q).min(self.frame(q)).min(self.carrier(q));
        // Saddle, bars and crank are far smaller than the whole.
        if (q - vec3(0.02, self.wheel + 0.4, 0.0)).length() - 1.05 > bare { bare } else { bare.min(self.fittings(q)) }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = about_y(p, self.turn);
        let parts = [self.wheels(q), self.frame(q), self.fittings(q), self.carrier(q)];
        let part = (0..4).min_by(|a, b| parts[*a].total_cmp(&parts[*b])).unwrap_or(0);
        let material = match part {
            0 => Material::dull(self.tyre),
            1 => Material::glossy(self.frame, 0.6),
            2 => Material::glossy(rgb(0x3c2c24), 0.4),
            _ if self.basket && q.y > self.wheel + 0.6 => Material::dull(rgb(0x9c6c38)),
            _ => Material::glossy(self.frame, 0.6),
        };
        material.part(part as u8)
    }
}

pub fn bicycle(picture: &mut Picture) {
    let random = &mut picture.random;
    let strong = hsv(random.unit(), random.range(0.6, 0.95), random.range(0.45, 0.95));
    let bicycle = Bicycle {
        turn: random.range(-0.75, 0.75) + if random.chance(0.5) { std::f32::consts::PI } else { 0.0 },
        wheel: random.range(0.46, 0.56),
        base: random.range(0.72, 0.82),
        tube: random.range(0.045, 0.065),
        frame: if random.chance(0.75) { strong } else { *random.pick(&[0xe8e4dc, 0x202024, 0xc0c4c8].map(rgb)) },
        tyre: rgb(*random.pick(&[0x18181a, 0x202024, 0x2c2420])),
        step: random.chance(0.3),
        basket: random.chance(0.25),
        guard: random.chance(0.35),
    };
    let share = if picture.dense { (0.85, 1.05) } else { (0.6, 0.9) };
    let grounds = &[
        Ground::Road,
        Ground::Road,
        Ground::Meadow,
        Ground::Beach,
        Ground::Snow,
        Ground::Desert,
        Ground::Forest,
        Ground::Studio,
    ];
    let want = Want { grounds, height: 2.6, share, down: (0.03, 0.3) };
    let stage = open(picture, &want);
    spokes(picture, &stage, &bicycle);
    let solid = Solid {
        distance: |p: Vec3| bicycle.distance(p),
        material: |p: Vec3, _| bicycle.material(p),
        centre: vec3(0.0, 0.75, 0.0),
        radius: 1.5,
    };
    stage.show(picture, &solid);
}

fn spokes(picture: &mut Picture, stage: &super::stage::Stage, bicycle: &Bicycle) {
    let seen = |q: Vec3| stage.camera.seen(about_y(q, -bicycle.turn)).map(|(p, _)| p);
    picture.canvas.begin(0.5);
    for side in [-1.0, 1.0] {
        let hub = bicycle.hub(side);
        for k in 0..12 {
            let (s, c) = (k as f32 * std::f32::consts::FRAC_PI_6).sin_cos();
            if let Some((a, b)) = seen(hub).zip(seen(hub + vec3(c, s, 0.0) * (bicycle.wheel - 0.05))) {
                let mask = picture.canvas.mask(&Shape::line(&[a, b], 0.004));
                picture.canvas.glaze(&mask, |_| vec3(0.75, 0.76, 0.78).extend(0.55));
            }
        }
    }
}
