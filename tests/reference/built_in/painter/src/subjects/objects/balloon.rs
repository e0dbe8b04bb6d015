//! Hot air balloons: one large in the sky over hills, others small and far; in all stripes and colours.

use super::rocket::clouds;
use crate::math::{Vec2, Vec3, hsv, mix, rgb, smooth_max, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::{Camera, Material, Solid, distance::*};
use crate::weather::{Time, Weather};

/// The bag's middle at the origin, of radius 1; the basket at -1.95.
struct Balloon {
    gores: f32,
    colours: Vec<Vec3>,
    pattern: usize,
    tall: f32,
    spin: f32,
    glow: f32,
}

impl Balloon {
    fn any(random: &mut Rng) -> Balloon {
        let count = random.int(2, 4);
        let colours = (0..count)
            .map(|k| {
                if k == 1 && random.chance(0.35) {
                    rgb(0xf6f2ea)
                } else {
                    hsv(random.unit(), random.range(0.6, 0.95), random.range(0.5, 0.98))
                }
            })
            .collect();
        Balloon {
            gores: *random.pick(&[8.0, 12.0, 12.0, 16.0]),
            colours,
            pattern: random.weighted(&[0.45, 0.2, 0.2, 0.15]),
            tall: random.range(1.0, 1.2),
            spin: random.range(0.0, 6.3),
            glow: 0.0,
        }
    }

    fn bag(&self, p: Vec3) -> f32 {
        let r = vec2(p.x, p.z).length();
        let seam = 0.02 * ((p.x.atan2(p.z) + self.spin) * self.gores).cos();
        let top = ellipsoid(p, vec3(1.0, self.tall, 1.0));
        // Below the middle it narrows straight to its mouth.
        let slope = (r - mix(0.97, 0.2, (-p.y / 1.45).clamp(0.0, 1.0).powf(1.35))) * 0.8;
        let d = if p.y > 0.0 { top } else { smooth_max(slope, -1.45 - p.y, 0.04) };
        (d - seam) * 0.9
    }

    fn basket(&self, p: Vec3) -> f32 {
        cuboid(about_y(p + vec3(0.0, 1.95, 0.0), self.spin), vec3(0.2, 0.16, 0.2), 0.03)
    }

    fn material(&self, p: Vec3) -> Material {
        if self.basket(p) < self.bag(p) {
            let weave = (p.y * 70.0).sin() * ((p.x + p.z) * 60.0).sin();
            return Material::dull(rgb(0x8c5c30) * (1.0 + 0.25 * weave)).part(1);
        }
        let turn = std::f32::consts::TAU;
        let gore = ((p.x.atan2(p.z) + self.spin).rem_euclid(turn) / turn * self.gores) as usize;
        let count = self.colours.len();
        let level = (p.y + 1.5) * 2.2;
        let index = match self.pattern {
            1 => level as usize,
            2 => gore + level as usize,
            3 if (level - 3.3).abs() < 0.55 => gore % 2 + 1,
            3 => 0,
            _ => gore,
        };
        let colour = self.colours[index % count];
        Material { glow: colour * self.glow * smoothstep(1.0, -1.2, p.y), ..Material::glossy(colour, 0.12) }
            .part(2 + (index % count) as u8)
    }
}

pub fn balloon(picture: &mut Picture) {
    let weather = Weather::any(&mut picture.random);
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let horizon = random.range(0.72, 1.3);
    weather.paint_sky(&mut picture.canvas, horizon);
    picture.detail_of(weather.words());
    if picture.random.chance(0.45) {
        clouds(picture, &weather, noise);
        picture.detail_of(&["in the clouds", "in the sky"]);
    } else {
        picture.detail_of(&["in the sky", "in the air"]);
    }
    if horizon < 1.05 {
        land(picture, &weather, horizon, noise);
    }
    let far = picture.random.weighted(&[0.5, 0.2, 0.2, 0.1]);
    for _ in 0..far {
        let random = &mut picture.random;
        let at = vec2(random.range(0.0, 1.0), random.range(0.05, 0.7));
        let share = random.range(0.1, 0.28);
        fly(picture, &weather, at, share);
    }
    if far > 1 {
        picture.noun = Some("hot air balloons".into());
    }
    let share = if picture.dense { picture.random.range(0.85, 1.15) } else { picture.random.range(0.45, 0.9) };
    let loose = 0.5 * (1.0 - share).max(0.04);
    let random = &mut picture.random;
    let at = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-loose, loose) * 0.8);
    fly(picture, &weather, at, share);
}

fn land(picture: &mut Picture, weather: &Weather, horizon: f32, noise: Noise) {
    let tint = *picture.random.pick(&[0x4c6c38, 0x7c8444, 0x8c6848, 0x3c5c48].map(rgb));
    for layer in 0..3 {
        let near = layer as f32 / 2.0;
        picture.canvas.begin(0.95 - 0.1 * near);
        let colour = weather.hazy(weather.lit(tint), 0.6 - 0.5 * near);
        let line = horizon + 0.08 * near * (1.2 - horizon).max(0.2);
        let everywhere = picture.canvas.mask(&Shape::rect(0.0, line - 0.15, 1.0, 1.0));
        picture.canvas.glaze(&everywhere, |p| {
            let ridge = line - 0.07 * noise.fractal(vec2(p.x * 3.0, 7.0 * layer as f32), 3, 0.5);
            let patch = noise.fractal(vec2(p.x * 5.0, p.y * 16.0), 2, 0.5);
            (colour * (1.0 + 0.3 * patch)).extend(smoothstep(-0.004, 0.004, p.y - ridge))
        });
    }
}

/// A balloon whose whole height takes `share` of the picture, with its middle at `at`.
fn fly(picture: &mut Picture, weather: &Weather, at: Vec2, share: f32) {
    let random = &mut picture.random;
    let mut balloon = Balloon::any(random);
    let (rise, focal) = (random.range(-0.5, 0.25), random.range(1.1, 2.2));
    let middle = vec3(0.0, -0.45, 0.0);
    let far = 3.2 * focal / share;
    let mut camera = Camera::looking(middle + far * vec3(0.0, rise.sin(), rise.cos()), middle, focal);
    camera.centre = at;
    let mut light = weather.light;
    light.to.z = light.to.z.max(0.35);
    if weather.time == Time::Night {
        balloon.glow = 0.7;
    }
    let ropes = |canvas: &mut crate::canvas::Canvas| {
        canvas.begin(0.4);
        for (x, z) in [(-0.17, 0.17), (0.17, 0.17), (-0.17, -0.17), (0.17, -0.17)] {
            let ends = camera.seen(vec3(x, -1.8, z)).zip(camera.seen(vec3(x * 1.1, -1.4, z * 1.1)));
            if let Some(((a, _), (b, _))) = ends {
                canvas.flat(&Shape::line(&[a, b], 0.035 * focal / far), rgb(0x30241c));
            }
        }
    };
    ropes(&mut picture.canvas);
    let solid = Solid {
        distance: |p: Vec3| balloon.bag(p).min(balloon.basket(p)),
        material: |p: Vec3, _| balloon.material(p),
        centre: middle,
        radius: 1.75,
    };
    let haze = (share < 0.4).then_some((weather.sky.1, far * 2.5));
    solid.render(&mut picture.canvas, &camera, &light, haze);
}
