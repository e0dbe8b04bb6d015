//! A snowy mountain village: chalets and a church among firs beneath peaks. It lies in a valley, climbs a slope, lines a street, stands by
//! a lake or a river, is small under a huge mountain or seen from above; at any time of day, in snowfall, fog or under northern lights.

use super::air::{mist, smoke, snowfall};
use super::build::House;
use super::chalets::{build, settle};
use super::country::lit_share;
use super::land::mirror;
use super::stage::Stage;
use super::trees::Fir;
use super::valley::{Layout, Terrain, ground};
use crate::backdrop::deepen;
use crate::math::{Vec2, Vec3, rgb, saturated, vec2, vec3};
use crate::picture::Picture;
use crate::weather::{Time, Weather};

pub fn village(picture: &mut Picture) {
    let mut weather = village_weather(picture);
    let layouts =
        [Layout::Valley, Layout::Slope, Layout::Street, Layout::Lake, Layout::River, Layout::Far, Layout::Above];
    let foggy = picture.random.chance(if weather.time == Time::Overcast { 0.5 } else { 0.12 });
    let mut layout = layouts[picture.random.weighted(&[0.22, 0.16, 0.16, 0.12, 0.09, 0.12, 0.13])];
    if foggy && layout == Layout::Far {
        // A huge mountain can't be seen in fog.
        layout = Layout::Valley;
    }
    let falling = picture.random.chance(if weather.time == Time::Overcast { 0.5 } else { 0.18 });
    let random = &mut picture.random;
    let (mut eye, mut horizon, focal) = match layout {
        Layout::Valley => (random.range(9.0, 24.0), random.range(0.42, 0.62), random.range(1.0, 1.5)),
        Layout::Slope => (random.range(5.0, 16.0), random.range(0.55, 0.85), random.range(1.1, 1.6)),
        Layout::Street => (random.range(2.2, 6.0), random.range(0.5, 0.72), random.range(0.8, 1.2)),
        Layout::Lake => (random.range(6.0, 14.0), random.range(0.42, 0.6), random.range(1.0, 1.5)),
        Layout::River => (random.range(9.0, 18.0), random.range(0.35, 0.55), random.range(1.0, 1.4)),
        Layout::Far => (random.range(24.0, 38.0), random.range(0.48, 0.66), random.range(1.0, 1.4)),
        Layout::Above => (random.range(45.0, 80.0), random.range(-0.05, 0.25), random.range(1.0, 1.5)),
    };
    if picture.dense {
        eye *= 0.85;
        horizon += 0.03;
    }
    if foggy {
        horizon = horizon.min(0.5);
        weather.sky = (saturated(weather.sky.0, 0.5), saturated(weather.sky.1, 0.4));
    }
    let air = if foggy { random.range(170.0, 330.0) } else { random.range(2200.0, 6000.0) };
    let terrain = Terrain::any(random, layout, picture.dense);
    let mut stage = Stage::new(picture, weather, eye, horizon, focal, air);
    if layout != Layout::Above {
        let under = (0..8).map(|k| terrain.low(vec2(0.0, 2.0 + 3.0 * k as f32)));
        stage.eye.y += under.fold(0.0, f32::max);
    }
    ground(picture, &mut stage, &terrain);
    let lit = lit_share(&weather, &mut picture.random);
    let houses = settle(picture, &stage, &terrain, lit);
    build(picture, &mut stage, &terrain, &houses);
    firs(picture, &mut stage, &terrain, &houses);
    if matches!(layout, Layout::Lake | Layout::River) {
        mirror(&stage, &mut picture.canvas, 0.62, 0.03);
    }
    let dark = matches!(weather.time, Time::Night | Time::Dusk);
    stage.halo(&mut picture.canvas, if dark { 1.7 } else { 0.4 });
    if picture.dense && !weather.dark() {
        deepen(&mut picture.canvas, picture.random.range(0.2, 0.8));
    }
    let smoking: Vec<Vec3> = houses.iter().filter_map(House::smoke).collect();
    for from in smoking.into_iter().take(7) {
        if picture.random.chance(0.6) {
            smoke(&stage, &mut picture.canvas, from, &mut picture.random);
        }
    }
    if !foggy && picture.random.chance(0.2) {
        mist(&stage, &mut picture.canvas, &mut picture.random, (60.0, 300.0));
    }
    if falling {
        let tone = weather.lit(Vec3::ONE).max(Vec3::splat(0.45)).min(Vec3::splat(0.97));
        snowfall(&mut picture.canvas, &mut picture.random, tone);
        picture.detail_of(&["in falling snow", "while it snows", "in a snowfall"]);
    }
    if foggy {
        picture.detail_of(&["in the fog", "in the mist"]);
    } else {
        picture.detail_of(weather.words());
    }
    words(picture, &stage, layout, dark && lit > 0.4);
}

fn words(picture: &mut Picture, stage: &Stage, layout: Layout, lit: bool) {
    let words: &[&str] = match layout {
        Layout::Valley => &["in a valley"],
        Layout::Slope => &["on a hillside", "on a slope"],
        Layout::Street => &["with a street", "with a snowy street"],
        Layout::Lake | Layout::River if !stage.shows_water() => &["in a valley"],
        Layout::Lake => &["by a lake", "on a lake"],
        Layout::River => &["by a river", "on a river"],
        Layout::Far => &["under a huge mountain", "seen from afar"],
        Layout::Above => &["from above", "seen from above"],
    };
    picture.detail_of(words);
    if lit {
        picture.detail_of(&["with lit windows", "with glowing windows"]);
    }
}

fn village_weather(picture: &mut Picture) -> Weather {
    let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let weights = if picture.dense { [0.18, 0.12, 0.12, 0.3, 0.28] } else { [0.36, 0.12, 0.15, 0.2, 0.17] };
    let time = times[picture.random.weighted(&weights)];
    let mut weather = Weather::at(time, &mut picture.random);
    // Low sun from the side: houses and ridges get a bright and a dark side.
    weather.light.to.z *= picture.random.range(0.1, 0.7);
    weather.light.to.y *= picture.random.range(0.6, 1.0);
    weather.light.to = weather.light.to.normalize();
    if time == Time::Dusk && picture.random.chance(0.5) {
        // The sun is gone, the snow is blue.
        weather.light.colour *= vec3(0.35, 0.4, 0.6);
        weather.light.ambient = vec3(0.3, 0.34, 0.47);
        weather.light.bounce = weather.light.ambient * 0.6;
    }
    if time == Time::Night {
        weather.light.colour *= 1.3;
    }
    if matches!(time, Time::Dusk | Time::Dawn) {
        weather.light.colour = saturated(weather.light.colour, picture.random.range(0.55, 1.0));
    }
    weather
}

fn firs(picture: &mut Picture, stage: &mut Stage, terrain: &Terrain, houses: &[House]) {
    let random = &mut picture.random;
    let laden = random.range(0.25, 0.75);
    let greens = [0x1e3a2c, 0x26442e, 0x183034, 0x2e4430].map(rgb);
    let far_count = random.int(20, 90);
    let near_count = if random.chance(0.75) { random.int(1, 9) } else { 0 };
    let mut feet: Vec<(Vec2, f32)> = Vec::new();
    let (low, high): (f32, f32) = match terrain.layout {
        Layout::Far | Layout::Above => (45.0, 220.0),
        Layout::Lake => (50.0, 190.0),
        _ => (30.0, 210.0),
    };
    for _ in 0..far_count {
        let d = low * (high / low).powf(random.unit());
        let x = stage.across(random.range(-0.03, 1.03), d);
        // In groves.
        if terrain.noise.at(vec2(x, d) * 0.03 + 40.0) > -0.25 {
            feet.push((vec2(x, d), random.range(8.0, 15.0)));
        }
    }
    let corner = random.sign();
    for _ in 0..near_count {
        let d = match terrain.layout {
            Layout::Above => random.range(40.0, 60.0),
            Layout::Far => random.range(18.0, 50.0),
            Layout::Lake => random.range(16.0, 20.0),
            _ => random.range(13.0, 26.0),
        };
        let x = 0.5 + corner * random.range(0.12, 0.55) * random.pick(&[1.0, 1.0, -1.0]);
        feet.push((vec2(stage.across(x, d), d), random.range(8.0, 16.0)));
    }
    feet.sort_by(|a, b| b.0.y.total_cmp(&a.0.y));
    for (at, height) in feet {
        let clear = houses.iter().all(|h| vec2(h.frame.foot.x - at.x, h.frame.foot.z + at.y).length() > 6.5);
        let ground = terrain.low(at);
        let off = (at.x - terrain.path(at.y)).abs();
        if clear && ground > 0.8 && (off > 5.5 || terrain.layout == Layout::Slope) {
            let fir = Fir::any(random, height, laden, &greens);
            fir.paint(stage, &mut picture.canvas, vec3(at.x, ground - 0.2, -at.y), random);
        }
    }
}
