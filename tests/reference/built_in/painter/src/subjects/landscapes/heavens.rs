//! The sky by night: a great moon over sea, woods or mountains; stars and the Milky Way.

use super::nature::{Ridge, Slope, Water, each_pixel, fir, glow, paint_ridge};
use super::sea::glitter;
use super::tree;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, rgb, smoothstep, turned, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum Below {
    Sea,
    Wood,
    Mountains,
    Hills,
    Nothing,
}

pub fn moon(picture: &mut Picture) {
    let random = &mut picture.random;
    let mut weather = Weather::at(Time::Night, random);
    let skies = [
        (0x060a1c, 0x24386c),
        (0x0a1420, 0x1c3c48),
        (0x140c28, 0x4c3060),
        (0x101828, 0x40506c),
        (0x1c1418, 0x5c3828),
        (0x304878, 0x90a0b8),
    ];
    let (zenith, horizon) = *random.pick(&skies);
    weather.sky = (rgb(zenith), rgb(horizon));
    let below = [Below::Sea, Below::Wood, Below::Mountains, Below::Hills, Below::Nothing]
        [random.weighted(&[0.28, 0.22, 0.2, 0.15, 0.15])];
    let line = if below == Below::Nothing { 1.2 } else { random.range(0.62, 0.88) };
    let size = if picture.dense { random.range(0.26, 0.42) } else { random.range(0.09, 0.32) };
    let centre = if below == Below::Nothing {
        vec2(random.range(0.3, 0.7), random.range(0.35, 0.65))
    } else {
        vec2(random.range(0.2, 0.8), random.range(0.12 + 0.6 * size, (line - 0.02).max(0.3)))
    };
    weather.sun = vec2(-4.0, 3.0);
    weather.paint_sky(&mut picture.canvas, line.min(1.0));
    let hue =
        *random.pick(&[vec3(0.98, 0.97, 0.92), vec3(1.0, 0.9, 0.68), vec3(0.92, 0.95, 1.0), vec3(1.0, 0.74, 0.48)]);
    let phase = if random.chance(0.68) { 1.0 } else { random.range(-0.7, 0.7) };
    glow(&mut picture.canvas, centre, size * 1.9, hue * vec3(0.3, 0.31, 0.34));
    paint_moon(picture, centre, size, hue, phase);
    veil(picture, &weather, line);
    land(picture, &mut weather, below, line, centre, size, hue);
    picture.noun = Some(
        if phase >= 1.0 {
            "a full moon"
        } else if phase < 0.1 {
            "a crescent moon"
        } else {
            "the moon"
        }
        .into(),
    );
    match below {
        Below::Sea => picture.detail_of(&["over the sea", "over the ocean"]),
        Below::Wood => picture.detail("over a forest"),
        Below::Mountains => picture.detail("over the mountains"),
        Below::Hills => picture.detail("over hills"),
        Below::Nothing => picture.detail("in the night sky"),
    }
}

/// Seas, craters, and the night side; `phase` 1 is full, 0 half.
fn paint_moon(picture: &mut Picture, centre: Vec2, size: f32, hue: Vec3, phase: f32) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let tilt = random.range(-0.7, 0.7);
    let craters: Vec<(Vec2, f32)> =
        (0..14).map(|_| (vec2(random.range(-0.8, 0.8), random.range(-0.8, 0.8)), random.range(0.04, 0.17))).collect();
    picture.canvas.begin(0.98);
    let size_px = picture.canvas.size as f32;
    each_pixel(&mut picture.canvas, centre - size * 1.02, centre + size * 1.02, |canvas, x, y, p| {
        let q = turned((p - centre) / size, tilt);
        let off = q.length();
        let cover = clamp01((1.0 - off) * size * size_px + 0.5);
        if cover <= 0.0 {
            return;
        }
        let seas = smoothstep(0.05, 0.35, noise.fractal(q * 1.5 + 5.0, 4, 0.5) - 0.12 * q.y);
        let mut tone = mix(0.98, 0.6, seas) + 0.09 * noise.fractal(q * 7.0, 3, 0.6);
        for (place, radius) in &craters {
            let r = (q - *place).length() / radius;
            if r < 1.4 {
                tone += 0.14 * bell(r - 1.0, 0.22) - 0.1 * bell(r, 0.6);
            }
        }
        let round = (1.0 - off * off).max(0.0).sqrt();
        tone *= 0.72 + 0.28 * round;
        let dark = q.x - (-phase) * round;
        let day = if phase >= 1.0 { 1.0 } else { smoothstep(-0.06, 0.06, dark) };
        let night = canvas.rgb[y * canvas.size + x] * 0.92;
        canvas.put(x, y, night.lerp(hue * tone, day), cover);
    });
}

/// Thin clouds before the moon.
fn veil(picture: &mut Picture, weather: &Weather, line: f32) {
    if picture.random.chance(0.5) {
        return;
    }
    let noise = Noise::new(&mut picture.random);
    let (amount, from) = (picture.random.range(0.3, 0.8), picture.random.range(0.2, 0.7) * line.min(1.0));
    let colour = weather.sky.1 * 0.9 + 0.05;
    each_pixel(&mut picture.canvas, vec2(0.0, 0.0), vec2(1.0, line.min(1.0)), |canvas, x, y, p| {
        let band = bell(p.y - from, 0.16);
        if band < 0.05 {
            return;
        }
        let thick = noise.fractal(vec2(p.x * 2.2, p.y * 9.0), 4, 0.55) * 0.5 + 0.5;
        let index = y * canvas.size + x;
        let there = canvas.rgb[index];
        canvas.rgb[index] = there.lerp(colour.lerp(there, 0.35), amount * smoothstep(0.35, 0.75, thick) * band);
    });
}

fn land(picture: &mut Picture, weather: &mut Weather, below: Below, line: f32, moon: Vec2, size: f32, hue: Vec3) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    match below {
        Below::Sea => {
            let own = weather.lit(rgb(0x1c3450));
            let water = Water { line, own, rough: random.range(0.3, 0.9), scale: random.range(0.6, 1.4), noise };
            water.paint(&mut picture.canvas);
            if size < 0.03 {
                return;
            }
            weather.sun = vec2(moon.x, 0.05);
            weather.light.colour = hue * 0.85;
            glitter(&mut picture.canvas, weather, &water, 0.45 * size);
        }
        Below::Mountains | Below::Hills => {
            let steep = below == Below::Mountains;
            let (height, rough, snow) =
                if steep { (random.range(0.15, 0.3), 0.55, 0.5) } else { (random.range(0.06, 0.14), 0.38, 2.0) };
            let ridge = Ridge { foot: 1.02, height: height + 1.0 - line, wide: random.range(1.2, 2.6), rough, noise };
            weather.light.to.x = moon.x - 0.5;
            paint_ridge(
                &mut picture.canvas,
                weather,
                &ridge,
                Slope { colour: rgb(0x48546c), snow, far: 0.12, depth: 0.9 },
            );
        }
        Below::Wood => {
            for k in 0..26 {
                let random = &mut picture.random;
                let foot = vec2(random.range(-0.05, 1.05), 1.0 + 0.1 * random.unit());
                let height = (1.06 - line) * random.range(0.7, 1.7) * if k % 6 == 0 { 1.5 } else { 1.0 };
                picture.canvas.begin(0.4);
                let dark = rgb(0x0c1216) * random.range(0.6, 1.4);
                fir(&mut picture.canvas, random, foot, height, dark, 0.0, (moon.x - foot.x).signum());
            }
        }
        Below::Nothing => {}
    }
}

pub fn night_sky(picture: &mut Picture) {
    let random = &mut picture.random;
    let mut weather = Weather::at(Time::Night, random);
    let skies = [
        (0x050818, 0x20345c),
        (0x0c0a24, 0x3c2858),
        (0x04101c, 0x1c4450),
        (0x081024, 0x2c3c54),
        (0x0a0c1c, 0x5c3c34),
        (0x102048, 0x6c6cb0),
        (0x1c1438, 0xc87850),
        (0x203c68, 0x90b0c8),
        (0x04060c, 0x101828),
    ];
    let (zenith, horizon) = *random.pick(&skies);
    weather.sky = (rgb(zenith), rgb(horizon));
    weather.sun = vec2(-4.0, 3.0);
    weather.clouds = 0.0;
    let line = random.range(0.66, 0.98);
    weather.paint_sky(&mut picture.canvas, line);
    if picture.random.chance(0.22) {
        aurora(picture, line);
    } else {
        milky_way(picture, line);
    }
    stars(picture, line);
    if picture.random.chance(0.25) {
        shooting_star(picture);
    }
    let kind = picture.random.weighted(&[0.3, 0.3, 0.2, 0.2]);
    let below = [Below::Mountains, Below::Wood, Below::Sea, Below::Hills][kind];
    land(picture, &mut weather, below, line, vec2(0.5, 0.2), 0.02, vec3(0.5, 0.55, 0.7));
    if below == Below::Hills && picture.random.chance(0.6) {
        let foot = vec2(picture.random.range(0.15, 0.85), 0.97);
        let height = picture.random.range(0.3, 0.6);
        tree::silhouette(picture, foot, height, rgb(0x080a0e));
    }
    match below {
        Below::Sea => picture.detail("over the sea"),
        Below::Wood => picture.detail("over a forest"),
        Below::Mountains => picture.detail("over the mountains"),
        _ => picture.detail("over hills"),
    }
}

/// Curtains of northern light.
fn aurora(picture: &mut Picture, line: f32) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let (low, high) = *random.pick(&[
        (vec3(0.25, 0.95, 0.5), vec3(0.3, 0.35, 0.8)),
        (vec3(0.3, 0.9, 0.75), vec3(0.6, 0.25, 0.7)),
        (vec3(0.5, 0.95, 0.4), vec3(0.8, 0.25, 0.4)),
    ]);
    let (foot, tall, bright) = (random.range(0.45, 0.9) * line, random.range(0.25, 0.6), random.range(0.6, 1.0));
    each_pixel(&mut picture.canvas, vec2(0.0, 0.0), vec2(1.0, line), |canvas, x, y, p| {
        let mut light = Vec3::ZERO;
        for band in 0..2 {
            let row = band as f32 * 9.0;
            let edge = foot - 0.16 * band as f32 + 0.22 * noise.fractal(vec2(p.x * 1.6, row), 2, 0.5);
            let up = (edge - p.y) / tall;
            let rays = 0.6 + 0.5 * noise.at(vec2(p.x * 24.0 + 3.0 * up, row));
            let fade = smoothstep(-0.03, 0.06, up) * smoothstep(1.0, 0.1, up) * rays;
            light += low.lerp(high, clamp01(up * 1.3)) * (fade * bright * if band == 0 { 0.9 } else { 0.55 });
        }
        let index = y * canvas.size + x;
        canvas.rgb[index] = Vec3::ONE - (Vec3::ONE - canvas.rgb[index]) * (Vec3::ONE - light.min(Vec3::ONE));
    });
    picture.detail_of(&["with northern lights", "with the northern lights"]);
}

fn milky_way(picture: &mut Picture, line: f32) {
    let random = &mut picture.random;
    if random.chance(0.3) {
        return;
    }
    let noise = Noise::new(random);
    let (angle, off) = (random.range(-1.3, 1.3) + std::f32::consts::FRAC_PI_2, random.range(-0.2, 0.2));
    let (wide, bright) = (random.range(0.09, 0.24), random.range(0.5, 1.1));
    let hue =
        *random.pick(&[vec3(0.75, 0.72, 0.85), vec3(0.9, 0.72, 0.62), vec3(0.6, 0.75, 0.9), vec3(0.8, 0.6, 0.85)]);
    each_pixel(&mut picture.canvas, vec2(0.0, 0.0), vec2(1.0, line), |canvas, x, y, p| {
        let q = turned(p - vec2(0.5, 0.42), -angle);
        let cloud = noise.fractal(q * vec2(4.0, 8.0), 4, 0.6);
        let across = q.y - off + 0.05 * cloud;
        let lane = 1.0 - 0.75 * bell(across + 0.03 * cloud, 0.03 + 0.02 * cloud.abs());
        let light = bell(across, wide) * (0.55 + 0.5 * cloud).max(0.05) * lane * bright;
        let index = y * canvas.size + x;
        canvas.rgb[index] = (canvas.rgb[index] + hue * light).min(Vec3::ONE);
    });
}

fn stars(picture: &mut Picture, line: f32) {
    for _ in 0..picture.random.int(120, 420) {
        let random = &mut picture.random;
        let p = vec2(random.unit(), random.unit() * line);
        let bright = random.unit().powi(3);
        star(&mut picture.canvas, random, p, bright);
    }
}

fn star(canvas: &mut Canvas, random: &mut Rng, p: Vec2, bright: f32) {
    let hue = *random.pick(&[vec3(1.0, 1.0, 1.0), vec3(0.8, 0.88, 1.0), vec3(1.0, 0.9, 0.75)]);
    glow(canvas, p, 0.0035 + 0.006 * bright, hue * mix(0.45, 1.0, bright));
}

fn shooting_star(picture: &mut Picture) {
    let random = &mut picture.random;
    let from = vec2(random.range(0.2, 0.8), random.range(0.1, 0.4));
    let way = vec2(random.sign(), random.range(0.3, 0.8)).normalize() * random.range(0.15, 0.35);
    for k in 0..40 {
        let t = k as f32 / 39.0;
        glow(&mut picture.canvas, from + way * t, 0.005, Vec3::splat(0.5 * t));
    }
    picture.detail("with a shooting star");
}
