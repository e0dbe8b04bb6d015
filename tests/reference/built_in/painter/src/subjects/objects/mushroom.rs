//! Mushrooms: red with white dots, brown, pale; round, flat or pointed caps; alone or in small groups, mostly in woods.

use super::stage::{Stage, anywhere};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, mix, rgb, smooth_max, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

#[derive(Clone, Copy)]
struct Mushroom {
    foot: Vec3,
    size: f32,
    stalk: f32,
    thick: f32,
    cap: Vec3,
    lean: f32,
    skin: Vec3,
    rim: Vec3,
    flesh: Vec3,
    dots: f32,
    ring: bool,
    noise: Noise,
}

impl Mushroom {
    fn any(random: &mut Rng) -> Mushroom {
        let red = random.chance(0.45);
        let skin = if red {
            *random.pick(&[0xc81c14, 0xd83018, 0xb01818].map(rgb))
        } else if random.chance(0.7) {
            *random.pick(&[0x8c5428, 0x6c4024, 0xb07c48, 0xe0c8a0, 0xd88830, 0xe8e0d0].map(rgb))
        } else {
            hsv(random.unit(), random.range(0.4, 0.7), random.range(0.4, 0.8))
        };
        Mushroom {
            foot: Vec3::ZERO,
            size: 1.0,
            stalk: random.range(0.7, 1.4),
            thick: random.range(0.16, 0.34),
            cap: vec3(random.range(0.65, 1.0), random.range(0.4, 0.85), 0.0),
            lean: random.normal() * 0.08,
            skin,
            rim: skin.lerp(rgb(0xe8c890), random.range(0.0, 0.5)),
            flesh: *random.pick(&[0xf0e8d8, 0xe0d4b8, 0xd0c0a0].map(rgb)),
            dots: (red || random.chance(0.15)) as u8 as f32,
            ring: random.chance(0.5),
            noise: Noise::new(random),
        }
    }

    fn height(&self) -> f32 {
        self.stalk + self.cap.y
    }

    fn own(&self, p: Vec3) -> Vec3 {
        about_z((p - self.foot) / self.size, self.lean)
    }

    fn hood(&self, q: Vec3) -> f32 {
        let r = q - vec3(0.0, self.stalk - 0.08, 0.0);
        let top = ellipsoid(r, vec3(self.cap.x, self.cap.y, self.cap.x));
        smooth_max(top, -(r.y + 0.02) + 0.12 * (1.0 - r.x * r.x - r.z * r.z).max(0.0) - 0.04, 0.06)
    }

    fn stem(&self, q: Vec3) -> f32 {
        let stem = cone(q, Vec3::ZERO, vec3(0.0, self.stalk, 0.0), self.thick * 1.3, self.thick * 0.85);
        if self.ring { stem.min(torus(q - vec3(0.0, self.stalk * 0.66, 0.0), self.thick * 1.12, 0.06)) } else { stem }
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = self.own(p);
        self.hood(q).min(self.stem(q)) * self.size * 0.9
    }

    fn material(&self, p: Vec3, normal: Vec3) -> Material {
        let q = self.own(p);
        if self.stem(q) < self.hood(q) {
            let streak = self.noise.at(vec2(q.x.atan2(q.z) * 5.0, q.y * 3.0));
            return Material::dull(self.flesh * (1.0 + 0.1 * streak)).part(1);
        }
        let r = vec2(q.x, q.z).length() / self.cap.x;
        if normal.y < -0.3 {
            let gill = (q.x.atan2(q.z) * 34.0).sin();
            return Material::dull(self.flesh * (0.8 + 0.16 * gill)).part(2);
        }
        let way = (q - vec3(0.0, self.stalk - 0.1, 0.0)) / vec3(self.cap.x, self.cap.y, self.cap.x) * 2.7;
        let spot = self.spot(way) * self.dots;
        let skin =
            self.skin.lerp(self.rim, smoothstep(0.6, 1.0, r)) * (1.0 + 0.15 * self.noise.fractal3(q * 3.0, 2, 0.6));
        Material::glossy(skin.lerp(rgb(0xf6f0e4), spot), mix(0.45, 0.0, spot))
    }

    fn spot(&self, q: Vec3) -> f32 {
        let cell = q.floor();
        let mut near = 9.0f32;
        for k in 0..8 {
            let c = cell + vec3((k & 1) as f32, (k >> 1 & 1) as f32, (k >> 2) as f32) - 0.5 * Vec3::ONE;
            let c = c.round();
            let any = |n: i32| self.noise.lattice(c.x as i32, c.y as i32, c.z as i32 * 4 + n);
            let at = c + 0.5 + 0.3 * vec3(any(0), any(1), any(2));
            near = near.min((q - at).length() / (0.4 + 0.14 * any(3)));
        }
        smoothstep(1.1, 0.9, near)
    }
}

pub fn mushroom(picture: &mut Picture) {
    let first = Mushroom::any(&mut picture.random);
    let count = picture.random.weighted(&[0.6, 0.2, 0.2]) + 1;
    let share = if picture.dense { (0.75, 1.0) } else { (0.45, 0.85) };
    let grounds = &[Ground::Forest, Ground::Forest, Ground::Forest, Ground::Meadow, Ground::Meadow, Ground::Snow];
    let want = Want { grounds, height: first.height().max(1.9 * first.cap.x), share, down: (-0.1, 0.45) };
    let stage = anywhere(picture, 0.12, &want);
    let mut all = vec![first];
    for k in 1..count {
        let random = &mut picture.random;
        let size = random.range(0.35, 0.7);
        let x = random.range(0.75, 1.15) * if k == 1 { 1.0 } else { -1.0 } * first.lean.signum();
        let shape = if random.chance(0.6) {
            first
        } else {
            Mushroom { skin: first.skin, dots: first.dots, ..Mushroom::any(random) }
        };
        all.push(Mushroom { foot: vec3(x, 0.0, random.range(-0.5, 0.6)), size, lean: random.normal() * 0.15, ..shape });
    }
    if count > 1 {
        picture.noun = Some("mushrooms".into());
    } else if first.dots > 0.0 && first.skin.x > 2.0 * first.skin.y {
        picture.noun = Some("a red mushroom".into());
    }
    all.sort_by(|a, b| a.foot.z.total_cmp(&b.foot.z));
    for one in &all {
        show(picture, &stage, one);
    }
}

fn show(picture: &mut Picture, stage: &Stage, one: &Mushroom) {
    let solid = Solid {
        distance: |p: Vec3| one.distance(p),
        material: |p: Vec3, normal: Vec3| one.material(p, normal),
        centre: one.foot + vec3(0.0, 0.5 * one.height() * one.size, 0.0),
        radius: one.size * (0.5 * one.height()).hypot(one.cap.x),
    };
    stage.show(picture, &solid);
}
