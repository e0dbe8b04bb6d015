//! Owls: brown, gray, snowy and barn owls, upright on a branch by day or by night, or the face alone.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::solid::Material;

struct Owl {
    /// Feathers, their marks, the face, the breast.
    colours: [Vec3; 4],
    tufts: f32,
    /// A heart-shaped white face, as barn owls have.
    heart: bool,
    eye: Eye,
    noise: Noise,
}

/// Feathers, marks, face, breast, iris; tufts; heart.
type Kind = ([u32; 5], bool, bool);
const KINDS: &[Kind] = &[
    ([0x7a5638, 0x3a281a, 0xb08c60, 0xc8a878, 0xf0a820], true, false),
    ([0x8c6c4c, 0x42301f, 0xc8ac88, 0xd8c4a0, 0xe8c030], false, false),
    ([0x6c6a68, 0x2e2e30, 0xa8a49c, 0xc4c0b8, 0xf0b428], true, false),
    ([0x84807c, 0x3c3a3a, 0xc8c4bc, 0xd4d0c8, 0xf0d040], false, false),
    ([0xecebe6, 0x6c6860, 0xf6f4f0, 0xf2f0ea, 0xf0c020], false, false),
    ([0xc0904c, 0x6c5438, 0xf4eee0, 0xf0e4cc, 0x141010], false, true),
    ([0x9c5c34, 0x4c2818, 0xc07c48, 0xd0a070, 0xe89820], true, false),
];

fn head(limb: &mut Limb, owl: &Owl) {
    limb.soft(0.2);
    limb.ball(Skin::Head, Vec3::ZERO, vec3(1.12, 0.96, 0.92));
    limb.ball(Skin::Muzzle, vec3(0.42, -0.02, 0.48), vec3(0.62, 0.64, 0.34));
    limb.soft(0.06);
    limb.cone(Skin::Nose, vec3(0.0, -0.05, 0.86), vec3(0.0, -0.5, 0.98), 0.16, 0.03);
    if owl.tufts > 0.0 {
        limb.leaf(
            Skin::Ear,
            vec3(0.6, 0.62, 0.2),
            vec3(0.98, 0.95 + 0.6 * owl.tufts, 0.1),
            (0.34, 0.03),
            vec3(1.0, 1.0, 0.5),
        );
    }
    limb.soft(0.0);
    limb.ball(Skin::Eye, owl.eye.centre, Vec3::splat(owl.eye.radius));
}

fn feather(owl: &Owl, spot: &Spot) -> Material {
    let at = spot.at;
    let [feathers, marks, face, breast] = owl.colours;
    let fleck = owl.noise.at3(at * vec3(10.0, 6.0, 10.0));
    match spot.skin {
        Skin::Eye => owl.eye.material(at),
        Skin::Nose => Material::glossy(if owl.heart { rgb(0xd8c0a8) } else { rgb(0x34302c) }, 0.3).part(2),
        Skin::Paw => Material::dull(rgb(0xb8a060)).part(2),
        Skin::Ear => Material::dull(feathers.lerp(marks, 0.45)).part(1),
        Skin::Head | Skin::Muzzle => {
            let off = vec3(at.x - 0.43, at.y + 0.02, 0.0).length();
            let disc = smoothstep(0.66, 0.58, off) * smoothstep(0.0, 0.25, at.z);
            let ring = smoothstep(0.09, 0.03, (off - 0.64).abs()) * smoothstep(-0.1, 0.2, at.z);
            let spokes = 1.0
                - 0.1 * (owl.noise.at3(at * 7.0))
                - 0.35 * smoothstep(0.42, 0.26, off) * if owl.heart { 0.3 } else { 1.0 };
            let crown = feathers.lerp(marks, smoothstep(0.05, 0.5, fleck) * 0.8);
            let brow = smoothstep(0.12, 0.05, (at.y - 0.42 - 0.45 * at.x).abs())
                * smoothstep(0.2, 0.5, at.z)
                * if owl.heart { 0.0 } else { 0.8 };
            let colour = crown.lerp(face * spokes, disc).lerp(marks, ring * 0.85);
            Material::dull(colour.lerp(rgb(0xf0e8dc), brow))
        }
        Skin::Wing => {
            let bars = (at.y * 34.0 + 4.0 * fleck).sin();
            let spots = smoothstep(0.25, 0.55, fleck);
            Material::dull(feathers.lerp(marks, smoothstep(0.2, 0.9, bars) * 0.7).lerp(breast, spots * 0.5)).part(1)
        }
        Skin::Tail => Material::dull(feathers.lerp(marks, smoothstep(0.0, 0.5, (at.y * 40.0).sin()))).part(1),
        _ => {
            let front = smoothstep(-0.2, 0.2, at.z);
            let streak =
                smoothstep(0.25, 0.5, owl.noise.at3(at * vec3(22.0, 9.0, 14.0))) * if owl.heart { 0.3 } else { 0.85 };
            let bars = smoothstep(0.5, 0.9, (at.y * 40.0 + 3.0 * fleck).sin()) * 0.4;
            Material::dull(feathers.lerp(breast, front).lerp(marks, streak.max(bars)))
        }
    }
}

pub fn owl(picture: &mut Picture) {
    let random = &mut picture.random;
    let (colours, tufted, heart) = *random.pick(KINDS);
    let vary = random.range(0.88, 1.12);
    let tufts = if tufted { random.range(0.4, 1.2) } else { 0.0 };
    let eye = Eye {
        centre: vec3(0.43, 0.02, 0.72),
        radius: random.range(0.27, 0.33) * if heart { 0.75 } else { 1.0 },
        look: vec3(0.1, 0.0, 1.0).normalize(),
        iris: rgb(colours[4]),
        pupil: random.range(0.42, 0.6),
        slit: false,
    };
    let noise = Noise::new(random);
    let feathers = [0, 1, 2, 3].map(|k| rgb(colours[k]) * vary);
    let owl = Owl { colours: feathers, tufts, heart, eye, noise };

    let perched = random.chance(0.8);
    let turn = random.sign() * random.range(0.0, 1.6);
    let root = Mat3::from_rotation_y(turn) * Mat3::from_rotation_x(random.range(-0.15, 0.05));
    let (stout, tall) = (random.range(0.27, 0.33), random.range(0.4, 0.5));
    let mut bird = Creature::default();
    let mut body = Limb::new(vec3(0.0, tall * 0.95, 0.0), root, 1.0).mirrored().meets(0.12);
    body.soft(0.08);
    body.ball(Skin::Body, Vec3::ZERO, vec3(stout, tall, stout * 0.95));
    body.leaf(
        Skin::Wing,
        vec3(stout * 0.9, 0.06, -0.06),
        vec3(stout * 0.6, -tall * 0.95, -0.16),
        (0.2, 0.07),
        vec3(0.4, 1.0, 0.9),
    );
    body.leaf(
        Skin::Tail,
        vec3(0.0, -tall * 0.7, -0.18),
        vec3(0.0, -tall * if perched { 1.3 } else { 0.9 }, -0.24),
        (0.14, 0.12),
        vec3(1.0, 1.0, 0.4),
    );
    body.soft(0.02);
    body.ball(Skin::Paw, vec3(0.1, -tall * 0.95, 0.12), vec3(0.075, 0.05, 0.1));
    bird.add(body);
    let scale = random.range(0.27, 0.33);
    let gaze = (turn * random.range(-0.2, 0.9)).clamp(-1.0, 1.0);
    let look = facing(gaze, random.range(-0.1, 0.15), random.normal() * 0.14);
    let top = root * vec3(0.0, tall, 0.02) + vec3(0.0, tall * 0.9, 0.0);
    let mut face = Limb::new(top, look, scale).mirrored().meets(0.1);
    head(&mut face, &owl);
    bird.add(face);

    let close = random.chance(if picture.dense { 0.6 } else { 0.22 });
    let framing =
        if close { Framing::Close(top - vec3(0.0, 0.05, 0.0), scale * random.range(2.5, 3.6)) } else { Framing::Whole };
    let haunt =
        if perched { Haunt::Branch(0.3) } else { Haunt::Grounds(&[Ground::Snow, Ground::Forest, Ground::Meadow]) };
    let mut stage = stage(picture, &mut bird, framing, haunt, (-0.1, 0.25));
    if perched {
        stage.shadow = 0.0;
    }
    bird.paint(picture, &stage, 0.5, |spot| feather(&owl, spot));
    if colours[0] == 0xecebe6 {
        stage.name(picture, "a white owl");
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
