//! Cats: tabby, black, ginger, white, gray, siamese, calico; a face close by, or the whole cat sitting, lying, standing or walking,
//! on grass, in snow, on a sofa, on a window sill, on a floor.

use glam::Mat3;

use super::coat::{Coat, Pattern};
use super::creature::{Creature, Limb, Skin, Spot};
use super::eye::Eye;
use super::quadruped::{Bones, Build, Pose, Tail, gaze, turns};
use super::stage::{Framing, Haunt, Stage, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec2, Vec3, rgb, smoothstep, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::Material;

const SCALE: f32 = 0.165;
const TIP: Vec3 = vec3(0.0, -0.2, 1.06);

/// Pattern, colours, name and iris.
const KINDS: &[(Pattern, u32, u32, &str, &[u32])] = &[
    (Pattern::Stripes, 0xa08a6c, 0x3c3024, "a tabby cat", &[0x9aa83c, 0xc89c30]),
    (Pattern::Stripes, 0x94928c, 0x34343a, "a tabby cat", &[0x9cb04c, 0xd0b040]),
    (Pattern::Stripes, 0xe09a50, 0xa8541c, "an orange cat", &[0xc89c30, 0xa8a838]),
    (Pattern::Plain, 0xd88a40, 0, "an orange cat", &[0xc8a030, 0x98a840]),
    (Pattern::Plain, 0x1c1a1c, 0, "a black cat", &[0xd8b828, 0xa8c038]),
    (Pattern::Plain, 0x201e20, 0, "a black cat", &[0xe0c030, 0x9cc848]),
    (Pattern::Plain, 0xeeeae4, 0, "a white cat", &[0x5aa0d8, 0xa0b040]),
    (Pattern::Plain, 0x6c7480, 0, "a gray cat", &[0xe0a838, 0xc8b840]),
    (Pattern::Bib, 0x222022, 0xf2f0ec, "a black and white cat", &[0xb0b83c, 0xd0b040]),
    (Pattern::Bib, 0xd08440, 0xf4eee4, "an orange cat", &[0xb0a838, 0x9aa83c]),
    (Pattern::Bib, 0x747880, 0xf2f0ec, "a gray cat", &[0xb0b83c, 0xd0b040]),
    (Pattern::Points, 0xe6d8c0, 0x4a3428, "a siamese cat", &[0x58a0e0]),
    (Pattern::Patches, 0xf2eee6, 0xc87834, "", &[0xa8a838, 0xc89c30]),
    (Pattern::Patches, 0xf2eee6, 0x2c2828, "a black and white cat", &[0xa8a838, 0xc89c30]),
];

fn head(limb: &mut Limb, eye: &Eye) {
    limb.soft(0.25);
    limb.ball(Skin::Head, vec3(0.0, 0.0, 0.0), vec3(1.08, 0.94, 0.92));
    limb.ball(Skin::Head, vec3(0.55, -0.3, 0.3), vec3(0.56, 0.46, 0.5));
    limb.ball(Skin::Muzzle, vec3(0.2, -0.4, 0.82), vec3(0.3, 0.24, 0.28));
    limb.soft(0.1);
    limb.cone(Skin::Muzzle, vec3(0.0, 0.1, 0.8), TIP - vec3(0.0, 0.02, 0.12), 0.2, 0.15);
    limb.ball(Skin::Jaw, vec3(0.0, -0.62, 0.7), vec3(0.26, 0.18, 0.26));
    limb.soft(0.0);
    limb.ball(Skin::Nose, TIP, vec3(0.17, 0.11, 0.1));
    limb.ball(Skin::Eye, eye.centre, Vec3::splat(eye.radius));
    limb.soft(0.1);
    limb.leaf(Skin::Ear, vec3(0.66, 0.66, -0.05), vec3(0.9, 1.48, -0.08), (0.48, 0.04), vec3(1.0, 1.0, 0.4));
}

fn material(spot: &Spot, coat: &Coat, eye: &Eye, nose: Vec3) -> Material {
    let at = spot.at;
    match spot.skin {
        Skin::Eye => eye.material(at),
        Skin::Nose => Material::glossy(nose, 0.2).part(3),
        Skin::Ear => {
            let inner = smoothstep(0.3, 0.16, (at.x - 0.74).abs() / (1.55 - at.y).max(0.1))
                * smoothstep(0.3, 0.6, spot.normal.z);
            Material::dull((coat.colour(spot) * 0.9).lerp(rgb(0xc8887c), 0.75 * inner)).part(1)
        }
        Skin::Muzzle => {
            let split = smoothstep(0.06, 0.02, at.x.abs()) * smoothstep(-0.2, -0.3, at.y);
            let white = if coat.pattern == Pattern::Stripes { 0.55 } else { 0.0 };
            Material::dull(coat.colour(spot).lerp(rgb(0xf0e8dc), white) * (1.0 - 0.7 * split))
        }
        Skin::Head => {
            let socket = smoothstep(eye.radius * 1.45, eye.radius * 1.05, (at - eye.centre).length());
            Material::dull(coat.colour(spot) * (1.0 - 0.5 * socket))
        }
        _ => Material::dull(coat.colour(spot)),
    }
}

/// A few bright hairs from each side of the nose.
fn whiskers(picture: &mut Picture, stage: &Stage, skull: Vec3, look: Mat3, moved: Vec3) {
    let light = stage.place.light;
    let tone = (light.colour * 0.6 + light.ambient).clamp(Vec3::splat(0.35), Vec3::splat(0.95));
    for side in [-1.0, 1.0] {
        for k in 0..3 {
            let up = k as f32 - 1.0;
            let sag = picture.random.range(-0.08, 0.02);
            let hair = [
                vec3(0.36 * side, -0.36 + 0.06 * up, 1.0),
                vec3(0.95 * side, -0.34 + 0.16 * up, 0.95),
                vec3(1.55 * side, -0.42 + 0.26 * up + sag, 0.7),
            ];
            let seen: Vec<Vec2> = hair
                .iter()
                .filter_map(|at| stage.place.camera.seen(skull + moved + look * *at * SCALE))
                .map(|(place, _)| place)
                .collect();
            if seen.len() == 3 {
                picture.canvas.begin(0.2);
                let mask = picture.canvas.mask(&Shape::curve(&seen, 0.0055));
                picture.canvas.glaze(&mask, |_| tone.extend(0.65));
            }
        }
    }
}

fn tail(random: &mut Rng, pose: Pose) -> Tail {
    let low = matches!(pose, Pose::Sit | Pose::Lie);
    Tail {
        length: random.range(0.75, 0.95),
        thick: random.range(0.04, 0.055),
        bush: random.range(0.95, 1.5),
        start: if low { -0.3 } else { random.range(-0.4, 1.2) },
        curl: if low { 0.0 } else { random.range(0.1, 0.6) },
        aside: if low { random.sign() * random.range(0.5, 1.1) } else { random.range(-0.3, 0.3) },
    }
}

pub fn cat(picture: &mut Picture) {
    let portrait = picture.random.chance(if picture.dense { 0.7 } else { 0.34 });
    let random = &mut picture.random;
    let mut pose = [Pose::Stand, Pose::Walk, Pose::Sit, Pose::Lie][random.weighted(&[0.14, 0.16, 0.42, 0.28])];
    if portrait {
        pose = Pose::Sit;
    }
    let stout = random.range(0.0, 1.0);
    let build = Build {
        leg: 0.5,
        length: 0.62,
        chest: 0.16 + 0.04 * stout,
        waist: 0.155 + 0.05 * stout,
        limb: 0.046 + 0.012 * stout,
        neck: 0.16,
        rise: 0.85,
        nape: 0.12,
    };
    let bones = Bones::posed(&build, pose, random);
    let (body_turn, mut head_turn) = turns(random, pose);
    if portrait || random.chance(0.6) {
        head_turn = random.range(-0.6, 0.6).clamp(body_turn - 1.5, body_turn + 1.5);
    }
    let root = Mat3::from_rotation_y(body_turn);
    let mut cat = Creature::default();
    bones.flesh(&build, root, &mut cat);
    bones.tail(&build, root, &mut cat, tail(random, pose));
    let kind = random.pick(KINDS);
    let eye = Eye {
        centre: vec3(0.43, 0.06, 0.75),
        radius: random.range(0.2, 0.23),
        look: vec3(0.12, 0.0, 1.0).normalize(),
        iris: rgb(*random.pick(kind.4)),
        pupil: random.range(0.35, 0.75),
        slit: true,
    };
    let look = gaze(random, head_turn);
    let skull = root * bones.head + look * vec3(0.0, 0.4, 0.35) * SCALE;
    let mut face = Limb::new(skull, look, SCALE).mirrored().meets(0.06);
    head(&mut face, &eye);
    cat.add(face);
    let middle = skull + look * vec3(0.0, 0.1, 0.2) * SCALE;
    let framing = if portrait { Framing::Close(middle, SCALE * random.range(2.9, 3.8)) } else { Framing::Whole };
    let haunt = match random.weighted(&[0.5, 0.17, 0.15, 0.18]) {
        0 => {
            Haunt::Grounds(&[Ground::Meadow, Ground::Meadow, Ground::Snow, Ground::Road, Ground::Forest, Ground::Beach])
        }
        1 if matches!(pose, Pose::Sit | Pose::Lie) => Haunt::Sofa,
        2 if matches!(pose, Pose::Sit | Pose::Lie) => Haunt::Sill,
        _ if portrait => Haunt::Grounds(&[Ground::Studio]),
        _ => Haunt::Room,
    };
    let coat = Coat::new(random, kind.0, kind.1, kind.2);
    let nose = rgb(*random.pick(&[0xd08880, 0xb86c60, 0x3a2826]));
    let before = cat.bounds().0;
    let stage = stage(picture, &mut cat, framing, haunt, (0.02, 0.5));
    let moved = cat.bounds().0 - before;
    cat.paint(picture, &stage, 0.6, |spot| material(spot, &coat, &eye, nose));
    if portrait {
        whiskers(picture, &stage, skull, look, moved);
    }
    stage.name(picture, kind.3);
    if !portrait {
        match pose {
            Pose::Sit => picture.detail("sitting"),
            Pose::Lie => picture.detail_of(&["lying down", "lying"]),
            Pose::Walk => picture.detail("walking"),
            _ => {}
        }
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.6);
    }
}
