//! Waterfalls: white water down dark walls of rock. One wall or a stair of them, thin threads or broad curtains, near enough to fill
//! the frame or far in the mountains; firs, jungle or bare rock above, a pool, a stream or boulders below, spray between.

use super::cliff::{Layout, Look, Plants, Wall, gorge, paint_wall, walls};
use super::falls::{below, paint_fall, spray};
use super::nature::{Ridge, Slope, fir, foliage, paint_ridge, palm};
use crate::backdrop::deepen;
use crate::math::{rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::styles::Style;
use crate::weather::{Time, Weather};

pub fn waterfalls(picture: &mut Picture) {
    // A print is made of black and white, not of hues: by day, and mostly with upright rock.
    let print = picture.style == Style::Lithograph;
    let random = &mut picture.random;
    let layouts = [Layout::Face, Layout::Close, Layout::Stair, Layout::Far, Layout::Curtain, Layout::Gorge];
    let weights = if picture.dense { [0.8, 2.0, 1.6, 0.1, 1.2, 0.9] } else { [1.4, 0.9, 1.3, 0.8, 0.9, 1.0] };
    let layout = layouts[random.weighted(&weights)];
    let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let weather =
        Weather::at(times[random.weighted(if print { &[0.6, 0.4] } else { &[0.45, 0.25, 0.1, 0.14, 0.06] })], random);
    let mut look = look(random);
    if print && random.chance(0.7) {
        look.strata *= 0.3;
    }
    let walls = walls(random, layout);
    let count = walls.iter().map(|wall| wall.falls.len()).max().unwrap_or(1);
    behind(picture, &weather, &look, layout, walls[0].brink);
    for (k, wall) in walls.iter().enumerate() {
        paint_wall(picture, &weather, &look, wall, 0.8 - 0.12 * k as f32);
        plants(picture, &weather, &look, wall, layout);
        for fall in &wall.falls {
            paint_fall(&mut picture.canvas, &weather, &look, wall, fall, 0.6 - 0.1 * k as f32);
        }
        spray(picture, &weather, wall);
    }
    if layout == Layout::Gorge {
        gorge(picture, &weather, &look);
    }
    let last = &walls[walls.len() - 1];
    if last.foot < 0.97 {
        below(picture, &weather, &look, last, layout);
    }
    frame(picture, &weather, &look, layout);
    if picture.dense {
        deepen(&mut picture.canvas, 0.35);
    }
    words(picture, &weather, &look, layout, count);
}

fn look(random: &mut Rng) -> Look {
    let plants =
        [Plants::Firs, Plants::Broadleaf, Plants::Jungle, Plants::Bare][random.weighted(&[0.4, 0.2, 0.2, 0.2])];
    let rocks = [0x3a3632, 0x2c2e30, 0x4a3c30, 0x38302c, 0x50483e, 0x2a3234, 0x5a4638, 0x6a5040].map(rgb);
    Look {
        rock: *random.pick(&rocks),
        moss: *random.pick(&[0x3c5020, 0x2c4a24, 0x556024, 0x1f3c20].map(rgb)),
        mossy: match plants {
            Plants::Jungle => random.range(0.5, 1.0),
            Plants::Bare => random.range(0.0, 0.15),
            _ => random.range(0.1, 0.7),
        },
        grain: random.range(6.0, 16.0),
        strata: if random.chance(0.6) { random.range(0.0, 0.3) } else { random.range(0.5, 1.0) },
        water: *random.pick(&[vec3(1.0, 1.02, 1.05), vec3(0.98, 1.02, 1.06), vec3(1.04, 1.02, 0.98)]),
        plants,
    }
}

/// Sky and mountains, or the wood's dark, above the first brink.
fn behind(picture: &mut Picture, weather: &Weather, look: &Look, layout: Layout, brink: f32) {
    let horizon = (brink + 0.1).clamp(0.2, 0.9);
    weather.paint_sky(&mut picture.canvas, horizon);
    if brink < 0.0 {
        return;
    }
    let random = &mut picture.random;
    if layout == Layout::Far || random.chance(0.35) {
        let high = random.range(0.12, 0.32);
        let ridge = Ridge {
            foot: brink + 0.25,
            height: high + 0.15,
            wide: random.range(1.2, 3.0),
            rough: random.range(0.45, 0.6),
            noise: Noise::new(random),
        };
        let slope =
            Slope { colour: look.rock * 1.8, snow: random.range(0.4, 1.3), far: random.range(0.3, 0.6), depth: 0.95 };
        paint_ridge(&mut picture.canvas, weather, &ridge, slope);
    }
}

/// What grows on the brink.
fn plants(picture: &mut Picture, weather: &Weather, look: &Look, wall: &Wall, layout: Layout) {
    if look.plants == Plants::Bare || wall.brink < -0.2 {
        return;
    }
    let scale = match layout {
        Layout::Far => 0.05,
        Layout::Gorge => 0.08,
        _ => picture.random.range(0.08, 0.22),
    };
    let count = (picture.random.range(0.6, 2.2) / scale) as i32;
    let to_light = vec2(weather.light.to.x, -0.8).normalize();
    let winter = 0.0;
    for k in 0..count {
        let random = &mut picture.random;
        let x = random.range(-0.05, 1.05);
        let over = wall.falls.iter().any(|fall| (x - fall.top).abs() < fall.width.0 + 0.25 * scale);
        if over {
            continue;
        }
        let foot = vec2(x, wall.brink(x) + 0.015 + 0.3 * scale * random.unit() * random.unit());
        let height = scale * random.range(0.6, 1.5);
        let tone = random.range(0.75, 1.3);
        picture.canvas.begin(0.78 - 0.001 * k as f32);
        let green = |hex: u32| weather.hazy(weather.lit(rgb(hex)) * tone, wall.far);
        match look.plants {
            Plants::Firs => {
                fir(&mut picture.canvas, random, foot, height * 1.2, green(0x27402c), winter, to_light.x.signum())
            }
            Plants::Jungle if random.chance(0.2) => {
                palm(&mut picture.canvas, random, foot, height * 1.3, green(0x3c7028), to_light.x.signum())
            }
            Plants::Jungle => {
                foliage(&mut picture.canvas, random, foot, vec2(height * 0.7, height * 0.45), green(0x3f7a2c), to_light)
            }
            _ => foliage(
                &mut picture.canvas,
                random,
                foot - vec2(0.0, 0.3 * height),
                vec2(height * 0.45, height * 0.5),
                green(0x56742e),
                to_light,
            ),
        }
    }
}

/// Dark leaves or trunks at the edge of the picture: we stand among them.
fn frame(picture: &mut Picture, weather: &Weather, look: &Look, layout: Layout) {
    if look.plants == Plants::Bare || layout == Layout::Far || picture.random.chance(0.55) {
        return;
    }
    let sides: &[f32] = if picture.random.chance(0.35) {
        &[-1.0, 1.0]
    } else if picture.random.chance(0.5) {
        &[1.0]
    } else {
        &[-1.0]
    };
    let to_light = vec2(weather.light.to.x, -0.8).normalize();
    for &side in sides {
        let low = picture.random.chance(0.6);
        for _ in 0..picture.random.int(3, 7) {
            let random = &mut picture.random;
            let along = random.unit();
            let x = 0.5 + side * (0.52 - 0.2 * along * random.unit());
            let y = if low { 1.0 - 0.45 * (1.0 - along) * random.unit() } else { 0.5 * (1.0 - along) * random.unit() };
            let size = random.range(0.06, 0.14);
            let radii = vec2(size, size * random.range(0.6, 1.0));
            let colour = weather.lit(look.moss.lerp(rgb(0x4c7a30), random.range(0.0, 0.7))) * random.range(0.5, 1.1);
            picture.canvas.begin(0.05);
            foliage(&mut picture.canvas, random, vec2(x, y), radii, colour, to_light);
        }
    }
}

fn words(picture: &mut Picture, weather: &Weather, look: &Look, layout: Layout, count: usize) {
    match (look.plants, layout) {
        (Plants::Jungle, _) => picture.detail_of(&["in the jungle", "in a jungle"]),
        (Plants::Firs, Layout::Far) | (Plants::Bare, Layout::Far) => picture.detail("in the mountains"),
        (Plants::Firs, Layout::Face) | (Plants::Broadleaf, Layout::Face) => picture.detail("in a forest"),
        (_, Layout::Gorge) => picture.detail("in a canyon"),
        _ => {}
    }
    if layout != Layout::Close && weather.time != Time::Day {
        picture.detail_of(weather.words());
    }
    if layout != Layout::Stair && count == 1 {
        picture.noun = Some("a waterfall".into());
    }
}
