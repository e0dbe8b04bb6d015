//! A teapot of clay, china or metal, tall or squat, sometimes with a cup or with steam.

use super::smoke::{Puff, puff};
use super::stage::{anywhere, cloth, part_from};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, mix, rgb, smooth_max, smooth_min, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::solid::{Material, Solid, distance::*};

struct Teapot {
    belly: Vec3,
    turn: f32,
    spout: f32,
    hoop: bool,
    knob: f32,
    glaze: Vec3,
    band: Vec3,
    pattern: usize,
    gloss: f32,
    noise: Noise,
}

impl Teapot {
    fn height(&self) -> f32 {
        self.belly.y * 2.0 + 0.2 + if self.hoop { 0.55 } else { 0.12 }
    }

    fn pot(&self, q: Vec3) -> f32 {
        let b = self.belly;
        let foot = cylinder(q - vec3(0.0, 0.05, 0.0), b.x * 0.55, 0.06, 0.02);
        let round = ellipsoid(q - vec3(0.0, b.y, 0.0), b);
        smooth_min(smooth_max(round, 0.02 - q.y, 0.05), foot, 0.05)
    }

    fn lid(&self, q: Vec3) -> f32 {
        let top = self.belly.y * 1.93;
        let plate = ellipsoid(q - vec3(0.0, top - 0.04, 0.0), vec3(self.belly.x * 0.48, 0.14, self.belly.x * 0.48));
        smooth_min(plate, sphere(q - vec3(0.0, top + 0.16, 0.0), self.knob), 0.06)
    }

    fn limbs(&self, q: Vec3) -> f32 {
        let b = self.belly;
        let (root, tip) = (vec3(b.x * 0.8, b.y * 0.75, 0.0), vec3(b.x + 0.55, b.y * (1.3 + self.spout), 0.0));
        let bend = vec3(b.x + 0.28, b.y * 0.95, 0.0);
        let spout = smooth_min(cone(q, root, bend, 0.2, 0.13), cone(q, bend, tip, 0.13, 0.075), 0.1);
        let ring = |centre: Vec3, radius: f32| {
            let p = q - centre;
            vec2(vec2(p.x, p.y).length() - radius, p.z).length() - 0.065
        };
        let handle = if self.hoop {
            ring(vec3(0.0, b.y * 1.5, 0.0), b.x * 0.78).max(b.y * 1.6 - q.y)
        } else {
            ring(vec3(-b.x * 0.98, b.y * 1.05, 0.0), b.y * 0.55)
        };
        spout.min(handle)
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = about_y(p, self.turn);
        smooth_min(self.pot(q), self.limbs(q), 0.06).min(self.lid(q))
    }

    fn material(&self, p: Vec3) -> Material {
        let q = about_y(p, self.turn);
        let (pot, lid, limbs) = (self.pot(q), self.lid(q), self.limbs(q));
        let up = q.y / (2.0 * self.belly.y);
        let round = q.x.atan2(q.z);
        let marked = match self.pattern {
            1 => (up - 0.55).abs() < 0.08 || (up - 0.36).abs() < 0.02,
            2 => self.noise.at3(vec3(round.sin() * 3.5, up * 6.0, round.cos() * 3.5)) > 0.28,
            3 => (round * 6.0).sin() * (up * 18.0).sin() > 0.45,
            _ => false,
        };
        let plain = Material::glossy(self.glaze, self.gloss);
        match (lid < pot.min(limbs), limbs < pot) {
            (true, _) => Material { colour: if self.pattern > 0 { self.band } else { self.glaze }, ..plain }.part(1),
            (_, true) => plain.part(2),
            _ => Material { colour: if marked { self.band } else { self.glaze }, ..plain },
        }
    }
}

pub fn teapot(picture: &mut Picture) {
    let random = &mut picture.random;
    let wide = random.range(0.62, 0.85);
    let glaze = match random.weighted(&[0.3, 0.45, 0.25]) {
        0 => *random.pick(&[0xf0ece4, 0xe0e4e8, 0xf4e8d0].map(rgb)),
        1 => hsv(random.unit(), random.range(0.35, 0.85), random.range(0.3, 0.85)),
        _ => *random.pick(&[0x8c4c2c, 0x2c2c30, 0xa8a8ac, 0xb07838, 0x5c3828].map(rgb)),
    };
    let teapot = Teapot {
        belly: vec3(wide, random.range(0.45, 0.75), wide),
        turn: random.range(-0.9, 0.9) + if random.chance(0.5) { std::f32::consts::PI } else { 0.0 },
        spout: random.range(0.0, 0.55),
        hoop: random.chance(0.22),
        knob: random.range(0.08, 0.13),
        glaze,
        band: if random.chance(0.4) { rgb(0x2c4c94) } else { hsv(random.unit(), 0.7, random.range(0.3, 0.8)) },
        pattern: random.weighted(&[0.4, 0.2, 0.22, 0.18]),
        gloss: random.range(0.4, 1.0),
        noise: Noise::new(random),
    };
    let (height, wide) = (teapot.height(), 2.0 * wide + 0.9);
    let share = if picture.dense { (0.8, 1.0) } else { (0.45, 0.85) };
    let want = Want {
        grounds: &[Ground::Meadow, Ground::Snow, Ground::Beach],
        height: wide.max(height),
        share,
        down: (0.05, 0.65),
    };
    let afloat = picture.random.chance(0.12);
    let mut stage = if afloat { cloth(picture, wide, share) } else { anywhere(picture, 0.93, &want) };
    part_from(picture, &stage, teapot.glaze);
    let foot = if afloat { -0.5 * height } else { 0.0 };
    stage.camera.centre.y -= if afloat { 0.0 } else { 0.12 * share.0 };
    let solid = Solid {
        distance: |p: Vec3| teapot.distance(p - vec3(0.0, foot, 0.0)),
        material: |p: Vec3, _| teapot.material(p - vec3(0.0, foot, 0.0)),
        centre: vec3(0.0, foot + 0.5 * height, 0.0),
        radius: (0.5 * height).hypot(0.5 * wide + 0.15),
    };
    stage.show(picture, &solid);
    let b = teapot.belly;
    let spout = about_y(vec3(b.x + 0.6, b.y * (1.3 + teapot.spout) + 0.05, 0.0), -teapot.turn) + vec3(0.0, foot, 0.0);
    if let (true, Some((at, far))) = (picture.random.chance(0.3), stage.camera.seen(spout)) {
        steam(picture, at, stage.focal() / far);
        picture.detail_of(&["with steam", "with hot tea"]);
    }
}

fn steam(picture: &mut Picture, from: crate::math::Vec2, unit: f32) {
    let noise = Noise::new(&mut picture.random);
    let lean = picture.random.range(-0.4, 0.4);
    picture.canvas.begin(0.2);
    for k in 0..9 {
        let t = k as f32 / 8.0;
        let sway = 0.08 * noise.at(vec2(t * 4.0, 3.0));
        let at = from + vec2(lean * t * 0.5 + sway, -0.1 - t * 0.8) * unit;
        let ball =
            Puff { at, radius: unit * mix(0.06, 0.2, t), colour: Vec3::splat(1.2), opacity: 0.5 * (1.0 - t) + 0.06 };
        puff(&mut picture.canvas, &ball, vec2(0.0, -0.4), noise);
    }
}
