//! A lighthouse on a headland: striped or plain, with its gallery, lantern and cottage, above surf; at night with its beams.

use super::air::birds;
use super::build::{Frame, House};
use super::country::{Country, Season, Setting, Water, lit_share, weather_for};
use super::skin::{Grain, Skin, Windows};
use super::stage::{Look, Stage, lamplight};
use crate::math::{Vec3, clamp01, rgb, vec2, vec3};
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::Time;

pub fn lighthouse(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let setting = Setting {
        tall: 24.0,
        wide: random.range(8.0, 20.0),
        share: (0.42, 0.85),
        hill: (0.05, 0.9),
        cliff: random.range(0.3, 1.0),
        water: Water::Sea { from_land: random.chance(0.4) },
        season: if random.chance(0.1) { Season::Winter } else { Season::Summer },
    };
    let mut country = Country::new(picture, weather, &setting);
    country.paint(picture, |_, sky| sky);
    let foot = country.foot;
    let stage = &mut country.stage;
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let lit = lit_share(&weather, random);
    if random.chance(0.7) {
        let frame = Frame::new(
            foot + vec3(random.sign() * random.range(6.0, 9.0), -0.5, random.range(-3.0, 4.0)),
            random.range(-0.9, 0.9),
        );
        let colour = *random.pick(&[0xe8e4d8, 0xd8c8a8, 0xa89c90].map(rgb));
        let house = House {
            frame,
            half: vec2(2.8, 4.0),
            height: 3.2,
            rise: 2.4,
            over: 0.4,
            thick: 0.3,
            wall: Skin::new(colour, Grain::Plaster).windows(cottage_windows(lit, random.int(0, 999))),
            roof: Skin::new(*random.pick(&[0xa03828, 0x4c4c54, 0x7a4434].map(rgb)), Grain::Tiles),
            chimney: Some((1.0, 1.0)),
        };
        stage.shadow(canvas, &frame.feet(house.half), 4.0, |_| foot.y);
        stage.house(canvas, &house);
    }
    let (low, high) = (random.range(2.6, 3.6), random.range(1.6, 2.2));
    let paints = [
        (0xe8e4dc, 0xc02c24),
        (0xe8e4dc, 0xe8e4dc),
        (0xe8e4dc, 0x24262c),
        (0xc83428, 0xc83428),
        (0xece8e0, 0x2c4c84),
        (0xb8ac98, 0xb8ac98),
    ];
    let (one, two) = *random.pick(&paints);
    let (one, two) = (rgb(one), rgb(two));
    let (bands, spiral) = (random.range(3.0, 6.0), if random.chance(0.25) { random.sign() * 2.0 } else { 0.0 });
    let body = 18.0;
    let noise = stage.noise;
    let feet = [vec3(low, 0.0, 0.0), vec3(0.0, 0.0, low), vec3(-low, 0.0, 0.0), vec3(0.0, 0.0, -low)].map(|p| foot + p);
    stage.shadow(canvas, &feet, body, |_| foot.y);
    canvas.begin(Stage::depth(-foot.z));
    let windows = move |p: crate::math::Vec2| {
        p.x.abs() < 0.5 && (p.y / 4.5).fract() > 0.6 && (p.y / 4.5).fract() < 0.85 && p.y > 3.0
    };
    stage.round(canvas, 1, foot - vec3(0.0, 2.0, 0.0), (low, high, body + 2.0), |p| {
        if windows(p) {
            return Look { colour: rgb(0x28303a), lamp: lit * 0.8 };
        }
        let band = ((p.y - 2.0) / body * bands + p.x / 16.0 * spiral).rem_euclid(2.0);
        Look::dull(if band < 1.0 { one } else { two } * (1.0 + 0.08 * noise.at(p * vec2(1.2, 0.5))))
    });
    let dark = rgb(0x2c2c30);
    let cap = if two == one { rgb(0x8c2820) } else { two };
    stage.round(canvas, 2, foot + vec3(0.0, body, 0.0), (high * 1.5, high * 1.6, 0.9), |_| Look::dull(dark));
    let burning = matches!(weather.time, Time::Night | Time::Dusk | Time::Overcast);
    stage.round(canvas, 3, foot + vec3(0.0, body + 0.9, 0.0), (high * 0.85, high * 0.85, 2.6), |p| {
        let bar = (p.x * 1.4).rem_euclid(1.0) < 0.16;
        if bar { Look::dull(dark) } else { Look { colour: rgb(0x9cb4c0), lamp: if burning { 1.0 } else { 0.15 } } }
    });
    stage.dome(canvas, 4, foot + vec3(0.0, body + 3.5, 0.0), (high * 1.05, high * 0.9), |_| Look::dull(cap));
    stage.round(canvas, 5, foot + vec3(0.0, body + 3.5 + high * 0.8, 0.0), (0.2, 0.1, 1.6), |_| Look::dull(dark));
    country.finish(picture);
    if matches!(weather.time, Time::Night | Time::Dusk) {
        beams(picture, &country.stage, foot + vec3(0.0, body + 2.2, 0.0));
        picture.detail_of(&["with its light on", "with a beam of light"]);
    }
    if picture.random.chance(0.4) && weather.time != Time::Night {
        let below = country.stage.centre.y * 0.9;
        birds(&mut picture.canvas, &mut picture.random, weather.lit(rgb(0xe8e8e8)), below);
    }
    if setting.cliff > 0.7 && foot.y > 12.0 {
        picture.detail_of(&["on a cliff"]);
    }
}

fn cottage_windows(lit: f32, seed: i32) -> Windows {
    Windows {
        pitch: vec2(2.2, 2.6),
        size: vec2(1.0, 1.2),
        width: 1.0,
        top: 3.2,
        lit,
        frame: rgb(0x4c4038),
        shutters: None,
        door: true,
        arched: false,
        seed,
    }
}

/// Two cones of light through the dark air.
fn beams(picture: &mut Picture, stage: &Stage, lamp: Vec3) {
    let from = stage.seen(lamp);
    let tilt = picture.random.range(-0.25, 0.25);
    let long = picture.random.range(0.5, 1.2);
    for side in [1.0, -1.0] {
        let to = from + vec2(side * long, tilt * side * long);
        let wide = vec2(0.0, 0.13 * long);
        let beam = Shape::polygon(&[from - wide * 0.12, to - wide, to + wide, from + wide * 0.12])
            .mask(stage.size)
            .soft(0.015, stage.size);
        picture
            .canvas
            .glaze(&beam, |p| lamplight().lerp(Vec3::ONE, 0.4).extend(0.6 * clamp01(1.0 - (p - from).length() / long)));
    }
    let bright = Shape::circle(from, 0.035).mask(stage.size).soft(0.03, stage.size);
    picture.canvas.glaze(&bright, |_| rgb(0xfff4d0).extend(0.95));
}
