//! Dogs of many kinds: ears floppy or pointed, muzzle short or long, coats plain, patched, spotted; a portrait, or the whole dog
//! standing, walking, running, sitting or lying, in a meadow, on a beach, in snow, on a street, in a room or on a sofa.

use std::f32::consts::FRAC_PI_2;

use glam::Mat3;

use super::coat::{Coat, Pattern};
use super::creature::{Creature, Limb, Skin, Spot};
use super::eye::Eye;
use super::quadruped::{Bones, Build, Pose, Tail, gaze, turns};
use super::stage::{Framing, Haunt, Stage, stage};
use crate::backdrop::{Ground, OUTDOORS, deepen};
use crate::math::{Vec3, luminance, mix, rgb, smoothstep, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

#[derive(Clone, Copy, PartialEq)]
enum Ears {
    Hanging,
    Pointed,
    /// Upright with the tips folded over.
    Folded,
}

struct Breed {
    ears: Ears,
    /// Length and width of the muzzle, in radii of the skull.
    muzzle: f32,
    wide: f32,
    /// 0 dachshund … 1 greyhound.
    tall: f32,
    /// 0 lean … 1 stout or woolly.
    stout: f32,
    tongue: bool,
    collar: Option<Vec3>,
}

const COLLARS: &[u32] = &[0xb03030, 0x2c5ca8, 0x2f8050, 0xd8a030, 0x202020];

impl Breed {
    fn any(random: &mut Rng) -> Breed {
        let muzzle = if random.chance(0.2) { random.range(0.25, 0.5) } else { random.range(0.6, 1.25) };
        Breed {
            ears: [Ears::Hanging, Ears::Pointed, Ears::Folded][random.weighted(&[0.5, 0.32, 0.18])],
            muzzle,
            wide: mix(1.15, 0.8, muzzle) * random.range(0.9, 1.12),
            tall: if random.chance(0.12) { 0.0 } else { random.range(0.4, 1.0) },
            stout: random.range(0.0, 1.0),
            tongue: random.chance(0.45),
            collar: random.chance(0.3).then(|| rgb(*random.pick(COLLARS))),
        }
    }

    fn build(&self) -> Build {
        let leg = mix(0.38, 0.82, self.tall);
        Build {
            leg,
            length: 0.82,
            chest: mix(0.2, 0.27, self.stout),
            waist: mix(0.14, 0.22, self.stout),
            limb: mix(0.052, 0.078, self.stout),
            neck: mix(0.24, 0.38, self.tall),
            rise: 0.95,
            nape: mix(0.14, 0.2, self.stout),
        }
    }
}

/// In the dark, dogs are seldom dark.
fn coat(random: &mut Rng, gloom: f32) -> Coat {
    use Pattern::*;
    let coats = [
        (Plain, 0xa8703c, 0),
        (Plain, 0xd8a860, 0),
        (Plain, 0x2a2422, 0),
        (Plain, 0xe8dcc4, 0),
        (Plain, 0x5c3a24, 0),
        (Plain, 0x8c8c90, 0),
        (Plain, 0xb4582c, 0),
        (Bib, 0x26221f, 0xf0ece4),
        (Bib, 0xa4602c, 0xf4eee2),
        (Bib, 0x3a2a20, 0xc88a4c),
        (Bib, 0x1e1c1c, 0xb87838),
        (Saddle, 0xc08a50, 0x2a2420),
        (Saddle, 0xe0c090, 0x584434),
        (Spots, 0xf2f0ec, 0x1e1c1c),
        (Spots, 0xf0e8dc, 0x6a3c20),
        (Patches, 0xf2eee6, 0x8c5028),
        (Patches, 0xf2eee6, 0x24201e),
        (Patches, 0xf0e6d4, 0xc07838),
        (Mask, 0xf2f2f0, 0x50545c),
        (Mask, 0xf0e4d0, 0xb86a34),
        (Mask, 0xeceae6, 0x24242a),
    ];
    let mut chosen = *random.pick(&coats);
    for _ in 0..3 {
        if luminance(rgb(chosen.1)) < 0.4 && random.chance(0.8 * gloom) {
            chosen = *random.pick(&coats);
        }
    }
    let (pattern, base, second) = chosen;
    Coat::new(random, pattern, base, second)
}

/// In the frame of the head, in radii of the skull.
fn head(limb: &mut Limb, breed: &Breed, eye: &Eye) {
    let (long, wide) = (breed.muzzle, breed.wide);
    let tip = 0.62 + long;
    limb.soft(0.35);
    limb.ball(Skin::Head, vec3(0.0, 0.08, 0.0), vec3(0.98, 0.94, 0.98));
    limb.ball(Skin::Head, vec3(0.42, -0.32, 0.32), vec3(0.5, 0.48, 0.55));
    limb.cone(Skin::Muzzle, vec3(0.0, -0.26, 0.6), vec3(0.0, -0.36, tip), 0.56 * wide, 0.42 * wide);
    limb.soft(0.15);
    limb.ball(Skin::Muzzle, vec3(0.2 * wide, -0.5, tip - 0.02), vec3(0.28, 0.3, 0.36) * wide.sqrt());
    limb.ball(Skin::Head, vec3(0.4, 0.36, 0.68), vec3(0.28, 0.16, 0.26));
    let drop = if breed.tongue { 0.26 } else { 0.0 };
    limb.soft(0.08);
    limb.cone(Skin::Jaw, vec3(0.0, -0.62, 0.4), vec3(0.0, -0.76 - drop, tip - 0.12), 0.34, 0.23 * wide);
    limb.soft(0.0);
    if breed.tongue {
        let hang = vec3(0.0, -1.32, tip + 0.12);
        limb.leaf(Skin::Tongue, vec3(0.0, -0.74, tip - 0.1), hang, (0.22, 0.2), vec3(1.0, 1.0, 0.5));
    }
    limb.ball(Skin::Nose, vec3(0.0, -0.18, tip + 0.36 * wide), vec3(0.28, 0.22, 0.2));
    limb.ball(Skin::Eye, eye.centre, Vec3::splat(eye.radius));
    limb.soft(0.1);
    match breed.ears {
        Ears::Hanging => {
            let low = vec3(1.12, -0.75 - 0.2 * breed.stout, 0.12);
            limb.leaf(Skin::Ear, vec3(0.86, 0.5, -0.05), low, (0.3, 0.42), vec3(0.42, 1.0, 1.0));
        }
        Ears::Pointed => {
            limb.leaf(Skin::Ear, vec3(0.6, 0.72, -0.1), vec3(0.82, 1.75, -0.12), (0.4, 0.05), vec3(1.0, 1.0, 0.45));
        }
        Ears::Folded => {
            limb.leaf(Skin::Ear, vec3(0.62, 0.75, -0.1), vec3(0.88, 1.25, 0.0), (0.34, 0.26), vec3(1.0, 1.0, 0.5));
            limb.leaf(Skin::Ear, vec3(0.9, 1.22, 0.04), vec3(1.12, 0.72, 0.34), (0.24, 0.08), vec3(1.0, 1.0, 0.6));
        }
    }
}

fn material(spot: &Spot, coat: &Coat, breed: &Breed, eye: &Eye) -> Material {
    let at = spot.at;
    match spot.skin {
        Skin::Eye => eye.material(at),
        Skin::Nose => Material::glossy(rgb(0x1a1516), 0.5).part(3),
        Skin::Tongue => Material::glossy(rgb(0xe2788a), 0.2).part(2),
        Skin::Collar => Material::dull(breed.collar.unwrap_or_default()).part(2),
        Skin::Ear => {
            let inner = breed.ears == Ears::Pointed && spot.normal.z > 0.5;
            let fold = smoothstep(0.28, 0.1, (at.x - mix(0.6, 0.82, at.y - 0.72)).abs() / (1.9 - at.y).max(0.2));
            let colour = coat.colour(spot) * if breed.ears == Ears::Hanging { 0.78 } else { 0.9 };
            let pink = if inner { 0.75 * fold } else { 0.0 };
            Material::dull(colour.lerp(rgb(0xa87468), pink)).part(1)
        }
        Skin::Muzzle => {
            // The split under the nose and the line of the mouth.
            let split = smoothstep(0.07, 0.02, at.x.abs()) * smoothstep(0.5 + breed.muzzle, 0.8 + breed.muzzle, at.z);
            let mouth = smoothstep(0.1, 0.04, (at.y + 0.68).abs());
            Material::dull(coat.colour(spot) * (1.0 - 0.75 * split.max(mouth)))
        }
        Skin::Jaw if breed.tongue => {
            let inside = smoothstep(0.3, 0.7, spot.normal.y);
            Material::dull(coat.colour(spot).lerp(rgb(0x501c20), inside))
        }
        Skin::Head => {
            let socket = smoothstep(eye.radius * 1.9, eye.radius * 1.1, (at - eye.centre).length());
            Material::dull(coat.colour(spot) * (1.0 - 0.55 * socket))
        }
        _ => Material::dull(coat.colour(spot)),
    }
}

fn tail(random: &mut Rng, breed: &Breed, pose: Pose) -> Tail {
    let low = matches!(pose, Pose::Sit | Pose::Lie);
    let up = !low && random.chance(0.65);
    Tail {
        length: random.range(0.45, 0.75),
        thick: mix(0.04, 0.06, breed.stout),
        bush: mix(0.9, 1.9, breed.stout),
        start: if up {
            random.range(0.4, 1.1)
        } else if low {
            -0.3
        } else {
            random.range(-1.1, -0.5)
        },
        curl: if up { random.range(0.1, 0.8) } else { random.range(0.0, 0.3) },
        aside: random.range(-0.5, 0.5),
    }
}

pub fn dog(picture: &mut Picture) {
    let portrait = picture.random.chance(if picture.dense { 0.7 } else { 0.34 });
    let random = &mut picture.random;
    let mut pose =
        [Pose::Stand, Pose::Walk, Pose::Run, Pose::Sit, Pose::Lie][random.weighted(&[0.24, 0.1, 0.16, 0.3, 0.2])];
    if portrait {
        pose = Pose::Sit;
    }
    let breed = Breed::any(random);
    let build = breed.build();
    let bones = Bones::posed(&build, pose, random);
    let (body_turn, mut head_turn) = turns(random, pose);
    if portrait && random.chance(0.75) {
        head_turn = random.range(-0.7, 0.7);
    }
    let root = Mat3::from_rotation_y(body_turn);
    let mut dog = Creature::default();
    bones.flesh(&build, root, &mut dog);
    bones.tail(&build, root, &mut dog, tail(random, &breed, pose));
    if breed.collar.is_some() {
        let at = |t: f32| bones.shoulder.lerp(bones.head, t);
        let mut collar = Limb::new(Vec3::ZERO, root, 1.0).meets(0.005);
        collar.cone(
            Skin::Collar,
            at(0.66),
            at(0.76),
            mix(build.chest * 0.8, build.nape, 0.66) + 0.02,
            build.nape + 0.03,
        );
        dog.add(collar);
    }
    let scale = random.range(0.19, 0.225);
    let look = gaze(random, head_turn);
    let eye = Eye {
        centre: vec3(0.42, 0.1, 0.83),
        radius: random.range(0.15, 0.19),
        look: vec3(0.1, 0.0, 1.0).normalize(),
        iris: rgb(*random.pick(&[0x5a3014, 0x3c2010, 0x6a3c18, 0x2a140a])),
        pupil: 0.62,
        slit: false,
    };
    let skull = root * bones.head + look * vec3(0.0, 0.35, 0.45) * scale;
    let mut face = Limb::new(skull, look, scale).mirrored().meets(0.08);
    head(&mut face, &breed, &eye);
    dog.add(face);
    let middle = skull + look * vec3(0.0, -0.15, 0.4) * scale;
    let framing = if portrait { Framing::Close(middle, scale * random.range(3.3, 4.2)) } else { Framing::Whole };
    let haunt = match random.weighted(&[0.7, 0.12, 0.18]) {
        0 => Haunt::Grounds(OUTDOORS),
        1 if matches!(pose, Pose::Sit | Pose::Lie) => Haunt::Sofa,
        _ if pose == Pose::Run => Haunt::Grounds(&[Ground::Meadow, Ground::Beach, Ground::Snow]),
        _ if portrait => Haunt::Grounds(&[Ground::Studio]),
        _ => Haunt::Room,
    };
    let stage = stage(picture, &mut dog, framing, haunt, (0.02, 0.45));
    let coat = coat(&mut picture.random, stage.gloom);
    dog.paint(picture, &stage, 0.5, |spot| material(spot, &coat, &breed, &eye));
    words(picture, &stage, portrait, pose, &coat, body_turn);
    if picture.dense {
        deepen(&mut picture.canvas, 0.6);
    }
}

fn words(picture: &mut Picture, stage: &Stage, portrait: bool, pose: Pose, coat: &Coat, turn: f32) {
    if !portrait {
        match pose {
            Pose::Sit => picture.detail("sitting"),
            Pose::Lie => picture.detail_of(&["lying down", "lying"]),
            Pose::Run => picture.detail("running"),
            Pose::Walk => picture.detail("walking"),
            Pose::Stand if turn.abs() > FRAC_PI_2 * 0.8 => picture.detail("standing"),
            Pose::Stand => {}
        }
    }
    let base = coat.base;
    if coat.pattern == Pattern::Plain {
        let tone = base.element_sum() / 3.0;
        let noun = if tone < 0.2 {
            "a black dog"
        } else if tone > 0.8 {
            "a white dog"
        } else if base.x > base.z * 1.5 && tone < 0.5 {
            "a brown dog"
        } else {
            return;
        };
        stage.name(picture, noun);
    } else if coat.pattern == Pattern::Spots {
        picture.noun = Some("a spotted dog".into());
    }
}
