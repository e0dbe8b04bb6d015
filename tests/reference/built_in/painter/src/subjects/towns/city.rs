//! A city: its skyline across water, a street between tall houses with cars, or roofs from above; by day, at dusk, with lit windows at night.

use super::build::Frame;
use super::country::lit_share;
use super::land::{Spot, mirror, paint_land, paint_sky};
use super::skin::{Grain, Skin, Windows};
use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, rgb, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum View {
    Skyline,
    Street,
    Above,
}

pub fn city(picture: &mut Picture) {
    let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let weights = if picture.dense { [0.15, 0.15, 0.1, 0.3, 0.3] } else { [0.3, 0.12, 0.12, 0.22, 0.24] };
    let time = times[picture.random.weighted(&weights)];
    let mut weather = Weather::at(time, &mut picture.random);
    weather.light.to = (weather.light.to + vec3(0.0, 0.0, 0.3)).normalize();
    let view = [View::Skyline, View::Street, View::Above][picture.random.weighted(&[0.36, 0.4, 0.24])];
    let random = &mut picture.random;
    let (eye, horizon, focal) = match view {
        View::Skyline => (random.range(5.0, 20.0), random.range(0.6, 0.85), random.range(1.1, 1.7)),
        View::Street => (random.range(1.8, 9.0), random.range(0.55, 0.82), random.range(0.75, 1.2)),
        View::Above => (random.range(130.0, 230.0), random.range(-0.1, 0.28), random.range(0.9, 1.4)),
    };
    let air = random.range(600.0, 2400.0) * if time == Time::Overcast { 0.6 } else { 1.0 };
    let mut stage = Stage::new(picture, weather, eye, horizon, focal, air);
    let shore = picture.random.range(130.0, 260.0);
    ground(picture, &mut stage, view, shore);
    let lit = match time {
        Time::Night => picture.random.range(0.35, 0.75),
        _ => lit_share(&weather, &mut picture.random) * 0.7,
    };
    let old = view == View::Street && picture.random.chance(0.55) || view == View::Above && picture.random.chance(0.3);
    let style = Town::any(&mut picture.random, old, lit);
    match view {
        View::Skyline => skyline(picture, &mut stage, &style, shore),
        View::Street => street(picture, &mut stage, &style),
        View::Above => above(picture, &mut stage, &style),
    }
    if view == View::Skyline {
        let waves = picture.random.range(0.02, 0.05);
        mirror(&stage, &mut picture.canvas, 0.62, waves);
    }
    let dark = matches!(time, Time::Night | Time::Dusk);
    stage.halo(&mut picture.canvas, if dark { 0.9 } else { 0.2 });
    picture.detail_of(weather.words());
    if dark {
        picture.detail_of(&["with lit windows", "with many lights"]);
    }
    match view {
        View::Skyline => {
            picture.noun = Some("a city skyline".into());
            picture.detail_of(&["by the water", "across the water"]);
        }
        View::Street => picture.noun = Some("a city street".into()),
        View::Above => picture.detail_of(&["seen from above", "from above"]),
    }
}

fn ground(picture: &mut Picture, stage: &mut Stage, view: View, shore: f32) {
    let noise = stage.noise;
    let asphalt = *picture.random.pick(&[0x4a4a4e, 0x5c5a58, 0x3c3e44].map(rgb));
    let sea = *picture.random.pick(&[0x24425c, 0x2c5060, 0x1f3850].map(rgb));
    let sky = stage.weather.sky.1;
    let height = move |p: Vec2| if view == View::Skyline && p.y < shore { -1.0 } else { 0.2 };
    let colour = |spot: &Spot| {
        let at = spot.at;
        if spot.height < 0.0 {
            return sea.lerp(sky, 0.2 + 0.1 * noise.at(vec2(at.x * 0.05, at.y.ln() * 20.0)));
        }
        let fine = 1.0 + 0.12 * noise.at(at * 0.8);
        match view {
            View::Street => {
                let side = at.x.abs();
                let dash = smoothstep(0.35, 0.2, side) * smoothstep(0.45, 0.5, (at.y / 7.0).fract());
                let zebra = smoothstep(9.0, 9.5, at.y)
                    * smoothstep(12.5, 12.0, at.y)
                    * smoothstep(0.5, 0.55, (at.x / 1.4).rem_euclid(1.0));
                let road = asphalt.lerp(rgb(0xe8e4d8), dash.max(zebra));
                road.lerp(rgb(0x9c958c), smoothstep(6.9, 7.1, side)) * fine
            }
            View::Above => asphalt * fine,
            View::Skyline => rgb(0x5c6454) * fine,
        }
    };
    picture.canvas.begin(0.9);
    let near = (0.5 * stage.focal * stage.eye.y / (1.02 - stage.centre.y)).clamp(0.8, 90.0);
    paint_land(stage, &mut picture.canvas, (near, 3000.0), &height, &colour);
    paint_sky(stage, &mut picture.canvas, |_, sky| sky);
}

struct Town {
    walls: Vec<Vec3>,
    old: bool,
    lit: f32,
}

impl Town {
    fn any(random: &mut Rng, old: bool, lit: f32) -> Town {
        let palettes: &[&[u32]] = if old {
            &[
                &[0xb09070, 0x9c5c44, 0xc8b494, 0x8c6c58, 0xd0a878],
                &[0x8c4838, 0x74503c, 0xa87c60, 0x5c4c48],
                &[0xd8d0c0, 0xc0b4a0, 0xe0d8cc, 0xa8a090],
            ]
        } else {
            &[
                &[0x6c7c8c, 0x8c98a4, 0x4c5c6c, 0xa8b0b4, 0x3c4854],
                &[0x8c7868, 0x5c6470, 0xb0a898, 0x3c4048, 0x7c8c94],
                &[0x34506c, 0x4c6c84, 0x2c3c54, 0x8ca4b4, 0xd8dce0],
                &[0xd0ccc4, 0x4c7088, 0xa87858, 0x5c5854, 0x84a0ac],
            ]
        };
        Town { walls: random.pick(palettes).iter().map(|&hex| rgb(hex)).collect(), old, lit }
    }

    fn wall(&self, random: &mut Rng) -> Skin {
        let colour = *random.pick(&self.walls) * random.range(0.85, 1.12);
        let strips = !self.old && random.chance(0.35);
        Skin::new(colour, if self.old { Grain::Stone } else { Grain::Plaster }).windows(Windows {
            pitch: if self.old { vec2(2.8, 3.6) } else { vec2(3.0, 4.0) },
            size: if strips {
                vec2(2.9, 1.9)
            } else if self.old {
                vec2(1.3, 2.2)
            } else {
                vec2(1.9, 2.4)
            },
            width: 1.0,
            top: 400.0,
            lit: self.lit * random.range(0.6, 1.2),
            frame: colour * 0.75,
            shutters: None,
            door: false,
            arched: false,
            seed: random.int(0, 9999),
        })
    }

    /// One house or tower, perhaps in steps, perhaps with a mast.
    fn tower(&self, stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, frame: Frame, half: Vec2, height: f32) {
        let wall = self.wall(random);
        let roof = Skin::new(wall.colour * 0.6, Grain::Plaster);
        canvas.begin(Stage::depth(-frame.foot.z));
        stage.block(canvas, &frame, half, height, &wall, &roof);
        let mut top = frame.moved(0.0, height, 0.0);
        let mut smaller = half;
        if height > 45.0 && random.chance(0.5) {
            for _ in 0..random.int(1, 2) {
                smaller *= random.range(0.55, 0.8);
                let more = height * random.range(0.1, 0.25);
                stage.block(canvas, &top, smaller, more, &wall, &roof);
                top = top.moved(0.0, more, 0.0);
            }
            if random.chance(0.6) {
                let spire = Skin::new(rgb(0x8c98a0), Grain::Plaster);
                stage.spire(canvas, &top, smaller * 0.6, 0.0, height * random.range(0.15, 0.35), &spire);
            }
        } else if random.chance(0.5) {
            stage.block(
                canvas,
                &top.moved(half.x * 0.3, 0.0, 0.0),
                half * 0.3,
                3.5,
                &roof.tinted(wall.colour * 0.8),
                &roof,
            );
        }
    }
}

fn skyline(picture: &mut Picture, stage: &mut Stage, town: &Town, shore: f32) {
    let random = &mut picture.random;
    let tallest = stage.eye.y + shore / stage.focal * stage.centre.y * random.range(0.75, 1.15);
    let (heart, wide) = (random.range(0.25, 0.75), random.range(0.15, 0.5));
    for row in (0..4).rev() {
        let d = shore + 14.0 + row as f32 * 34.0;
        let mut x = stage.across(-0.08, d);
        while x < stage.across(1.08, d) {
            let half = vec2(random.range(5.0, 11.0), random.range(5.0, 10.0));
            let middle = stage.seen(vec3(x + half.x, 0.0, -d)).x;
            let bell = crate::math::bell(middle - heart, wide);
            let height = tallest
                * (0.12 + 0.9 * bell * random.range(0.1f32, 1.0))
                * (0.5 + 0.17 * row as f32)
                * random.range(0.7, 1.15);
            let frame = Frame::new(vec3(x + half.x, 0.0, -d), random.range(-0.12, 0.12));
            town.tower(stage, &mut picture.canvas, random, frame, half, height.max(9.0));
            x += 2.0 * half.x + random.range(0.0, 14.0);
        }
    }
}

fn street(picture: &mut Picture, stage: &mut Stage, town: &Town) {
    let random = &mut picture.random;
    let gap = random.range(9.5, 14.0);
    stage.eye.x = random.range(-5.0, 5.0);
    stage.centre.x = random.range(0.35, 0.65);
    let tall = if town.old { (14.0, 30.0) } else { (25.0, 110.0) };
    let mut all = Vec::new();
    for side in [1.0, -1.0] {
        let mut d = 3.0;
        while d < 420.0 {
            let half = vec2(random.range(8.0, 12.0), random.range(7.0, 13.0));
            all.push((vec3(side * (gap + half.x), 0.0, -(d + half.y)), half, random.range(tall.0, tall.1)));
            d += 2.0 * half.y + if random.chance(0.2) { 9.0 } else { 0.0 };
        }
    }
    // The end of the street.
    all.push((vec3(random.range(-10.0, 10.0), 0.0, -460.0), vec2(20.0, 10.0), random.range(30.0, 160.0)));
    all.sort_by(|a, b| a.0.z.total_cmp(&b.0.z));
    for (foot, half, height) in all {
        town.tower(stage, &mut picture.canvas, random, Frame::new(foot, 0.0), half, height);
    }
    let mut cars: Vec<(f32, f32)> = Vec::new();
    for _ in 0..random.int(2, 12) {
        let d = 10.0 * 12f32.powf(random.unit());
        let lane = *random.pick(&[-5.6, -2.4, 2.4, 5.6]);
        if cars.iter().all(|&(x, z)| (x - lane).abs() > 1.0 || (z - d).abs() > 6.5) {
            cars.push((lane, d));
        }
    }
    cars.sort_by(|a, b| b.1.total_cmp(&a.1));
    for &(x, d) in &cars {
        car(stage, &mut picture.canvas, random, vec3(x, 0.25, -d));
    }
    if cars.len() > 2 {
        picture.detail_of(&["with cars"]);
    }
}

fn car(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, foot: Vec3) {
    let paint = *random.pick(&[0xb82c24, 0x24467c, 0xe8e4dc, 0x24262c, 0xe0b028, 0x8c9298].map(rgb));
    let frame = Frame::new(foot, 0.0);
    let body = Skin::new(paint, Grain::Plaster);
    canvas.begin(Stage::depth(-foot.z));
    stage.shadow(canvas, &frame.feet(vec2(1.1, 2.3)), 0.6, |_| 0.2);
    let tyre = Skin::new(rgb(0x18181a), Grain::Plaster);
    stage.block(canvas, &frame, vec2(0.95, 1.9), 0.5, &tyre, &tyre);
    stage.block(canvas, &frame.moved(0.0, 0.3, 0.0), vec2(1.0, 2.2), 0.65, &body, &body);
    let glass = Skin::new(rgb(0x2c3844), Grain::Plaster);
    stage.walls(canvas, &frame.moved(0.0, 0.95, 0.2), vec2(0.85, 1.2), 0.55, &glass);
    stage.lid(canvas, &frame.moved(0.0, 0.95, 0.2), vec2(0.88, 1.22), 0.57, &body);
    // The right side drives away.
    let (lamp, glow) = if foot.x > 0.0 { (rgb(0xe02818), 0.0) } else { (rgb(0xfff0c0), 0.9) };
    for x in [-0.7, 0.7] {
        let at = |dx: f32, y: f32| frame.at(x + dx, y, 2.25);
        let corners = [at(-0.22, 0.55), at(0.22, 0.55), at(0.22, 0.85), at(-0.22, 0.85)];
        stage.face(canvas, 6, &corners, |_| Look { colour: lamp * 1.5, lamp: glow });
    }
}

fn above(picture: &mut Picture, stage: &mut Stage, town: &Town) {
    let random = &mut picture.random;
    let turn = random.range(-0.7, 0.7);
    let block = random.range(34.0, 46.0);
    let frame = Frame::new(vec3(random.range(-20.0, 20.0), 0.0, -200.0), turn);
    let mut all = Vec::new();
    for row in -9..14 {
        for column in -9..10 {
            let at = frame.moved(column as f32 * block, 0.0, -row as f32 * block);
            let p = stage.seen(at.foot);
            if -at.foot.z > 60.0 && p.x > -0.15 && p.x < 1.15 && p.y < 1.35 && -at.foot.z < 620.0 {
                all.push(at);
            }
        }
    }
    all.sort_by(|a, b| a.foot.z.total_cmp(&b.foot.z));
    for at in all {
        let height = if random.chance(0.3) { random.range(50.0, 120.0) } else { random.range(12.0, 45.0) }
            .min(stage.eye.y * 0.7);
        let half = vec2(random.range(0.28, 0.4), random.range(0.28, 0.4)) * block;
        town.tower(stage, &mut picture.canvas, random, at, half, height);
    }
}
