//! A clock: on a wall, an alarm clock with bells, a square one on a table, a watch lying about. The hands tell any time.

use glam::Mat3;

use super::stage::{anywhere, cloth, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec2, Vec3, hsv, rgb, smooth_min, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::{Material, Solid, distance::*};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Wall,
    Alarm,
    Square,
}

/// The face towards +z, of radius 1.
struct Clock {
    kind: Kind,
    case: Vec3,
    face: Vec3,
    ink: Vec3,
    hand: Vec3,
    hours: f32,
    rim: f32,
    ticks: usize,
    gloss: f32,
}

impl Clock {
    fn any(kind: Kind, random: &mut Rng) -> Clock {
        let dark = random.chance(0.2);
        let case = if random.chance(0.5) {
            *random.pick(&[0x4c3020, 0x8c5c30, 0x202024, 0xb8bcc0, 0xc09838, 0xe8e4dc].map(rgb))
        } else {
            hsv(random.unit(), random.range(0.5, 0.9), random.range(0.35, 0.9))
        };
        let face = if dark {
            *random.pick(&[0x1c2028, 0x28303c, 0x3c2424].map(rgb))
        } else {
            *random.pick(&[0xf4f0e4, 0xffffff, 0xf0e4c0, 0xe0e8ec].map(rgb))
        };
        let ink = if dark { rgb(0xf0e8d0) } else { rgb(0x18181c) };
        Clock {
            kind,
            case,
            face,
            ink,
            hand: if random.chance(0.25) { rgb(0xb01c18) } else { ink },
            hours: random.range(0.0, 12.0),
            rim: random.range(0.1, 0.22),
            ticks: random.weighted(&[0.5, 0.25, 0.25]),
            gloss: random.range(0.2, 0.9),
        }
    }

    /// A cylinder that looks along z.
    fn drum(p: Vec3, radius: f32, half: f32, round: f32) -> f32 {
        cylinder(vec3(p.x, p.z, p.y), radius, half, round)
    }

    fn body(&self, q: Vec3) -> f32 {
        let out = 1.0 + self.rim;
        let deep = if self.kind == Kind::Wall { 0.14 } else { 0.38 };
        let block = match self.kind {
            Kind::Square => cuboid(q + vec3(0.0, 0.0, deep), vec3(out + 0.05, out + 0.05, deep + 0.06), 0.1),
            _ => Self::drum(q + vec3(0.0, 0.0, deep), out, deep + 0.06, 0.06),
        };
        block.max(-Self::drum(q - vec3(0.0, 0.0, 0.1), 1.0, 0.1, 0.01))
    }

    fn extras(&self, q: Vec3) -> f32 {
        if self.kind != Kind::Alarm {
            return 9.0;
        }
        let m = vec3(q.x.abs(), q.y, q.z + 0.35);
        let out = 1.0 + self.rim;
        let way = vec3(0.53, 0.85, 0.0);
        let bell = sphere(m - way * (out + 0.22), 0.42).max((way * (out + 0.2) - m).dot(way));
        let knob = capsule(m, way * out, way * (out + 0.7), 0.05);
        let foot = cone(m, vec3(0.55, -0.8, 0.0) * out, vec3(0.78, -1.18, 0.0) * out, 0.12, 0.09);
        let hammer = capsule(q + vec3(0.0, 0.0, 0.35), vec3(0.0, out, 0.0), vec3(0.0, out + 0.35, 0.0), 0.05);
        let grip = sphere(q - vec3(0.0, out + 0.4, -0.35), 0.1);
        smooth_min(bell, knob, 0.03).min(foot).min(hammer).min(grip)
    }

    fn lowest(&self) -> f32 {
        match self.kind {
            Kind::Alarm => 1.18 * (1.0 + self.rim) + 0.07,
            _ => 1.05 + self.rim,
        }
    }

    fn highest(&self) -> f32 {
        if self.kind == Kind::Alarm { 1.6 + self.rim } else { self.lowest() }
    }

    fn material(&self, q: Vec3) -> Material {
        if self.extras(q) < self.body(q) {
            return Material::glossy(self.case.lerp(rgb(0xd0c8b0), 0.35), 0.9).part(3);
        }
        let p = vec2(q.x, q.y);
        if p.length() < 0.99 && q.z > -0.05 {
            return Material::glossy(self.dial(p), 0.05).part(1);
        }
        Material::glossy(self.case, self.gloss)
    }

    fn dial(&self, p: Vec2) -> Vec3 {
        let turn = |hours: f32| {
            let (s, c) = (hours * std::f32::consts::TAU / 12.0).sin_cos();
            vec2(s, c)
        };
        let hand = |way: Vec2, long: f32, wide: f32| {
            let (along, across) = (p.dot(way), p.dot(way.perp()).abs());
            along > -0.12 && along < long && across < wide * (1.0 - 0.4 * along / long)
        };
        let minutes = turn((self.hours.fract()) * 12.0);
        if hand(turn(self.hours), 0.5, 0.085) || hand(minutes, 0.78, 0.06) || p.length() < 0.08 {
            return self.hand;
        }
        let angle = p.x.atan2(p.y) * 12.0 / std::f32::consts::TAU;
        let near = (angle - angle.round()).abs() * p.length() * 0.52;
        let quarter = angle.round() as i32 % 3 == 0;
        let (from, wide) = match self.ticks {
            0 => (if quarter { 0.66 } else { 0.74 }, if quarter { 0.06 } else { 0.04 }),
            1 => (0.72, if quarter { 0.065 } else { 0.0 }),
            _ => (0.76, 0.055),
        };
        if near < wide && (from..0.92).contains(&p.length()) { self.ink } else { self.face }
    }
}

pub fn clock(picture: &mut Picture) {
    let kind = [Kind::Wall, Kind::Alarm, Kind::Square][picture.random.weighted(&[0.42, 0.4, 0.18])];
    let clock = Clock::any(kind, &mut picture.random);
    if kind == Kind::Wall { hanging(picture, &clock) } else { standing(picture, &clock) }
}

fn hanging(picture: &mut Picture, clock: &Clock) {
    let share = if picture.dense { (0.85, 1.15) } else { (0.45, 0.9) };
    let mut stage = cloth(picture, 2.3, share);
    let random = &mut picture.random;
    stage.light.ambient = stage.light.ambient.max(Vec3::splat(0.34));
    stage.light.to.z = stage.light.to.z.max(0.55);
    stage.light.to = stage.light.to.normalize();
    let turn = turning(random.normal() * 0.3, random.normal() * 0.2, 0.0);
    let light = stage.light.to;
    if let Some((at, far)) = stage.camera.seen(vec3(-light.x, -light.y, 0.0) * 0.25) {
        let shade = picture.canvas.mask(&Shape::circle(at, 1.15 * stage.focal() / far)).soft(0.03, picture.canvas.size);
        picture.canvas.shade(&shade, |_| Vec3::splat(0.35));
    }
    picture.detail("on a wall");
    show(picture, clock, &stage, turn, Vec3::ZERO);
}

fn standing(picture: &mut Picture, clock: &Clock) {
    if clock.kind == Kind::Alarm && picture.random.chance(0.6) {
        picture.noun = Some("an alarm clock".into());
    }
    let share = if picture.dense { (0.8, 1.05) } else { (0.45, 0.88) };
    let height = clock.lowest() + clock.highest();
    let want = Want {
        grounds: &[Ground::Beach, Ground::Snow, Ground::Meadow, Ground::Desert],
        height,
        share,
        down: (0.02, 0.45),
    };
    let stage = anywhere(picture, 0.88, &want);
    let turn = turning(picture.random.range(-0.65, 0.65), 0.0, 0.0);
    show(picture, clock, &stage, turn, vec3(0.0, clock.lowest(), 0.0));
}

fn show(picture: &mut Picture, clock: &Clock, stage: &super::stage::Stage, turn: Mat3, at: Vec3) {
    let solid = Solid {
        distance: |p: Vec3| {
            let q = turn * (p - at);
            clock.body(q).min(clock.extras(q))
        },
        material: |p: Vec3, _| clock.material(turn * (p - at)),
        centre: at,
        radius: 1.95,
    };
    stage.show(picture, &solid);
}
