//! Fish under water: slender, round or tall, in plain bright colours, striped, banded or spotted.

use glam::Mat3;

use super::creature::{Creature, Limb, Skin, Spot, facing};
use super::eye::Eye;
use super::stage::{Framing, Haunt, stage};
use crate::backdrop::deepen;
use crate::math::{Vec3, hsv, mix, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::Material;

#[derive(Clone, Copy, PartialEq)]
enum Marks {
    Plain,
    /// Upright bands.
    Bands,
    /// Lines along the body.
    Lines,
    Spots,
    /// Head one colour, tail the other.
    Halves,
}

struct Fish {
    /// Body, marks, fins.
    colours: [Vec3; 3],
    marks: Marks,
    count: f32,
    eye: Eye,
    noise: Noise,
    scales: f32,
}

const PAIRS: &[(u32, u32, u32)] = &[
    (0xf07820, 0xf6f2ea, 0xf08828),
    (0xf0a020, 0xd04818, 0xf08030),
    (0xf0d030, 0x202428, 0xf0d848),
    (0x3068d0, 0xf0d030, 0xf0d038),
    (0xd03028, 0xf4e8dc, 0xc83838),
    (0xb0b8c0, 0x384858, 0x8898a8),
    (0x40b0a8, 0xd05890, 0xe07098),
    (0x8850b8, 0xf0c838, 0x9860c8),
    (0xe86040, 0x7c1c20, 0xe87048),
    (0x607848, 0x2c3824, 0xa06c3c),
    (0xf2ece4, 0xe05828, 0xf0e0d4),
];

fn any(random: &mut Rng, eye: Eye) -> Fish {
    let (a, b, c) = *random.pick(PAIRS);
    let mut colours = [a, b, c].map(rgb);
    if random.chance(0.25) {
        let hue = random.unit();
        colours[0] = hsv(hue, random.range(0.6, 0.9), random.range(0.7, 0.95));
        colours[2] = hsv(hue + random.range(-0.1, 0.1), 0.7, 0.9);
    }
    let marks = [Marks::Plain, Marks::Bands, Marks::Lines, Marks::Spots, Marks::Halves]
        [random.weighted(&[0.28, 0.3, 0.14, 0.14, 0.14])];
    let (count, scales) = (random.range(2.0, 4.5), random.range(0.0, 0.2));
    Fish { colours, marks, count, eye, noise: Noise::new(random), scales }
}

fn scale(fish: &Fish, spot: &Spot) -> Material {
    let at = spot.at;
    let [body, marks, fins] = fish.colours;
    match spot.skin {
        Skin::Eye => fish.eye.material(at),
        Skin::Wing | Skin::Tail => {
            let ribs = if spot.skin == Skin::Tail { (at.y * 60.0 / (0.4 - at.z)).sin() } else { (at.z * 70.0).sin() };
            let rim = if fish.marks == Marks::Bands { smoothstep(0.3, 0.42, at.y.abs()) } else { 0.0 };
            let colour = fins.lerp(marks, rim) * (1.0 + 0.16 * ribs);
            Material { glow: colour * 0.12, ..Material::dull(colour).part(1) }
        }
        _ => {
            let wave = 0.1 * fish.noise.at3(at * 4.0);
            let marked = match fish.marks {
                Marks::Plain => 0.0,
                Marks::Bands => smoothstep(0.45, 0.6, (at.z * fish.count * 3.6 + 0.8 + wave * 3.0).sin()),
                Marks::Lines => smoothstep(0.2, 0.5, (at.y * fish.count * 14.0 + wave * 4.0).sin()),
                Marks::Spots => smoothstep(0.3, 0.4, fish.noise.at3(at * fish.count * 4.0)),
                Marks::Halves => smoothstep(0.05, -0.05, at.z + wave),
            };
            let lattice = (at.z * 42.0 + at.y * 30.0).sin() * (at.z * 42.0 - at.y * 30.0).sin();
            let belly = smoothstep(-0.1, -0.75, spot.normal.y) * 0.45;
            let mouth = smoothstep(0.025, 0.008, (at.y + 0.05).abs()) * smoothstep(0.42, 0.46, at.z);
            let gill =
                smoothstep(0.03, 0.01, (at.z - 0.2 + 0.6 * at.y * at.y).abs()) * smoothstep(0.2, 0.1, at.y.abs());
            let colour = body.lerp(marks, marked).lerp(rgb(0xf0ece0), belly) * (1.0 + fish.scales * lattice);
            Material::glossy(colour * (1.0 - 0.7 * mouth.max(0.5 * gill)), 0.25)
        }
    }
}

/// A fish about 1 long, round the origin, that looks along +z before `turn`.
fn build(random: &mut Rng, fish: &Fish, turn: Mat3, tall: f32, creature: &mut Creature, at: Vec3, size: f32) {
    let wide = mix(0.13, 0.1, tall);
    let high = mix(0.15, 0.36, tall);
    let mut body = Limb::new(at, turn, size).mirrored().meets(0.03 * size);
    body.soft(0.08);
    body.ball(Skin::Body, vec3(0.0, 0.0, 0.08), vec3(wide, high, 0.44));
    body.leaf(Skin::Body, vec3(0.0, 0.0, -0.15), vec3(0.0, 0.0, -0.42), (high * 0.6, high * 0.26), vec3(0.4, 1.0, 1.0));
    body.soft(0.01);
    // Back, belly and side fins.
    let sail = random.range(0.25, 0.8) * mix(0.2, 0.3, tall);
    let thin = vec3(0.1, 1.0, 1.0);
    body.leaf(Skin::Wing, vec3(0.0, high * 0.8, 0.12), vec3(0.0, high * 0.75 + sail, -0.18), (0.13, 0.07), thin);
    body.leaf(
        Skin::Wing,
        vec3(0.0, -high * 0.75, -0.05),
        vec3(0.0, -high * 0.75 - sail * 0.8, -0.24),
        (0.1, 0.05),
        thin,
    );
    body.leaf(
        Skin::Wing,
        vec3(wide * 0.95, -0.06, 0.14),
        vec3(wide * 1.9, -0.16, -0.06),
        (0.04, 0.08),
        vec3(0.3, 1.0, 1.0),
    );
    body.soft(0.0);
    let eye = fish.eye.centre * vec3(wide / 0.12, 1.0, 1.0);
    body.ball(Skin::Eye, eye, Vec3::splat(fish.eye.radius));
    creature.add(body);
    let (fork, sweep) = (random.range(0.18, 0.36) * mix(0.85, 1.2, tall), random.range(0.15, 0.34));
    let sway = Mat3::from_rotation_y(random.range(-0.5, 0.5));
    let mut tail = Limb::new(at + turn * vec3(0.0, 0.0, -0.4) * size, turn * sway, size).meets(0.02 * size);
    tail.soft(0.03);
    for up in [-1.0, 1.0] {
        tail.leaf(Skin::Tail, Vec3::ZERO, vec3(0.0, up * fork, -sweep), (0.06, 0.1), thin);
    }
    tail.leaf(Skin::Tail, Vec3::ZERO, vec3(0.0, 0.0, -sweep * 0.6), (0.06, 0.12), thin);
    creature.add(tail);
}

pub fn fish(picture: &mut Picture) {
    let random = &mut picture.random;
    let tall = random.unit();
    let eye = Eye {
        centre: vec3(0.085, 0.06, 0.33),
        radius: random.range(0.045, 0.06),
        look: vec3(1.0, 0.0, 0.25).normalize(),
        iris: rgb(*random.pick(&[0xf0e8d8, 0xf0c830, 0xe8e8e8])),
        pupil: 0.55,
        slit: false,
    };
    let fish = any(random, eye);
    let turn = facing(random.sign() * random.range(0.75, 1.9), random.normal() * 0.15, random.normal() * 0.1);
    let mut creature = Creature::default();
    build(random, &fish, turn, tall, &mut creature, Vec3::ZERO, 1.0);
    let several = random.chance(0.2);
    if several {
        for _ in 0..random.int(1, 3) {
            let at = vec3(random.range(-0.8, 0.8), random.sign() * random.range(0.4, 0.8), random.range(-1.6, -0.4));
            let size = random.range(0.5, 0.9);
            build(random, &fish, turn, tall, &mut creature, at, size);
        }
    }
    let mut stage = stage(picture, &mut creature, Framing::Whole, Haunt::Sea, (-0.25, 0.3));
    stage.shadow = 0.0;
    creature.paint(picture, &stage, 0.25, |spot| scale(&fish, spot));
    picture.noun = match (several, fish.marks) {
        (true, _) => Some("fish".into()),
        (false, Marks::Bands) => Some("a striped fish".into()),
        _ if fish.colours[0] == rgb(0xf07820) && fish.marks == Marks::Plain => Some("a goldfish".into()),
        _ => None,
    };
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}
