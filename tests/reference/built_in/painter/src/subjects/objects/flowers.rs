//! Flowers in a vase: daisies, roses, tulips, sunflowers and small blossom, in all colours, with leaves, in pots of many shapes.

use glam::Mat3;

use super::stage::{Stage, anywhere, cloth};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, mix, rgb, smooth_max, smooth_min, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Daisy,
    Rose,
    Tulip,
    Sunflower,
    Leaf,
}

/// One head or leaf; its own y looks out of the bunch.
struct Head {
    kind: Kind,
    at: Vec3,
    turn: Mat3,
    size: f32,
    petal: Vec3,
    heart: Vec3,
    petals: f32,
    shade: f32,
    noise: Noise,
}

impl Head {
    fn distance(&self, p: Vec3) -> f32 {
        let q = self.turn * (p - self.at) / self.size;
        let away = q.length();
        if away > 1.5 {
            return (away - 1.15) * self.size;
        }
        let around = q.x.atan2(q.z);
        let r = vec2(q.x, q.z).length();
        let d = match self.kind {
            Kind::Daisy | Kind::Sunflower => {
                let edge = 0.72 + 0.28 * (around * self.petals).cos().abs();
                let cup = q.y - 0.25 * r * r;
                let petals = smooth_max(r - edge, cup.abs() - 0.05, 0.03) * 0.6;
                petals.min(ellipsoid(q - vec3(0.0, 0.06, 0.0), vec3(self.heart_size(), 0.2, self.heart_size())))
            }
            Kind::Rose => {
                let whirl = (r * 13.0 - around * 2.0 + 2.0 * q.y).sin();
                (ellipsoid(q, vec3(0.85, 0.7, 0.85)) + 0.05 * whirl) * 0.7
            }
            Kind::Tulip => {
                let cup = ellipsoid(q, vec3(0.62, 0.95, 0.62));
                smooth_max(cup, q.y - 0.45 - 0.22 * (around * 3.0).cos(), 0.05) * 0.8
            }
            Kind::Leaf => {
                let bent = vec3(q.x, q.y, q.z + 0.3 * q.y * q.y);
                ellipsoid(bent, vec3(0.28, 1.0, 0.06)) * 0.7
            }
        };
        d * self.size
    }

    fn heart_size(&self) -> f32 {
        if self.kind == Kind::Sunflower { 0.5 } else { 0.27 }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = self.turn * (p - self.at) / self.size;
        let r = vec2(q.x, q.z).length();
        let around = q.x.atan2(q.z);
        let colour = match self.kind {
            Kind::Daisy | Kind::Sunflower if r < self.heart_size() => {
                self.heart * (1.0 + 0.3 * self.noise.at3(q * 12.0))
            }
            Kind::Daisy | Kind::Sunflower => {
                self.petal * (0.8 + 0.25 * (around * self.petals).cos().abs()) * mix(0.75, 1.1, r)
            }
            Kind::Rose => self.petal * (0.82 + 0.3 * (r * 13.0 - around * 2.0 + 2.0 * q.y).sin()),
            Kind::Tulip => {
                self.petal.lerp(self.heart, smoothstep(0.0, -0.9, q.y)) * (0.9 + 0.14 * (around * 3.0).cos())
            }
            Kind::Leaf => self.petal * (0.85 + 0.3 * smoothstep(0.05, 0.0, q.x.abs())),
        };
        Material::glossy(colour * self.shade, 0.15).part(1)
    }

    fn show(&self, picture: &mut Picture, stage: &Stage) {
        let solid = Solid {
            distance: |p: Vec3| self.distance(p),
            material: |p: Vec3, _| self.material(p),
            centre: self.at,
            radius: self.size * 1.1,
        };
        solid.render(&mut picture.canvas, &stage.camera, &stage.light, stage.haze);
    }
}

struct Vase {
    tall: f32,
    belly: f32,
    neck: f32,
    /// Height of the belly as a share.
    low: f32,
    lip: f32,
    glaze: Vec3,
    band: Vec3,
    pattern: usize,
    gloss: f32,
}

impl Vase {
    fn any(random: &mut Rng) -> Vase {
        let glaze = match random.weighted(&[0.3, 0.45, 0.25]) {
            0 => *random.pick(&[0xe8e4dc, 0xd0d4d8, 0xf0e8d8].map(rgb)),
            1 => hsv(random.unit(), random.range(0.3, 0.8), random.range(0.25, 0.8)),
            _ => *random.pick(&[0x9c5c34, 0x2c2c30, 0x5c3c2c, 0x8cb0b8, 0xa07c3c].map(rgb)),
        };
        Vase {
            tall: random.range(0.9, 1.5),
            belly: random.range(0.28, 0.55),
            neck: random.range(0.16, 0.3),
            low: random.range(0.2, 0.6),
            lip: random.range(0.0, 0.1),
            glaze,
            band: hsv(random.unit(), 0.6, random.range(0.3, 0.9)),
            pattern: random.weighted(&[0.45, 0.2, 0.2, 0.15]),
            gloss: random.range(0.2, 0.95),
        }
    }

    fn distance(&self, p: Vec3) -> f32 {
        lathe(p, |r, y| {
            let s = (y / self.tall).clamp(0.0, 1.0);
            let swell = smoothstep(-0.35, self.low, s) * smoothstep(1.0, self.low, s);
            let wide = mix(self.neck, self.belly.max(self.neck + 0.05), swell) + self.lip * smoothstep(0.85, 1.0, s);
            smooth_max((r - wide) * 0.75, (y - 0.5 * self.tall).abs() - 0.5 * self.tall, 0.03)
        })
    }

    fn material(&self, p: Vec3) -> Material {
        let s = p.y / self.tall;
        let marked = match self.pattern {
            1 => (s - 0.55).abs() < 0.09 || (s - 0.3).abs() < 0.03,
            2 => (s * 26.0).sin() > 0.5 && s < 0.8,
            3 => (p.x.atan2(p.z) * 5.0).sin() * (s * 20.0).sin() > 0.35,
            _ => false,
        };
        Material::glossy(if marked { self.band } else { self.glaze }, self.gloss)
    }
}

fn bunch(picture: &mut Picture, mouth: Vec3, spread: f32) -> Vec<Head> {
    let random = &mut picture.random;
    let kinds = [Kind::Daisy, Kind::Rose, Kind::Tulip, Kind::Sunflower];
    let (first, second) = (*random.pick(&kinds), *random.pick(&kinds));
    let mixed = random.chance(0.5);
    let colours: Vec<Vec3> = (0..3)
        .map(|_| {
            if random.chance(0.25) {
                rgb(0xf4f0ea)
            } else {
                hsv(random.range(-0.28, 0.17), random.range(0.5, 0.9), random.range(0.7, 0.98))
            }
        })
        .collect();
    let one = random.chance(0.4);
    let count = random.int(4, 15);
    let green = hsv(random.range(0.22, 0.4), random.range(0.4, 0.7), random.range(0.25, 0.5));
    let mut heads = Vec::new();
    for k in 0..count + 9 {
        let leaf = k >= count;
        let kind = if leaf {
            Kind::Leaf
        } else if mixed && random.chance(0.5) {
            second
        } else {
            first
        };
        // Spread evenly over a dome (a golden spiral), the leaves lower.
        let share = if leaf { random.range(0.75, 1.1) } else { (k as f32 + 0.5) / count as f32 };
        let (up, round) = (1.0 - 0.95 * share, k as f32 * 2.4 + random.range(-0.3, 0.3));
        let flat = (1.0 - up * up).max(0.0).sqrt();
        let out = vec3(flat * round.cos(), up * 0.9 + 0.12, flat * round.sin());
        let far = spread * if leaf { random.range(0.45, 0.85) } else { random.range(0.75, 1.05) };
        let face = if leaf { out } else { (out + vec3(0.0, 0.1, 0.55)).normalize() };
        let turn = Mat3::from_quat(glam::Quat::from_rotation_arc(face.normalize(), Vec3::Y));
        let petal = if leaf {
            green * random.range(0.7, 1.3)
        } else if kind == Kind::Sunflower {
            rgb(*random.pick(&[0xf0b020, 0xe8a018, 0xf4c430]))
        } else if one {
            colours[0]
        } else {
            *random.pick(&colours)
        };
        let dark = if kind == Kind::Sunflower {
            rgb(0x4c2c14)
        } else {
            *random.pick(&[0xe8b830, 0xd89020, 0xf0d860].map(rgb))
        };
        let size = spread
            * if leaf {
                random.range(0.35, 0.6)
            } else {
                random.range(0.3, 0.45) * (16.0 / (count as f32 + 6.0)).powf(0.35)
            };
        heads.push(Head {
            kind,
            at: mouth + out * far + vec3(0.0, 0.1 * spread, 0.0),
            turn,
            size,
            petal,
            heart: dark,
            petals: random.int(3, 7) as f32,
            shade: mix(0.6, 1.08, smoothstep(-0.2, 1.0, out.z * 0.6 + out.y)),
            noise: Noise::new(random),
        });
    }
    heads.sort_by(|a, b| a.at.z.total_cmp(&b.at.z));
    heads
}

pub fn flowers(picture: &mut Picture) {
    let vase = Vase::any(&mut picture.random);
    let spread = picture.random.range(0.65, 1.05);
    let height = vase.tall + 1.35 * spread;
    let share = if picture.dense { (0.85, 1.1) } else { (0.62, 0.95) };
    let want = Want { grounds: &[Ground::Meadow, Ground::Beach], height, share, down: (0.02, 0.5) };
    let mut stage =
        if picture.random.chance(0.15) { cloth(picture, height, share) } else { anywhere(picture, 0.94, &want) };
    let foot = if stage.floor { 0.0 } else { -0.5 * height };
    stage.light.ambient = stage.light.ambient.max(Vec3::splat(0.26));
    let mouth = vec3(0.0, foot + vase.tall, 0.0);
    let heads = bunch(picture, mouth, spread);
    let solid = Solid {
        distance: |p: Vec3| vase.distance(p - vec3(0.0, foot, 0.0)),
        material: |p: Vec3, _| vase.material(p - vec3(0.0, foot, 0.0)),
        centre: vec3(0.0, foot + 0.5 * vase.tall, 0.0),
        radius: 0.62 * vase.tall.max(1.0),
    };
    if stage.floor {
        // The bunch throws one soft shadow.
        let bush = Solid {
            distance: |p: Vec3| {
                smooth_min(sphere(p - mouth - vec3(0.0, 0.5 * spread, 0.0), spread * 0.85), vase.distance(p), 0.1)
            },
            material: |_, _| Material::dull(Vec3::ZERO),
            centre: mouth,
            radius: vase.tall.max(1.7 * spread),
        };
        bush.shadow(&mut picture.canvas, &stage.camera, &stage.light, 0.6);
    }
    let behind = heads.iter().take_while(|head| head.at.z < 0.0).count();
    for head in &heads[..behind] {
        head.show(picture, &stage);
    }
    stems(picture, &stage, &heads, mouth);
    solid.render(&mut picture.canvas, &stage.camera, &stage.light, stage.haze);
    for head in &heads[behind..] {
        head.show(picture, &stage);
    }
}

fn stems(picture: &mut Picture, stage: &Stage, heads: &[Head], mouth: Vec3) {
    let green = rgb(0x44682c) * (stage.light.colour * 0.5 + stage.light.ambient);
    picture.canvas.begin(0.4);
    for head in heads.iter().filter(|head| head.kind != Kind::Leaf) {
        let ends = stage.camera.seen(mouth - vec3(0.0, 0.1, 0.0)).zip(stage.camera.seen(head.at));
        if let Some(((a, far), (b, _))) = ends {
            let middle = a.lerp(b, 0.5) + vec2(0.15 * (a.x - b.x), 0.0);
            picture.canvas.flat(&crate::shape::Shape::curve(&[a, middle, b], 0.06 / far * stage.focal()), green);
        }
    }
}
