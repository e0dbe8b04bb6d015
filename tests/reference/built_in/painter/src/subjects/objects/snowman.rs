//! A snowman: two or three balls with eyes of coal, a carrot, buttons, stick arms, hats and scarves.

use super::stage::open;
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, hsv, rgb, smooth_min, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::solid::{Material, Solid, distance::*};

struct Snowman {
    /// Height of the middle and radius of each ball, from below.
    balls: [(f32, f32); 3],
    turn: f32,
    lean: f32,
    hat: usize,
    hat_colour: Vec3,
    scarf: Option<Vec3>,
    nose: f32,
    arms: (f32, f32),
    noise: Noise,
}

impl Snowman {
    fn own(&self, p: Vec3) -> Vec3 {
        about_z(about_y(p, self.turn), self.lean)
    }

    fn head(&self) -> Vec3 {
        vec3(0.0, self.balls[2].0, 0.0)
    }

    fn snow(&self, q: Vec3) -> f32 {
        let ball = |k: usize| sphere(q - vec3(0.0, self.balls[k].0, 0.0), self.balls[k].1);
        smooth_min(smooth_min(ball(0), ball(1), 0.09), ball(2), 0.06)
    }

    fn carrot(&self, q: Vec3) -> f32 {
        let r = self.balls[2].1;
        let at = self.head() + vec3(0.0, -0.02, r * 0.85);
        cone(q, at, at + vec3(0.0, -0.04, self.nose), 0.075, 0.012)
    }

    /// Eyes, mouth and buttons.
    fn coal(&self, q: Vec3) -> f32 {
        let (y, r) = self.balls[2];
        let m = vec3(q.x.abs(), q.y, q.z);
        let eye = sphere(m - vec3(0.36 * r, y + 0.24 * r, r * 0.86), 0.075);
        let on = |x: f32, down: f32| vec3(x * r, y - down * r, r * (1.0f32 - x * x - down * down).max(0.1).sqrt());
        let mouth = sphere(q - on(0.0, 0.5), 0.035)
            .min(sphere(m - on(0.22, 0.44), 0.035))
            .min(sphere(m - on(0.4, 0.32), 0.035));
        let (by, br) = self.balls[1];
        let button = |up: f32| sphere(q - vec3(0.0, by + up * br, br * (1.0 - up * up).sqrt()), 0.06);
        eye.min(mouth).min(button(0.4)).min(button(0.0)).min(button(-0.4))
    }

    fn sticks(&self, q: Vec3) -> f32 {
        let (y, r) = self.balls[1];
        let arm = |side: f32, rise: f32| {
            let shoulder = vec3(side * r * 0.85, y + 0.15, 0.0);
            let hand = shoulder + vec3(side * 0.55, rise, 0.05);
            let finger = hand - vec3(side * 0.12, rise * 0.2, 0.0);
            capsule(q, shoulder, hand, 0.028).min(capsule(q, finger, finger + vec3(side * 0.1, 0.16, 0.04), 0.02))
        };
        arm(1.0, self.arms.0).min(arm(-1.0, self.arms.1))
    }

    fn hat(&self, q: Vec3) -> f32 {
        let (y, r) = self.balls[2];
        let p = q - vec3(0.0, y + 0.72 * r, 0.0);
        match self.hat {
            0 => {
                let brim = cylinder(p, r * 1.15, 0.03, 0.02);
                brim.min(cylinder(p - vec3(0.0, 0.24, 0.0), r * 0.72, 0.25, 0.03))
            }
            1 => {
                let cap = ellipsoid(p, vec3(r * 0.86, 0.36, r * 0.86)).max(-p.y);
                smooth_min(cap, torus(p, r * 0.75, 0.08), 0.03).min(sphere(p - vec3(0.0, 0.42, 0.0), 0.12))
            }
            2 => {
                let pail = cylinder(p - vec3(0.0, 0.2, 0.0), r * 0.8 - 0.25 * p.y, 0.24, 0.02);
                pail * 0.9
            }
            _ => 9.0,
        }
    }

    fn shawl(&self, q: Vec3) -> f32 {
        if self.scarf.is_none() {
            return 9.0;
        }
        let (y, r) = self.balls[2];
        let neck = vec3(0.0, y - 0.84 * r, 0.0);
        let ring = torus(q - neck, r * 0.66, 0.105);
        let end = neck + vec3(0.22, -0.02, r * 0.7);
        let hang = cuboid(about_z(q - end - vec3(0.03, -0.25, 0.07), 0.12), vec3(0.09, 0.27, 0.035), 0.02);
        ring.min(hang)
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = self.own(p);
        let mut snow = self.snow(q);
        // Hat and scarf are about the head, the sticks to the sides.
        if (q - self.head()).length() - self.balls[2].1 * 1.9 - 0.15 < snow {
            snow = snow.min(self.hat(q)).min(self.shawl(q));
        }
        if q.x.abs() > self.balls[1].1 * 0.7 - snow {
            snow = snow.min(self.sticks(q));
        }
        // Coal and carrot all lie in front.
        let front = capsule(q, vec3(0.0, self.balls[1].0 - 0.2, 0.5), self.head() + vec3(0.0, 0.0, 0.45), 0.42);
        if front > snow { snow } else { snow.min(self.coal(q)).min(self.carrot(q)) }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = self.own(p);
        let parts = [self.snow(q), self.coal(q), self.carrot(q), self.sticks(q), self.hat(q), self.shawl(q)];
        let part = (0..parts.len()).min_by(|a, b| parts[*a].total_cmp(&parts[*b])).unwrap_or(0);
        let colour = match part {
            0 => rgb(0xf4f6fa) * (1.0 + 0.07 * self.noise.fractal3(q * 5.0, 2, 0.6)),
            1 => rgb(0x161618),
            2 => rgb(0xe8701c),
            3 => rgb(0x4c3420),
            4 => self.hat_paint(q),
            _ => {
                self.scarf.unwrap_or_default() * if (q.x.atan2(q.z) * 7.0 + q.y * 14.0).sin() > 0.5 { 1.5 } else { 1.0 }
            }
        };
        Material::dull(colour).part(part as u8)
    }

    fn hat_paint(&self, q: Vec3) -> Vec3 {
        let up = q.y - self.balls[2].0 - 0.72 * self.balls[2].1;
        match self.hat {
            0 if (0.03..0.13).contains(&up) => self.scarf.unwrap_or(rgb(0xb02020)),
            1 if !(0.09..0.32).contains(&up) => rgb(0xf0ece4),
            _ => self.hat_colour,
        }
    }
}

pub fn snowman(picture: &mut Picture) {
    let random = &mut picture.random;
    let big = random.range(0.44, 0.58);
    let (mid, small) = (big * random.range(0.68, 0.78), big * random.range(0.5, 0.62));
    let fat = random.chance(0.2);
    let low = big * 0.9;
    let middle = low + big * 0.72 + mid * 0.62;
    let top = if fat { middle } else { middle + mid * 0.72 + small * 0.66 };
    let balls = if fat {
        [(low, big), (low, big), (low + big * 0.8 + mid * 0.6, mid * 0.9)]
    } else {
        [(low, big), (middle, mid), (top, small)]
    };
    let hat = random.weighted(&[0.45, 0.28, 0.12, 0.15]);
    let height = balls[2].0 + balls[2].1 + [0.45, 0.4, 0.3, 0.0][hat];
    let share = if picture.dense { (0.78, 1.0) } else { (0.5, 0.88) };
    let grounds = &[
        Ground::Snow,
        Ground::Snow,
        Ground::Snow,
        Ground::Snow,
        Ground::Snow,
        Ground::Road,
        Ground::Beach,
        Ground::Meadow,
    ];
    let stage = open(picture, &Want { grounds, height, share, down: (0.02, 0.35) });
    let random = &mut picture.random;
    let strong = |random: &mut crate::random::Rng| hsv(random.unit(), random.range(0.65, 0.9), random.range(0.4, 0.8));
    let snowman = Snowman {
        balls,
        turn: random.range(-0.75, 0.75),
        lean: random.normal() * 0.05,
        hat,
        hat_colour: if hat == 0 { *random.pick(&[0x18181c, 0x2c2430, 0x3c2c20].map(rgb)) } else { strong(random) },
        scarf: random.chance(0.7).then(|| strong(random)),
        nose: random.range(0.2, 0.42),
        arms: (random.range(-0.25, 0.5), random.range(-0.25, 0.5)),
        noise: Noise::new(random),
    };
    match hat {
        0 => picture.detail_of(&["with a top hat", "with a hat", "in a black hat"]),
        1 => picture.detail_of(&["with a hat", "in a woolly hat"]),
        _ => {}
    }
    if snowman.scarf.is_some() {
        picture.detail_of(&["with a scarf", "wearing a scarf"]);
    }
    let solid = Solid {
        distance: |p: Vec3| snowman.distance(p),
        material: |p: Vec3, _| snowman.material(p),
        centre: vec3(0.0, 0.5 * height, 0.0),
        radius: vec2(0.5 * height, 0.6).length(),
    };
    stage.show(picture, &solid);
}
