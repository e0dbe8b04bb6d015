//! A castle on its hill: a ring of walls with towers, round or square, pointed or toothed, about a keep; with flags, or in ruins.

use super::build::Frame;
use super::country::{Country, Setting, Water, any_season, lit_share, weather_for};
use super::skin::{Grain, Skin, Windows, snow};
use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec3, rgb, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;

struct Kit {
    wall: Skin,
    roof: Skin,
    pointed: f32,
    round: bool,
    ruined: bool,
    flag: Vec3,
}

pub fn castle(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let water = if random.chance(0.28) {
        Water::Lake
    } else if random.chance(0.15) {
        Water::Sea { from_land: random.chance(0.5) }
    } else {
        Water::None
    };
    let setting = Setting {
        tall: 44.0,
        wide: 26.0,
        share: (0.42, 0.72),
        hill: if random.chance(0.75) { (0.3, 1.3) } else { (0.0, 0.2) },
        cliff: random.unit(),
        water,
        season: any_season(random),
    };
    let mut country = Country::new(picture, weather, &setting);
    country.paint(picture, |_, sky| sky);
    let kit = kit(picture, &country);
    let foot = country.foot;
    build(picture, &mut country.stage, foot, &kit);
    let (count, firs) = (picture.random.int(6, 34), picture.random.unit());
    country.trees(picture, count, firs, 26.0);
    country.finish(picture);
    if kit.ruined {
        picture.noun = Some("a ruined castle".into());
    }
    if foot.y > 14.0 {
        picture.detail_of(if setting.cliff > 0.65 {
            &["on a cliff", "on a rock"]
        } else {
            &["on a hill", "on a hilltop"]
        });
    }
}

fn kit(picture: &mut Picture, country: &Country) -> Kit {
    let random = &mut picture.random;
    let stones = [0x8c8680, 0xb8a484, 0xa09080, 0xe0dcd0, 0x6c6870, 0xc4a878, 0x9c7c68];
    let stone = rgb(*random.pick(&stones));
    let ruined = random.chance(0.14);
    let lit = if ruined { 0.0 } else { lit_share(&country.stage.weather, random) };
    let wall = Skin::new(stone, Grain::Stone).windows(Windows {
        pitch: vec2(4.0, 5.5),
        size: vec2(1.1, 2.2),
        width: 1.0,
        top: 60.0,
        lit,
        frame: stone * 0.7,
        shutters: None,
        door: false,
        arched: true,
        seed: random.int(0, 999),
    });
    let winter = country.season == super::country::Season::Winter;
    let roof = Skin::new(*random.pick(&[0x34506c, 0x8c3c2c, 0x3c4450, 0x48604c, 0x5c3c34].map(rgb)), Grain::Tiles)
        .snowy(if winter { random.range(0.5, 1.0) } else { 0.0 });
    let pointed = if ruined { 0.0 } else { *random.pick(&[0.0, 0.5, 1.0, 1.0]) };
    let flag = *random.pick(&[0xc82c24, 0x2c4ca8, 0xe0b430, 0xe8e4dc].map(rgb));
    Kit { wall, roof, pointed, round: random.chance(0.65), ruined, flag }
}

fn build(picture: &mut Picture, stage: &mut Stage, foot: Vec3, kit: &Kit) {
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let main = Frame::new(foot, random.range(-0.9, 0.9));
    let half = vec2(random.range(13.0, 18.0), random.range(10.0, 15.0));
    let wall_height = random.range(7.0, 12.0);
    stage.shadow(canvas, &main.feet(half), 22.0, |_| foot.y - 0.5);
    canvas.begin(Stage::depth(-foot.z));
    let low = main.moved(0.0, -6.0, 0.0);
    let plain = kit.wall.bare();
    stage.block(canvas, &low, half, wall_height + 6.0, &plain, &plain.tinted(kit.wall.colour * 0.7));
    battlements(stage, canvas, &main, half, wall_height, &plain);
    gate(stage, canvas, &main, half.y);
    // Corner towers, each of its own height.
    for (x, z) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
        let tall = wall_height + random.range(4.0, 13.0) * if kit.ruined { random.range(0.1, 0.8) } else { 1.0 };
        let radius = random.range(2.8, 4.4);
        tower(stage, canvas, random, kit, main.moved(x * half.x, 0.0, z * half.y), radius, tall);
    }
    // The keep and what leans on it.
    let keep = vec2(random.range(5.0, 8.0), random.range(5.0, 7.0));
    let keep_height = random.range(16.0, 24.0) * if kit.ruined { 0.7 } else { 1.0 };
    let at = main.moved(random.range(-4.0, 4.0), 0.0, random.range(-4.0, 1.0));
    canvas.begin(Stage::depth(-foot.z));
    stage.block(canvas, &at, keep, keep_height, &kit.wall, &plain);
    if kit.pointed > 0.3 {
        stage.spire(canvas, &at, keep * 1.08, keep_height, random.range(6.0, 11.0), &kit.roof);
    } else {
        battlements(stage, canvas, &at, keep, keep_height, &plain);
    }
    let side = random.sign();
    let tall = keep_height + random.range(5.0, 14.0) * if kit.ruined { 0.3 } else { 1.0 };
    let slim = random.range(2.6, 3.8);
    tower(stage, canvas, random, kit, at.moved(side * keep.x, 0.0, keep.y), slim, tall);
    if random.chance(0.6) {
        let tall = tall * random.range(0.75, 1.1);
        tower(stage, canvas, random, kit, at.moved(-side * keep.x, 0.0, -keep.y), slim * 0.85, tall);
    }
}

fn tower(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, kit: &Kit, frame: Frame, radius: f32, tall: f32) {
    let noise = stage.noise;
    let depth = -frame.foot.z;
    let grain = depth / (stage.focal * stage.size as f32);
    canvas.begin(Stage::depth(depth));
    let below = frame.moved(0.0, -6.0, 0.0);
    let pointed = random.chance(kit.pointed);
    let plain = kit.wall.bare();
    let lit = kit.wall.windows.map_or(0.0, |windows| windows.lit);
    if kit.round {
        let slit = move |p: crate::math::Vec2| {
            (p.x.abs() - 0.0).abs() < 0.45 && (p.y / 6.0).fract() > 0.5 && (p.y / 6.0).fract() < 0.85 && p.y > 9.0
        };
        stage.round(canvas, 1, below.foot, (radius * 1.05, radius, tall + 6.0), |p| {
            if slit(p) {
                Look { colour: rgb(0x24242a), lamp: if lit > 0.3 { 0.9 } else { 0.0 } }
            } else {
                plain.look(noise, p, grain)
            }
        });
        let top = frame.foot + vec3(0.0, tall, 0.0);
        if pointed {
            let roof = kit.roof;
            stage.round(canvas, 2, top, (radius * 1.3, 0.05, radius * random.range(2.4, 3.6)), |p| {
                roof.look(noise, p, grain)
            });
        } else if !kit.ruined {
            stage.round(canvas, 2, top, (radius * 1.15, radius * 1.15, 1.4), |p| plain.look(noise, p, grain));
            for k in 0..8 {
                let turn = crate::math::Vec2::from_angle(k as f32 * 0.785) * radius;
                stage.teeth(canvas, &[Frame::new(top + vec3(turn.x, 1.4, turn.y), k as f32)], 0.65, &plain);
            }
        }
    } else {
        let half = vec2(radius, radius);
        stage.block(canvas, &below, half, tall + 6.0, &kit.wall, &plain);
        if pointed {
            stage.spire(canvas, &frame, half * 1.2, tall, radius * random.range(2.0, 3.2), &kit.roof);
        } else if !kit.ruined {
            battlements(stage, canvas, &frame, half, tall, &plain);
        }
    }
    if !kit.ruined && random.chance(0.45) {
        let peak = frame.foot + vec3(0.0, tall + if pointed { radius * 2.6 } else { 1.5 }, 0.0);
        flag(stage, canvas, random, peak, kit.flag);
    }
}

fn battlements(
    stage: &mut Stage,
    canvas: &mut Canvas,
    frame: &Frame,
    half: crate::math::Vec2,
    height: f32,
    skin: &Skin,
) {
    let mut at = Vec::new();
    for (long, across, turn) in [(half.x, half.y, false), (half.y, half.x, true)] {
        let count = (long / 1.7) as i32;
        for k in 0..=count {
            let along = -long + 2.0 * long * k as f32 / count as f32;
            for side in [1.0, -1.0] {
                let (x, z) = if turn { (side * across, along) } else { (along, side * across) };
                at.push(frame.moved(x, height, z));
            }
        }
    }
    at.sort_by(|a, b| a.foot.z.total_cmp(&b.foot.z));
    stage.teeth(canvas, &at, 0.75, skin);
}

fn gate(stage: &mut Stage, canvas: &mut Canvas, main: &Frame, front: f32) {
    let z = front + 0.05;
    let corners = [
        main.at(-2.2, -0.5, z),
        main.at(2.2, -0.5, z),
        main.at(2.2, 4.0, z),
        main.at(1.3, 5.6, z),
        main.at(-1.3, 5.6, z),
        main.at(-2.2, 4.0, z),
    ];
    stage.face(canvas, 6, &corners, |p| Look::dull(rgb(0x33241a) * (0.8 + 0.4 * (p.x * 1.2).fract())));
}

fn flag(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3, colour: Vec3) {
    let d = -foot.z;
    let (low, metre) = (stage.seen(foot), stage.metre(d));
    let top = low - vec2(0.0, 5.0 * metre);
    let shade = stage.weather.lit(snow() * 0.3);
    stage.card(canvas, &Shape::line(&[low, top], 0.35 * metre), d, |_| shade);
    let to = vec2(random.sign() * 4.2, 1.0) * metre;
    let cloth = stage.weather.lit(colour) * 1.15;
    stage.card(canvas, &Shape::polygon(&[top, top + to, top + vec2(0.0, 2.4 * metre)]), d, |_| cloth);
}
