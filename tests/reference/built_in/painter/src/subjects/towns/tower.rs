//! A tower: of stone with teeth, of iron lattice, leaning in white storeys, with a clock, or for television.

use super::build::Frame;
use super::country::{Country, Setting, Water, any_season, lit_share, weather_for};
use super::skin::{Grain, Skin};
use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, rgb, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;

pub fn tower(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let kind = random.weighted(&[0.34, 0.24, 0.16, 0.16, 0.1]);
    let setting = Setting {
        tall: 40.0,
        wide: 14.0,
        share: (0.6, 0.92),
        hill: if kind == 0 && random.chance(0.6) { (0.1, 0.7) } else { (0.0, 0.04) },
        cliff: random.range(0.0, 0.8),
        water: if random.chance(0.2) { Water::Lake } else { Water::None },
        season: any_season(random),
    };
    let mut country = Country::new(picture, weather, &setting);
    country.paint(picture, |_, sky| sky);
    let foot = country.foot;
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let stage = &mut country.stage;
    let lit = lit_share(&weather, random) > 0.3;
    canvas.begin(Stage::depth(-foot.z));
    match kind {
        0 => stone(stage, canvas, random, foot, lit),
        1 => lattice(stage, canvas, random, foot, lit),
        2 => leaning(stage, canvas, random, foot, lit),
        3 => clock(stage, canvas, random, foot, lit),
        _ => television(stage, canvas, random, foot),
    }
    let (count, firs) = (picture.random.int(4, 24), picture.random.unit());
    country.trees(picture, count, firs, 9.0);
    country.finish(picture);
    let noun = ["a stone tower", "the eiffel tower", "a leaning tower", "a clock tower", "a television tower"][kind];
    picture.noun = Some(noun.into());
    if kind == 0 && foot.y > 12.0 {
        picture.detail_of(&["on a hill"]);
    }
}

fn round_feet(foot: Vec3, radius: f32) -> [Vec3; 4] {
    [vec3(radius, 0.0, 0.0), vec3(0.0, 0.0, radius), vec3(-radius, 0.0, 0.0), vec3(0.0, 0.0, -radius)].map(|p| foot + p)
}

fn stone(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3, lit: bool) {
    let wall = Skin::new(*random.pick(&[0x8c8680, 0xb09c7c, 0x787470, 0xc4b498, 0x8c6c58].map(rgb)), Grain::Stone);
    let (noise, grain) = (stage.noise, -foot.z / (stage.focal * stage.size as f32));
    let (low, high, tall) = (random.range(5.5, 8.0), random.range(4.6, 5.6), random.range(25.0, 32.0));
    stage.shadow(canvas, &round_feet(foot, low), tall, |_| foot.y);
    stage.round(canvas, 1, foot - vec3(0.0, 3.0, 0.0), (low, high, tall + 3.0), |p| {
        let storey = (p.y / 8.0).fract();
        if (p.x.abs() < 1.6 && p.y > 3.0 && p.y < 8.5 - 1.2 * p.x.powi(2) * 0.4) && p.y < 9.0 {
            return Look::dull(rgb(0x2c2018));
        }
        let window = (p.x + 3.0).rem_euclid(9.0) - 3.0;
        if window.abs() < 0.8 && storey > 0.45 && storey < 0.75 && p.y > 10.0 {
            return Look { colour: rgb(0x24262c), lamp: if lit { 0.9 } else { 0.0 } };
        }
        wall.look(noise, p * 0.7, grain)
    });
    let top = foot + vec3(0.0, tall, 0.0);
    stage.round(canvas, 2, top - vec3(0.0, 0.5, 0.0), (high * 1.05, high * 1.25, 1.6), |p| {
        Look::dull(wall.look(noise, p, grain).colour * 0.8)
    });
    stage.round(canvas, 3, top + vec3(0.0, 1.1, 0.0), (high * 1.25, high * 1.25, 2.0), |p| wall.look(noise, p, grain));
    if random.chance(0.5) {
        let roof = Skin::new(*random.pick(&[0x8c3c2c, 0x3c4858, 0x5c4838].map(rgb)), Grain::Tiles);
        stage.round(canvas, 4, top + vec3(0.0, 3.0, 0.0), (high * 1.45, 0.05, high * random.range(1.4, 2.4)), |p| {
            roof.look(noise, p, grain)
        });
    } else {
        for k in 0..12 {
            let turn = k as f32 * std::f32::consts::FRAC_PI_6;
            let at = Vec2::from_angle(turn) * high * 1.12;
            stage.teeth(canvas, &[Frame::new(top + vec3(at.x, 3.0, at.y), 0.8 - turn)], 0.85, &wall);
        }
    }
}

/// Four legs that bend inward to one mast; the sky shows through.
fn lattice(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3, lit: bool) {
    let d = -foot.z;
    let (base, metre) = (stage.seen(foot), stage.metre(d));
    let tall = 39.0;
    let half = |y: f32| 0.4 + 8.6 * (-y / 9.5f32).exp() + 0.6 * (1.0 - y / tall);
    let iron = if lit { rgb(0xe8b050) } else { *random.pick(&[0x5c4838, 0x3c3834, 0x6c5c50].map(rgb)) };
    let tone = if lit { iron } else { stage.weather.lit(iron) };
    let at = |x: f32, y: f32| base + vec2(x, -y) * metre;
    let mut parts = Vec::new();
    let levels: Vec<f32> = (0..=13).map(|k| tall * (k as f32 / 13.0)).collect();
    for pair in levels.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        for side in [1.0, -1.0] {
            let (oa, ob) = (half(a), half(b));
            let (ia, ib) = (oa * 0.52, ob * 0.52);
            let thick = (0.42 - 0.006 * a) * metre;
            parts.push(Shape::line(&[at(side * oa, a), at(side * ob, b)], thick));
            parts.push(Shape::line(&[at(side * ia, a), at(side * ib, b)], thick));
            parts.push(Shape::line(&[at(side * oa, a), at(side * ib, b)], thick * 0.7));
            parts.push(Shape::line(&[at(side * ia, a), at(side * ob, b)], thick * 0.7));
            if a > 11.0 {
                parts.push(Shape::line(&[at(side * oa, a), at(-side * ob, b)], thick * 0.6));
            }
        }
    }
    for (y, thick) in [(10.0, 1.5), (19.0, 1.1), (36.5, 0.9)] {
        let wide = half(y) + 0.7;
        parts.push(Shape::line(&[at(-wide, y), at(wide, y)], thick * metre));
    }
    let arch: Vec<Vec2> = (0..=10)
        .map(|k| {
            let t = k as f32 / 10.0 * std::f32::consts::PI;
            at(-t.cos() * half(0.0) * 0.56, 1.5 + 6.5 * t.sin())
        })
        .collect();
    parts.push(Shape::curve(&arch, 0.7 * metre));
    parts.push(Shape::line(&[at(0.0, tall - 2.0), at(0.0, tall + 4.0)], 0.5 * metre));
    let light = stage.weather.light.to.x.signum();
    for part in parts {
        stage
            .card(canvas, &part, d, |p| tone * (1.0 + 0.3 * ((p.x - base.x) / (5.0 * metre)).clamp(-1.0, 1.0) * light));
    }
}

fn leaning(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3, lit: bool) {
    let lean = random.sign() * random.range(0.09, 0.14);
    let marble = *random.pick(&[0xf0e8dc, 0xe4dccc].map(rgb));
    stage.shadow(canvas, &round_feet(foot, 6.0), 34.0, |_| foot.y);
    let storey = 4.3;
    for level in 0..8 {
        let y = level as f32 * storey;
        let at = foot + vec3(lean * y, y, 0.0);
        let (radius, tall) = if level == 7 { (4.3, storey) } else { (5.9, storey) };
        stage.round(canvas, level as u8, at, (radius, radius, tall), |p| {
            let arch = (p.x / 1.75).rem_euclid(1.0) - 0.5;
            let dark = p.y > 0.7 && p.y < tall - 1.0 - 2.2 * arch * arch && arch.abs() < 0.32;
            let rim = smoothstep(tall - 0.7, tall - 0.5, p.y);
            if dark {
                Look { colour: marble * 0.38, lamp: if lit { 0.7 } else { 0.0 } }
            } else {
                Look::dull(marble * (1.0 - 0.12 * rim))
            }
        });
        stage.round(canvas, level as u8, at + vec3(0.0, tall - 0.4, 0.0), (radius + 0.45, radius + 0.45, 0.5), |_| {
            Look::dull(marble * 1.04)
        });
    }
}

fn clock(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3, lit: bool) {
    let wall = Skin::new(*random.pick(&[0xc0a070, 0x9c5840, 0xb0a490, 0xd8c49c].map(rgb)), Grain::Stone);
    let frame = Frame::new(foot, random.range(-0.7, 0.7));
    let half = vec2(3.6, 3.6);
    stage.shadow(canvas, &frame.feet(half), 34.0, |_| foot.y);
    stage.walls(canvas, &frame.moved(0.0, -2.0, 0.0), half, 22.0, &wall);
    let head = frame.moved(0.0, 20.0, 0.0);
    stage.block(canvas, &head, half * 1.18, 9.0, &wall, &wall);
    let face = |canvas: &mut Canvas, stage: &mut Stage, frame: &Frame| {
        let z = half.y * 1.18 + 0.06;
        let corners = [frame.at(-3.6, 1.0, z), frame.at(3.6, 1.0, z), frame.at(3.6, 8.2, z), frame.at(-3.6, 8.2, z)];
        stage.face(canvas, 7, &corners, |p| {
            let q = p - vec2(3.6, 3.6);
            let r = q.length();
            let hand = |angle: f32, long: f32| {
                let to = Vec2::from_angle(angle);
                q.perp_dot(to).abs() < 0.32 && q.dot(to) > -0.3 && q.dot(to) < long
            };
            if r > 3.4 {
                Look::dull(wall.colour)
            } else if r > 2.9 || hand(1.2, 2.4) || hand(-0.4, 1.7) {
                Look::dull(rgb(0x2c2c34))
            } else {
                Look { colour: rgb(0xf4f0e0), lamp: if lit { 0.75 } else { 0.0 } }
            }
        });
    };
    face(canvas, stage, &head);
    face(canvas, stage, &head.quarter());
    face(canvas, stage, &head.quarter().quarter().quarter());
    let roof = Skin::new(*random.pick(&[0x3c4c58, 0x4c7068, 0x7c3c2c].map(rgb)), Grain::Tiles);
    stage.spire(canvas, &head, half * 1.3, 9.0, random.range(7.0, 12.0), &roof);
}

fn television(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3) {
    let grey = rgb(*random.pick(&[0xc8c8c4, 0xa8acb0, 0xd8d4cc]));
    stage.shadow(canvas, &round_feet(foot, 2.5), 34.0, |_| foot.y);
    stage.round(canvas, 1, foot, (2.6, 1.2, 27.0), |_| Look::dull(grey));
    let ball = foot + vec3(0.0, 26.0, 0.0);
    stage.round(canvas, 2, ball - vec3(0.0, 2.6, 0.0), (1.4, 4.2, 2.6), |_| Look::dull(grey * 0.8));
    stage.round(canvas, 3, ball, (4.2, 4.2, 1.3), |p| Look {
        colour: rgb(0x34485c),
        lamp: if (p.x * 0.8).fract() < 0.7 { 0.5 } else { 0.0 },
    });
    stage.dome(canvas, 4, ball + vec3(0.0, 1.3, 0.0), (4.2, 2.6), |_| Look::dull(grey));
    let red = rgb(0xc83428);
    stage.round(canvas, 5, ball + vec3(0.0, 3.4, 0.0), (0.7, 0.15, 12.0), |p| {
        Look::dull(if (p.y / 2.4).fract() < 0.5 { red } else { rgb(0xf0f0ec) })
    });
}
