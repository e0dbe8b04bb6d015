//! A person put together and painted: head, hair, beard, glasses, hat, neck, collar and body, each carved in its own frame.

use super::clothes;
use super::hair::{self, Hair};
use super::head;
use super::person::{Glasses, Person};
use super::relief::{Bounds, Frame, Lamps, Relief, Surface};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, vec2, vec3};
use crate::picture::Picture;
use crate::shape::Shape;
use crate::solid::distance::capsule;

/// How the head is held and where it is in the picture; angles in radians.
#[derive(Clone, Copy)]
pub struct Pose {
    pub head: Vec2,
    /// Half of the head's height.
    pub scale: f32,
    /// Towards the picture's right.
    pub yaw: f32,
    pub nod: f32,
    pub tilt: f32,
    pub body_yaw: f32,
}

impl Pose {
    /// Mostly turned towards the light, as sitters are.
    pub fn any(picture: &mut Picture, head: Vec2, scale: f32, light: Vec3) -> Pose {
        let dense = picture.dense;
        let random = &mut picture.random;
        let towards = if random.chance(0.72) { light.x.signum() } else { random.sign() };
        let profile = if dense { 0.08 } else { 0.17 };
        let yaw = match random.weighted(&[0.34, 0.48, profile]) {
            0 => random.range(-0.3, 0.3),
            1 => towards * random.range(0.3, 0.95),
            _ => light.x.signum() * random.range(1.2, 1.5),
        };
        let (nod, tilt) = (random.range(-0.22, 0.3), random.normal() * 0.12);
        // Room before the face.
        let head = vec2(head.x - 0.3 * scale * yaw.sin(), head.y);
        Pose { head, scale, yaw, nod, tilt, body_yaw: yaw * random.range(0.2, 0.8) + random.range(-0.25, 0.25) }
    }
}

/// Carves a sitter into `relief`.
pub fn carve(relief: &mut Relief, person: &Person, pose: &Pose) {
    let head = Frame::turned(pose.yaw, pose.nod, pose.tilt, Vec3::ZERO);
    let neck = vec3(0.35 * pose.tilt, -1.22, -0.28 - 0.25 * pose.nod);
    let body = Frame::turned(pose.body_yaw, 0.0, 0.2 * pose.tilt, neck);
    // What hides other things comes first: what it hides need not be followed to the end.
    if let Some(hat) = &person.hat {
        let seat = head.view(vec3(0.0, hat.seat(), -0.04));
        let tip = Frame::turned(pose.yaw, pose.nod - 0.12, pose.tilt, seat);
        relief.carve(&tip, hat.bounds(), |p| hat.distance(p), |p| hat.surface(&person.noise, p));
    }
    carve_beard(relief, person, &head);
    carve_head(relief, person, &head);
    carve_hair(relief, person, &head);
    if person.pipe && !person.standing {
        carve_pipe(relief, &head, person.part);
    }
    if let Some(glasses) = person.glasses {
        carve_glasses(relief, glasses, &head);
    }
    carve_neck(relief, person, &head, &body);
    carve_body(relief, person, &body);
}

fn carve_neck(relief: &mut Relief, person: &Person, head: &Frame, body: &Frame) {
    let (top, base) = (head.view(vec3(0.0, -0.55, -0.2)), body.view(vec3(0.0, -0.15, -0.05)));
    let thick = if person.kind.female() || person.kind.young() { 0.28 } else { 0.38 };
    let straight = Frame::turned(0.0, 0.0, 0.0, Vec3::ZERO);
    let bounds = Bounds { centre: (top + base) * 0.5, radii: vec3(0.75, 1.1, 0.75) };
    let skin = Surface { gloss: 0.08, soft: 0.28, ..Surface::new(person.skin * 0.96, 1) };
    relief.carve(&straight, bounds, |p| clothes::neck_distance(p, top, base, thick), |_| skin);
}

fn carve_body(relief: &mut Relief, person: &Person, frame: &Frame) {
    if clothes::collar_distance(person, Vec3::ZERO).is_some() {
        relief.carve(
            frame,
            clothes::COLLAR_BOUNDS,
            |p| clothes::collar_distance(person, p).unwrap_or(1.0),
            |p| clothes::collar_surface(person, p),
        );
    }
    let bounds = if person.standing { clothes::STANDING_BOUNDS } else { clothes::BODY_BOUNDS };
    relief.carve(frame, bounds, |p| clothes::body_distance(person, p), |p| clothes::body_surface(person, p));
}

fn carve_head(relief: &mut Relief, person: &Person, frame: &Frame) {
    let blur = relief.pixel();
    relief.carve(frame, head::BOUNDS, |p| head::distance(person, p), |p| head::surface(person, p, blur));
}

fn carve_hair(relief: &mut Relief, person: &Person, frame: &Frame) {
    if person.hair == Hair::Bald {
        return;
    }
    let long = person.hair.long() || person.hair == Hair::Braids;
    let bounds = if long { hair::LONG_BOUNDS } else { hair::HAIR_BOUNDS };
    relief.carve(frame, bounds, |p| hair::hair_distance(person, p), |p| hair::hair_surface(person, p));
}

fn carve_beard(relief: &mut Relief, person: &Person, frame: &Frame) {
    let Some(beard) = &person.beard else { return };
    relief.carve(
        frame,
        hair::beard_bounds(beard),
        |p| hair::beard_distance(person, beard, p),
        |p| hair::beard_surface(person, p),
    );
}

/// Between the lips, at one side.
fn carve_pipe(relief: &mut Relief, frame: &Frame, side: f32) {
    let bounds = Bounds { centre: vec3(0.2 * side, -0.72, 1.1), radii: vec3(0.55, 0.4, 0.65) };
    let bowl = vec3(0.34 * side, -0.8, 1.3);
    let distance = |p: Vec3| {
        let stem = capsule(p, vec3(0.1 * side, -0.62, 0.75), bowl - vec3(0.0, 0.06, 0.0), 0.035);
        let cup = capsule(p, bowl, bowl + vec3(0.0, 0.12, 0.0), 0.11);
        stem.min(cup)
    };
    let colour = |p: Vec3| if p.y > bowl.y + 0.17 { Vec3::splat(0.04) } else { vec3(0.3, 0.15, 0.08) };
    relief.carve(frame, bounds, distance, |p| Surface { gloss: 0.4, ..Surface::new(colour(p), 14) });
}

fn carve_glasses(relief: &mut Relief, glasses: Glasses, frame: &Frame) {
    let bounds = Bounds { centre: vec3(0.0, 0.0, 0.4), radii: vec3(0.95, 0.4, 0.75) };
    let wire = 0.013 + 0.3 * relief.pixel();
    let rim = |q: Vec3| match glasses {
        Glasses::Round => vec2(q.x, q.y).length() - 0.175,
        _ => (vec2(q.x, q.y).abs() - vec2(0.13, 0.08)).max(Vec2::ZERO).length() - 0.075,
    };
    let distance = |p: Vec3| {
        let q = vec3(p.x.abs() - 0.27, p.y + 0.01, p.z - 0.8 + 0.3 * p.x * p.x);
        let ring = match glasses {
            Glasses::Dark => vec2(rim(q).max(0.0), q.z).length() - wire,
            _ => vec2(rim(q), q.z).length() - wire,
        };
        let a = vec3(p.x.abs(), p.y, p.z);
        let temple = capsule(a, vec3(0.46, 0.04, 0.72), vec3(0.71, 0.02, -0.08), wire);
        let bridge = capsule(a, vec3(0.0, 0.03, 0.84), vec3(0.09, 0.03, 0.8), wire);
        ring.min(temple).min(bridge) * 0.85
    };
    let frame_colour = if glasses == Glasses::Square { vec3(0.08, 0.06, 0.05) } else { vec3(0.05, 0.045, 0.04) };
    let gloss = if glasses == Glasses::Dark { 0.12 } else { 0.4 };
    relief.carve(frame, bounds, distance, |_| Surface { gloss, ..Surface::new(frame_colour, 14) });
}

/// From the head's middle down to the soles, in half heads.
pub const TO_GROUND: f32 = 10.35;

/// On the ground, away from the light.
fn shadow(canvas: &mut Canvas, pose: &Pose, light: Vec3) {
    let feet = pose.head + vec2(0.0, pose.scale * TO_GROUND);
    let long = pose.scale * 3.5 / (0.3 + light.y.max(0.0));
    let away = vec2(-light.x, -0.3 * light.z.signum()).normalize_or(vec2(1.0, 0.0)) * vec2(long, 0.3 * long);
    let touch = Shape::ellipse(feet, vec2(1.5, 0.4) * pose.scale, 0.0);
    for shape in [Shape::line(&[feet, feet + away], 1.4 * pose.scale), touch] {
        let mask = canvas.mask(&shape).soft(0.3 * pose.scale, canvas.size);
        canvas.shade(&mask, |_| Vec3::splat(0.55));
    }
}

pub fn paint(picture: &mut Picture, person: &Person, pose: &Pose, lamps: &Lamps) {
    if person.standing {
        shadow(&mut picture.canvas, pose, lamps.to);
    }
    let mut relief = Relief::new(picture.canvas.size, pose.head, pose.scale);
    carve(&mut relief, person, pose);
    relief.paint(&mut picture.canvas, lamps);
}
