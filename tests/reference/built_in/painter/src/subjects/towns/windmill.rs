//! A windmill: a tapering body with a cap and four sails of lattice and cloth, among fields of flowers, by water, in any season.

use super::country::{Country, Season, Setting, Water, any_season, lit_share, weather_for};
use super::skin::{Grain, Skin};
use super::stage::{Look, Stage};
use crate::math::{rgb, smoothstep, turned, vec2, vec3};
use crate::picture::Picture;

pub fn windmill(picture: &mut Picture) {
    let weather = weather_for(picture);
    let random = &mut picture.random;
    let season = any_season(random);
    let setting = Setting {
        tall: 24.0,
        wide: 12.0,
        share: (0.55, 0.92),
        hill: if random.chance(0.4) { (0.1, 0.6) } else { (0.0, 0.05) },
        cliff: 0.0,
        water: if random.chance(0.25) { Water::Lake } else { Water::None },
        season,
    };
    let tulips = season == Season::Summer && random.chance(0.45);
    let palettes = [[0xd83030, 0xf0c030, 0xe870a0], [0xc03080, 0xe8e0e0, 0xf08028], [0xe8b020, 0xd84828, 0x8c3c9c]];
    let rows = random.pick(&palettes).map(rgb);
    let mut country = Country::new(picture, weather, &setting);
    country.fields = tulips.then_some(rows);
    country.paint(picture, |_, sky| sky);
    build(picture, &mut country);
    let count = picture.random.int(2, 14);
    country.trees(picture, count, 0.15, 12.0);
    country.finish(picture);
    if tulips {
        picture.detail_of(&["in a field of flowers", "among tulips"]);
    } else if season != Season::Winter {
        picture.detail_of(&["in a field", "in the country"]);
    }
}

fn build(picture: &mut Picture, country: &mut Country) {
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let foot = country.foot;
    let stage = &mut country.stage;
    let noise = stage.noise;
    let grain = -foot.z / (stage.focal * stage.size as f32);
    let lit = lit_share(&stage.weather, random);
    let (colour, kind) = *random.pick(&[
        (0xe8e4da, Grain::Plaster),
        (0x8c5a3c, Grain::Stone),
        (0x5c4030, Grain::Planks),
        (0x3c5040, Grain::Planks),
        (0xb8a890, Grain::Stone),
        (0x9c7c50, Grain::Straw),
    ]);
    let body = Skin::new(rgb(colour), kind);
    let (low, high, tall) = (random.range(4.0, 5.4), random.range(2.4, 3.2), random.range(13.0, 16.0));
    let feet = [vec3(low, 0.0, 0.0), vec3(0.0, 0.0, low), vec3(-low, 0.0, 0.0), vec3(0.0, 0.0, -low)].map(|p| foot + p);
    stage.shadow(canvas, &feet, 18.0, |_| foot.y - 0.2);
    canvas.begin(Stage::depth(-foot.z));
    stage.round(canvas, 1, foot - vec3(0.0, 1.0, 0.0), (low, high, tall + 1.0), |p| {
        let off = vec2((p.x + 1.5).rem_euclid(3.6) - 1.5, (p.y - 1.0).rem_euclid(4.2) - 2.4);
        if p.y < 3.8 && p.x.abs() < 0.9 {
            return Look::dull(rgb(0x3a281c));
        }
        if off.x.abs() < 0.55 && off.y.abs() < 0.8 && p.y > 4.0 {
            return Look { colour: rgb(0x28303a), lamp: if lit > 0.3 { 0.9 } else { 0.0 } };
        }
        body.look(noise, p, grain)
    });
    if random.chance(0.5) {
        stage.round(canvas, 2, foot + vec3(0.0, tall * 0.33, 0.0), (low * 1.25, low * 1.28, 0.5), |_| {
            Look::dull(rgb(0x5c4430))
        });
    }
    let cap = Skin::new(*random.pick(&[0x3c3430, 0x6c4430, 0x8c3428, 0x44584c].map(rgb)), Grain::Straw)
        .snowy(if country.season == Season::Winter { 0.8 } else { 0.0 });
    let (cap_rise, pointed) = (random.range(2.6, 4.2), random.chance(0.35));
    let top = foot + vec3(0.0, tall, 0.0);
    if pointed {
        stage.round(canvas, 3, top, (high * 1.2, 0.1, cap_rise * 1.3), |p| cap.look(noise, p, grain));
    } else {
        stage.dome(canvas, 3, top, (high * 1.15, cap_rise), |p| cap.look(noise, p, grain));
    }
    // The sails turn in a plane before the cap, aslant to the eye.
    let (aslant, start, long) = (random.range(-0.9, 0.9), random.range(0.0, 1.57), random.range(9.0, 12.5));
    let hub = top + vec3(aslant.sin(), 0.0, aslant.cos()) * (high * 1.3) + vec3(0.0, 0.9, 0.0);
    let across = vec3(aslant.cos(), 0.0, -aslant.sin());
    let wood = *random.pick(&[0x4c3424, 0x2c2420, 0xe8e0d0].map(rgb));
    let cloth = *random.pick(&[0xe8dcc0, 0xd8ccb0, 0xb84030, 0xf0ece0].map(rgb));
    let clad = random.range(0.3, 1.0);
    for sail in 0..4 {
        let turn = start + sail as f32 * std::f32::consts::FRAC_PI_2;
        let place = |along: f32, aside: f32| {
            let p = turned(vec2(along, aside), turn);
            hub + across * p.x + vec3(0.0, p.y, 0.0)
        };
        let wing = [place(1.6, -0.35), place(long, -0.35), place(long, 2.1), place(1.6, 2.1)];
        let arm = [place(0.0, -0.3), place(long, -0.3), place(long, 0.3), place(0.0, 0.3)];
        canvas.begin(Stage::depth(-hub.z));
        let look = |p: crate::math::Vec2| {
            let bar = smoothstep(0.75, 0.85, (p.x / 0.9).fract()).max(smoothstep(0.8, 0.9, (p.y / 0.82).fract()));
            Look::dull(cloth.lerp(wood, if p.y < clad * 2.5 { bar * 0.7 } else { 0.9 }))
        };
        let back = [wing[1], wing[0], wing[3], wing[2]];
        stage.face(canvas, 4, &wing, look);
        stage.face(canvas, 4, &back, look);
        stage.face(canvas, 5, &arm, |_| Look::dull(wood));
        stage.face(canvas, 5, &[arm[1], arm[0], arm[3], arm[2]], |_| Look::dull(wood));
    }
}
