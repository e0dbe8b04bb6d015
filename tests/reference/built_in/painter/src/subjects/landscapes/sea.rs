//! The sun going down over the sea: its colours, its path of glitter, and what may stand dark before it.

use super::nature::{Ridge, Water, boulder, dab, each_pixel, palm};
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec3, bell, clamp01, mix, rgb, smoothstep, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

/// Zenith, horizon, light, of evenings one remembers.
const EVENINGS: &[(u32, u32, u32)] = &[
    (0x3c3c78, 0xf48848, 0xffa050),
    (0x5c3460, 0xf0603c, 0xff7038),
    (0x2c4878, 0xf8b860, 0xffc468),
    (0x7c5480, 0xf49c8c, 0xffa080),
    (0xc85c38, 0xfcd070, 0xffd060),
    (0x24284c, 0xc04838, 0xf06030),
    (0x6c90b8, 0xf8d8a0, 0xffe0a0),
    (0x401c34, 0xe04c2c, 0xff6428),
    (0x4c7c94, 0xf0a878, 0xffb878),
];

/// An evening's weather with the sun in the picture.
pub fn evening(random: &mut Rng) -> Weather {
    let mut weather = Weather::at(Time::Dusk, random);
    let (zenith, horizon, light) = *random.pick(EVENINGS);
    weather.sky = (rgb(zenith), rgb(horizon));
    weather.light.colour = rgb(light) * 0.95;
    weather.sun = vec2(random.range(0.12, 0.88), random.range(-0.03, 0.22));
    weather.clouds = random.range(0.0, 0.85);
    weather
}

pub fn sunset(picture: &mut Picture) {
    let random = &mut picture.random;
    let weather = evening(random);
    let horizon = random.range(0.34, 0.72);
    let size = random.range(0.035, 0.12);
    weather.paint_sky(&mut picture.canvas, horizon);
    sun(&mut picture.canvas, &weather, horizon, size);
    if random.chance(0.3) {
        coast(picture, &weather, horizon);
    }
    let random = &mut picture.random;
    let own = weather.lit(rgb(*random.pick(&[0x1c3448, 0x243c50, 0x302c48, 0x14242c])));
    let (rough, scale) = (random.range(0.2, 1.0), random.range(0.5, 1.6));
    let water = Water { line: horizon, own, rough, scale, noise: Noise::new(random) };
    water.paint(&mut picture.canvas);
    glitter(&mut picture.canvas, &weather, &water, size);
    match picture.random.weighted(&[0.3, 0.3, 0.16, 0.24]) {
        0 => {}
        1 => beach(picture, &weather, &water),
        2 => rocks(picture, &weather, horizon),
        _ => sails(picture, horizon),
    }
    if picture.random.chance(0.14) {
        let count = picture.random.int(1, 2);
        for _ in 0..count {
            let random = &mut picture.random;
            let foot = vec2(if random.chance(0.5) { random.range(0.02, 0.25) } else { random.range(0.75, 0.98) }, 1.02);
            let height = random.range(0.6, 0.95);
            picture.canvas.begin(0.05);
            palm(&mut picture.canvas, random, foot, height, rgb(0x14100e), 0.0);
        }
        picture.detail("with palm trees");
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.4);
    }
}

/// A larger disc than any sky has of itself, flattened and dimmed at the horizon.
fn sun(canvas: &mut Canvas, weather: &Weather, horizon: f32, size: f32) {
    let centre = vec2(weather.sun.x, horizon - weather.sun.y);
    let pale = weather.light.colour.lerp(rgb(0xfff4cc), 0.6);
    canvas.begin(0.99);
    canvas.fill(&Shape::circle(centre, size), |p| {
        pale.lerp(weather.light.colour, 0.8 * smoothstep(horizon - 0.12, horizon, p.y))
    });
    each_pixel(canvas, vec2(0.0, 0.0), vec2(1.0, horizon), |canvas, x, y, p| {
        let index = y * canvas.size + x;
        let off = (p - centre) * vec2(0.7, 1.2);
        canvas.rgb[index] += weather.light.colour * (0.3 * bell(off.length(), 2.4 * size));
        canvas.rgb[index] = canvas.rgb[index].min(Vec3::ONE);
    });
}

fn coast(picture: &mut Picture, weather: &Weather, horizon: f32) {
    let random = &mut picture.random;
    let height = random.range(0.03, 0.16);
    let from = random.sign();
    let noise = Noise::new(random);
    let ridge = Ridge { foot: horizon + 0.005, height, wide: 2.0, rough: 0.45, noise };
    let edge = random.range(0.25, 0.7);
    picture.canvas.begin(0.9);
    let colour = weather.hazy(rgb(0x2c2430), 0.25);
    let size = picture.canvas.size as f32;
    each_pixel(&mut picture.canvas, vec2(0.0, horizon - 1.5 * height), vec2(1.0, horizon), |canvas, x, y, p| {
        let along = if from > 0.0 { p.x } else { 1.0 - p.x };
        let top = mix(horizon + 0.01, ridge.top(p.x), smoothstep(edge, 0.0, along));
        canvas.put(x, y, colour, clamp01((p.y - top) * size + 0.5));
    });
}

/// The path of light on the waves.
pub fn glitter(canvas: &mut Canvas, weather: &Weather, water: &Water, size: f32) {
    let light = weather.light.colour.lerp(rgb(0xfff4d0), 0.45);
    let long = mix(0.35, 1.0, clamp01(1.0 - 2.0 * weather.sun.y));
    each_pixel(canvas, vec2(0.0, water.line), vec2(1.0, 1.0), |canvas, x, y, p| {
        let down = p.y - water.line;
        let wide = 0.9 * size + 0.012 + (0.06 + 0.12 * water.rough) * down;
        let path = bell(p.x - weather.sun.x, wide);
        if path < 0.03 {
            return;
        }
        let (wave, fine) = water.wave(p, down);
        let small = water.noise.at(p * vec2(24.0, 110.0));
        let spark = smoothstep(0.25, 0.6, path * (0.7 + 0.45 * wave + 0.45 * fine + 0.5 * small) + 0.03);
        canvas.put(x, y, light, spark * mix(1.0, 0.55, down / long));
    });
}

/// Sand in the foreground, with the last wave's foam.
fn beach(picture: &mut Picture, weather: &Weather, water: &Water) {
    let random = &mut picture.random;
    let (left, right) = (random.range(0.72, 1.0), random.range(0.72, 1.0));
    let noise = Noise::new(random);
    let sand = weather.lit(rgb(*random.pick(&[0xb89468, 0xa0805c, 0xc8a880])));
    let foam = weather.light.colour.lerp(Vec3::ONE, 0.5) * 0.95;
    let (sky, low) = (weather.sky.1, water.line + 0.12);
    picture.canvas.begin(0.15);
    each_pixel(&mut picture.canvas, vec2(0.0, low), vec2(1.0, 1.0), |canvas, x, y, p| {
        let shore = mix(left, right, p.x) + 0.05 * noise.fractal(vec2(p.x * 3.0, 1.0), 3, 0.5);
        let off = p.y - shore;
        let wet = bell(off - 0.02, 0.06);
        let colour = (sand * (0.8 + 0.25 * noise.fractal(p * vec2(14.0, 50.0), 2, 0.5))).lerp(sky * 0.85, 0.55 * wet);
        canvas.put(x, y, colour, smoothstep(0.0, 0.012, off));
        let second = off + 0.07 + 0.03 * noise.at(vec2(p.x * 5.0, 7.0));
        let froth = bell(off, 0.012) + 0.7 * bell(second, 0.008);
        canvas.put(x, y, foam, clamp01(froth * (0.7 + 0.5 * noise.at(p * 60.0))));
    });
    picture.detail("seen from a beach");
}

fn rocks(picture: &mut Picture, weather: &Weather, horizon: f32) {
    for _ in 0..picture.random.int(1, 6) {
        let random = &mut picture.random;
        let near = random.unit();
        let y = mix(horizon + 0.1, 1.0, near);
        let size = mix(0.03, 0.22, near) * random.range(0.5, 1.2);
        let centre = vec2(random.range(0.0, 1.0), y);
        let radii = vec2(size, size * random.range(0.4, 1.1));
        picture.canvas.begin(0.3 - 0.2 * near);
        dab(
            &mut picture.canvas,
            centre + vec2(0.0, 0.5 * radii.y),
            vec2(radii.x * 1.2, radii.y * 0.3),
            rgb(0x0c0c10),
            0.6,
        );
        boulder(&mut picture.canvas, random, weather, centre, radii, rgb(0x30282c));
    }
}

/// Small sails far out, dark against the light.
fn sails(picture: &mut Picture, horizon: f32) {
    for _ in 0..picture.random.int(1, 2) {
        let random = &mut picture.random;
        let near = random.unit();
        let foot = vec2(random.range(0.1, 0.9), horizon + 0.01 + 0.14 * near * near);
        let tall = mix(0.07, 0.24, near);
        picture.canvas.begin(0.6);
        let at = |x: f32, y: f32| foot + vec2(x, -y) * tall;
        let dark = rgb(0x1c1418);
        let canvas = &mut picture.canvas;
        canvas.flat(&Shape::blob(&[at(-0.3, 0.1), at(0.0, 0.07), at(0.36, 0.12), at(0.25, 0.0), at(-0.24, 0.0)]), dark);
        canvas.flat(&Shape::polygon(&[at(0.03, 1.0), at(0.03, 0.14), at(-0.3, 0.16)]), dark);
        canvas.flat(&Shape::polygon(&[at(0.06, 0.9), at(0.06, 0.16), at(0.34, 0.15)]), dark * 1.6);
        let shade = Shape::polygon(&[at(-0.24, -0.02), at(0.26, -0.02), at(0.04, -0.75)]);
        let noise = Noise::new(random);
        canvas
            .glaze(&canvas.mask(&shade), |p| (dark * 1.3).extend(0.45 + 0.5 * noise.at(vec2(p.x * 9.0, p.y * 110.0))));
    }
}
