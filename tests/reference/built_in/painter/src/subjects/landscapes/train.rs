//! A train on rails through open country: a steam engine, a fast train or a diesel with its carriages, coming, passing or going round a bend.

use super::country::{Country, Track};
use super::nature::mist;
use crate::backdrop::deepen;
use crate::math::{Vec2, Vec3, Vec4, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Light, Material, Solid, distance::*};

#[derive(Clone, Copy, PartialEq)]
enum Engine {
    Steam,
    Fast,
    Diesel,
}

struct Train {
    engine: Engine,
    track: Track,
    colour: Vec3,
    second: Vec3,
    coach: Vec3,
    coaches: i32,
    goods: bool,
    lamps: bool,
}

/// Metres from the front of one carriage to that of the next, and half a carriage.
const STEP: f32 = 9.0;
const HALF: f32 = 4.3;

pub fn train(picture: &mut Picture) {
    let random = &mut picture.random;
    let heading = random.sign() * if random.chance(0.7) { random.range(0.12, 0.85) } else { random.range(0.85, 1.4) };
    let camera = camera(random, heading, picture.dense);
    let mut country = Country::any(random, camera);
    country.haze = country.haze.map(|(air, reach)| (air, reach.max(30.0)));
    let train = any(random, heading, country.weather.dark());
    country.paint(picture, |at| rails(&train.track, at));
    country.trees(picture, |at| train.track.of(at).x.abs() > 5.0, -4.0);
    let smoke = Noise::new(&mut picture.random);
    for k in (1..=train.coaches).rev() {
        carriage(picture, &country, &train, k);
    }
    engine(picture, &country, &train);
    if train.engine == Engine::Steam {
        steam(picture, &country, &train, smoke);
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.3);
    }
    if train.engine == Engine::Steam && picture.random.chance(0.5) {
        picture.noun = Some("a steam train".into());
    }
    country.words(picture);
}

fn camera(random: &mut Rng, heading: f32, dense: bool) -> Camera {
    let side = heading.sin().abs();
    let share = if dense { random.range(0.8, 1.1) } else { random.range(0.45, 0.9) };
    let focal = random.range(0.9, 1.7);
    let far = (mix(3.6, 10.0, side) * focal / share).max(4.0) + 4.0 * heading.cos();
    let pitch = random.range(-0.02, 0.28);
    let target = vec3(-1.5 * heading.sin(), 1.7, 0.0);
    let eye = target + far * vec3(0.0, pitch.sin(), pitch.cos());
    let mut camera = Camera::looking(vec3(eye.x, eye.y.max(0.9), eye.z), target, focal);
    camera.centre = vec2(0.5 + 0.12 * heading.signum() + random.range(-0.1, 0.1), random.range(0.5, 0.66));
    camera
}

fn any(random: &mut Rng, heading: f32, dark: bool) -> Train {
    let engine = [Engine::Steam, Engine::Fast, Engine::Diesel][random.weighted(&[0.45, 0.3, 0.25])];
    let colour = match engine {
        Engine::Steam => *random.pick(&[0x1c1e22, 0x1c1e22, 0x1f4030, 0x6a1c1c, 0x1c2c4c]),
        Engine::Fast => *random.pick(&[0xe8ecf0, 0xd8dce0, 0xc02028, 0x2c5fa8, 0xf0c030]),
        Engine::Diesel => *random.pick(&[0xc84820, 0x1f5f8c, 0xe0a820, 0x2c6a40, 0xa81c24]),
    };
    let bend = random.range(-0.012, 0.012);
    Train {
        engine,
        track: Track { heading, bend, off: 0.0 },
        colour: rgb(colour),
        second: rgb(*random.pick(&[0xc02028, 0x1f3f7c, 0xf0c030, 0x20242c, 0xe8e4d8])),
        coach: rgb(*random.pick(&[0x7c2420, 0x2c4a34, 0x8a6a3c, 0x30486a, 0xb8a888])),
        coaches: random.int(3, 7),
        goods: random.chance(0.3),
        lamps: dark || random.chance(0.5),
    }
}

/// Ballast, sleepers and two bright rails.
fn rails(track: &Track, at: Vec3) -> Vec4 {
    let place = track.of(at);
    let across = place.x.abs();
    let bed = smoothstep(2.4, 1.7, across);
    let sleeper = smoothstep(0.3, 0.36, (place.y * 1.4).rem_euclid(1.0)) * smoothstep(1.4, 1.3, across);
    let rail = smoothstep(0.13, 0.07, (across - 0.8).abs());
    let stones = rgb(0x8a8278).lerp(rgb(0x4a3a2e), 0.8 * sleeper);
    stones.lerp(rgb(0xd0d4d8), rail).extend(bed)
}

/// The frame of the `k`th vehicle: its middle and heading.
fn stand(train: &Train, k: i32) -> (Vec3, f32) {
    train.track.at(0.0, -STEP * k as f32)
}

fn carriage(picture: &mut Picture, country: &Country, train: &Train, k: i32) {
    let (place, heading) = stand(train, k);
    if country.camera.eye.z - place.z < 3.0 {
        return;
    }
    let modern = train.engine == Engine::Fast;
    let paint = if modern { train.colour } else { train.coach };
    let goods = train.goods && !modern;
    let (top, round) = if goods && k % 2 == 0 { (2.3, 0.1) } else { (3.4, if modern { 0.5 } else { 0.3 }) };
    let turn = heading.sin_cos();
    let local = |p: Vec3| about_y_by(p - place, turn);
    let solid = Solid {
        distance: |p: Vec3| {
            let q = local(p);
            let body = cuboid(q - vec3(0.0, 0.5 * (top + 0.9), 0.0), vec3(1.35, 0.5 * (top - 0.9), HALF), round);
            body.min(wheels(q, &[-3.3, -2.3, 2.3, 3.3], 0.42))
        },
        material: |p: Vec3, _| {
            let q = local(p);
            if q.y < 0.95 {
                return Material::dull(rgb(0x202022)).part(2);
            }
            if goods {
                let ribs = (q.z * 1.3).rem_euclid(1.0) < 0.2;
                return Material::dull(paint * if ribs { 0.6 } else { 1.0 });
            }
            windows(q, paint, train.second, modern, country.weather.dark())
        },
        centre: place + vec3(0.0, 1.7, 0.0),
        radius: 4.9,
    };
    show(picture, country, &solid, k < 4);
}

fn windows(q: Vec3, paint: Vec3, second: Vec3, modern: bool, dark: bool) -> Material {
    let band = (1.95..2.7).contains(&q.y);
    let bars = (q.z * if modern { 0.45 } else { 0.7 }).rem_euclid(1.0);
    if band && q.x.abs() > 1.2 && bars > 0.2 {
        let glow = if dark { rgb(0xffd890) * 0.75 } else { rgb(0x88a0b0) * 0.12 };
        return Material { glow, ..Material::glossy(rgb(0x1c262e), 0.9) }.part(1);
    }
    if q.y > 3.1 && !modern {
        return Material::dull(rgb(0x6a6864)).part(3);
    }
    let stripe = (1.4..1.72).contains(&q.y);
    Material::glossy(if stripe { second } else { paint }, 0.3)
}

fn wheels(q: Vec3, along: &[f32], radius: f32) -> f32 {
    let x = q.x.abs() - 0.85;
    let disc = |z: f32| cylinder(vec3(q.y - radius, x, q.z - z), radius, 0.12, 0.02);
    along.iter().map(|&z| disc(z)).fold(f32::MAX, f32::min)
}

fn show<D: Fn(Vec3) -> f32, M: Fn(Vec3, Vec3) -> Material>(
    picture: &mut Picture,
    country: &Country,
    solid: &Solid<D, M>,
    shadow: bool,
) {
    let light = Light { ambient: country.weather.light.ambient * 1.1, ..country.weather.light };
    if shadow {
        solid.shadow(&mut picture.canvas, &country.camera, &light, 0.55);
    }
    solid.render(&mut picture.canvas, &country.camera, &light, country.haze);
}

fn engine(picture: &mut Picture, country: &Country, train: &Train) {
    let (place, heading) = stand(train, 0);
    let turn = heading.sin_cos();
    let local = |p: Vec3| about_y_by(p - place, turn);
    let solid = Solid {
        distance: |p: Vec3| match train.engine {
            Engine::Steam => steam_engine(local(p)),
            Engine::Fast => fast_engine(local(p)),
            Engine::Diesel => diesel_engine(local(p)),
        },
        material: |p: Vec3, _| match train.engine {
            Engine::Steam => steam_material(local(p), train),
            _ => modern_material(local(p), train),
        },
        centre: place + vec3(0.0, 1.9, 0.0),
        radius: 5.2,
    };
    show(picture, country, &solid, true);
    if !train.lamps {
        return;
    }
    let lamps: &[Vec3] = match train.engine {
        Engine::Steam => &[vec3(0.0, 2.95, 3.75)],
        _ => &[vec3(-0.9, 1.35, 4.3), vec3(0.9, 1.35, 4.3)],
    };
    for lamp in lamps {
        let at = place + about_y(*lamp, -heading);
        if let Some((seen, far)) = country.camera.seen(at) {
            super::nature::glow(&mut picture.canvas, seen, 1.2 / far, vec3(0.9, 0.8, 0.55));
            super::nature::dab(&mut picture.canvas, seen, Vec2::splat(0.22 / far), rgb(0xfff4d0), 1.0);
        }
    }
}

/// What is high and what is low, each left out where the other is sure to be nearer.
fn steam_engine(q: Vec3) -> f32 {
    let (high, low) = (0.85 - q.y, q.y - 1.6);
    if high > low {
        let below = steam_below(q);
        return if high > below { below } else { below.min(steam_above(q)) };
    }
    let above = steam_above(q);
    if low > above { above } else { above.min(steam_below(q)) }
}

fn steam_above(q: Vec3) -> f32 {
    let lying = vec3(q.x, q.z, q.y);
    let boiler = cylinder(lying - vec3(0.0, 1.0, 2.1), 0.9, 2.6, 0.06);
    let ring = cylinder(lying - vec3(0.0, 2.9, 2.1), 0.98, 0.5, 0.05);
    let chimney = cone(q, vec3(0.0, 2.8, 2.9), vec3(0.0, 3.75, 2.9), 0.26, 0.36);
    let dome = sphere(q - vec3(0.0, 2.95, 0.9), 0.42);
    let cab = cuboid(q - vec3(0.0, 2.2, -2.6), vec3(1.3, 1.3, 1.1), 0.08);
    let roof = cuboid(q - vec3(0.0, 3.55, -2.6), vec3(1.5, 0.1, 1.4), 0.08);
    let lamp = sphere(q - vec3(0.0, 2.95, 3.45), 0.24);
    boiler.min(ring).min(chimney).min(dome).min(lamp).min(cab).min(roof)
}

fn steam_below(q: Vec3) -> f32 {
    let board = cuboid(q - vec3(0.0, 1.15, 0.3), vec3(1.3, 0.14, 3.6), 0.04);
    let beam = cuboid(q - vec3(0.0, 0.85, 3.9), vec3(1.35, 0.32, 0.12), 0.04);
    let x = q.x.abs();
    let buffer = sphere(vec3(x - 0.9, q.y - 0.95, q.z - 4.1), 0.22);
    board.min(beam).min(buffer).min(wheels(q, &[-1.6, 0.0, 1.6], 0.78)).min(wheels(q, &[3.2], 0.45))
}

fn steam_material(q: Vec3, train: &Train) -> Material {
    let red = rgb(0xb02a20);
    if q.z > 3.4 && q.y > 1.2 {
        let off = vec2(q.x, q.y - 2.1).length();
        let colour = if off < 0.2 || (0.62..0.72).contains(&off) { rgb(0xb8a060) } else { rgb(0x24262a) };
        return Material::glossy(colour, 0.5).part(1);
    }
    if q.z > 3.6 || (1.0..1.32).contains(&q.y) {
        return Material::dull(red).part(2);
    }
    if q.y < 1.0 {
        let rim = vec2(q.y - 0.78, (q.z + 0.8).rem_euclid(1.6) - 0.8).length();
        return Material::dull(if (0.5..0.72).contains(&rim) { red } else { rgb(0x28282c) }).part(3);
    }
    let window = q.z < -1.6 && (2.2..3.0).contains(&q.y) && (q.z + 2.6).abs() < 0.55 && q.x.abs() > 1.2;
    if window {
        return Material::dull(rgb(0x0c0c10)).part(4);
    }
    let brass = (q.z - 0.2).abs() < 0.06 || (q.z - 1.7).abs() < 0.06 || q.y > 3.7;
    Material::glossy(if brass { rgb(0xd0a848) } else { train.colour * 1.4 + 0.02 }, 0.7)
}

fn fast_engine(q: Vec3) -> f32 {
    let nose = smoothstep(1.0, 4.6, q.z);
    let top = mix(3.5, 1.7, nose * nose);
    let half = mix(1.4, 0.95, nose * nose);
    let body = cuboid(q - vec3(0.0, 0.5 * (top + 0.4), 0.1), vec3(half, 0.5 * (top - 0.4), 4.5), 0.55) * 0.75;
    body.min(wheels(q, &[-3.0, -2.0], 0.42))
}

fn diesel_engine(q: Vec3) -> f32 {
    let body = cuboid(q - vec3(0.0, 2.15, -0.5), vec3(1.4, 1.35, 3.9), 0.25);
    let face = cuboid(q - vec3(0.0, 1.6, 3.2), vec3(1.35, 0.8, 1.1), 0.2);
    body.min(face).min(wheels(q, &[-3.0, -2.0, 2.0, 3.0], 0.45))
}

fn modern_material(q: Vec3, train: &Train) -> Material {
    let fast = train.engine == Engine::Fast;
    let pane = if fast {
        q.y > 1.9 && q.y < 2.9 && (2.2..3.6).contains(&q.z)
    } else {
        q.z > 3.2 && (2.45..3.15).contains(&q.y)
    };
    let split = q.x.abs() > 0.08 && q.x.abs() < 1.22;
    if pane && (split || fast) {
        return Material { glow: rgb(0x88a0b0) * 0.1, ..Material::glossy(rgb(0x141c22), 1.0) }.part(1);
    }
    if q.y < 0.8 {
        return Material::dull(rgb(0x26262a)).part(2);
    }
    let front = q.z > 4.0;
    if front && (1.15..1.55).contains(&q.y) && q.x.abs() > 0.6 {
        return Material { glow: rgb(0xfff0c0) * 0.8, ..Material::dull(rgb(0xfff4d8)) }.part(4);
    }
    if !front && q.z < 1.5 && fast {
        return windows(q, train.colour, train.second, true, false);
    }
    let stripe = if fast { (1.4..1.72).contains(&q.y) } else { (1.55..1.95).contains(&q.y) };
    Material::glossy(if stripe { train.second } else { train.colour }, 0.45)
}

/// Smoke from the chimney, blown back over the train.
fn steam(picture: &mut Picture, country: &Country, train: &Train, noise: Noise) {
    let (place, heading) = stand(train, 0);
    let white = (country.weather.light.colour * 0.5 + country.weather.light.ambient * 0.75).min(Vec3::splat(0.96));
    let gray = white * picture.random.range(0.45, 1.0);
    let blown = picture.random.range(0.3, 1.0);
    picture.canvas.begin(0.5);
    for k in (0..9).rev() {
        let t = k as f32 / 8.0;
        let lift = 4.0 + 4.0 * t.sqrt() + 0.3 * noise.at(vec2(t * 5.0, 2.0));
        let at = place + about_y(vec3(0.6 * noise.at(vec2(t * 6.0, 9.0)), lift, 2.9 - 13.0 * t * blown), -heading);
        let Some((seen, far)) = country.camera.seen(at) else { continue };
        let size = country_scale(&country.camera, far) * mix(0.4, 2.1, t);
        mist(&mut picture.canvas, seen, vec2(size, size * 0.8), gray * mix(1.0, 0.85, t), mix(1.1, 0.45, t), noise);
    }
}

fn country_scale(camera: &Camera, far: f32) -> f32 {
    let ahead = camera.ray(camera.centre);
    let right = ahead.cross(Vec3::Y).normalize();
    let near = camera.eye + ahead * far;
    let (Some((a, _)), Some((b, _))) = (camera.seen(near), camera.seen(near + right)) else { return 0.1 };
    (b - a).length()
}
