//! Small birds: blue ones for the course, robins, yellow, red and gray ones; on a branch, on the ground, flying.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::{Ground, deepen};
use crate::math::{Vec3, hsv, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

/// The colours of a bird.
struct Plumage {
    back: Vec3,
    breast: Vec3,
    belly: Vec3,
    cap: Vec3,
    wing: Vec3,
    /// A dark band through the eye; white cheeks below it.
    mask: bool,
    beak: Vec3,
    crest: f32,
    noise: Noise,
}

fn blue(random: &mut Rng) -> Plumage {
    let back = hsv(random.range(0.56, 0.65), random.range(0.68, 0.9), random.range(0.62, 0.95));
    let breast = match random.weighted(&[0.4, 0.25, 0.2, 0.15]) {
        0 => back * random.range(0.85, 1.15),
        1 => rgb(0xd08048),
        2 => rgb(0xf0efe8),
        _ => rgb(0xe8c850),
    };
    let belly = if random.chance(0.6) { rgb(0xeceae4) } else { breast };
    Plumage {
        back,
        breast,
        belly,
        cap: if random.chance(0.25) { back * 0.6 } else { back },
        wing: back * random.range(0.6, 0.95),
        mask: random.chance(0.4),
        beak: rgb(*random.pick(&[0x2c2a2c, 0x4a4642, 0xc89038])),
        crest: if random.chance(0.3) { random.range(0.4, 0.9) } else { 0.0 },
        noise: Noise::new(random),
    }
}

/// Name, back, breast, belly, wing, crest.
const KINDS: &[(&str, u32, u32, u32, u32, f32)] = &[
    ("a robin", 0x6a5844, 0xd8622c, 0xe8e4dc, 0x54483a, 0.0),
    ("a robin", 0x50463c, 0xc8501c, 0xd8d4cc, 0x443c34, 0.0),
    ("a yellow bird", 0xe8c830, 0xf0d84c, 0xf4e890, 0x5a5030, 0.0),
    ("a yellow bird", 0xc8b83c, 0xf0d040, 0xf0e080, 0x8c8430, 0.0),
    ("a red bird", 0xc02c24, 0xd83c2c, 0xc84030, 0x8c2420, 0.8),
    ("a red bird", 0xa82820, 0xc83428, 0xb83830, 0x5c2020, 0.5),
    ("a gray bird", 0x84888c, 0xb4b4b4, 0xdcdad6, 0x606468, 0.4),
    ("a sparrow", 0x7c5c40, 0xb0a08c, 0xd8ccb8, 0x54402e, 0.0),
    ("a sparrow", 0x8c6844, 0xa8947c, 0xd0c4b0, 0x60482f, 0.0),
    ("a green bird", 0x5c8c3c, 0xb0c04c, 0xd8d880, 0x3c6030, 0.0),
    ("a black bird", 0x1c1c20, 0x222226, 0x28282c, 0x18181c, 0.0),
    ("a white bird", 0xecebe8, 0xf4f3f0, 0xf0eeea, 0xd0d0d0, 0.0),
];

fn any(random: &mut Rng) -> (Plumage, &'static str) {
    if random.chance(0.12) {
        return (blue(random), "a blue bird");
    }
    let kind = random.pick(KINDS);
    let plumage = Plumage {
        back: rgb(kind.1),
        breast: rgb(kind.2),
        belly: rgb(kind.3),
        cap: rgb(kind.1),
        wing: rgb(kind.4),
        mask: kind.0 == "a sparrow" || kind.0 == "a red bird",
        beak: rgb(*random.pick(&[0x3a3430, 0xd89030, 0x6a5a48])),
        crest: kind.5,
        noise: Noise::new(random),
    };
    (plumage, kind.0)
}

const EYE: Eye = Eye {
    centre: vec3(0.62, 0.14, 0.58),
    radius: 0.2,
    look: vec3(0.7, 0.1, 0.7),
    iris: vec3(0.05, 0.03, 0.02),
    pupil: 0.7,
    slit: false,
};

fn head(limb: &mut Limb, plumage: &Plumage, beak: f32) {
    limb.soft(0.2);
    limb.ball(Skin::Head, Vec3::ZERO, vec3(0.95, 0.95, 1.0));
    if plumage.crest > 0.0 {
        limb.leaf(
            Skin::Mane,
            vec3(0.0, 0.55, 0.1),
            vec3(0.0, 1.0 + 0.6 * plumage.crest, -0.75),
            (0.5, 0.05),
            vec3(0.5, 1.0, 1.0),
        );
    }
    limb.soft(0.05);
    limb.cone(Skin::Nose, vec3(0.0, -0.08, 0.85), vec3(0.0, -0.2, 0.95 + beak), 0.26, 0.03);
    limb.soft(0.0);
    limb.ball(Skin::Eye, EYE.centre, Vec3::splat(EYE.radius));
}

fn feather(plumage: &Plumage, spot: &Spot, spread: bool) -> Material {
    let at = spot.at;
    let fleck = plumage.noise.at3(at * vec3(9.0, 9.0, 5.0));
    let down = 1.0 + 0.12 * fleck;
    match spot.skin {
        Skin::Eye => EYE.material(at),
        Skin::Nose => Material::glossy(plumage.beak, 0.25).part(2),
        Skin::Leg => Material::dull(rgb(0x4a3c34)).part(2),
        Skin::Mane => Material::dull(plumage.cap * down),
        Skin::Head => {
            let cheek = smoothstep(0.0, -0.3, at.y + 0.35 * (at.z - 0.4));
            let mut colour = plumage.cap.lerp(plumage.breast, cheek);
            if plumage.mask {
                colour *= 1.0 - 0.8 * smoothstep(0.2, 0.12, (at.y - 0.1).abs()) * smoothstep(0.0, 0.3, at.z);
            }
            Material::dull(colour * down)
        }
        Skin::Wing => {
            let bars = if spread { (at.x * 26.0).sin() } else { (at.z * 30.0 + at.y * 14.0).sin() };
            let edge = smoothstep(0.0, if spread { -0.28 } else { -0.5 }, at.z);
            let colour = plumage.back.lerp(plumage.wing, edge);
            Material::dull(colour * (1.0 + 0.14 * bars * edge) * down).part(1)
        }
        Skin::Tail => Material::dull(plumage.wing * (1.0 + 0.15 * (at.x * 60.0).sin())).part(1),
        _ => {
            let front = smoothstep(-0.15, 0.25, at.z * 0.8 - at.y);
            let low = smoothstep(-0.05, -0.3, at.z - 0.15);
            Material::dull(plumage.back.lerp(plumage.breast.lerp(plumage.belly, low), front) * down)
        }
    }
}

/// At rest; the body's length is about 1, its feet at y = 0.
fn perched(random: &mut Rng, plumage: &Plumage, turn: f32) -> (Creature, Vec3, f32) {
    let mut bird = Creature::default();
    let root = Mat3::from_rotation_y(turn);
    let (plump, upright) = (random.range(0.26, 0.33), random.range(0.35, 0.95));
    let tilt = root * Mat3::from_rotation_x(-upright);
    let middle = vec3(0.0, 0.36 + 0.1 * upright, 0.0);
    let mut body = Limb::new(root * middle, tilt, 1.0).mirrored().meets(0.12);
    body.soft(0.1);
    body.ball(Skin::Body, Vec3::ZERO, vec3(plump, plump * 1.05, 0.42));
    body.ball(Skin::Body, vec3(0.0, -0.04, 0.12), vec3(plump, plump, plump * 1.05));
    body.soft(0.02);
    body.leaf(
        Skin::Wing,
        vec3(plump * 0.82, 0.06, 0.14),
        vec3(plump * 0.62, 0.07, -0.5),
        (0.19, 0.05),
        vec3(0.4, 1.0, 1.0),
    );
    let tail = random.range(0.3, 0.55);
    body.leaf(Skin::Tail, vec3(0.0, 0.07, -0.36), vec3(0.0, 0.02, -0.42 - tail), (0.1, 0.12), vec3(1.0, 0.3, 1.0));
    bird.add(body);
    for side in [-1.0, 1.0] {
        let mut leg = Limb::new(Vec3::ZERO, root, 1.0).meets(0.02);
        leg.cone(Skin::Leg, vec3(0.1 * side, 0.26, 0.02), vec3(0.1 * side, 0.02, 0.08), 0.035, 0.022);
        leg.cone(Skin::Leg, vec3(0.1 * side, 0.02, 0.0), vec3(0.1 * side, 0.02, 0.17), 0.022, 0.018);
        bird.add(leg);
    }
    let scale = random.range(0.2, 0.24);
    let top = root * middle + tilt * vec3(0.0, 0.12, 0.38) + vec3(0.0, 0.06, 0.0);
    let look = facing(turn + random.range(-0.7, 0.7), random.range(-0.2, 0.25), random.range(-0.15, 0.15));
    let mut face = Limb::new(top, look, scale).mirrored().meets(0.14);
    head(&mut face, plumage, random.range(0.5, 1.0));
    bird.add(face);
    (bird, top, scale)
}

/// In the air, wings spread; `turn` as for a bird at rest.
fn flying(random: &mut Rng, plumage: &Plumage, turn: f32) -> Creature {
    let mut bird = Creature::default();
    let root = facing(turn, random.range(-0.5, 0.3), random.sign() * random.range(0.1, 0.75));
    let mut body = Limb::new(Vec3::ZERO, root, 1.0).mirrored().meets(0.08);
    body.ball(Skin::Body, Vec3::ZERO, vec3(0.2, 0.19, 0.42));
    body.leaf(Skin::Tail, vec3(0.0, 0.02, -0.32), vec3(0.0, 0.03, -0.78), (0.08, 0.2), vec3(1.0, 0.2, 1.0));
    bird.add(body);
    let raised = if random.chance(0.65) { random.range(0.35, 1.0) } else { random.range(-0.6, -0.2) };
    let bent = random.range(-0.5, 0.3);
    let (long, swept) = (random.range(0.75, 1.0), random.range(0.1, 0.5));
    for side in [-1.0, 1.0] {
        // Its span is along x, its chord along z.
        let turned = root * Mat3::from_rotation_z(side * raised);
        let mut wing = Limb::new(root * vec3(side * 0.12, 0.06, 0.08), turned, 1.0).meets(0.05);
        wing.soft(0.06);
        let wrist = vec3(side * 0.45 * long, 0.0, 0.06);
        let tip = vec3(side * long, bent * 0.3, -swept);
        wing.leaf(Skin::Wing, Vec3::ZERO, wrist, (0.27, 0.29), vec3(1.0, 0.14, 1.0));
        wing.leaf(Skin::Wing, wrist, tip, (0.29, 0.08), vec3(1.0, 0.14, 1.0));
        bird.add(wing);
    }
    let look = root * facing(random.range(-0.3, 0.3), random.range(-0.1, 0.2), 0.0);
    let mut face = Limb::new(root * vec3(0.0, 0.07, 0.45), look, 0.2).mirrored().meets(0.14);
    head(&mut face, plumage, random.range(0.5, 0.9));
    bird.add(face);
    bird
}

pub fn blue_bird(picture: &mut Picture) {
    let plumage = blue(&mut picture.random);
    paint(picture, &plumage, "");
}

pub fn bird(picture: &mut Picture) {
    let (plumage, name) = any(&mut picture.random);
    paint(picture, &plumage, name);
}

fn paint(picture: &mut Picture, plumage: &Plumage, name: &str) {
    let random = &mut picture.random;
    let turn = random.sign() * random.range(0.3, 1.75);
    let place = random.weighted(&[0.55, 0.2, 0.25]);
    if place == 2 {
        let mut bird = flying(random, plumage, turn);
        let mut stage = stage(picture, &mut bird, Framing::Whole, Haunt::Sky, (-0.5, 0.4));
        stage.shadow = 0.0;
        bird.paint(picture, &stage, 0.4, |spot| feather(plumage, spot, true));
        stage.name(picture, name);
    } else {
        let (mut bird, top, scale) = perched(random, plumage, turn);
        let close = random.chance(if picture.dense { 0.4 } else { 0.12 });
        let framing = if close { Framing::Close(top, scale * 3.6) } else { Framing::Whole };
        let grounds = Haunt::Grounds(&[Ground::Meadow, Ground::Snow, Ground::Beach, Ground::Road, Ground::Forest]);
        let haunt = if place == 0 { Haunt::Branch(0.05) } else { grounds };
        let mut stage = stage(picture, &mut bird, framing, haunt, (0.0, 0.35));
        if place == 0 {
            stage.shadow = 0.0;
        }
        bird.paint(picture, &stage, 0.4, |spot| feather(plumage, spot, false));
        stage.name(picture, name);
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.4);
    }
}
