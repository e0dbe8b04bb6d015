//! Four legs, a body, a neck and a tail in a pose: what dogs, cats, horses, cows and elephants share. Heads are their own.
//!
//! The animal looks along +z with its left at +x; the height of the shoulders of a standing dog is about 1.

use std::f32::consts::PI;

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, facing};
use crate::math::{Vec3, vec3};
use crate::random::Rng;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pose {
    Stand,
    Walk,
    Run,
    Sit,
    Lie,
}

/// Proportions.
pub struct Build {
    /// Height of hips and shoulders.
    pub leg: f32,
    /// Hips to shoulders.
    pub length: f32,
    pub chest: f32,
    pub waist: f32,
    /// Radius of the legs at the wrist.
    pub limb: f32,
    pub neck: f32,
    /// How steeply the neck rises, radians.
    pub rise: f32,
    /// Radius of the neck at the head.
    pub nape: f32,
}

/// Where the joints are.
pub struct Bones {
    pub hip: Vec3,
    pub shoulder: Vec3,
    pub head: Vec3,
    /// Front left, front right, hind left, hind right.
    legs: [[Vec3; 4]; 4],
}

fn swung(mut leg: [Vec3; 4], angle: f32, bend: f32) -> [Vec3; 4] {
    let top = leg[0];
    for joint in &mut leg[1..] {
        *joint = top + Mat3::from_rotation_x(-angle) * (*joint - top);
    }
    let wrist = leg[1];
    for joint in &mut leg[2..] {
        *joint = wrist + Mat3::from_rotation_x(bend) * (*joint - wrist);
    }
    leg
}

impl Bones {
    pub fn posed(build: &Build, pose: Pose, random: &mut Rng) -> Bones {
        let Build { leg, length, chest, waist, limb, .. } = *build;
        let foot = 0.8 * limb;
        let half = 0.5 * length;
        let side = chest * 0.62;
        let (mut hip, mut shoulder) = (vec3(0.0, leg, -half), vec3(0.0, leg, half));
        let mut front = [
            vec3(side, leg * 0.92, half),
            vec3(side, leg * 0.58, half - 0.09 * leg),
            vec3(side, leg * 0.26, half),
            vec3(side, foot, half + 0.03),
        ];
        let mut hind = [
            vec3(side * 0.9, leg * 0.95, -half),
            vec3(side, leg * 0.6, -half + 0.14 * leg),
            vec3(side, leg * 0.3, -half - 0.2 * leg),
            vec3(side, foot, -half - 0.1 * leg),
        ];
        let mut rise = build.rise;
        match pose {
            Pose::Sit => {
                hip = vec3(0.0, waist * 1.15, -half * 0.75);
                let lean = random.range(0.85, 1.05);
                shoulder = hip + length * 0.85 * vec3(0.0, lean.sin(), lean.cos());
                rise = (rise + 0.35).min(1.45);
                let (y, z) = (shoulder.y, shoulder.z);
                front = [
                    vec3(side * 0.9, y - 0.1 * chest, z),
                    vec3(side, y * 0.55, z + 0.02),
                    vec3(side * 0.9, y * 0.25, z + 0.12 * leg),
                    vec3(side * 0.9, foot, z + 0.17 * leg),
                ];
                let out = side + 0.55 * waist;
                hind = [
                    vec3(out * 0.9, hip.y, hip.z + 0.05),
                    vec3(out, hip.y * 1.1, hip.z + 0.36 * leg),
                    vec3(out, 1.3 * foot, hip.z + 0.16 * leg),
                    vec3(out, foot, hip.z + 0.55 * leg),
                ];
            }
            Pose::Lie => {
                hip = vec3(0.0, waist * 0.95, -half);
                shoulder = vec3(0.0, chest, half);
                rise = (rise + 0.1).min(1.3);
                front = [
                    vec3(side, chest * 0.9, half),
                    vec3(side * 1.25, foot * 1.6, half - 0.05),
                    vec3(side * 1.1, foot * 1.2, half + 0.33 * leg),
                    vec3(side, foot, half + 0.55 * leg),
                ];
                let out = side + 0.6 * waist;
                hind = [
                    vec3(out * 0.8, hip.y, -half + 0.03),
                    vec3(out, hip.y * 1.1, -half + 0.4 * leg),
                    vec3(out * 1.1, foot * 1.2, -half + 0.05),
                    vec3(out * 1.1, foot, -half + 0.42 * leg),
                ];
            }
            _ => {}
        }
        let other = |joints: [Vec3; 4]| joints.map(|joint| joint * vec3(-1.0, 1.0, 1.0));
        let mut legs = [front, other(front), hind, other(hind)];
        let swings = match pose {
            Pose::Stand => {
                let mut shift = || (random.range(-0.1, 0.1), 0.0);
                [shift(), shift(), shift(), shift()]
            }
            Pose::Walk => {
                let step = random.sign() * random.range(0.25, 0.42);
                let lift = |angle: f32| (angle, angle.max(0.0) * 1.2);
                [lift(step), lift(-step), lift(-step), lift(step)]
            }
            Pose::Run if random.chance(0.6) => {
                // Stretched out in the air.
                let mut reach = || random.range(0.75, 1.1);
                [(reach(), 0.1), (reach() * 0.7, 0.3), (-reach(), 0.0), (-reach() * 0.75, 0.3)]
            }
            Pose::Run => [(0.9, 1.2), (-0.5, 0.6), (0.6, 0.1), (0.25, 0.5)],
            _ => [(0.0, 0.0); 4],
        };
        for (joints, (angle, bend)) in legs.iter_mut().zip(swings) {
            *joints = swung(*joints, angle, bend);
        }
        let root = shoulder + vec3(0.0, 0.35 * chest, 0.35 * chest);
        let head = root + build.neck * vec3(0.0, rise.sin(), rise.cos());
        Bones { hip, shoulder, head, legs }
    }

    /// Body, neck and legs; `root` turns the whole animal.
    pub fn flesh(&self, build: &Build, root: Mat3, creature: &mut Creature) {
        let Build { chest, waist, limb, nape, .. } = *build;
        let along = self.shoulder - self.hip;
        let half = 0.5 * along.length();
        let spine = Mat3::from_rotation_x(-along.y.atan2(along.z));
        let mut body = Limb::new(root * (self.hip + self.shoulder) * 0.5, root * spine, 1.0).mirrored().meets(0.12);
        body.soft(0.18);
        body.cone(Skin::Body, vec3(0.0, 0.0, -half), vec3(0.0, 0.0, half), waist * 0.95, chest * 0.88);
        body.ball(Skin::Body, vec3(0.0, -0.1 * chest, half * 0.75), vec3(0.86, 1.12, 1.25) * chest);
        body.ball(Skin::Body, vec3(0.0, 0.0, -half), vec3(0.95, 1.05, 1.1) * waist);
        creature.add(body);

        let mut neck = Limb::new(Vec3::ZERO, root, 1.0).meets(0.14);
        neck.cone(Skin::Neck, self.shoulder + vec3(0.0, 0.1 * chest, 0.1 * chest), self.head, chest * 0.8, nape);
        creature.add(neck);

        for (index, joints) in self.legs.iter().enumerate() {
            let hind = index > 1;
            let (top, knee) = if hind { (0.78 * waist, 1.55 * limb) } else { (0.5 * chest, 1.35 * limb) };
            let mut leg = Limb::new(Vec3::ZERO, root, 1.0).meets(0.07);
            leg.soft(0.05);
            leg.cone(Skin::Leg, joints[0], joints[1], top, knee);
            leg.cone(Skin::Leg, joints[1], joints[2], knee, limb);
            leg.cone(Skin::Sock, joints[2], joints[3], limb, limb * 0.95);
            leg.ball(Skin::Paw, joints[3] + vec3(0.0, 0.05 * limb, 0.5 * limb), vec3(1.15, 0.85, 1.6) * limb);
            creature.add(leg);
        }
    }

    /// A tail of three pieces from the rump, each turned up by `curl` more than the one before; `start` is the first's angle above
    /// straight back.
    pub fn tail(&self, build: &Build, root: Mat3, creature: &mut Creature, tail: Tail) {
        let along = (self.shoulder - self.hip).normalize();
        let mut at = self.hip - along * build.waist * 0.8 + vec3(0.0, 0.3 * build.waist, 0.0);
        let mut limb = Limb::new(Vec3::ZERO, root, 1.0).meets(0.05);
        limb.soft(0.06);
        for k in 0..3 {
            let angle = tail.start + tail.curl * k as f32;
            let to = at + tail.length / 3.0 * vec3(tail.aside, angle.sin(), -angle.cos()).normalize();
            let to = vec3(to.x, to.y.max(tail.thick), to.z);
            let skin = if k < 2 { Skin::Tail } else { Skin::Tip };
            let wide = |k: usize| tail.thick * [1.0, tail.bush, tail.bush, 0.5][k];
            limb.cone(skin, at, to, wide(k), wide(k + 1));
            at = to;
        }
        creature.add(limb);
    }
}

pub struct Tail {
    pub length: f32,
    pub thick: f32,
    /// How much wider it is in the middle.
    pub bush: f32,
    pub start: f32,
    pub curl: f32,
    pub aside: f32,
}

/// How the body is turned and how the head is, so that the face is mostly seen: radians, 0 faces the viewer.
pub fn turns(random: &mut Rng, pose: Pose) -> (f32, f32) {
    let body = match pose {
        Pose::Run | Pose::Walk => random.sign() * random.range(0.6, 1.65),
        Pose::Stand => random.sign() * random.range(0.35, 1.7),
        Pose::Lie => random.sign() * random.range(0.1, 1.6),
        Pose::Sit => random.sign() * random.range(0.0, 1.3),
    };
    let forward = if random.chance(0.5) { random.range(0.25, 0.6) } else { random.range(0.7, 1.0) };
    let head = (body * forward).clamp(body - 0.45 * PI, body + 0.45 * PI);
    (body, head)
}

/// The frame of the head.
pub fn gaze(random: &mut Rng, head: f32) -> Mat3 {
    facing(head, random.range(-0.12, 0.22), random.normal() * 0.1)
}
