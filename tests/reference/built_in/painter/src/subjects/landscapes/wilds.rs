//! Forests seen from within, and deserts.

use super::nature::{Ridge, Slope, each_pixel, fir, foliage, paint_ridge};
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec3, bell, clamp01, mix, rgb, smoothstep, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum Season {
    Summer,
    Autumn,
    Winter,
}

pub fn forest(picture: &mut Picture) {
    let random = &mut picture.random;
    let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let weather = Weather::at(times[random.weighted(&[0.45, 0.2, 0.15, 0.12, 0.08])], random);
    let season = [Season::Summer, Season::Autumn, Season::Winter][random.weighted(&[0.55, 0.27, 0.18])];
    let foggy = if random.chance(0.3) { random.range(0.6, 0.95) } else { random.range(0.15, 0.45) };
    let kind = random.weighted(&[0.5, 0.3, 0.2]);
    let firs = kind == 1;
    let horizon = random.range(0.42, 0.7);
    let green = match season {
        Season::Summer => *random.pick(&[0x44702c, 0x5c8434, 0x2f5c30]),
        Season::Autumn => *random.pick(&[0xc87c2c, 0xb8502c, 0xd8a434]),
        Season::Winter => 0xd8e0ec,
    };
    let air = weather.sky.1.lerp(weather.lit(rgb(green)) * 1.3, 0.4) * if weather.dark() { 0.7 } else { 1.0 };
    backlight(picture, &weather, air, rgb(green), horizon);
    floor(picture, &weather, season, horizon, air);
    let rows = random_rows(picture, firs);
    for near in rows {
        let far = foggy * (1.0 - near).powf(1.3);
        if firs {
            distant_fir(picture, &weather, season, horizon, near, air, far);
        } else {
            trunk(picture, &weather, horizon, near, air, far, kind == 2);
            crown(picture, &weather, rgb(green), near, air, far, season);
        }
    }
    if !weather.dark() && picture.random.chance(0.4) {
        beams(picture, &weather);
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.4);
    }
    match season {
        Season::Autumn if !firs => picture.detail("in autumn"),
        Season::Winter => picture.detail_of(&["in winter", "in the snow"]),
        _ => {}
    }
    if foggy > 0.75 {
        picture.detail_of(&["in the fog", "in fog", "in the mist"]);
    } else if weather.time != Time::Overcast {
        picture.detail_of(weather.words());
    }
}

fn random_rows(picture: &mut Picture, firs: bool) -> Vec<f32> {
    let random = &mut picture.random;
    let count = if firs { random.int(24, 50) } else { random.int(16, 34) };
    let mut rows: Vec<f32> = (0..count).map(|_| random.unit().powf(1.5)).collect();
    rows.sort_by(f32::total_cmp);
    rows
}

/// The bright depth of the wood, mottled with leaves.
fn backlight(picture: &mut Picture, weather: &Weather, air: Vec3, green: Vec3, horizon: f32) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let (middle, wide) = (random.range(0.2, 0.8), random.range(0.25, 0.6));
    let dark = weather.lit(green) * 0.45;
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let leaves = noise.fractal(p * vec2(9.0, 8.0), 4, 0.65);
        let open = bell((p - vec2(middle, horizon - 0.12)).length(), wide) + 0.3 * leaves;
        dark.lerp(air, clamp01(open)) * (1.0 + 0.22 * leaves)
    });
}

fn floor(picture: &mut Picture, weather: &Weather, season: Season, horizon: f32, air: Vec3) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let (base, other) = match season {
        Season::Summer => (rgb(0x48602c), rgb(0x5c4830)),
        Season::Autumn => (rgb(0xb0682c), rgb(0x7c4a28)),
        Season::Winter => (rgb(0xe4eaf2), rgb(0xa8b8cc)),
    };
    let path = random.chance(0.5);
    let (x, bend, wide) = (random.range(0.3, 0.7), random.range(-0.4, 0.4), random.range(0.12, 0.25));
    let earth = if season == Season::Winter { rgb(0xc0c8d4) } else { rgb(0xa0825c) };
    let side = random.sign();
    picture.canvas.begin(0.6);
    picture.canvas.fill(&Shape::rect(-0.1, horizon, 1.1, 1.1), |p| {
        let near = (p.y - horizon) / (1.0 - horizon);
        let q = vec2((p.x - 0.5) / (0.12 + near), 1.0 / (0.12 + near));
        let patch = noise.fractal(q * vec2(2.2, 3.0), 4, 0.6);
        // Long stripes of shadow lie across from the trunks.
        let stripe = noise.at(vec2((p.x - 0.5 + side * 0.3 * near) / (0.1 + near) * 2.6, 3.0));
        let mut colour = base.lerp(other, clamp01(0.5 + 0.7 * patch)) * (0.85 + 0.25 * patch + 0.3 * stripe);
        let middle = mix(x, 0.5, near) + bend * near * (1.0 - near);
        let on = smoothstep(1.0, 0.75, (p.x - middle).abs() / (0.012 + wide * near) + 0.25 * patch);
        if path {
            colour = colour.lerp(earth * (0.85 + 0.3 * stripe), on);
        }
        weather.lit(colour).lerp(air, 0.7 * (1.0 - near).powi(3))
    });
    if path {
        picture.noun =
            Some(picture.random.pick(&["a forest", "a path in a forest", "a path through a forest"]).to_string());
    }
}

fn trunk(picture: &mut Picture, weather: &Weather, horizon: f32, near: f32, air: Vec3, far: f32, birches: bool) {
    let random = &mut picture.random;
    let (width, foot) =
        (mix(0.006, 0.075, near * near) * random.range(0.7, 1.3), horizon + mix(0.0, 0.55, near.powf(1.8)));
    let mut x = random.range(-0.05, 1.05);
    if near > 0.6 && (x - 0.5).abs() < 0.2 {
        x += 0.28 * (x - 0.5f32).signum();
    }
    let lean = random.range(-0.05, 0.05);
    let bark = rgb(if birches { 0xd8d4c8 } else { *random.pick(&[0x3a2c20, 0x4c3c2c, 0x5c4c3c, 0x302620]) });
    let noise = Noise::new(random);
    let side = weather.light.to.x.signum();
    let lit = weather.lit(bark);
    picture.canvas.begin(0.9 - 0.8 * near);
    let root = vec2(x, foot);
    let shape = Shape::limb(
        &[root + vec2(0.0, width), root - vec2(-0.1 * lean, 0.15), vec2(x + lean, -0.1)],
        &[width * 1.1, width * 0.75, width * 0.55],
    );
    picture.canvas.fill(&shape, |p| {
        let across = (p.x - x - lean * (foot - p.y)) / width * side;
        let grain = noise.fractal(vec2(p.x / width * 1.6, p.y / width * 0.3), 2, 0.6);
        let marks = if birches {
            1.0 - 0.75 * smoothstep(0.35, 0.6, noise.at(vec2(p.x / width * 0.7, p.y / width * 1.7)))
        } else {
            1.0
        };
        (lit * (0.8 + 0.5 * across + 0.35 * grain).max(0.15) * marks).lerp(air, far)
    });
}

fn crown(picture: &mut Picture, weather: &Weather, green: Vec3, near: f32, air: Vec3, far: f32, season: Season) {
    if season == Season::Winter && picture.random.chance(0.6) {
        return;
    }
    let random = &mut picture.random;
    let to_light = vec2(weather.light.to.x, -0.8).normalize();
    for _ in 0..2 {
        let centre = vec2(random.range(-0.05, 1.05), random.range(-0.05, mix(0.42, 0.2, near)));
        let radii = vec2(random.range(0.1, 0.2), random.range(0.06, 0.12)) * mix(0.6, 1.3, near);
        let colour = (weather.lit(green) * random.range(0.6, 1.2)).lerp(air, far);
        foliage(&mut picture.canvas, random, centre, radii, colour, to_light);
    }
}

fn distant_fir(picture: &mut Picture, weather: &Weather, season: Season, horizon: f32, near: f32, air: Vec3, far: f32) {
    let random = &mut picture.random;
    let foot = vec2(random.range(-0.1, 1.1), horizon + mix(0.0, 0.6, near.powf(1.6)));
    let height = mix(0.18, 1.1, near) * random.range(0.7, 1.25);
    let tint = rgb(*random.pick(&[0x2c4c34, 0x38583c, 0x24402f])) * random.range(0.8, 1.25);
    let colour = weather.lit(tint).lerp(air, far);
    let snow = if season == Season::Winter { 0.8 } else { 0.0 };
    picture.canvas.begin(0.9 - 0.8 * near);
    fir(&mut picture.canvas, random, foot, height, colour, snow, weather.light.to.x.signum());
}

/// Slanting light between the trunks.
fn beams(picture: &mut Picture, weather: &Weather) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let (from, lean) = (random.range(0.1, 0.9), random.range(-0.9, 0.9));
    let strength = random.range(0.25, 0.55);
    let size = picture.canvas.size;
    for y in 0..size {
        for x in 0..size {
            let p = picture.canvas.point(x, y);
            let ray = (p.x - from - lean * p.y) / (0.35 + p.y);
            let light =
                smoothstep(0.1, 0.7, noise.at(vec2(ray * 7.0, 1.0))) * bell(ray, 0.6) * (1.0 - 0.6 * p.y) * strength;
            let index = y * size + x;
            picture.canvas.rgb[index] =
                picture.canvas.rgb[index].lerp(weather.light.colour.lerp(Vec3::ONE, 0.4), light);
        }
    }
}

pub fn desert(picture: &mut Picture) {
    let random = &mut picture.random;
    let times = [Time::Day, Time::Dawn, Time::Dusk, Time::Night];
    let mut weather = Weather::at(times[random.weighted(&[0.5, 0.15, 0.22, 0.13])], random);
    weather.clouds *= 0.5;
    let horizon = random.range(0.28, 0.6);
    let sand = *random.pick(&[0xd8a868, 0xc8884c, 0xe0c090, 0xb86c40, 0xd89c60].map(rgb));
    weather.paint_sky(&mut picture.canvas, horizon);
    let mesas = random.chance(0.4);
    if mesas {
        buttes(picture, &weather, horizon);
    } else if random.chance(0.4) {
        let ridge = Ridge {
            foot: horizon + 0.03,
            height: random.range(0.06, 0.2),
            wide: 2.5,
            rough: 0.55,
            noise: Noise::new(random),
        };
        paint_ridge(
            &mut picture.canvas,
            &weather,
            &ridge,
            Slope { colour: sand * 0.6, snow: 2.0, far: 0.45, depth: 0.95 },
        );
    }
    let layers = picture.random.int(3, 6);
    for layer in 0..layers {
        let near = (layer as f32 + 0.3) / layers as f32;
        dune(picture, &weather, sand, horizon, near, mesas);
        if picture.random.chance(if mesas { 0.7 } else { 0.2 }) {
            cactus(picture, &weather, horizon, near);
        }
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.4);
    }
    picture.detail_of(weather.words());
}

/// A dune: its crest parts the lit side from the side in shadow.
fn dune(picture: &mut Picture, weather: &Weather, sand: Vec3, horizon: f32, near: f32, flat: bool) {
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let foot = mix(horizon, 1.05, near);
    let height = mix(0.05, 0.3, near) * if flat { 0.3 } else { random.range(0.6, 1.2) };
    let (peak, wide) = (random.range(-0.1, 1.1), random.range(0.7, 1.4));
    let slip = random.range(-0.25, 0.25);
    let side = weather.light.to.x.signum();
    let (lit, dark) = (weather.lit(sand) * 1.12, weather.lit(sand) * weather.light.ambient * 1.3);
    let far = 0.4 * (1.0 - near).powi(2);
    let size = picture.canvas.size as f32;
    let ripple = mix(90.0, 34.0, near);
    picture.canvas.begin(0.9 - 0.8 * near);
    each_pixel(&mut picture.canvas, vec2(0.0, horizon - 0.1), vec2(1.0, 1.0), |canvas, x, y, p| {
        let swell =
            |x: f32| foot - height * (bell((x - peak) / wide, 0.5) + 0.35 * noise.fractal(vec2(x * 1.8, 2.0), 2, 0.4));
        let below = p.y - swell(p.x);
        let cover = clamp01(below * size + 0.5);
        if cover <= 0.0 {
            return;
        }
        let ridge = peak + slip * below * 6.0 + 0.35 * below * noise.at(vec2(3.0, below * 9.0));
        let shaded = smoothstep(-0.015, 0.015, (ridge - p.x) * side)
            * if flat { 0.25 } else { 0.85 }
            * smoothstep(1.1, 0.5, (p.x - peak).abs() / wide);
        let wave = noise.at(vec2(p.x * 6.0 + below * 14.0, p.y * ripple + 1.6 * noise.at(p * 7.0)));
        let colour = lit.lerp(dark, shaded) * (0.96 + 0.09 * wave * near) * mix(1.06, 0.86, clamp01(below * 2.0));
        canvas.put(x, y, weather.hazy(colour, far), cover);
    });
}

/// Table mountains and pillars of red rock.
fn buttes(picture: &mut Picture, weather: &Weather, horizon: f32) {
    for _ in 0..picture.random.int(1, 4) {
        let random = &mut picture.random;
        let noise = Noise::new(random);
        let (x, half, high) = (random.range(0.0, 1.0), random.range(0.04, 0.2), random.range(0.08, 0.28));
        let side = weather.light.to.x.signum();
        let rock = weather.lit(rgb(*random.pick(&[0xb05c38, 0xa04c30, 0xc07848])));
        let far = random.range(0.05, 0.4);
        let size = picture.canvas.size as f32;
        picture.canvas.begin(0.9);
        each_pixel(
            &mut picture.canvas,
            vec2(x - 2.2 * half, horizon - high - 0.03),
            vec2(x + 2.2 * half, horizon + 0.02),
            |canvas, px, py, p| {
                let up = (horizon + 0.01 - p.y) / high;
                let wide = half * (mix(1.9, 1.05, smoothstep(0.0, 0.45, up)) + 0.15 * noise.at(vec2(2.0, up * 6.0)));
                let inside = (wide - (p.x - x).abs()).min((1.0 - up + 0.06 * noise.at(vec2(p.x * 20.0, 1.0))) * high);
                let cover = clamp01(inside * size + 0.5);
                let column = noise.fractal(vec2(p.x / half * 3.0, up * 0.8), 3, 0.6);
                let bed = noise.at(vec2(p.x * 3.0, up * 11.0));
                let tone = 0.85 + 0.4 * (p.x - x) / half * side + 0.35 * column + 0.14 * bed;
                canvas.put(px, py, weather.hazy(rock * tone.clamp(0.3, 1.5), far), cover);
            },
        );
    }
}

fn cactus(picture: &mut Picture, weather: &Weather, horizon: f32, near: f32) {
    let random = &mut picture.random;
    let foot = vec2(random.range(0.05, 0.95), mix(horizon, 1.0, near));
    let height = mix(0.06, 0.5, near) * random.range(0.6, 1.1);
    let width = height * 0.085;
    let green = weather.lit(rgb(*random.pick(&[0x4c7044, 0x3c6448, 0x587848])));
    let side = weather.light.to.x.signum();
    picture.canvas.begin(0.8 - 0.6 * near);
    let at = |x: f32, y: f32| foot + vec2(x, -y) * height;
    let mut arms = vec![Shape::line(&[at(0.0, -0.02), at(0.0, 1.0)], 2.0 * width)];
    for turn in [-1.0, 1.0] {
        if random.chance(0.8) {
            let (low, out, tip) = (random.range(0.3, 0.5), random.range(0.2, 0.3), random.range(0.7, 0.95));
            arms.push(Shape::curve(
                &[at(0.0, low), at(turn * out * 0.8, low + 0.03), at(turn * out, low + 0.14), at(turn * out, tip)],
                1.5 * width,
            ));
        }
    }
    paint_cactus(&mut picture.canvas, &arms, foot.x, width, green, side);
}

fn paint_cactus(canvas: &mut Canvas, arms: &[Shape], x: f32, width: f32, green: Vec3, side: f32) {
    for arm in arms.iter().rev() {
        canvas.fill(arm, |p| {
            let across = (p.x - x) / width;
            let ribs = (across * 4.0).sin();
            green * (0.85 + 0.3 * (across * side).clamp(-1.0, 1.0) + 0.16 * ribs)
        });
    }
}
