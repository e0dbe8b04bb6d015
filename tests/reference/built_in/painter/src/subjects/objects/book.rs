//! A book: open with its lines of print, or closed; on a desk, a table, the grass; sometimes a stack.

use glam::Mat3;

use super::stage::{Stage, anywhere, cloth, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

struct Book {
    half: Vec3,
    cover: Vec3,
    print: Vec3,
    paper: Vec3,
    /// How steeply the pages of an open one rise from the spine.
    swell: f32,
    picture: bool,
    lines: f32,
    label: usize,
    noise: Noise,
}

impl Book {
    fn any(random: &mut Rng) -> Book {
        let cover = if random.chance(0.3) {
            *random.pick(&[0x5c3420, 0x7c2c24, 0x203048, 0x243c2c, 0x1c1c20].map(rgb))
        } else {
            hsv(random.unit(), random.range(0.45, 0.9), random.range(0.3, 0.8))
        };
        Book {
            half: vec3(random.range(0.68, 0.8), random.range(0.12, 0.26), random.range(0.9, 1.1)),
            cover,
            print: *random.pick(&[0xe8c860, 0xf0ece0, 0xd0d0d0].map(rgb)),
            paper: *random.pick(&[0xf4efe0, 0xf0e4c4, 0xe8d8b0, 0xf8f8f4].map(rgb)),
            swell: random.range(0.12, 0.3),
            picture: random.chance(0.3),
            lines: random.range(9.0, 13.0),
            label: random.weighted(&[0.4, 0.35, 0.25]),
            noise: Noise::new(random),
        }
    }

    /// The spine along z at x = 0, the print upwards.
    fn opened(&self, q: Vec3) -> f32 {
        let x = q.x.abs();
        let wide = self.half.x * 1.25;
        let t = x / wide;
        let top = 0.06 + self.swell * (t * 5.0).min(1.0).sqrt() * (1.0 - 0.75 * t);
        let pages = (q.y - top).max(-q.y).max((x - wide) * 0.9).max(q.z.abs() - self.half.z) * 0.6;
        pages.min(cuboid(q - vec3(0.0, 0.0, 0.0), vec3(wide + 0.06, 0.03, self.half.z + 0.06), 0.01))
    }

    fn page(&self, q: Vec3) -> Material {
        let wide = self.half.x * 1.25;
        if q.y < 0.035 || q.x.abs() > wide - 0.01 {
            let cover = q.y < 0.035;
            let leaves = 0.8 + 0.2 * (q.y * 160.0).sin();
            return if cover {
                Material::glossy(self.cover, 0.3).part(1)
            } else {
                Material::dull(self.paper * leaves).part(2)
            };
        }
        if q.z.abs() > self.half.z - 0.01 {
            return Material::dull(self.paper * (0.75 + 0.2 * (q.y * 160.0).sin())).part(2);
        }
        let (x, z) = (q.x.abs() / wide, q.z / self.half.z);
        let gutter = 1.0 - 0.55 * smoothstep(0.12, 0.0, x);
        let within = (0.16..0.88).contains(&x) && z.abs() < 0.82;
        let side = (q.x > 0.0) as i32;
        if within && self.picture && side == 1 && z < 0.05 {
            let scene = self.noise.fractal(vec2(x, z) * 4.0, 2, 0.5);
            return Material::dull(self.cover.lerp(self.print, 0.5 + 0.5 * scene)).part(4);
        }
        let line = z * self.lines;
        let row = line.floor() as i32;
        let end = 0.86 - if self.noise.lattice(row, side, 1) > 0.5 { 0.3 } else { 0.0 };
        let words = self.noise.at(vec2(q.x * 9.0, row as f32 * 5.0)) > -0.55;
        let ink = within && words && x < end && (0.25..0.72).contains(&(line - row as f32));
        Material::dull(if ink { self.paper.lerp(rgb(0x28241f), 0.72) } else { self.paper } * gutter).part(3)
    }

    /// Lying flat, the spine at -x.
    fn closed(&self, q: Vec3) -> f32 {
        let h = self.half;
        let boards = cuboid(q, h, 0.025);
        let hollow = cuboid(q - vec3(0.1, 0.0, 0.0), vec3(h.x, h.y - 0.035, h.z + 0.1), 0.0);
        let pages = cuboid(q - vec3(0.01, 0.0, 0.0), vec3(h.x - 0.06, h.y - 0.03, h.z - 0.05), 0.0);
        boards.max(-hollow).min(pages)
    }

    fn binding(&self, q: Vec3) -> Material {
        let h = self.half;
        let inside = q.y.abs() < h.y - 0.033 && q.x > -h.x + 0.05;
        if inside {
            return Material::dull(self.paper * (0.82 + 0.16 * (q.y * 150.0).sin())).part(2);
        }
        let (x, z) = (q.x / h.x, q.z / h.z);
        let flat = q.y.abs() > h.y - 0.04;
        let marked =
            flat && match self.label {
                0 => (x - 0.05).abs() < 0.6 && ((z + 0.45).abs() < 0.09 || (z + 0.2).abs() < 0.06),
                1 => {
                    ((x - 0.05).abs() - 0.72).abs() < 0.035 && z.abs() < 0.83
                        || (z.abs() - 0.8).abs() < 0.03 && (x - 0.05).abs() < 0.75
                }
                _ => vec2((x - 0.05) * h.x, z * h.z).length() < 0.3,
            } || !flat && x < -0.97 && (z.abs() - 0.6).abs() < 0.06;
        Material::glossy(if marked { self.print } else { self.cover }, 0.3)
    }
}

pub fn book(picture: &mut Picture) {
    let book = Book::any(&mut picture.random);
    let share = if picture.dense { (0.85, 1.15) } else { (0.5, 0.9) };
    let grounds = &[Ground::Meadow, Ground::Beach, Ground::Forest, Ground::Snow];
    match picture.random.weighted(&[0.6, 0.12, 0.1, 0.18]) {
        0 => {
            let want = Want { grounds, height: 1.9, share, down: (0.4, 1.3) };
            let stage = centred(picture, 0.85, &want);
            let turn = turning(picture.random.range(-0.7, 0.7), 0.0, 0.0);
            picture.noun = Some("an open book".into());
            show(picture, &stage, turn, Vec3::ZERO, |q| book.opened(q), |q| book.page(q));
        }
        1 => {
            let want = Want { grounds, height: 1.7, share, down: (0.35, 1.2) };
            let stage = centred(picture, 0.85, &want);
            let turn = turning(picture.random.range(-3.1, 3.1), 0.0, 0.0);
            show(picture, &stage, turn, vec3(0.0, book.half.y, 0.0), |q| book.closed(q), |q| book.binding(q));
        }
        2 => {
            // Upright, its front towards the viewer, or floating before a ground.
            let stage = cloth(picture, 2.1, share);
            let random = &mut picture.random;
            let stand = Mat3::from_rotation_x(std::f32::consts::FRAC_PI_2);
            let turn = stand * turning(random.range(-0.8, 0.8), random.range(-0.3, 0.3), random.normal() * 0.3);
            show(picture, &stage, turn, Vec3::ZERO, |q| book.closed(q), |q| book.binding(q));
        }
        _ => stack(picture, share),
    }
}

fn centred(picture: &mut Picture, indoors: f32, want: &Want) -> Stage {
    let mut stage = anywhere(picture, indoors, want);
    // The camera aims above a thing that lies.
    if let Some((at, _)) = stage.camera.seen(Vec3::ZERO) {
        stage.camera.centre.y += 0.7 * (0.55 - at.y).min(0.0);
    }
    stage
}

fn stack(picture: &mut Picture, share: (f32, f32)) {
    let books: Vec<Book> = (0..picture.random.int(3, 6)).map(|_| Book::any(&mut picture.random)).collect();
    let height: f32 = books.iter().map(|book| 2.0 * book.half.y).sum();
    let want = Want { grounds: &[Ground::Meadow], height: height.max(1.9), share, down: (0.1, 0.5) };
    let stage = anywhere(picture, 0.95, &want);
    picture.noun = Some("a stack of books".into());
    let yaw = picture.random.range(0.0, 6.3);
    let mut y = 0.0;
    for book in &books {
        let turn = turning(yaw + picture.random.normal() * 0.15, 0.0, 0.0);
        y += book.half.y;
        let lifted = Stage { floor: y <= book.half.y, camera: stage.camera, light: stage.light, haze: stage.haze };
        show(picture, &lifted, turn, vec3(0.0, y, 0.0), |q| book.closed(q), |q| book.binding(q));
        y += book.half.y;
    }
}

fn show(
    picture: &mut Picture,
    stage: &Stage,
    turn: Mat3,
    at: Vec3,
    distance: impl Fn(Vec3) -> f32,
    material: impl Fn(Vec3) -> Material,
) {
    let solid = Solid {
        distance: |p: Vec3| distance(turn * (p - at)),
        material: |p: Vec3, _| material(turn * (p - at)),
        centre: at,
        radius: 1.6,
    };
    stage.show(picture, &solid);
}
