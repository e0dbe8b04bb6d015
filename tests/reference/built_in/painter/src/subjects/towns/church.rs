//! A church: nave and tower, with a needle, an onion, a saddle roof or teeth; white, of stone or of wood, in any season.

use super::build::{Frame, House};
use super::country::{Country, Season, Setting, Water, any_season, lit_share, weather_for};
use super::skin::{Grain, Skin, Windows};
use super::stage::Stage;
use crate::canvas::Canvas;
use crate::math::{Vec3, rgb, vec2, vec3};
use crate::picture::Picture;

pub fn church(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let setting = Setting {
        tall: 28.0,
        wide: 14.0,
        share: (0.55, 0.85),
        hill: if random.chance(0.4) { (0.1, 0.6) } else { (0.0, 0.05) },
        cliff: random.range(0.0, 0.4),
        water: if random.chance(0.15) { Water::Lake } else { Water::None },
        season: any_season(random),
    };
    let mut country = Country::new(picture, weather, &setting);
    country.paint(picture, |_, sky| sky);
    let foot = country.foot;
    build(picture, &mut country, foot);
    let (count, firs) = (picture.random.int(5, 24), picture.random.unit());
    country.trees(picture, count, firs, 13.0);
    country.finish(picture);
    if foot.y > 7.0 && setting.hill.0 > 0.0 {
        picture.detail_of(&["on a hill"]);
    }
}

fn build(picture: &mut Picture, country: &mut Country, foot: Vec3) {
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let stage = &mut country.stage;
    let lit = lit_share(&stage.weather, random);
    let (colour, grain) = *random.pick(&[
        (0xe8e2d4, Grain::Plaster),
        (0xa49a8c, Grain::Stone),
        (0xd8c090, Grain::Plaster),
        (0x8c7f74, Grain::Stone),
        (0xecebe6, Grain::Planks),
        (0x9c3c2c, Grain::Planks),
        (0xb06848, Grain::Stone),
    ]);
    let winter = country.season == Season::Winter;
    let roof_snow = if winter { random.range(0.6, 1.0) } else { 0.0 };
    let half = vec2(random.range(4.2, 5.6), random.range(7.0, 10.0));
    let height = random.range(6.5, 8.5);
    let wall = Skin::new(rgb(colour), grain).windows(Windows {
        pitch: vec2(3.2, height * 0.95),
        size: vec2(1.5, 4.0),
        width: 1.0,
        top: height,
        lit,
        frame: rgb(colour) * 0.62,
        shutters: None,
        door: true,
        arched: true,
        seed: random.int(0, 999),
    });
    let roof =
        Skin::new(*random.pick(&[0x5c4038, 0x44484f, 0x8c4432, 0x3c4c48].map(rgb)), Grain::Tiles).snowy(roof_snow);
    let frame = Frame::new(foot - vec3(0.0, 0.4, 0.0), random.sign() * random.range(0.1, 1.1));
    let house = House {
        frame,
        half,
        height,
        rise: half.x * random.range(0.9, 1.5),
        over: 0.5,
        thick: 0.4,
        wall,
        roof,
        chimney: None,
    };
    stage.shadow(canvas, &frame.feet(half), 12.0, |_| foot.y - 0.3);
    stage.house(canvas, &house);
    let front = frame.moved(0.0, 0.0, half.y + 1.2);
    let wide = random.range(2.2, 3.0);
    let tall = random.range(13.0, 17.0);
    let mut bells = wall;
    if let Some(windows) = &mut bells.windows {
        windows.pitch = vec2(wide * 2.0, tall / 3.0);
        windows.size = vec2(wide * 0.7, tall * 0.16);
        windows.top = tall;
    }
    stage.shadow(canvas, &front.feet(vec2(wide, wide)), 26.0, |_| foot.y - 0.3);
    canvas.begin(Stage::depth(-front.foot.z));
    stage.block(canvas, &front, vec2(wide, wide), tall, &bells, &bells.bare());
    top(stage, canvas, &front, wide, tall, &roof, random.weighted(&[0.45, 0.25, 0.15, 0.15]));
}

/// Needle, onion, saddle or low pyramid, and the cross on it.
fn top(stage: &mut Stage, canvas: &mut Canvas, frame: &Frame, wide: f32, tall: f32, roof: &Skin, kind: usize) {
    let noise = stage.noise;
    let up = frame.foot + vec3(0.0, tall, 0.0);
    let half = vec2(wide, wide);
    let peak = match kind {
        0 => {
            stage.spire(canvas, frame, half * 1.1, tall, wide * 4.2, roof);
            wide * 4.2
        }
        1 => {
            let copper = roof.tinted(if roof.snow > 0.5 { roof.colour } else { rgb(0x4c7c6c) });
            stage.round(canvas, 1, up, (wide * 1.1, wide * 0.6, wide * 0.5), |p| copper.look(noise, p, 1.0));
            stage.dome(canvas, 2, up + vec3(0.0, wide * 1.1, 0.0), (wide * 1.05, wide * 0.95), |p| {
                copper.look(noise, p, 1.0)
            });
            stage.round(canvas, 3, up + vec3(0.0, wide * 1.75, 0.0), (wide * 0.55, 0.05, wide * 1.5), |p| {
                copper.look(noise, p, 1.0)
            });
            wide * 3.2
        }
        2 => {
            stage.gables(canvas, frame, half, (tall, wide * 1.5), &Skin::new(roof.colour * 1.3, Grain::Plaster));
            stage.gable_roof(canvas, frame, half, (tall, wide * 1.5), (0.4, 0.35), roof);
            wide * 1.6
        }
        _ => {
            stage.spire(canvas, frame, half * 1.2, tall, wide * 1.6, roof);
            wide * 1.6
        }
    };
    let cross = frame.moved(0.0, tall + peak - 0.2, 0.0);
    let skin = Skin::new(rgb(0xc8a048), Grain::Plaster);
    stage.block(canvas, &cross, vec2(0.16, 0.16), 2.4, &skin, &skin);
    stage.block(canvas, &cross.moved(0.0, 1.3, 0.0), vec2(0.7, 0.16), 0.35, &skin, &skin);
}
