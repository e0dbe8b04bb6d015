//! A rocket ship, and where it is shown: in space, in the sky, on a launch pad, landed on another world.

use glam::Mat3;

use super::rocket_body::Rocket;
use super::smoke::{Puff, jet, puff};
use super::space::{Planet, alien_ground, heavens, planet, starlight};
use super::stage::{Stage, open, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec2, Vec3, hsv, mix, rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::solid::{Camera, Solid};
use crate::weather::{Time, Weather};

pub fn rocket(picture: &mut Picture) {
    let rocket = Rocket::any(picture);
    match picture.random.weighted(&[0.36, 0.24, 0.22, 0.18]) {
        0 => in_space(picture, &rocket),
        1 => in_the_sky(picture, &rocket),
        2 => launching(picture, &rocket),
        _ => landed(picture, &rocket),
    }
}

/// A camera before the rocket, which is turned freely.
fn hovering(picture: &mut Picture, rocket: &Rocket) -> (Camera, Mat3, f32) {
    let share = if picture.dense { (0.85, 1.35) } else { (0.5, 1.0) };
    let random = &mut picture.random;
    let (share, focal) = (random.range(share.0, share.1), random.range(0.9, 2.0));
    let mut camera = Camera::looking(vec3(0.0, 0.0, rocket.height() * focal / share), Vec3::ZERO, focal);
    let loose = 0.35 * (1.0 - share).max(0.15);
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-loose, loose));
    let roll = match random.weighted(&[0.3, 0.55, 0.15]) {
        0 => random.normal() * 0.12,
        1 => random.sign() * random.range(0.25, 1.2),
        _ => random.sign() * random.range(1.2, 2.4),
    };
    let turn = turning(random.range(-0.7, 0.7), random.range(-0.75, 0.75), roll);
    (camera, turn, share)
}

fn in_space(picture: &mut Picture, rocket: &Rocket) {
    let (camera, turn, _) = hovering(picture, rocket);
    let light = starlight(&mut picture.random);
    heavens(picture);
    let worlds = picture.random.weighted(&[0.25, 0.5, 0.25]);
    for k in 0..worlds {
        let random = &mut picture.random;
        let huge = k == 0 && random.chance(0.4);
        let world = if huge {
            let radius = random.range(0.6, 1.3);
            let out = Vec2::from_angle(random.range(0.0, std::f32::consts::TAU));
            Planet { centre: vec2(0.5, 0.5) + out * (radius + random.range(-0.05, 0.3)), radius }
        } else {
            Planet { centre: vec2(random.unit(), random.unit()), radius: random.range(0.06, 0.28) }
        };
        planet(picture, &world, &light);
    }
    picture.detail_of(if worlds == 0 {
        &["in space", "among the stars"]
    } else {
        &["in space", "in outer space", "in space near a planet"]
    });
    let stage = Stage { camera, light, haze: None, floor: false };
    let burning = picture.random.chance(0.8);
    fly(picture, rocket, &stage, turn, Vec3::ZERO, burning);
}

fn in_the_sky(picture: &mut Picture, rocket: &Rocket) {
    let (camera, mut turn, share) = hovering(picture, rocket);
    let roll = picture.random.range(-0.9, 0.9);
    turn = if share > 0.9 {
        turn
    } else {
        turning(picture.random.range(-0.7, 0.7), picture.random.range(-0.4, 0.4), roll)
    };
    let weather = Weather::any(&mut picture.random);
    let horizon = picture.random.range(0.9, 1.8);
    weather.paint_sky(&mut picture.canvas, horizon);
    picture.detail_of(weather.words());
    let noise = Noise::new(&mut picture.random);
    let mut light = weather.light;
    light.to.z = light.to.z.max(0.4);
    let stage = Stage { camera, light, haze: None, floor: false };
    if picture.random.chance(0.7) {
        clouds(picture, &weather, noise);
        picture.detail_of(&["in the clouds", "in the sky", "flying through the sky"]);
    } else {
        picture.detail_of(&["in the sky", "flying in the sky"]);
    }
    let (tail, _) = stage.camera.seen(turn.transpose() * vec3(0.0, -0.5 * rocket.height(), 0.0)).unwrap_or_default();
    let (nose, _) = stage.camera.seen(turn.transpose() * vec3(0.0, 0.5 * rocket.height(), 0.0)).unwrap_or_default();
    trail(picture, tail, (tail - nose).normalize_or_zero(), share, &weather, noise);
    fly(picture, rocket, &stage, turn, Vec3::ZERO, true);
}

fn lit_smoke(weather: &Weather) -> Vec3 {
    let dim = if weather.time == Time::Night { 0.45 } else { 1.0 };
    (weather.light.colour * 0.55 + weather.light.ambient * 0.8 + weather.sky.1 * 0.15).min(Vec3::ONE)
        * mix(1.15, 1.0, dim)
}

pub fn clouds(picture: &mut Picture, weather: &Weather, noise: Noise) {
    picture.canvas.begin(0.9);
    for _ in 0..picture.random.int(2, 5) {
        let random = &mut picture.random;
        let (middle, wide) = (vec2(random.unit(), random.range(0.2, 1.1)), random.range(0.12, 0.35));
        for _ in 0..7 {
            let random = &mut picture.random;
            let at = middle + vec2(random.range(-wide, wide), random.range(-0.3, 0.2) * wide);
            let ball = Puff { at, radius: wide * random.range(0.3, 0.55), colour: lit_smoke(weather), opacity: 0.85 };
            puff(&mut picture.canvas, &ball, up(weather), noise);
        }
    }
}

pub fn up(weather: &Weather) -> Vec2 {
    vec2(weather.light.to.x, -weather.light.to.y).normalize_or_zero()
}

/// Smoke left behind.
fn trail(picture: &mut Picture, from: Vec2, along: Vec2, share: f32, weather: &Weather, noise: Noise) {
    if picture.random.chance(0.3) {
        return;
    }
    picture.canvas.begin(0.5);
    let bend = picture.random.range(-0.25, 0.25);
    let colour = lit_smoke(weather) * picture.random.range(0.7, 1.0);
    for k in (0..16).rev() {
        let t = k as f32 / 15.0;
        let random = &mut picture.random;
        let at = from + along * (0.1 + t) * 0.95 + along.perp() * (bend * t * t + random.range(-0.02, 0.02));
        let ball = Puff { at, radius: (0.045 + 0.12 * t) * (0.5 + share), colour, opacity: 0.9 - 0.4 * t };
        puff(&mut picture.canvas, &ball, up(weather), noise);
    }
}

/// On or just above the ground, with a tower, in billows of smoke.
fn launching(picture: &mut Picture, rocket: &Rocket) {
    let grounds = &[Ground::Meadow, Ground::Beach, Ground::Desert, Ground::Road];
    let share = if picture.dense { (0.75, 1.0) } else { (0.45, 0.8) };
    let want = Want { grounds, height: rocket.height() * 1.1, share, down: (-0.35, 0.12) };
    let stage = open(picture, &want);
    let burning = picture.random.chance(0.75);
    let lifted = if burning { picture.random.range(0.1, 0.6) } else { 0.12 };
    if !burning || picture.random.chance(0.5) {
        pad(picture, &stage, rocket);
        picture.detail_of(&["on a launch pad", "at a launch pad"]);
    }
    let noise = Noise::new(&mut picture.random);
    let turn = turning(picture.random.range(-0.8, 0.8), 0.0, picture.random.normal() * 0.02);
    let (foot, far) = stage.camera.seen(vec3(0.0, 0.0, 0.0)).unwrap_or((vec2(0.5, 0.9), 5.0));
    let unit = (stage.camera.seen(vec3(0.0, 1.0, 0.0)).map_or(0.2, |(top, _)| foot.y - top.y)).max(0.3 / far);
    let white = (stage.light.colour * 0.7 + stage.light.ambient * 0.9).min(Vec3::ONE) * picture.random.range(0.75, 1.0);
    if burning {
        picture.detail_of(&["taking off", "launching", "lifting off"]);
        billows(picture, foot, unit, 22, 1.0, white, noise);
    }
    fly(picture, rocket, &stage, turn, vec3(0.0, 0.5 * rocket.height() + lifted, 0.0), burning);
    if burning {
        billows(picture, foot + vec2(0.0, 0.12 * unit), unit, 14, 0.75, white, noise);
    }
}

fn billows(picture: &mut Picture, foot: Vec2, unit: f32, count: i32, wide: f32, white: Vec3, noise: Noise) {
    picture.canvas.begin(0.35);
    for _ in 0..count {
        let random = &mut picture.random;
        let x = random.range(-1.0, 1.0);
        let radius = unit * random.range(0.16, 0.42) * (0.7 + 0.4 * x.abs());
        let at = foot + vec2(x * 1.7 * wide, 0.1 - random.range(0.0, 0.4) * (0.4 + x.abs())) * unit;
        let warm = (1.0 - x.abs()).powi(2) * 0.6;
        let ball = Puff { at, radius, colour: white.lerp(rgb(0xffa848), warm), opacity: 0.92 };
        puff(&mut picture.canvas, &ball, vec2(0.3, -0.8), noise);
    }
}

/// A slab and a lattice tower beside it.
fn pad(picture: &mut Picture, stage: &Stage, rocket: &Rocket) {
    let random = &mut picture.random;
    let steel = *random.pick(&[0x8c3828, 0x606468, 0x3c4048, 0xa89060].map(rgb));
    let steel = steel * (stage.light.colour * 0.6 + stage.light.ambient);
    let (x, half, tall) =
        (random.sign() * random.range(0.75, 1.1), random.range(0.13, 0.22), rocket.height() * random.range(0.8, 1.15));
    let arms = random.int(1, 3);
    let seen = |x: f32, y: f32| stage.camera.seen(vec3(x, y, -0.3)).map_or(vec2(0.5, 0.5), |(p, _)| p);
    let width = 0.055 * (seen(1.0, 0.0) - seen(0.0, 0.0)).length();
    let bar = |a: Vec2, b: Vec2, thick: f32| Shape::line(&[a, b], width * thick);
    let mut bars =
        vec![bar(seen(x - half, 0.0), seen(x - half, tall), 1.0), bar(seen(x + half, 0.0), seen(x + half, tall), 1.0)];
    let floors = 9;
    for k in 0..floors {
        let (low, high) = (tall * k as f32 / floors as f32, tall * (k + 1) as f32 / floors as f32);
        let side = if k % 2 == 0 { half } else { -half };
        bars.push(bar(seen(x - side, low), seen(x + side, high), 0.6));
        bars.push(bar(seen(x - half, high), seen(x + half, high), 0.6));
    }
    for k in 0..arms {
        let y = tall * (0.35 + 0.25 * k as f32);
        bars.push(bar(seen(x, y), seen(0.25 * x.signum(), y), 1.3));
    }
    let canvas = &mut picture.canvas;
    canvas.begin(0.5);
    for bar in &bars {
        canvas.flat(bar, steel);
    }
    let slab = Solid {
        distance: |p: Vec3| crate::solid::distance::cuboid(p - vec3(0.0, 0.03, 0.0), vec3(1.3, 0.06, 0.8), 0.02),
        material: |_, _| crate::solid::Material::dull(rgb(0x9c9a94)),
        centre: Vec3::ZERO,
        radius: 1.6,
    };
    stage.show(picture, &slab);
}

/// On the ground of a moon or a planet.
fn landed(picture: &mut Picture, rocket: &Rocket) {
    let share = if picture.dense { (0.7, 1.0) } else { (0.4, 0.85) };
    let random = &mut picture.random;
    let (share, focal, down) = (random.range(share.0, share.1), random.range(1.0, 1.8), random.range(-0.12, 0.3));
    let height = rocket.height();
    let far = height * focal / share;
    let target = vec3(0.0, 0.5 * height, 0.0);
    let eye = target + far * vec3(0.0, down.sin(), down.cos());
    let mut camera = Camera::looking(vec3(0.0, eye.y.max(0.15), eye.z), target, focal);
    let loose = 0.4 * (1.0 - share);
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-0.2, 0.5) * loose);
    let mut light = starlight(random);
    light.to.y = random.range(0.35, 0.9);
    light.to = light.to.normalize();
    let air = random.chance(0.4).then(|| hsv(random.unit(), random.range(0.2, 0.5), random.range(0.5, 0.95)));
    heavens(picture);
    if let Some(air) = air {
        let top = picture.random.range(0.15, 0.6);
        let horizon = camera.horizon().max(0.3);
        let everywhere = picture.canvas.everywhere();
        picture
            .canvas
            .glaze(&everywhere, |p| (air * mix(top, 1.0, p.y / horizon)).extend(0.55 + 0.4 * (p.y / horizon).min(1.0)));
    }
    if picture.random.chance(0.65) {
        let random = &mut picture.random;
        let world = Planet { centre: vec2(random.unit(), random.range(0.05, 0.5)), radius: random.range(0.05, 0.22) };
        planet(picture, &world, &light);
    }
    let words = alien_ground(picture, &camera, &light, height * 0.7, air);
    picture.detail_of(words);
    let stage = Stage { camera, light, haze: air.map(|air| (air, far * 12.0)), floor: true };
    let lean = picture.random.normal() * 0.03;
    let turn = turning(picture.random.range(-0.8, 0.8), 0.0, lean);
    fly(picture, rocket, &stage, turn, vec3(0.0, 0.5 * height, 0.0), false);
}

/// The rocket, with its fire before or behind it.
fn fly(picture: &mut Picture, rocket: &Rocket, stage: &Stage, turn: Mat3, at: Vec3, burning: bool) {
    let solid = Solid {
        distance: |p: Vec3| rocket.distance(turn * (p - at)),
        material: |p: Vec3, _| rocket.material(turn * (p - at)),
        centre: at,
        radius: 0.56 * rocket.height(),
    };
    let tail = |y: f32| at + turn.transpose() * vec3(0.0, y, 0.0);
    let root = tail(rocket.nozzle());
    let long = picture.random.range(0.35, 0.9) * rocket.height();
    let (noise, blue) = (Noise::new(&mut picture.random), picture.random.chance(0.15));
    let ends = stage.camera.seen(root).zip(stage.camera.seen(tail(rocket.nozzle() - long)));
    let towards = ends.is_some_and(|((_, a), (_, b))| b < a);
    let wide = stage.camera.seen(root).map_or(0.05, |(_, far)| 0.34 / far * stage.focal()) * rocket.girth();
    let fire = |picture: &mut Picture| {
        if let (true, Some(((from, _), (to, _)))) = (burning, ends) {
            jet(&mut picture.canvas, from, to, wide, noise, blue);
        }
    };
    if !towards {
        fire(picture);
    }
    stage.show(picture, &solid);
    if towards {
        fire(picture);
    }
}
