//! A house in a forest: a log cabin or a cottage on a clearing, among firs, tall trunks or autumn leaves, at the end of a path.

use super::air::{mist, smoke, snowfall};
use super::build::{Frame, House};
use super::country::{Season, any_season, leaves, lit_share, weather_for};
use super::land::{Spot, paint_land, paint_sky};
use super::skin::{Grain, Skin, Windows, snow};
use super::stage::Stage;
use super::trees::{Fir, crown, trunk};
use crate::math::{Vec2, Vec3, clamp01, rgb, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::Time;

pub fn cabin(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let season = any_season(random);
    let foggy = random.chance(0.22);
    // The house takes this share of the height; the eye is as high as puts its foot where it should be.
    let share = random.range(0.26, 0.52) * if picture.dense { 1.15 } else { 1.0 };
    let (big, focal) = (random.range(0.9, 1.3), random.range(0.9, 1.5));
    let d = 8.5 * big * focal / share;
    let foot_y = random.range((share + 0.16).max(0.55), 0.9);
    let eye = random.range(1.8, 9.0);
    let horizon = foot_y - eye * focal / d;
    let air = if foggy { random.range(40.0, 80.0) } else { random.range(160.0, 600.0) };
    let mut stage = Stage::new(picture, weather, eye, horizon, focal, air);
    let foot = vec3(stage.across(picture.random.range(0.28, 0.72), d), 0.0, -d);
    let rise = picture.random.range(0.0, 0.12);
    let noise = stage.noise;
    let (wall, tips) = (picture.random.range(2.2, 3.2) * d, picture.random.range(0.2, 0.5));
    let height = move |p: Vec2| {
        let ground = 0.3 + rise * p.y + (0.05 * p.y).min(1.0) * 0.8 * noise.fractal(p * 0.05, 2, 0.5);
        // The edge of the wood behind, where trees are too many to tell apart.
        let wood = smoothstep(wall, wall + 3.0, p.y);
        if wood > 0.0 { ground + wood * (11.0 + 4.0 * noise.at(p * tips) + 3.0 * noise.at(p * 0.12)) } else { ground }
    };
    let under = (1..8).map(|k| height(vec2(0.0, k as f32 * 1.5))).fold(0.0, f32::max);
    stage.eye.y += under;
    stage.centre.y += (height(vec2(foot.x, d)) - under) * focal / d;
    floor(picture, &mut stage, season, foot, &height);
    let foot = vec3(foot.x, height(vec2(foot.x, d)) - 0.2, foot.z);
    let lit = lit_share(&weather, &mut picture.random).max(if foggy { 0.6 } else { 0.0 });
    let house = house(&mut picture.random, foot, big, season, lit);
    wood(picture, &mut stage, season, &house, &height);
    stage.halo(&mut picture.canvas, if matches!(weather.time, Time::Night | Time::Dusk) { 1.3 } else { 0.3 });
    if let Some(from) = house.smoke() {
        smoke(&stage, &mut picture.canvas, from, &mut picture.random);
    }
    if foggy {
        picture.detail_of(&["in the fog", "in the mist"]);
    } else {
        if picture.random.chance(0.2) {
            mist(&stage, &mut picture.canvas, &mut picture.random, (d, 3.0 * d));
        }
        picture.detail_of(weather.words());
    }
    match season {
        Season::Winter => {
            if picture.random.chance(0.4) {
                let tone = weather.lit(Vec3::ONE).max(Vec3::splat(0.45)).min(Vec3::splat(0.97));
                snowfall(&mut picture.canvas, &mut picture.random, tone);
            }
            picture.detail_of(&["in the snow", "in winter"]);
        }
        Season::Autumn => picture.detail_of(&["in autumn"]),
        Season::Summer => picture.detail_of(&["in summer"]),
    }
}

fn floor(picture: &mut Picture, stage: &mut Stage, season: Season, foot: Vec3, height: &dyn Fn(Vec2) -> f32) {
    let random = &mut picture.random;
    let (base, other) = match season {
        Season::Summer => (*random.pick(&[0x4c6a2c, 0x5c7438, 0x3c5828].map(rgb)), rgb(0x2c4420)),
        Season::Autumn => (*random.pick(&[0x9c6428, 0xa8542c, 0x8c6c38].map(rgb)), rgb(0x5c3c20)),
        Season::Winter => (snow(), rgb(0xb8c6dc)),
    };
    let path = random.chance(0.65);
    let bend = random.range(-4.0, 4.0);
    let start = random.range(-3.0, 3.0);
    let earth =
        if season == Season::Winter { rgb(0xa8b0bc) } else { *random.pick(&[0x9c8464, 0x7c6448, 0xb8a484].map(rgb)) };
    let noise = stage.noise;
    let d = -foot.z;
    let far_wood = match season {
        Season::Winter => rgb(0x5c6c6c),
        Season::Autumn => leaves(season, random) * 0.7,
        Season::Summer => rgb(0x24402a),
    };
    let colour = |spot: &Spot| {
        let fine = noise.fractal(spot.at * 0.25 / spot.grain.clamp(0.05, 1.0) * 0.2, 2, 0.6);
        let broad = noise.fractal(spot.at * 0.2, 2, 0.5);
        let mut colour = base.lerp(other, clamp01(0.4 + 0.5 * broad + 0.25 * fine)) * (1.0 + 0.2 * fine);
        if path && spot.at.y < d + 1.0 {
            let t = spot.at.y / d;
            let middle = start * (1.0 - t) + foot.x * t + bend * (t * std::f32::consts::PI).sin();
            let off = (spot.at.x - middle).abs() + 0.25 * fine;
            colour = colour.lerp(earth * (1.0 + 0.15 * fine), 0.85 * smoothstep(1.5, 1.0, off));
        }
        if spot.height > 6.0 + 0.12 * spot.at.y {
            colour = far_wood * (1.0 + 0.45 * fine);
        }
        // It is dark under the trees behind.
        colour * (1.0 - 0.45 * smoothstep(1.1 * d, 2.0 * d, spot.at.y))
    };
    picture.canvas.begin(0.9);
    paint_land(stage, &mut picture.canvas, (1.0, 260.0), height, &colour);
    paint_sky(stage, &mut picture.canvas, |_, sky| sky);
}

fn house(random: &mut Rng, foot: Vec3, big: f32, season: Season, lit: f32) -> House {
    let (colour, grain) = *random.pick(&[
        (0x7c5030, Grain::Logs),
        (0x5c3c28, Grain::Logs),
        (0x9c7048, Grain::Logs),
        (0xa8382c, Grain::Planks),
        (0xd8ccb4, Grain::Plaster),
        (0x8c8880, Grain::Stone),
        (0x4c6470, Grain::Planks),
    ]);
    let colour = rgb(colour);
    let half = vec2(random.range(2.8, 4.2), random.range(3.2, 5.0)) * big;
    let height = random.range(2.7, 4.2) * big;
    let rise = half.x * random.range(0.75, 1.35);
    let wall = Skin::new(colour, grain).windows(Windows {
        pitch: vec2(2.2, 2.8) * big,
        size: vec2(1.15, 1.2) * big,
        width: 1.0,
        top: height,
        lit,
        frame: if crate::math::luminance(colour) > 0.5 { rgb(0x4c3424) } else { rgb(0xe8dcc4) },
        shutters: random.chance(0.25).then(|| rgb(0x34543c)),
        door: true,
        arched: false,
        seed: random.int(0, 999),
    });
    let roofs = [0x5c3c30, 0x44444c, 0x8c4430, 0x54603c, 0x6c5c44].map(rgb);
    let roof = Skin::new(*random.pick(&roofs), Grain::Tiles).snowy(if season == Season::Winter { 1.0 } else { 0.0 });
    let chimney = random.chance(0.75).then(|| (half.x * random.range(-0.6, 0.6), half.y * random.range(-0.5, 0.5)));
    let turn = random.range(-0.9, 0.9) + if random.chance(0.25) { 1.2 } else { 0.0 };
    let thick = if season == Season::Winter { 0.5 } else { 0.22 } * big;
    House { frame: Frame::new(foot, turn), half, height, rise, over: 0.6 * big, thick, wall, roof, chimney }
}

/// The wood behind and beside, the house, and what stands before it.
fn wood(picture: &mut Picture, stage: &mut Stage, season: Season, house: &House, height: &dyn Fn(Vec2) -> f32) {
    let random = &mut picture.random;
    let d = -house.frame.foot.z;
    let kinds = random.weighted(&[0.35, 0.3, 0.2, 0.15]);
    let (firs, tall) = [(1.0, 15.0), (0.15, 12.0), (0.5, 14.0), (0.25, 13.0)][kinds];
    let trunks = if kinds == 3 { 0.8 } else { 0.15 };
    let count = random.int(46, 80);
    let mut at: Vec<Vec2> = (0..count)
        .map(|k| {
            if k % 9 == 0 {
                // A few close by, at the edges of the frame.
                let away = d * random.range(0.5, 1.0);
                return vec2(stage.across(0.5 + random.sign() * random.range(0.4, 0.62), away), away);
            }
            let away = d * 4.2f32.powf(random.range(0.12, 1.0));
            vec2(stage.across(random.range(-0.08, 1.08), away), away)
        })
        .collect();
    at.sort_by(|a, b| b.y.total_cmp(&a.y));
    let middle = stage.seen(house.frame.foot).x;
    let reach = stage.metre(d) * house.half.max_element() * 1.5;
    let mut built = false;
    let bark = *random.pick(&[0x4c3828, 0x5c4c3c, 0x34302c, 0xc8c4bc].map(rgb));
    for p in at {
        let ground = height(p);
        let foot = vec3(p.x, ground - 0.2, -p.y);
        if !built && p.y < d {
            stage.shadow(&mut picture.canvas, &house.frame.feet(house.half), house.height + 0.6 * house.rise, height);
            stage.house(&mut picture.canvas, house);
            built = true;
        }
        let before = p.y < d * 1.08;
        if before && (stage.seen(foot).x - middle).abs() < reach || (p - vec2(house.frame.foot.x, d)).length() < 6.0 {
            continue;
        }
        let random = &mut picture.random;
        let canvas = &mut picture.canvas;
        if random.chance(trunks) {
            trunk(stage, canvas, foot, (random.range(14.0, 30.0), random.range(0.5, 1.1)), bark, random);
        } else if season == Season::Winter || random.chance(firs) {
            let laden = if season == Season::Winter { 0.6 } else { 0.0 };
            let fir = Fir::any(random, tall, laden, &[0x1e3a2c, 0x2a4a2c, 0x203c30, 0x34502c].map(rgb));
            fir.paint(stage, canvas, foot, random);
        } else {
            let colour = leaves(season, random);
            let high = tall * random.range(0.6, 1.1);
            crown(stage, canvas, foot, (high, high * random.range(0.5, 0.8)), colour, None, random);
        }
    }
    if !built {
        stage.house(&mut picture.canvas, house);
    }
}
