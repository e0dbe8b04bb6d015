//! Rabbits: crouching or upright, with long ears, in meadows, woods and snow.

use glam::Mat3;

use super::coat::{Coat, Pattern};
use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

const EYE: Eye = Eye {
    centre: vec3(0.68, 0.14, 0.5),
    radius: 0.21,
    look: vec3(0.85, 0.1, 0.5),
    iris: vec3(0.16, 0.08, 0.04),
    pupil: 0.65,
    slit: false,
};

const KINDS: &[(Pattern, u32, u32, &str)] = &[
    (Pattern::Plain, 0xa08468, 0, "a brown rabbit"),
    (Pattern::Plain, 0x8c7050, 0, "a brown rabbit"),
    (Pattern::Plain, 0xeeebe6, 0, "a white rabbit"),
    (Pattern::Plain, 0x84868c, 0, "a gray rabbit"),
    (Pattern::Bib, 0x6a5444, 0xf0ece6, ""),
    (Pattern::Patches, 0xf0ece6, 0x3a3432, ""),
    (Pattern::Bib, 0xc09060, 0xf4ecdf, ""),
];

fn head(limb: &mut Limb, random: &mut Rng) {
    limb.soft(0.3);
    limb.ball(Skin::Head, Vec3::ZERO, vec3(0.86, 0.9, 0.95));
    limb.ball(Skin::Head, vec3(0.34, -0.3, 0.5), vec3(0.46, 0.44, 0.5));
    limb.ball(Skin::Muzzle, vec3(0.0, -0.3, 0.85), vec3(0.42, 0.36, 0.34));
    limb.soft(0.0);
    limb.ball(Skin::Nose, vec3(0.0, -0.16, 1.16), vec3(0.15, 0.1, 0.08));
    limb.ball(Skin::Eye, EYE.centre, Vec3::splat(EYE.radius));
    limb.soft(0.1);
    let hanging = random.chance(0.2);
    let long = random.range(1.5, 2.3);
    let tip =
        if hanging { vec3(1.3, -0.9, 0.1) } else { vec3(random.range(0.35, 0.9), 0.6 + long, random.range(-0.7, 0.1)) };
    let thin = if hanging { vec3(0.45, 1.0, 1.0) } else { vec3(1.0, 1.0, 0.45) };
    let middle = vec3(0.42, 0.72, -0.15).lerp(tip, if hanging { 0.85 } else { 0.55 });
    limb.leaf(Skin::Ear, vec3(0.42, 0.72, -0.15), middle, (0.22, 0.33), thin);
    limb.leaf(Skin::Ear, middle, tip, (0.33, 0.1), thin);
}

fn material(coat: &Coat, spot: &Spot) -> Material {
    let at = spot.at;
    match spot.skin {
        Skin::Eye => EYE.material(at),
        Skin::Nose => Material::dull(rgb(0xc07c78)).part(3),
        Skin::Tip => Material::dull(rgb(0xf4f2ee)).part(1),
        Skin::Ear => {
            let inner = smoothstep(0.35, 0.7, spot.normal.z);
            Material::dull((coat.colour(spot) * 0.9).lerp(rgb(0xd09890), 0.7 * inner)).part(1)
        }
        Skin::Muzzle => {
            let split = smoothstep(0.06, 0.02, at.x.abs()) * smoothstep(-0.2, -0.3, at.y);
            Material::dull(coat.colour(spot).lerp(rgb(0xf0e8e0), 0.4) * (1.0 - 0.6 * split))
        }
        _ => Material::dull(coat.colour(spot)),
    }
}

pub fn rabbit(picture: &mut Picture) {
    let random = &mut picture.random;
    let turn = random.sign() * random.range(0.2, 1.6);
    let root = Mat3::from_rotation_y(turn);
    let upright = random.chance(0.25);
    let (chest, rump) = if upright {
        (vec3(0.0, 0.58, 0.02), vec3(0.0, 0.24, -0.06))
    } else {
        (vec3(0.0, 0.27, 0.22), vec3(0.0, 0.29, -0.2))
    };
    let mut rabbit = Creature::default();
    let mut body = Limb::new(Vec3::ZERO, root, 1.0).mirrored().meets(0.1);
    body.soft(0.12);
    body.cone(Skin::Body, rump, chest, 0.27, 0.19);
    body.ball(Skin::Leg, rump + vec3(0.17, -0.08, 0.06), vec3(0.13, 0.19, 0.22));
    body.soft(0.03);
    let foot = vec3(0.2, 0.045, if upright { 0.18 } else { 0.0 });
    body.ball(Skin::Paw, foot, vec3(0.07, 0.05, 0.2));
    if upright {
        body.cone(Skin::Leg, chest + vec3(0.12, -0.06, 0.08), chest + vec3(0.09, -0.24, 0.26), 0.07, 0.05);
    } else {
        body.cone(Skin::Leg, chest + vec3(0.1, -0.02, 0.04), vec3(0.1, 0.05, 0.36), 0.09, 0.055);
    }
    body.ball(Skin::Tip, rump + vec3(0.0, 0.02, -0.28), Vec3::splat(0.1));
    rabbit.add(body);
    let scale = random.range(0.17, 0.2);
    let look =
        facing((turn * random.range(0.2, 1.0)).clamp(-1.4, 1.4), random.range(-0.1, 0.2), random.normal() * 0.08);
    let top = root * (chest + vec3(0.0, 0.2, 0.12)) + look * vec3(0.0, 0.25, 0.35) * scale;
    let mut face = Limb::new(top, look, scale).mirrored().meets(0.07);
    head(&mut face, random);
    rabbit.add(face);
    let close = random.chance(if picture.dense { 0.55 } else { 0.2 });
    let framing =
        if close { Framing::Close(top + vec3(0.0, 0.1, 0.0), scale * random.range(4.0, 4.8)) } else { Framing::Whole };
    let kind = random.pick(KINDS);
    let coat = Coat::new(random, kind.0, kind.1, kind.2);
    let haunt = if random.chance(0.12) {
        Haunt::Room
    } else {
        Haunt::Grounds(&[Ground::Meadow, Ground::Meadow, Ground::Forest, Ground::Snow])
    };
    let stage = stage(picture, &mut rabbit, framing, haunt, (0.02, 0.45));
    rabbit.paint(picture, &stage, 0.6, |spot| material(&coat, spot));
    stage.name(picture, kind.3);
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
