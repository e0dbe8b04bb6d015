//! Where birds are: on a branch before blurred leaves or the sky, or in the air.

use crate::backdrop::{Ground, Place, Want, view};
use crate::math::{Vec3, clamp01, hsv, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

const LEAVES: &[u32] = &[0x5c7c30, 0x3c6430, 0x88943c, 0xa8742c, 0x2c5040, 0xb05a2c, 0x94a868];

fn open_air(picture: &mut Picture, want: &Want, night: f32) -> Place {
    let time = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let rest = (1.0 - night) / 4.0;
    let time = time[picture.random.weighted(&[1.6 * rest, rest, 0.7 * rest, 0.7 * rest, night])];
    let weather = Weather::at(time, &mut picture.random);
    let (camera, _) = view(&mut picture.random, want);
    let mut light = weather.light;
    if weather.dark() {
        light.colour *= 1.6;
        light.ambient *= 1.7;
    }
    let words = weather.words();
    picture.detail_of(words);
    Place { ground: Ground::Forest, camera, light, weather, haze: None }
}

/// The sky alone, clouds in it, perhaps the tops of trees or the sea below.
pub fn sky(picture: &mut Picture, want: &Want) -> Place {
    let place = open_air(picture, want, 0.1);
    let horizon = picture.random.range(0.75, 1.5);
    place.weather.paint_sky(&mut picture.canvas, horizon);
    let noise = Noise::new(&mut picture.random);
    let (tint, wavy) = (rgb(*picture.random.pick(LEAVES)), picture.random.range(2.0, 9.0));
    let ground = place.weather.hazy(place.weather.lit(tint), 0.3);
    picture.canvas.begin(0.95);
    let all = picture.canvas.everywhere();
    picture.canvas.glaze(&all, |p| {
        let top = horizon + 0.08 * noise.fractal(vec2(p.x * wavy, 0.0), 3, 0.6);
        (ground * (1.0 + 0.3 * noise.at(p * 14.0))).extend(smoothstep(-0.01, 0.01, p.y - top))
    });
    picture.detail_of(&["in the sky", "in flight", "flying"]);
    place
}

/// A branch at y = 0, and behind it leaves out of focus, or the sky, or dusk.
pub fn branch(picture: &mut Picture, want: &Want, night: f32) -> Place {
    let place = open_air(picture, want, night);
    behind(picture, &place);
    let foot = place.camera.seen(Vec3::ZERO).map_or(0.8, |(at, _)| at.y);
    let unit = place.camera.seen(vec3(0.0, want.height, 0.0)).map_or(0.3, |(at, _)| (foot - at.y).abs());
    let random = &mut picture.random;
    let (slope, thick) = (random.range(-0.28, 0.28), unit * random.range(0.05, 0.1));
    let centre = place.camera.seen(Vec3::ZERO).map_or(0.5, |(at, _)| at.x);
    let bark = rgb(*random.pick(&[0x5a4434, 0x3c3028, 0x7a6a58, 0x8c8478, 0x4c3424]));
    let bend = random.range(-0.08, 0.08);
    let at = |x: f32| vec2(x, foot + thick * 0.8 + slope * (x - centre) + bend * (x - centre) * (x - centre) * 4.0);
    let xs: Vec<f32> = (0..9).map(|k| -0.15 + 1.3 * k as f32 / 8.0).collect();
    let points: Vec<_> = xs.iter().map(|x| at(*x) + vec2(0.0, random.range(-0.1, 0.1) * thick)).collect();
    let growing = random.sign();
    let widths: Vec<f32> = xs.iter().map(|x| thick * mix(0.6, 1.3, clamp01(0.5 + growing * (x - 0.5)))).collect();
    let noise = Noise::new(random);
    let weather = place.weather;
    let lit = place.light.colour * 0.62 + place.light.ambient * 0.9;
    picture.canvas.begin(0.4);
    picture.canvas.fill(&Shape::limb(&points, &widths), |p| {
        let across = (p.y - at(p.x).y) / thick;
        let rough = noise.fractal(vec2(p.x * 20.0, p.y * 70.0), 2, 0.6);
        bark * lit * (0.95 - 0.5 * across + 0.35 * rough)
    });
    twigs(picture, &weather, lit, bark, centre, unit, &at);
    picture.detail_of(&["on a branch", "on a branch", "in a tree"]);
    place
}

fn behind(picture: &mut Picture, place: &Place) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let weather = place.weather;
    let kind = random.weighted(&[0.55, 0.25, 0.2]);
    let (one, two) = (rgb(*random.pick(LEAVES)), rgb(*random.pick(LEAVES)));
    let bright = hsv(random.range(0.08, 0.25), random.range(0.2, 0.6), 0.95);
    let (grain, horizon) = (random.range(2.0, 5.0), random.range(0.6, 1.4));
    let deep = if picture.dense { 0.55 } else { random.range(0.6, 1.1) };
    if kind == 1 {
        weather.paint_sky(&mut picture.canvas, horizon);
    } else {
        let lit = place.light.colour * 0.5 + place.light.ambient * 0.7;
        picture.canvas.begin(1.0);
        picture.canvas.cover(|p| {
            let broad = noise.fractal(p * grain, 2, 0.4);
            let colour = one.lerp(two, smoothstep(-0.9, 0.9, broad)) * lit * deep;
            let gap = smoothstep(0.0, 1.1, noise.fractal(p * grain * 1.2 + 9.0, 2, 0.4)) * 0.7;
            colour.lerp(
                weather.sky.1.lerp(bright * weather.lit(Vec3::ONE), 0.5),
                gap * if kind == 0 { 1.0 } else { 0.25 },
            )
        });
    }
    // Spots of light out of focus.
    for _ in 0..random.int(0, 14) {
        let (at, radius) = (vec2(random.unit(), random.unit()), random.range(0.02, 0.07));
        let (colour, strength) = (weather.sky.1.lerp(bright, random.unit()), random.range(0.05, 0.25));
        if kind != 1 && !weather.dark() {
            let mask = picture.canvas.mask(&Shape::circle(at, radius)).soft(0.012, picture.canvas.size);
            picture.canvas.glaze(&mask, |_| colour.extend(strength));
        }
    }
}

fn twigs(
    picture: &mut Picture,
    weather: &Weather,
    lit: Vec3,
    bark: Vec3,
    centre: f32,
    unit: f32,
    at: &impl Fn(f32) -> crate::math::Vec2,
) {
    let random = &mut picture.random;
    let leaf = rgb(*random.pick(LEAVES)) * lit * 1.1;
    let kind = random.weighted(&[0.5, 0.25, 0.25]);
    let snow = weather.time == Time::Overcast && random.chance(0.4);
    for _ in 0..random.int(2, 6) {
        let x = random.range(-0.05, 1.05);
        if (x - centre).abs() < 0.3 * unit {
            continue;
        }
        let (angle, long) = (random.range(-2.6, -0.5) * random.sign(), random.range(0.25, 0.6) * unit);
        let tip = at(x) + crate::math::Vec2::from_angle(angle) * long;
        let middle = (at(x) + tip) * 0.5 + vec2(random.range(-0.03, 0.03), random.range(-0.03, 0.03));
        picture.canvas.begin(0.42);
        picture.canvas.flat(&Shape::curve(&[at(x), middle, tip], 0.022 * unit.max(0.3)), bark * lit * 0.8);
        if kind == 2 {
            continue;
        }
        for k in 0..5 {
            let on = at(x).lerp(tip, 0.3 + 0.7 * k as f32 / 4.0);
            let turn = angle + random.range(-1.2, 1.2);
            let (half, thin) = (0.09 * unit * random.range(0.7, 1.4), random.range(0.3, 0.5));
            let shape = Shape::ellipse(on + crate::math::Vec2::from_angle(turn) * half, vec2(half, half * thin), turn);
            let shade = random.range(0.65, 1.25);
            let colour = if kind == 1 { rgb(0xf0c8d0) * lit } else { leaf };
            picture.canvas.part(k as u8 + 1, 0.4);
            picture.canvas.flat(&shape, colour * shade);
        }
    }
    if snow {
        let points: Vec<_> = (0..9).map(|k| at(-0.1 + 0.15 * k as f32) - vec2(0.0, 0.06 * unit)).collect();
        picture.canvas.begin(0.4);
        picture.canvas.flat(&Shape::curve(&points, 0.04 * unit), Vec3::splat(0.95) * lit.max(Vec3::splat(0.7)));
    }
}
