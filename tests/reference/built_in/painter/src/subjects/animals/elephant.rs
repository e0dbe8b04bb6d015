//! Elephants: gray, with large ears, a trunk and tusks, walking on plains or seen face to face.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::quadruped::{Bones, Build, Pose, Tail};
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

const EYE: Eye = Eye {
    centre: vec3(0.74, -0.02, 0.6),
    radius: 0.11,
    look: vec3(0.8, 0.0, 0.5),
    iris: vec3(0.2, 0.1, 0.05),
    pupil: 0.6,
    slit: false,
};

fn head(limb: &mut Limb, random: &mut Rng, tusks: bool) {
    limb.soft(0.3);
    limb.ball(Skin::Head, vec3(0.0, 0.1, 0.0), vec3(0.92, 1.0, 0.85));
    limb.cone(Skin::Head, vec3(0.0, -0.3, 0.5), vec3(0.0, -0.75, 0.85), 0.66, 0.46);
    // The trunk hangs, swings or is raised.
    let curl = random.range(-0.5, 1.0);
    let raised = random.chance(0.2);
    limb.soft(0.12);
    let mut at = vec3(0.0, -0.75, 0.85);
    let mut angle: f32 = if raised { 0.4 } else { -1.25 };
    for k in 0..4 {
        let to = at + 0.68 * vec3(0.0, angle.sin(), angle.cos());
        limb.cone(Skin::Jaw, at, to, 0.42 - 0.065 * k as f32, 0.355 - 0.065 * k as f32);
        at = to;
        angle += if raised { 0.4 } else { 0.35 * curl * k as f32 * 0.6 - 0.1 };
    }
    limb.soft(0.0);
    limb.ball(Skin::Eye, EYE.centre, Vec3::splat(EYE.radius));
    limb.soft(0.08);
    let out = random.range(0.35, 1.0);
    let thin = vec3(1.0, 1.0, 0.16);
    limb.leaf(Skin::Ear, vec3(0.9, 0.25, -0.15), vec3(0.95 + 0.75 * out, 0.05, -0.5), (0.5, 0.75), thin);
    limb.leaf(Skin::Ear, vec3(0.95 + 0.6 * out, 0.0, -0.45), vec3(0.8 + 0.45 * out, -0.95, -0.4), (0.7, 0.3), thin);
    if tusks {
        limb.soft(0.0);
        limb.cone(Skin::Horn, vec3(0.42, -0.75, 0.8), vec3(0.55, -1.3, 1.35), 0.15, 0.1);
        limb.cone(Skin::Horn, vec3(0.55, -1.3, 1.35), vec3(0.5, -1.3, 1.85), 0.1, 0.03);
    }
}

fn hide(gray: Vec3, noise: Noise, spot: &Spot) -> Material {
    let at = spot.at;
    let head = matches!(spot.skin, Skin::Head | Skin::Jaw | Skin::Ear);
    let q = if head { at } else { at * 4.0 };
    let wrinkle = |q: Vec3| noise.at3(q * vec3(2.0, 6.0, 3.0));
    let relief = wrinkle(q) - wrinkle(q + spot.light * 0.08);
    let shade = 1.0 + 0.3 * relief + 0.08 * noise.at3(q * 1.5);
    match spot.skin {
        Skin::Eye => EYE.material(at),
        Skin::Horn => Material::glossy(rgb(0xf0e8d4), 0.3).part(2),
        Skin::Paw => Material::dull(gray * 0.8),
        Skin::Jaw => {
            let ring = smoothstep(0.4, 1.0, (at.y * 20.0).sin());
            Material::dull(gray * shade * (1.0 - 0.14 * ring)).part(1)
        }
        Skin::Ear => Material::dull(gray * shade * 0.88).part(3),
        Skin::Tip => Material::dull(gray * 0.4),
        _ => Material::dull(gray * shade),
    }
}

pub fn elephant(picture: &mut Picture) {
    let random = &mut picture.random;
    let gray = rgb(*random.pick(&[0x84807e, 0x75726f, 0x948c84, 0x8a7a6c, 0x6c7078]));
    let noise = Noise::new(random);
    let small = random.chance(0.2);
    let build =
        Build { leg: 0.78, length: 0.8, chest: 0.33, waist: 0.33, limb: 0.105, neck: 0.22, rise: 0.55, nape: 0.24 };
    let pose = if random.chance(0.5) { Pose::Walk } else { Pose::Stand };
    let bones = Bones::posed(&build, pose, random);
    let turn = random.sign() * random.range(0.15, 1.6);
    let root = Mat3::from_rotation_y(turn);
    let mut elephant = Creature::default();
    bones.flesh(&build, root, &mut elephant);
    let tail = Tail { length: 0.5, thick: 0.03, bush: 0.8, start: -1.1, curl: -0.1, aside: 0.1 };
    bones.tail(&build, root, &mut elephant, tail);
    let scale = if small { 0.3 } else { random.range(0.25, 0.285) };
    let look = facing(turn + random.range(-0.4, 0.4), random.range(-0.1, 0.2), 0.0);
    let skull = root * (bones.head + vec3(0.0, 0.04, 0.06));
    let mut face = Limb::new(skull, look, scale).mirrored().meets(0.1);
    head(&mut face, random, !small);
    elephant.add(face);
    let close = random.chance(if picture.dense { 0.5 } else { 0.2 });
    let middle = skull + look * vec3(0.0, -0.5, 0.2) * scale;
    let framing = if close { Framing::Close(middle, scale * random.range(3.6, 4.4)) } else { Framing::Whole };
    let grounds = Haunt::Grounds(&[Ground::Meadow, Ground::Desert, Ground::Desert, Ground::Forest]);
    let stage = stage(picture, &mut elephant, framing, grounds, (-0.02, 0.2));
    elephant.paint(picture, &stage, 0.2, |spot| hide(gray, noise, spot));
    if small {
        picture.noun = Some("a baby elephant".into());
    }
    if pose == Pose::Walk && !close {
        picture.detail("walking");
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
