//! Ducks: drakes with a green head, brown ducks, white ducks and yellow ducklings, swimming or on the grass.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::solid::Material;

const EYE: Eye = Eye {
    centre: vec3(0.68, 0.2, 0.5),
    radius: 0.19,
    look: vec3(0.8, 0.1, 0.5),
    iris: vec3(0.08, 0.05, 0.03),
    pupil: 0.7,
    slit: false,
};

/// Head, breast, body, tail, beak; a white ring; name.
type Kind = ([u32; 5], bool, &'static str);
const KINDS: &[Kind] = &[
    ([0x14603c, 0x6c3c28, 0xb4b0a8, 0x28262a, 0xe0c030], true, ""),
    ([0x186848, 0x744430, 0xa8a49c, 0x222024, 0xd8b840], true, ""),
    ([0xf2f0ea, 0xf2f0ea, 0xf0eee8, 0xe8e6e0, 0xf09028], false, "a white duck"),
    ([0x8c6c48, 0x84603c, 0x7a5a3c, 0x5c4430, 0xc88840], false, "a brown duck"),
    ([0xf0d050, 0xf2d860, 0xecc848, 0xd8b440, 0xe88838], false, "a duckling"),
];

fn feather(kind: &Kind, noise: Noise, spot: &Spot) -> Material {
    let at = spot.at;
    let [head, breast, body, tail, beak] = kind.0.map(rgb);
    let down = 1.0 + 0.14 * noise.at3(at * vec3(12.0, 12.0, 7.0));
    match spot.skin {
        Skin::Eye => EYE.material(at),
        Skin::Nose => Material::glossy(beak, 0.3).part(2),
        Skin::Paw | Skin::Leg => Material::dull(rgb(0xe08830)).part(2),
        Skin::Head => Material::glossy(head * down, if kind.1 { 0.3 } else { 0.0 }),
        Skin::Neck => {
            let ring = if kind.1 { smoothstep(0.05, 0.03, (at.y - 0.62).abs()) } else { 0.0 };
            let colour = breast.lerp(head, smoothstep(0.56, 0.62, at.y)).lerp(rgb(0xf2f0ea), ring);
            Material::dull(colour * down)
        }
        Skin::Wing => {
            let bars = (at.z * 34.0 + at.y * 10.0).sin();
            let mirror = if kind.1 { smoothstep(0.07, 0.04, (at.z + 0.2).abs()) } else { 0.0 };
            Material::dull((body * (0.82 + 0.12 * bars)).lerp(rgb(0x3458b0), mirror) * down).part(1)
        }
        Skin::Tail => Material::dull(tail * down),
        _ => Material::dull(
            body.lerp(breast, smoothstep(0.1, 0.28, at.z)).lerp(tail, smoothstep(-0.38, -0.48, at.z)) * down,
        ),
    }
}

pub fn duck(picture: &mut Picture) {
    let random = &mut picture.random;
    let kind = *random.pick(KINDS);
    let chick = kind.2 == "a duckling";
    let noise = Noise::new(random);
    let turn = random.sign() * random.range(0.35, 1.75);
    let root = Mat3::from_rotation_y(turn);
    let afloat = random.chance(0.65);
    let stand = if afloat { -0.05 } else { 0.16 };
    let mut duck = Creature::default();
    let mut body = Limb::new(vec3(0.0, 0.2 + stand, 0.0), root, 1.0).mirrored().meets(0.1);
    body.soft(0.1);
    body.ball(Skin::Body, Vec3::ZERO, vec3(0.25, 0.2, 0.46));
    body.ball(Skin::Body, vec3(0.0, 0.02, 0.22), vec3(0.21, 0.2, 0.24));
    body.cone(Skin::Tail, vec3(0.0, 0.05, -0.36), vec3(0.0, 0.17, -0.6), 0.12, 0.03);
    body.soft(0.02);
    body.leaf(Skin::Wing, vec3(0.21, 0.06, 0.14), vec3(0.15, 0.1, -0.42), (0.14, 0.05), vec3(0.4, 1.0, 1.0));
    if !afloat {
        body.cone(Skin::Leg, vec3(0.1, -0.16, -0.02), vec3(0.1, -0.33, 0.02), 0.04, 0.03);
        body.ball(Skin::Paw, vec3(0.1, -0.34, 0.08), vec3(0.09, 0.025, 0.11));
    }
    duck.add(body);
    let high = if chick { 0.5 } else { random.range(0.58, 0.74) };
    let crown = vec3(0.0, high + stand, 0.34);
    let mut neck = Limb::new(vec3(0.0, stand, 0.0), root, 1.0).meets(0.1);
    neck.cone(Skin::Neck, vec3(0.0, 0.26, 0.27), vec3(0.0, high, 0.33), 0.15, 0.09);
    duck.add(neck);
    let scale = if chick { 0.17 } else { 0.135 };
    let look = facing(turn + random.range(-0.6, 0.6), random.range(-0.1, 0.2), 0.0);
    let top = root * (crown + vec3(0.0, 0.05, 0.03));
    let mut face = Limb::new(top, look, scale).mirrored().meets(0.05);
    face.soft(0.15);
    face.ball(Skin::Head, Vec3::ZERO, vec3(0.88, 0.92, 1.08));
    face.leaf(Skin::Nose, vec3(0.0, -0.12, 0.8), vec3(0.0, -0.32, 1.95), (0.38, 0.42), vec3(1.0, 0.45, 1.0));
    face.soft(0.0);
    face.ball(Skin::Eye, EYE.centre, Vec3::splat(EYE.radius));
    duck.add(face);
    let close = random.chance(if picture.dense { 0.35 } else { 0.1 });
    let framing = if close { Framing::Close(top - vec3(0.0, 0.05, 0.0), scale * 4.2) } else { Framing::Whole };
    let haunt = if afloat {
        Haunt::Pond
    } else {
        Haunt::Grounds(&[Ground::Meadow, Ground::Meadow, Ground::Beach, Ground::Snow])
    };
    let mut stage = stage(picture, &mut duck, framing, haunt, (0.06, 0.4));
    if afloat {
        stage.shadow *= 0.8;
    }
    duck.paint(picture, &stage, 0.35, |spot| feather(&kind, noise, spot));
    if afloat {
        picture.detail("swimming");
    }
    stage.name(picture, kind.2);
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
