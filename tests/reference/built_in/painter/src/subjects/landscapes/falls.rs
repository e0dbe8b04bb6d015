//! Falling water: its sheets and threads, the spray at their feet, the pool below with foam and boulders.

use super::cliff::{Fall, Layout, Look, Wall};
use super::nature::{Ridge, Slope, Water, boulder, dab, each_pixel, fir, mist, paint_ridge};
use crate::canvas::Canvas;
use crate::math::{Vec3, bell, clamp01, luminance, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::weather::Weather;

/// What white water shows in this light: brighter and paler than all else.
pub fn white(weather: &Weather) -> Vec3 {
    let light = weather.light.colour * 0.66 + weather.light.ambient * 0.72;
    let bright = luminance(light).max(0.54);
    Vec3::splat(bright).lerp(light, 0.45).min(Vec3::ONE) * if weather.dark() { 1.0 } else { (0.82 / bright).max(1.0) }
}

pub fn paint_fall(canvas: &mut Canvas, weather: &Weather, look: &Look, wall: &Wall, fall: &Fall, depth: f32) {
    canvas.begin(depth);
    let (top, foot) = (wall.brink(fall.top), wall.foot(fall.bottom));
    let long = (foot - top).max(0.02);
    let widest = fall.width.0.max(fall.width.1) * 1.4 + 0.02;
    let (from, to) = (fall.top.min(fall.bottom) - widest, fall.top.max(fall.bottom) + widest);
    let white = white(weather) * look.water;
    let blue = white * vec3(0.5, 0.58, 0.66);
    let side = weather.light.to.x.signum();
    let noise = wall.noise;
    let fine = 2.4 / fall.width.0.clamp(0.02, 0.12);
    each_pixel(canvas, vec2(from, top - 0.03), vec2(to, foot + 0.03), |canvas, x, y, p| {
        let t = (p.y - wall.brink(p.x).min(top + 0.05)) / long;
        if !(-0.01..1.05).contains(&t) {
            return;
        }
        let t = t.max(0.0);
        let bend = 0.25 * fall.width.0 * noise.at(vec2(fall.top * 30.0, t * 3.0));
        let middle = mix(fall.top, fall.bottom, t.sqrt()) + bend * t;
        let half = mix(fall.width.0, fall.width.1, t.powf(1.4));
        let u = (p.x - middle) / half;
        let along = vec2(u * half * fine * 14.0, p.y * 5.0);
        let streak = noise.fractal(along, 3, 0.65);
        let threads = noise.fractal(vec2(u * half * fine * 9.0 + 50.0, p.y * 2.2), 3, 0.6);
        let edge = 1.0 - u.abs() + (0.18 + 0.3 * fall.thin) * (threads + 0.5 * streak);
        let gap = fall.thin * smoothstep(0.05, -0.5, threads + 0.35 * (1.0 - t));
        let cover = smoothstep(0.0, 0.22, edge) * (1.0 - gap) * smoothstep(1.05, 0.98, t);
        if cover <= 0.01 {
            return;
        }
        let round = 1.0 - 0.35 * clamp01(u * -side) * u.abs();
        let tone = clamp01(0.72 + 0.55 * streak + 0.25 * t) * round;
        let brink = smoothstep(0.07, 0.0, t);
        let colour = blue.lerp(white, tone) * (1.0 - 0.3 * brink);
        canvas.put(x, y, weather.hazy(colour, 0.6 * wall.far), cover);
    });
}

pub fn spray(picture: &mut Picture, weather: &Weather, wall: &Wall) {
    let noise = Noise::new(&mut picture.random);
    let white = white(weather).lerp(weather.sky.1, 0.15);
    for fall in &wall.falls {
        let strength = picture.random.range(0.65, 1.1);
        let size = fall.width.1 * picture.random.range(1.1, 1.7) + 0.015;
        let high = (0.16 * (wall.foot - wall.brink) + 0.2 * fall.width.1).min(0.14);
        mist(
            &mut picture.canvas,
            vec2(fall.bottom, wall.foot(fall.bottom) - 0.2 * high),
            vec2(size, high),
            white,
            strength,
            noise,
        );
    }
}

/// A pool that mirrors the falls, or a white stream, with boulders.
pub fn below(picture: &mut Picture, weather: &Weather, look: &Look, wall: &Wall, layout: Layout) {
    let random = &mut picture.random;
    let line = wall.foot;
    let waters = [0x1c3a40, 0x24505a, 0x10282c, 0x2f6a70, 0x28443c, 0x1a2c3c].map(rgb);
    let own = weather.lit(*random.pick(&waters));
    let water =
        Water { line, own, rough: random.range(0.25, 1.0), scale: random.range(0.6, 1.6), noise: Noise::new(random) };
    water.paint(&mut picture.canvas);
    foam(&mut picture.canvas, weather, &water, wall);
    let many = if layout == Layout::Close { 6 } else { 14 };
    let count = picture.random.int(2, many);
    let mut rows: Vec<f32> = (0..count).map(|_| picture.random.unit()).collect();
    rows.sort_by(f32::total_cmp);
    let biggest = picture.random.range(0.05, 0.17);
    for near in rows {
        let random = &mut picture.random;
        let size = biggest * mix(0.25, 1.0, near) * random.range(0.5, 1.2);
        let y = mix(line - 0.01, 1.02, near * near.sqrt());
        let x = random.range(-0.05, 1.05);
        let under_fall = near < 0.25 && wall.falls.iter().any(|fall| (x - fall.bottom).abs() < 0.7 * fall.width.1);
        if under_fall {
            continue;
        }
        let colour = (look.rock * random.range(0.8, 1.7)).lerp(look.moss, look.mossy * random.range(0.0, 0.6));
        picture.canvas.begin(0.5 - 0.4 * near);
        let radii = vec2(size, size * random.range(0.5, 0.8));
        dab(&mut picture.canvas, vec2(x, y + 0.6 * radii.y), vec2(radii.x * 1.25, radii.y * 0.35), own * 0.45, 0.6);
        boulder(&mut picture.canvas, random, weather, vec2(x, y), radii, colour);
    }
    if layout == Layout::Far {
        meadow(picture, weather, wall);
    }
}

/// White where the falls strike, torn into streaks with distance.
fn foam(canvas: &mut Canvas, weather: &Weather, water: &Water, wall: &Wall) {
    let white = white(weather);
    each_pixel(canvas, vec2(0.0, water.line - 0.01), vec2(1.0, 1.0), |canvas, x, y, p| {
        let down = (p.y - water.line).max(0.0);
        let (wave, fine) = water.wave(p, down);
        let near: f32 = wall
            .falls
            .iter()
            .map(|fall| bell((p.x - fall.bottom) / (fall.width.1 * 1.2 + 0.9 * down + 0.02), 1.0))
            .fold(0.0, f32::max);
        let cover = smoothstep(0.25, 0.75, near * (0.62 + 0.5 * wave + 0.4 * fine) - 1.6 * down + 0.18);
        if cover > 0.02 && down >= 0.0 {
            canvas.put(x, y, white, cover * 0.9);
        }
    });
}

/// Woods and grass before far falls.
fn meadow(picture: &mut Picture, weather: &Weather, wall: &Wall) {
    let random = &mut picture.random;
    let ridge = Ridge {
        foot: 1.02,
        height: random.range(0.1, 0.3),
        wide: random.range(0.8, 2.0),
        rough: 0.38,
        noise: Noise::new(random),
    };
    let grass = *random.pick(&[0x4c6a30, 0x3c5028, 0x6a7038, 0x2c4424].map(rgb));
    paint_ridge(&mut picture.canvas, weather, &ridge, Slope { colour: grass, snow: 2.0, far: 0.05, depth: 0.3 });
    let count = picture.random.int(5, 22);
    for _ in 0..count {
        let random = &mut picture.random;
        let x = random.range(-0.05, 1.05);
        let foot = vec2(x, ridge.top(x) + random.range(0.0, 0.12));
        let height = random.range(0.07, 0.2) * (0.6 + 3.0 * (foot.y - wall.foot).max(0.0));
        picture.canvas.begin(0.3);
        fir(&mut picture.canvas, random, foot, height, weather.lit(rgb(0x22382a)), 0.0, weather.light.to.x.signum());
    }
}
