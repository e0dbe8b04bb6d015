//! A barista at work: shelves, lamps and an espresso machine behind or beside, a counter with cups in front.

use super::grounds::blurred;
use super::person::{Kind, Person};
use super::relief::Lamps;
use super::sitter::{self, Pose};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;

pub fn barista(picture: &mut Picture) {
    let person = Person::any(Kind::Barista, &mut picture.random);
    let random = &mut picture.random;
    let scale = if picture.dense { random.range(0.24, 0.32) } else { random.range(0.14, 0.27) };
    let side = random.sign();
    let hat = if person.hat.is_some() { 1.4 } else { 1.2 };
    let head = vec2(0.5 - side * random.range(0.5 * scale, 0.22), (scale * hat).max(0.2) + random.range(0.0, 0.08));
    let lamps = blurred(picture, 0.006, |picture| room(picture, side)).exposed(person.skin);
    let pose = Pose::any(picture, head, scale, lamps.to);
    let pose =
        if pose.yaw.abs() > 1.2 { Pose { yaw: pose.yaw * 0.5, body_yaw: pose.body_yaw * 0.5, ..pose } } else { pose };
    sitter::paint(picture, &person, &pose, &lamps);
    let counter = (head.y + scale * 3.3).clamp(0.72, 0.9);
    machine(picture, side, counter, &lamps);
    front(picture, counter, side, &lamps);
    super::describe(picture, &person, &pose);
    picture.detail_of(&["in a cafe", "behind the counter", "with an espresso machine", "making coffee"]);
}

/// Shelves with jars and cups before a dark wall, and lamps that hang.
fn room(picture: &mut Picture, side: f32) -> Lamps {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let evening = picture.dense || random.chance(0.35);
    let wall = rgb(*random.pick(&[
        0x3a2c24, 0x2c3432, 0x5a3a2c, 0x40464a, 0x6a5a4a, 0xa89878, 0x24282c, 0x3a6058, 0xb0aca4, 0x7a4434, 0x2a4058,
        0xc8b48c,
    ]));
    let light = if evening { 0.7 } else { 1.15 };
    let brick = random.chance(0.4);
    let canvas = &mut picture.canvas;
    canvas.begin(1.0);
    canvas.cover(|p| {
        let row = (p.y * 22.0).floor();
        let joint = ((p.y * 22.0).fract() < 0.14) || ((p.x * 9.0 + 0.5 * (row as i32 & 1) as f32).fract() < 0.06);
        let tone = if brick {
            if joint {
                1.25
            } else {
                0.9 + 0.25 * noise.lattice((p.x * 9.0 + 0.5 * (row as i32 & 1) as f32) as i32, row as i32, 1)
            }
        } else {
            1.0
        };
        wall * light * (tone + 0.16 * noise.fractal(p * 4.0, 2, 0.5))
    });
    let wood = rgb(*random.pick(&[0x8a5a34, 0x5a3a24, 0xb08a5c])) * light;
    let mut y = random.range(0.16, 0.26);
    while y < 0.75 {
        shelf(canvas, random, y, wood, light);
        y += random.range(0.17, 0.24);
    }
    match random.weighted(&[0.4, 0.35, 0.25]) {
        0 => {}
        1 => board(canvas, random, side),
        _ => shop_window(canvas, random, side, if evening { 0.35 } else { 1.0 }),
    }
    let warm = vec3(1.0, 0.78, 0.45);
    for k in 0..random.int(2, 4) {
        let at = vec2(0.12 + 0.27 * k as f32 + random.range(-0.06, 0.06), random.range(0.08, 0.2));
        hang(canvas, at, warm, if evening { 0.75 } else { 0.4 });
    }
    let dim = if evening { 0.16 } else { 0.34 };
    let to = vec3(side * random.range(0.3, 1.0), random.range(0.4, 0.9), random.range(0.4, 0.8)).normalize();
    let colour = if evening { vec3(1.15, 0.92, 0.68) } else { vec3(1.0, 0.98, 0.94) };
    Lamps {
        to,
        colour,
        above: Vec3::splat(dim),
        below: wall * 0.3 + 0.04,
        rim_to: vec3(-side, 0.6, 0.0),
        rim: warm * 0.7,
    }
}

fn shelf(canvas: &mut Canvas, random: &mut Rng, y: f32, wood: Vec3, light: f32) {
    let mut x = random.range(0.0, 0.04);
    while x < 1.0 {
        let (wide, high) = (random.range(0.03, 0.065), random.range(0.05, 0.12));
        let colour =
            rgb(*random.pick(&[0xe8e4dc, 0xd8c8a8, 0x6a4428, 0x8a2a22, 0x2c5a50, 0xc89a4a, 0x3c4c60, 0xf0ece4]));
        let thing = Shape::rect(x, y - high, x + wide, y);
        if random.chance(0.85) {
            canvas.fill(&thing, |p| colour * light * mix(1.0, 0.55, (p.x - x) / wide));
        }
        x += wide + random.range(0.005, 0.03);
    }
    canvas.flat(&Shape::rect(0.0, y, 1.0, y + 0.018), wood);
    canvas.shade(&canvas.mask(&Shape::rect(0.0, y + 0.018, 1.0, y + 0.05)), |_| Vec3::splat(0.6));
}

/// The street, bright behind panes.
fn shop_window(canvas: &mut Canvas, random: &mut Rng, side: f32, light: f32) {
    let (wide, low) = (random.range(0.4, 0.6), random.range(0.5, 0.7));
    let left = if side > 0.0 { -0.02 } else { 1.02 - wide };
    let frame = rgb(*random.pick(&[0x2a2420, 0x6a4a30, 0xd8d0c0, 0x24403a]));
    let sky = rgb(*random.pick(&[0xd8e6f0, 0xf0e4cc, 0xb8d0e8])) * light;
    canvas.flat(&Shape::rect(left - 0.02, -0.05, left + wide + 0.02, low + 0.025), frame);
    canvas.flat(&Shape::rect(left, -0.05, left + wide, low), sky);
    for _ in 0..5 {
        let (x, half) = (left + wide * random.unit(), random.range(0.03, 0.09));
        let house = Shape::rect((x - half).max(left), random.range(0.08, 0.4), (x + half).min(left + wide), low);
        canvas.flat(&house, sky * vec3(random.range(0.5, 0.9), random.range(0.5, 0.8), random.range(0.45, 0.8)));
    }
    for k in 1..3 {
        let x = left + wide * k as f32 / 3.0;
        canvas.flat(&Shape::rect(x - 0.008, 0.0, x + 0.008, low), frame);
    }
}

/// A blackboard with the prices.
fn board(canvas: &mut Canvas, random: &mut Rng, side: f32) {
    let left = if side > 0.0 { 0.62 } else { 0.06 };
    let low = random.range(0.4, 0.52);
    canvas.flat(&Shape::rect(left - 0.012, 0.06, left + 0.332, low + 0.012), rgb(0x7a5a38));
    canvas.flat(&Shape::rect(left, 0.072, left + 0.32, low), rgb(0x1c2220));
    let mut y = 0.11;
    while y < low - 0.03 {
        let long = random.range(0.1, 0.2);
        canvas.flat(&Shape::line(&[vec2(left + 0.03, y), vec2(left + 0.03 + long, y)], 0.012), rgb(0xd8d8d0));
        canvas.flat(&Shape::line(&[vec2(left + 0.25, y), vec2(left + 0.29, y)], 0.012), rgb(0xd8c890));
        y += 0.045;
    }
}

fn hang(canvas: &mut Canvas, at: Vec2, warm: Vec3, glow: f32) {
    canvas.flat(&Shape::line(&[vec2(at.x, -0.05), at], 0.006), rgb(0x141210));
    let halo = canvas.mask(&Shape::circle(at + vec2(0.0, 0.03), 0.22));
    canvas.glaze(&halo, |p| (warm * 1.1).extend(glow * 0.7 * bell((p - at - vec2(0.0, 0.03)).length(), 0.09)));
    let shade = [vec2(-0.012, -0.02), vec2(0.012, -0.02), vec2(0.05, 0.03), vec2(-0.05, 0.03)].map(|v| at + v);
    canvas.flat(&Shape::polygon(&shade), rgb(0x1c1a1a));
    canvas.flat(&Shape::ellipse(at + vec2(0.0, 0.033), vec2(0.04, 0.014), 0.0), vec3(1.0, 0.92, 0.7));
}

/// Brushed steel: dark and light across the height.
fn steel(p: Vec2, top: f32, low: f32, tint: Vec3) -> Vec3 {
    let v = (p.y - top) / (low - top);
    let band = 0.45 + 0.4 * bell(v - 0.2, 0.14) + 0.22 * bell(v - 0.75, 0.1) - 0.25 * bell(v - 0.5, 0.1);
    tint * band
}

/// The espresso machine, standing on the counter at one side.
fn machine(picture: &mut Picture, side: f32, counter: f32, lamps: &Lamps) {
    let random = &mut picture.random;
    let (wide, high) = (random.range(0.3, 0.4), random.range(0.28, 0.36));
    let middle = 0.5 + side * (0.5 - 0.5 * wide + random.range(-0.04, 0.08));
    let tint = *random.pick(&[
        vec3(0.95, 0.95, 0.97),
        vec3(0.95, 0.95, 0.97),
        vec3(0.75, 0.22, 0.18),
        vec3(0.28, 0.3, 0.32),
        vec3(0.9, 0.62, 0.34),
    ]);
    let lit = lamps.colour * 0.75 + lamps.above;
    let tint = tint * lit;
    let (left, right) = (middle - 0.5 * wide, middle + 0.5 * wide);
    let top = counter - high;
    let canvas = &mut picture.canvas;
    canvas.begin(0.12);
    // Legs and tray below, the dark hollow for cups, the body above.
    canvas.fill(&Shape::rect(left, counter - 0.07, right, counter), |p| steel(p, counter - 0.07, counter, tint));
    canvas.flat(&Shape::rect(left + 0.02, top + 0.12, right - 0.02, counter - 0.055), rgb(0x1a1716) * 1.1);
    canvas.part(1, 0.12);
    canvas.fill(&Shape::rect(left - 0.01, top, right + 0.01, top + 0.14), |p| steel(p, top, top + 0.14, tint));
    for k in 0..6 {
        let x = mix(left + 0.03, right - 0.03, k as f32 / 5.0);
        cup(canvas, vec2(x, top), 0.022, rgb(0xe8e4da) * lit);
    }
    canvas.part(2, 0.12);
    for k in 0..2 {
        let x = mix(left, right, 0.3 + 0.4 * k as f32);
        canvas.flat(&Shape::rect(x - 0.035, top + 0.135, x + 0.035, top + 0.165), Vec3::splat(0.6) * lit);
        canvas.flat(&Shape::line(&[vec2(x, top + 0.175), vec2(x + 0.05, top + 0.195)], 0.02), rgb(0x2a1a12));
        cup(canvas, vec2(x, counter - 0.06), 0.026, rgb(0xf0ece2) * lit);
    }
    for k in 0..2 {
        let at = vec2(mix(left, right, 0.2 + 0.15 * k as f32), top + 0.07);
        canvas.flat(&Shape::circle(at, 0.022), rgb(0x141414));
        canvas.flat(&Shape::circle(at, 0.017), rgb(0xf0ece0) * lit);
    }
}

/// A cup that stands at `foot`, `half` wide to each side.
fn cup(canvas: &mut Canvas, foot: Vec2, half: f32, colour: Vec3) {
    let high = half * 1.5;
    let sides =
        [vec2(-half, -high), vec2(half, -high), vec2(0.7 * half, 0.0), vec2(-0.7 * half, 0.0)].map(|v| foot + v);
    let handle = Shape::curve(
        &[vec2(half * 0.9, -high * 0.85), vec2(half * 1.6, -high * 0.55), vec2(half * 0.8, -high * 0.2)]
            .map(|v| foot + v),
        half * 0.3,
    );
    canvas.flat(&handle, colour * 0.75);
    canvas.fill(&Shape::polygon(&sides), |p| colour * mix(1.05, 0.55, smoothstep(-half, half, p.x - foot.x)));
    canvas
        .flat(&Shape::ellipse(foot - vec2(0.0, high), vec2(half, half * 0.28), 0.0), rgb(0x4a2a18).lerp(colour, 0.25));
}

/// The counter before the barista, with cups on it.
fn front(picture: &mut Picture, top: f32, side: f32, lamps: &Lamps) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let lit = lamps.colour * 0.7 + lamps.above;
    let wood = rgb(*random.pick(&[0x8a5a34, 0x5a3a24, 0xb8925c, 0x3a2a22, 0xc8b898])) * lit;
    let panel = rgb(*random.pick(&[0x3a2a20, 0x2a3a38, 0x6a4a30, 0x2a2a2e, 0x8a8478])) * lit;
    let slats = random.chance(0.5);
    let canvas = &mut picture.canvas;
    canvas.begin(0.08);
    canvas.fill(&Shape::rect(-0.1, top, 1.1, top + 0.055), |p| {
        wood * (1.0 + 0.2 * noise.fractal(vec2(p.x * 4.0, p.y * 50.0), 2, 0.5))
    });
    canvas.part(1, 0.08);
    canvas.fill(&Shape::rect(-0.1, top + 0.05, 1.1, 1.1), |p| {
        let groove = if slats && (p.x * 14.0).fract() < 0.12 { 0.6 } else { 1.0 };
        panel * groove * mix(0.55, 1.0, smoothstep(top + 0.05, top + 0.12, p.y))
    });
    for _ in 0..random.int(1, 4) {
        let x = 0.5 - side * random.range(-0.1, 0.42);
        canvas.begin(0.06);
        let half = random.range(0.035, 0.055);
        cup(
            canvas,
            vec2(x, top + random.range(0.005, 0.035)),
            half,
            rgb(*random.pick(&[0xf4f0e6, 0xf4f0e6, 0x8a3a2a, 0x3a5a64])) * lit,
        );
    }
}
