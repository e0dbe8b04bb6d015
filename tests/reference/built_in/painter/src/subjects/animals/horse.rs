//! Horses and cows: standing, walking, galloping, grazing or a head close by; in a field, on a beach, in snow.

use glam::Mat3;

use super::coat::{Coat, Pattern};
use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::quadruped::{Bones, Build, Pose, Tail};
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

const SCALE: f32 = 0.13;
const EYE: Eye = Eye {
    centre: vec3(0.72, 0.14, 0.44),
    radius: 0.16,
    look: vec3(0.9, 0.0, 0.4),
    iris: vec3(0.12, 0.07, 0.04),
    pupil: 0.6,
    slit: false,
};

/// Pattern, colours, mane, name.
const HORSES: &[(Pattern, u32, u32, u32, &str)] = &[
    (Pattern::Plain, 0x8a4e28, 0, 0x1e1816, "a brown horse"),
    (Pattern::Plain, 0x6a3a20, 0, 0x181412, "a brown horse"),
    (Pattern::Plain, 0xa85c2c, 0, 0x9a5428, "a brown horse"),
    (Pattern::Plain, 0x201c1c, 0, 0x121010, "a black horse"),
    (Pattern::Plain, 0xe8e4dc, 0, 0xd8d2c8, "a white horse"),
    (Pattern::Plain, 0xc89858, 0, 0xf0e4cc, ""),
    (Pattern::Plain, 0x8c8c90, 0, 0x48484c, "a gray horse"),
    (Pattern::Patches, 0xf0ece4, 0x74401f, 0x3a2418, ""),
    (Pattern::Patches, 0xf0ece4, 0x221e1e, 0x1c1818, "a black and white horse"),
    (Pattern::Bib, 0x7c4424, 0xf0ece4, 0x2a1a14, "a brown horse"),
];
/// Pattern, colours, name.
const COWS: &[(Pattern, u32, u32, &str)] = &[
    (Pattern::Patches, 0xf2eee8, 0x1e1c1e, "a black and white cow"),
    (Pattern::Patches, 0xf2eee8, 0x201e1e, "a black and white cow"),
    (Pattern::Patches, 0xf0e8dc, 0x8c4824, "a brown and white cow"),
    (Pattern::Plain, 0x8c5430, 0, "a brown cow"),
    (Pattern::Plain, 0xb88a58, 0, "a brown cow"),
];

struct Grown {
    coat: Coat,
    mane: Vec3,
    cow: bool,
}

fn horse_head(limb: &mut Limb, mane: bool) {
    limb.soft(0.3);
    limb.ball(Skin::Head, Vec3::ZERO, vec3(0.72, 0.95, 0.9));
    limb.cone(Skin::Head, vec3(0.0, -0.2, 0.3), vec3(0.0, -0.55, 2.0), 0.78, 0.42);
    limb.ball(Skin::Muzzle, vec3(0.0, -0.68, 2.25), vec3(0.45, 0.46, 0.46));
    limb.soft(0.0);
    limb.ball(Skin::Nose, vec3(0.3, -0.5, 2.5), vec3(0.12, 0.16, 0.14));
    limb.ball(Skin::Eye, EYE.centre, Vec3::splat(EYE.radius));
    limb.soft(0.1);
    limb.leaf(Skin::Ear, vec3(0.4, 0.75, -0.15), vec3(0.52, 1.6, -0.05), (0.28, 0.05), vec3(1.0, 1.0, 0.6));
    if mane {
        limb.leaf(Skin::Mane, vec3(0.0, 0.85, -0.2), vec3(0.0, 0.3, 0.95), (0.3, 0.12), vec3(0.9, 1.0, 1.0));
    }
}

fn cow_head(limb: &mut Limb, horns: bool) {
    limb.soft(0.3);
    limb.ball(Skin::Head, Vec3::ZERO, vec3(0.88, 0.95, 0.85));
    limb.cone(Skin::Head, vec3(0.0, -0.2, 0.3), vec3(0.0, -0.6, 1.4), 0.78, 0.56);
    limb.ball(Skin::Muzzle, vec3(0.0, -0.72, 1.65), vec3(0.66, 0.5, 0.48));
    limb.soft(0.0);
    limb.ball(Skin::Nose, vec3(0.34, -0.6, 2.05), vec3(0.14, 0.12, 0.12));
    limb.ball(Skin::Eye, EYE.centre + vec3(0.08, 0.02, 0.06), Vec3::splat(EYE.radius));
    limb.soft(0.1);
    limb.leaf(Skin::Ear, vec3(0.75, 0.42, -0.15), vec3(1.6, 0.3, -0.1), (0.25, 0.16), vec3(1.0, 1.0, 0.5));
    if horns {
        limb.cone(Skin::Horn, vec3(0.55, 0.75, -0.1), vec3(1.05, 1.0, 0.0), 0.2, 0.14);
        limb.cone(Skin::Horn, vec3(1.05, 1.0, 0.0), vec3(1.2, 1.55, 0.1), 0.14, 0.03);
    }
}

fn material(grown: &Grown, spot: &Spot) -> Material {
    let at = spot.at;
    match spot.skin {
        Skin::Eye => EYE.material(EYE.centre + (at - EYE.centre) * 0.95),
        Skin::Nose => Material::dull(rgb(0x241a18)).part(3),
        Skin::Mane | Skin::Tail | Skin::Tip => {
            let strand = 1.0 + 0.3 * (at.x * 90.0 + at.z * 60.0).sin();
            Material::dull(grown.mane * strand).part(1)
        }
        Skin::Horn => Material::glossy(rgb(0xe0d4b8), 0.2).part(2),
        Skin::Paw => Material::dull(rgb(0x2c2622)).part(1),
        Skin::Muzzle if grown.cow => Material::dull(rgb(0xd8a090)).part(2),
        Skin::Muzzle => Material::dull(grown.coat.colour(spot) * 0.55),
        Skin::Head => {
            let blaze = grown.coat.blaze && grown.coat.pattern != Pattern::Patches;
            let white = if blaze {
                smoothstep(0.3, 0.2, at.x.abs())
                    * smoothstep(0.2, 0.5, at.z)
                    * smoothstep(-0.1, 0.3, spot.normal.y + 0.5)
            } else {
                0.0
            };
            Material::dull(grown.coat.colour(spot).lerp(rgb(0xf0ece4), white))
        }
        Skin::Sock if grown.mane.element_sum() < 0.5 => Material::dull(grown.coat.colour(spot) * 0.4),
        _ => Material::dull(grown.coat.colour(spot)),
    }
}

fn poses(random: &mut Rng, cow: bool) -> Pose {
    let weights = if cow { [0.45, 0.3, 0.0, 0.25] } else { [0.4, 0.22, 0.33, 0.05] };
    [Pose::Stand, Pose::Walk, Pose::Run, Pose::Lie][random.weighted(&weights)]
}

fn paint(picture: &mut Picture, grown: &Grown, name: &str) {
    let random = &mut picture.random;
    let cow = grown.cow;
    let portrait = random.chance(if picture.dense { 0.6 } else { 0.25 });
    let mut pose = if portrait { Pose::Stand } else { poses(random, cow) };
    if !cow && pose == Pose::Lie {
        pose = Pose::Stand;
    }
    let grazing = !portrait && matches!(pose, Pose::Stand) && random.chance(0.35);
    let build = if cow {
        Build {
            leg: 0.72,
            length: 0.95,
            chest: 0.29,
            waist: 0.27,
            limb: 0.06,
            neck: 0.32,
            rise: if grazing { -0.7 } else { 0.45 },
            nape: 0.15,
        }
    } else {
        Build {
            leg: 0.92,
            length: 0.82,
            chest: 0.235,
            waist: 0.21,
            limb: 0.046,
            neck: 0.55,
            rise: if grazing { -0.75 } else { random.range(0.75, 1.0) },
            nape: 0.12,
        }
    };
    let bones = Bones::posed(&build, pose, random);
    let turn = random.sign() * if portrait { random.range(0.45, 1.5) } else { random.range(0.6, 1.75) };
    let root = Mat3::from_rotation_y(turn);
    let mut creature = Creature::default();
    bones.flesh(&build, root, &mut creature);
    let bush = if cow { 0.6 } else { 2.4 };
    let (start, curl) = if pose == Pose::Run { (random.range(0.0, 0.4), -0.4) } else { (-0.9, -0.3) };
    let tail = Tail { length: 0.62, thick: 0.035, bush, start, curl, aside: random.range(-0.2, 0.2) };
    bones.tail(&build, root, &mut creature, tail);
    if !cow {
        let mut mane = Limb::new(Vec3::ZERO, root, 1.0).meets(0.03);
        let (from, to) = (bones.shoulder + vec3(0.0, 0.2, -0.02), bones.head + vec3(0.0, 0.06, -0.07));
        let side = random.sign() * 0.02;
        mane.leaf(
            Skin::Mane,
            from + vec3(side, 0.0, 0.0),
            to + vec3(side, 0.02, 0.0),
            (0.12, 0.1),
            vec3(0.6, 1.0, 1.0),
        );
        creature.add(mane);
    }
    let aside = if portrait { random.range(-0.4, 0.4) } else { random.range(-0.3, 0.3) };
    let drop = if grazing { random.range(0.7, 1.0) } else { random.range(0.35, 0.75) };
    let look = facing(turn + aside - 0.3 * turn.signum() * random.unit(), drop, 0.0);
    let scale = SCALE * if cow { 1.3 } else { random.range(1.0, 1.15) };
    let skull = root * bones.head + look * vec3(0.0, 0.1, 0.2) * scale;
    let mut head = Limb::new(skull, look, scale).mirrored().meets(0.08);
    if cow {
        cow_head(&mut head, grown.coat.blaze)
    } else {
        horse_head(&mut head, true)
    }
    creature.add(head);
    let middle = skull + look * vec3(0.0, -0.1, 1.0) * scale;
    let framing = if portrait { Framing::Close(middle, scale * random.range(4.0, 5.4)) } else { Framing::Whole };
    let grounds: &[Ground] = if cow {
        &[Ground::Meadow, Ground::Meadow, Ground::Road]
    } else {
        &[Ground::Meadow, Ground::Meadow, Ground::Beach, Ground::Snow, Ground::Desert, Ground::Forest]
    };
    let stage = stage(picture, &mut creature, framing, Haunt::Grounds(grounds), (0.0, 0.3));
    creature.paint(picture, &stage, 0.35, |spot| material(grown, spot));
    stage.name(picture, name);
    match pose {
        _ if portrait => {}
        Pose::Run => picture.detail_of(&["running", "galloping"]),
        Pose::Walk => picture.detail("walking"),
        Pose::Lie => picture.detail("lying down"),
        _ if grazing => picture.detail_of(&["grazing", "eating grass"]),
        _ => picture.detail("standing"),
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}

pub fn horse(picture: &mut Picture) {
    let random = &mut picture.random;
    let (pattern, base, second, mane, name) = *random.pick(HORSES);
    let mut coat = Coat::new(random, pattern, base, second);
    coat.rough *= 0.15;
    paint(picture, &Grown { coat, mane: rgb(mane), cow: false }, name);
}

pub fn cow(picture: &mut Picture) {
    let random = &mut picture.random;
    let (pattern, base, second, name) = *random.pick(COWS);
    let mut coat = Coat::new(random, pattern, base, second);
    coat.rough *= 0.15;
    let mane = coat.base * 0.7;
    paint(picture, &Grown { coat, mane, cow: true }, name);
}
