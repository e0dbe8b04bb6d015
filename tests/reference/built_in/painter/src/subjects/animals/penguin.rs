//! Penguins: one close by or several, upright on snow or on a shore, grown or in gray down.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Emperor,
    /// Black head, white ring round the eye.
    Adelie,
    /// White face with a line under the chin.
    Chinstrap,
    Chick,
}

struct Penguin {
    kind: Kind,
    eye: Eye,
    noise: Noise,
}

/// Adds one, its feet at `foot`, about 1 high.
fn stand(random: &mut Rng, penguin: &Penguin, creature: &mut Creature, foot: Vec3, turn: f32, size: f32) -> Vec3 {
    let root = Mat3::from_rotation_y(turn) * Mat3::from_rotation_z(random.normal() * 0.06);
    let stout = if penguin.kind == Kind::Chick { 0.25 } else { random.range(0.19, 0.22) };
    let mut body = Limb::new(foot, root, size).mirrored().meets(0.08 * size);
    body.soft(0.1);
    body.ball(Skin::Body, vec3(0.0, 0.42, 0.0), vec3(stout, 0.4, stout * 0.95));
    body.ball(Skin::Body, vec3(0.0, 0.3, 0.03), vec3(stout * 1.02, 0.26, stout * 1.05));
    body.cone(Skin::Body, vec3(0.0, 0.66, 0.0), vec3(0.0, 0.85, 0.02), 0.15, 0.11);
    body.cone(Skin::Tail, vec3(0.0, 0.14, -0.14), vec3(0.0, 0.03, -0.26), 0.07, 0.02);
    body.soft(0.0);
    body.ball(Skin::Paw, vec3(0.1, 0.025, 0.12), vec3(0.085, 0.03, 0.13));
    creature.add(body);
    for side in [-1.0, 1.0] {
        let out = if random.chance(0.3) { random.range(0.4, 1.2) } else { random.range(0.12, 0.4) };
        let mut wing = Limb::new(
            foot + root * vec3(side * stout * 0.85, 0.68, 0.0) * size,
            root * Mat3::from_rotation_z(side * out),
            size,
        )
        .meets(0.03 * size);
        wing.leaf(Skin::Wing, Vec3::ZERO, vec3(side * 0.03, -0.4, 0.0), (0.075, 0.04), vec3(0.45, 1.0, 1.0));
        creature.add(wing);
    }
    let top = foot + root * vec3(0.0, 0.9, 0.03) * size;
    let look = facing(turn + random.range(-0.9, 0.9), random.range(-0.25, 0.3), 0.0);
    let mut head = Limb::new(top, look, 0.135 * size).mirrored().meets(0.08 * size);
    head.soft(0.25);
    head.ball(Skin::Head, Vec3::ZERO, vec3(0.92, 0.92, 1.05));
    head.cone(Skin::Nose, vec3(0.0, -0.1, 0.85), vec3(0.0, -0.28, 1.75), 0.22, 0.06);
    head.soft(0.0);
    head.ball(Skin::Eye, penguin.eye.centre, Vec3::splat(penguin.eye.radius));
    creature.add(head);
    top
}

fn feather(penguin: &Penguin, spot: &Spot) -> Material {
    let at = spot.at;
    let black = rgb(0x1a1c22);
    let white = rgb(0xf2f1ee);
    let down = 1.0 + 0.12 * penguin.noise.at3(at * 24.0);
    let chick = penguin.kind == Kind::Chick;
    match spot.skin {
        Skin::Eye => penguin.eye.material(at),
        Skin::Nose if chick => Material::glossy(rgb(0x2a2624), 0.2).part(2),
        Skin::Nose => Material::glossy(
            rgb(0xe08030).lerp(rgb(0x2a2422), smoothstep(-0.05, 0.05, at.y + 0.13 + 0.12 * (at.z - 0.85))),
            0.3,
        )
        .part(2),
        Skin::Paw => {
            Material::dull(if penguin.kind == Kind::Emperor || chick { rgb(0x3a3634) } else { rgb(0xe08a40) }).part(2)
        }
        Skin::Wing => {
            let under = smoothstep(0.2, 0.6, spot.normal.z) * 0.15;
            Material::dull(if chick { rgb(0x7c7c80) } else { black.lerp(white, under) } * down).part(1)
        }
        Skin::Tail => Material::dull(black).part(1),
        Skin::Head => {
            let around = (at - penguin.eye.centre).length();
            let colour = match penguin.kind {
                Kind::Emperor => {
                    let patch = smoothstep(0.5, 0.3, (vec3(at.x - 0.75, at.y + 0.45, at.z + 0.3)).length());
                    black.lerp(rgb(0xf0b030), patch)
                }
                Kind::Adelie => black.lerp(white, smoothstep(0.36, 0.3, around)),
                Kind::Chinstrap => {
                    let face = smoothstep(0.4, 0.3, at.y) * smoothstep(-0.3, 0.0, at.z);
                    let strap = smoothstep(0.12, 0.05, (at.y + 0.45 - 0.1 * at.z).abs());
                    black.lerp(white, face).lerp(black, strap)
                }
                Kind::Chick => {
                    let mask = smoothstep(0.72, 0.6, (vec3(at.x - 0.3, at.y + 0.1, at.z - 0.7)).length());
                    rgb(0x24242a).lerp(white, mask)
                }
            };
            Material::dull(colour)
        }
        _ if chick => Material::dull(rgb(0xa4a4a8) * down),
        _ => {
            let front = smoothstep(
                -0.02,
                0.05,
                at.z - 0.05 + 0.02 * penguin.noise.at3(at * 9.0) - 0.12 * smoothstep(0.7, 0.85, at.y),
            );
            let gold = if penguin.kind == Kind::Emperor { smoothstep(0.6, 0.76, at.y) } else { 0.0 };
            let throat = if penguin.kind == Kind::Chinstrap { 0.0 } else { smoothstep(0.8, 0.84, at.y) };
            Material::dull(black.lerp(white.lerp(rgb(0xf4c84c), gold), front * (1.0 - throat)) * down)
        }
    }
}

pub fn penguin(picture: &mut Picture) {
    let random = &mut picture.random;
    let kind = [Kind::Emperor, Kind::Adelie, Kind::Chinstrap, Kind::Chick][random.weighted(&[0.45, 0.25, 0.15, 0.15])];
    let light_face = kind == Kind::Chick || kind == Kind::Chinstrap;
    let eye = Eye {
        centre: vec3(0.58, 0.12, 0.6),
        radius: 0.19,
        look: vec3(0.7, 0.0, 0.7),
        iris: if light_face { rgb(0x1a1412) } else { rgb(0x6a4a30) },
        pupil: 0.5,
        slit: false,
    };
    let penguin = Penguin { kind, eye, noise: Noise::new(random) };
    let mut creature = Creature::default();
    let turn = random.range(-1.3, 1.3);
    let top = stand(random, &penguin, &mut creature, Vec3::ZERO, turn, 1.0);
    let several = random.chance(0.28);
    let close = !several && random.chance(if picture.dense { 0.5 } else { 0.18 });
    if several {
        for k in 0..random.int(1, 3) {
            let side = if k % 2 == 0 { 1.0 } else { -1.0 };
            let foot =
                vec3(side * random.range(0.45, 0.75) * (1.0 + 0.5 * (k / 2) as f32), 0.0, random.range(-0.9, 0.1));
            let (turn, size) =
                (random.range(-1.4, 1.4), if random.chance(0.3) { 0.6 } else { random.range(0.9, 1.05) });
            stand(random, &penguin, &mut creature, foot, turn, size);
        }
    }
    let framing =
        if close { Framing::Close(top - vec3(0.0, 0.1, 0.0), random.range(0.45, 0.7)) } else { Framing::Whole };
    let grounds = Haunt::Grounds(&[Ground::Snow, Ground::Snow, Ground::Snow, Ground::Beach, Ground::Beach]);
    let stage = stage(picture, &mut creature, framing, grounds, (0.0, 0.35));
    creature.paint(picture, &stage, 0.35, |spot| feather(&penguin, spot));
    picture.noun = match (several, kind) {
        (true, _) => Some("penguins".into()),
        (false, Kind::Chick) => Some("a baby penguin".into()),
        _ => None,
    };
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
