//! Mountains: by a lake that mirrors them, or one that burns.

use super::nature::{Ridge, Slope, Water, boulder, dab, each_pixel, fir, glow, mist, paint_ridge};
use super::sea::evening;
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::weather::{Time, Weather};

pub fn mountain_lake(picture: &mut Picture) {
    let random = &mut picture.random;
    let weather = if random.chance(0.18) { evening(random) } else { Weather::any(random) };
    let autumn = random.chance(0.25);
    let line = random.range(0.42, 0.72);
    let high = random.range(0.18, 0.62).min(line - 0.04) * if picture.dense { 1.15 } else { 1.0 };
    weather.paint_sky(&mut picture.canvas, line);
    let layers = random.int(1, 3);
    let broad = random.range(0.75, 2.4);
    let rock = *random.pick(&[0x6c7480, 0x7c7068, 0x5c6874, 0x80746c].map(rgb));
    let snow = if random.chance(0.7) { random.range(0.3, 0.8) } else { 2.0 };
    for layer in 0..layers {
        let near = layer as f32 / layers as f32;
        let random = &mut picture.random;
        let ridge = Ridge {
            foot: line + 0.003,
            height: high * mix(1.0, 0.55, near),
            wide: broad * random.range(0.8, 1.2) + near,
            rough: random.range(0.5, 0.6),
            noise: Noise::new(random),
        };
        paint_ridge(
            &mut picture.canvas,
            &weather,
            &ridge,
            Slope { colour: rock, snow: snow + near, far: mix(0.5, 0.2, near), depth: 0.95 - 0.1 * near },
        );
    }
    if picture.random.chance(0.55) {
        flanks(picture, &weather, line, autumn);
    }
    wood(picture, &weather, line, autumn);
    let random = &mut picture.random;
    let own = weather.lit(rgb(*random.pick(&[0x1c5060, 0x2c7a80, 0x183c50, 0x245848, 0x3a8c94])));
    let water =
        Water { line, own, rough: random.range(0.0, 0.5), scale: random.range(0.5, 1.2), noise: Noise::new(random) };
    water.paint(&mut picture.canvas);
    if picture.random.chance(0.3) {
        let air = weather.sky.1;
        let noise = water.noise;
        mist(&mut picture.canvas, vec2(0.5, line), vec2(0.9, 0.045), air, 0.7, noise);
    }
    near_shore(picture, &weather, line, autumn);
    if picture.dense {
        deepen(&mut picture.canvas, 0.4);
    }
    if autumn {
        picture.detail("in autumn");
    }
    picture.detail_of(weather.words());
}

/// Wooded slopes that close the valley at one side or both.
fn flanks(picture: &mut Picture, weather: &Weather, line: f32, autumn: bool) {
    let sides = [&[-1.0][..], &[1.0], &[-1.0, 1.0]][picture.random.weighted(&[1.0, 1.0, 1.0])];
    let green = if autumn { rgb(0x9c6c30) } else { rgb(*picture.random.pick(&[0x3c5830, 0x2c4830, 0x506838])) };
    let lit = weather.hazy(weather.lit(green), 0.12);
    for &side in sides {
        let random = &mut picture.random;
        let noise = Noise::new(random);
        let (reach, high, bow) = (random.range(0.25, 0.6), random.range(0.15, 0.5), random.range(0.8, 2.0));
        let toward = if weather.light.to.x * side > 0.0 { 0.65 } else { 1.1 };
        let size = picture.canvas.size as f32;
        picture.canvas.begin(0.82);
        each_pixel(
            &mut picture.canvas,
            vec2(0.0, (line - 1.3 * high).max(0.0)),
            vec2(1.0, line + 0.005),
            |canvas, x, y, p| {
                let off = if side > 0.0 { 1.0 - p.x } else { p.x } / reach;
                // Tips of trees along the skyline and over the slope.
                let tips = noise.at(vec2(p.x * 60.0, 3.0)).abs() * 0.025 + 0.03 * noise.at(vec2(p.x * 8.0, 1.0));
                let top = line - high * (1.0 - off).max(0.0).powf(bow) - tips * (1.0 - off).clamp(0.0, 1.0);
                let cover = clamp01((p.y - top) * size + 0.5) * if off < 1.0 { 1.0 } else { 0.0 };
                if cover > 0.0 {
                    let trees = noise.at(vec2(p.x * 50.0, p.y * 26.0)) + 0.6 * noise.at(p * 12.0);
                    canvas.put(x, y, lit * toward * (0.9 + 0.4 * trees), cover);
                }
            },
        );
    }
}

/// A dark line of firs along the far shore.
fn wood(picture: &mut Picture, weather: &Weather, line: f32, autumn: bool) {
    let random = &mut picture.random;
    let tall = random.range(0.03, 0.11);
    let count = (1.6 / tall) as i32;
    let side = weather.light.to.x.signum();
    let (from, to) = if random.chance(0.4) { (-0.1, random.range(0.4, 0.8)) } else { (-0.1, 1.1) };
    let hills = Ridge { foot: line + 0.003, height: tall * 0.7, wide: 2.0, rough: 0.4, noise: Noise::new(random) };
    let ground = if autumn { rgb(0x7c6430) } else { rgb(0x38502c) };
    paint_ridge(&mut picture.canvas, weather, &hills, Slope { colour: ground, snow: 2.0, far: 0.12, depth: 0.8 });
    for _ in 0..count {
        let random = &mut picture.random;
        let x = random.range(from, to);
        let green = if autumn && random.chance(0.6) { *random.pick(&[0xc88830, 0xb85c28, 0xd8a838]) } else { 0x2c4834 };
        let colour = weather.hazy(weather.lit(rgb(green)) * random.range(0.7, 1.2), 0.1);
        let foot = vec2(x, line - 0.3 * tall * random.unit());
        picture.canvas.begin(0.78);
        let height = tall * random.range(0.6, 1.3);
        fir(&mut picture.canvas, random, foot, height, colour, 0.0, side);
    }
}

/// Boulders, grass or great firs on our own side.
fn near_shore(picture: &mut Picture, weather: &Weather, line: f32, autumn: bool) {
    let kind = picture.random.weighted(&[0.25, 0.3, 0.25, 0.2]);
    if kind == 0 {
        return;
    }
    if kind == 1 || kind == 2 {
        for _ in 0..picture.random.int(3, 12) {
            let random = &mut picture.random;
            let near = random.unit();
            let size = mix(0.02, 0.13, near) * random.range(0.5, 1.2);
            let centre = vec2(random.range(-0.05, 1.05), mix(mix(line, 1.0, 0.5), 1.02, near));
            let radii = vec2(size, size * random.range(0.45, 0.75));
            picture.canvas.begin(0.3 - 0.2 * near);
            dab(&mut picture.canvas, centre + vec2(0.0, 0.6 * radii.y), radii * vec2(1.15, 0.35), rgb(0x101820), 0.5);
            boulder(&mut picture.canvas, random, weather, centre, radii, rgb(0x7c786c));
        }
    }
    if kind >= 2 {
        let random = &mut picture.random;
        let left = random.chance(0.5);
        for _ in 0..random.int(1, 3) {
            let off = random.range(-0.02, 0.24);
            let foot = vec2(if left { off } else { 1.0 - off }, random.range(0.96, 1.1));
            let height = random.range(0.5, 0.95);
            let green = if autumn { 0xb07428 } else { 0x24402c };
            picture.canvas.begin(0.1);
            fir(&mut picture.canvas, random, foot, height, weather.lit(rgb(green)), 0.0, weather.light.to.x.signum());
        }
    }
}

pub fn volcano(picture: &mut Picture) {
    let random = &mut picture.random;
    let erupting = random.chance(0.75);
    let times = [Time::Day, Time::Overcast, Time::Dusk, Time::Night];
    let weather = Weather::at(times[random.weighted(&[0.25, 0.15, 0.3, 0.3])], random);
    let foot = random.range(0.72, 0.95);
    let top = vec2(random.range(0.3, 0.7), random.range(0.24, 0.46));
    let mouth = random.range(0.04, 0.09);
    let steep = random.range(0.75, 1.25);
    let noise = Noise::new(random);
    weather.paint_sky(&mut picture.canvas, foot);
    plume(picture, &weather, top, mouth, erupting, noise);
    let snow = random_snow(picture, erupting);
    cone(&mut picture.canvas, &weather, top, mouth, foot, steep, snow, noise);
    if erupting {
        lava(picture, top, mouth, foot, steep, noise);
    }
    let random = &mut picture.random;
    if random.chance(0.4) {
        let own = weather.lit(rgb(0x1c3c50));
        Water { line: foot, own, rough: random.range(0.1, 0.7), scale: 1.0, noise }.paint(&mut picture.canvas);
        picture.detail_of(&["by the sea", "by the water"]);
    } else {
        let ridge = Ridge { foot: 1.05, height: 1.1 - foot, wide: random.range(1.0, 2.5), rough: 0.42, noise };
        let colour = *random.pick(&[0x3c4c2c, 0x4a4034, 0x2c2824].map(rgb));
        paint_ridge(&mut picture.canvas, &weather, &ridge, Slope { colour, snow: 2.0, far: 0.05, depth: 0.4 });
    }
    if erupting {
        picture.noun = Some(picture.random.pick(&["an erupting volcano", "a volcano"]).to_string());
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.35);
    }
    picture.detail_of(weather.words());
}

fn random_snow(picture: &mut Picture, erupting: bool) -> f32 {
    if !erupting && picture.random.chance(0.7) || picture.random.chance(0.15) {
        picture.random.range(0.55, 0.85)
    } else {
        2.0
    }
}

fn slope_at(p: Vec2, top: Vec2, mouth: f32, steep: f32) -> f32 {
    let out = ((p.x - top.x).abs() - mouth).max(0.0);
    top.y + steep * (out * 1.25 + 0.12 * (1.0 - (-out * 9.0).exp()) - 0.25 * out * out)
}

#[allow(clippy::too_many_arguments)]
fn cone(canvas: &mut Canvas, weather: &Weather, top: Vec2, mouth: f32, foot: f32, steep: f32, snow: f32, noise: Noise) {
    canvas.begin(0.85);
    let rock = weather.lit(rgb(0x54483f));
    let white = weather.lit(Vec3::splat(0.97));
    let side = weather.light.to.x.signum();
    let size = canvas.size as f32;
    each_pixel(canvas, vec2(0.0, top.y - 0.03), vec2(1.0, 1.0), |canvas, x, y, p| {
        let rim = 0.014 * noise.at(vec2(p.x * 26.0, 4.0));
        let below = p.y - slope_at(p, top, mouth, steep) - rim;
        let cover = clamp01(below * size + 0.5);
        if cover <= 0.0 {
            return;
        }
        let down = p.y - top.y;
        let around = (p.x - top.x) / (mouth + 0.8 * down + 0.02);
        let gully = noise.fractal(vec2(around * 5.0 + 20.0, down * 3.0), 4, 0.55);
        let relief = gully - noise.fractal(vec2((around + side * 0.06) * 5.0 + 20.0, down * 3.0), 4, 0.55);
        let tone = 0.8 + 0.35 * around * side + 1.3 * relief + 0.2 * gully;
        let snowy = smoothstep(0.03, -0.03, down - (1.0 - snow) * (foot - top.y) + 0.1 * gully);
        canvas.put(x, y, weather.hazy(rock.lerp(white, snowy) * tone.clamp(0.25, 1.7), 0.12), cover);
    });
}

fn plume(picture: &mut Picture, weather: &Weather, top: Vec2, mouth: f32, erupting: bool, noise: Noise) {
    let random = &mut picture.random;
    let (lean, swell) =
        (random.range(-0.5, 0.5), if erupting { random.range(0.3, 0.7) } else { random.range(0.1, 0.3) });
    let dark = if erupting { rgb(*random.pick(&[0x3c3634, 0x54504e, 0x6c6460])) } else { rgb(0xb8b8b8) };
    let (low, base) = (if erupting { rgb(0xff6a20) } else { Vec3::splat(0.5) }, weather.lit(dark) + 0.03);
    let side = weather.light.to.x.signum();
    picture.canvas.begin(0.9);
    each_pixel(&mut picture.canvas, vec2(0.0, 0.0), vec2(1.0, top.y + 0.03), |canvas, x, y, p| {
        let up = top.y + 0.02 - p.y;
        let middle = top.x + lean * up * up * 2.0;
        let wide = mouth * 0.8 + swell * up;
        let q = vec2((p.x - middle) / wide, up * 4.0);
        let billow = noise.fractal(vec2(p.x * 6.0, p.y * 6.0 + 3.0), 4, 0.55);
        let lit = billow - noise.fractal(vec2((p.x + 0.03 * side) * 6.0, (p.y - 0.02) * 6.0 + 3.0), 3, 0.55);
        let cover = smoothstep(1.05, 0.75, q.x.abs() - 0.45 * billow);
        let glowing = bell(up, 0.14) * 0.9;
        let colour = base * (0.95 + 1.1 * lit + 0.4 * billow - 0.25 * q.x * -side);
        canvas.put(x, y, colour.lerp(low, glowing * f32::from(u8::from(erupting))), cover * 0.95);
    });
}

/// Fountains and streams of fire.
fn lava(picture: &mut Picture, top: Vec2, mouth: f32, foot: f32, steep: f32, noise: Noise) {
    let random = &mut picture.random;
    picture.canvas.begin(0.8);
    for stream in 0..random.int(0, 7) {
        let (start, slant) = (random.range(-0.9, 0.9) * mouth, random.range(-0.75, 0.75));
        let long = random.range(0.2, 1.0) * (foot - top.y);
        let thick = random.range(0.5, 1.1);
        let row = stream as f32 * 7.0;
        for k in 0..60 {
            let t = k as f32 / 59.0;
            let down = t * long;
            let x = top.x + start + slant * down + 0.05 * noise.at(vec2(down * 14.0, row)) * (0.3 + t);
            let y = slope_at(vec2(x, 0.0), top, mouth, steep).max(top.y + down);
            let size = thick * mix(0.014, 0.006, t);
            let colour = rgb(0xffd860).lerp(rgb(0xe8401c), clamp01(0.2 + t + 0.3 * noise.at(vec2(t * 30.0, row))));
            dab(&mut picture.canvas, vec2(x, y), vec2(size, size * 1.6), colour, 0.95);
        }
    }
    for _ in 0..random.int(60, 160) {
        let up = random.unit().powf(1.3) * 0.26;
        let off = random.normal() * (0.012 + 0.28 * up);
        let size = random.range(0.004, 0.011);
        let colour = rgb(0xfff0a0).lerp(rgb(0xff5a1c), clamp01(up * 4.0));
        dab(
            &mut picture.canvas,
            vec2(top.x + off, top.y + 0.01 - up + 1.4 * off * off),
            vec2(size, size),
            colour,
            0.95,
        );
    }
    glow(&mut picture.canvas, top, 0.16, vec3(0.75, 0.3, 0.1));
}
