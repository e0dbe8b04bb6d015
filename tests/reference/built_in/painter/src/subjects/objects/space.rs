//! Space: stars, clouds of gas, planets and moons; and the bare ground of another world.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, hsv, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::{Camera, Light};

/// Sunlight without air.
pub fn starlight(random: &mut Rng) -> Light {
    let to = vec3(random.sign() * random.range(0.2, 1.0), random.range(-0.2, 0.9), random.range(0.25, 0.9)).normalize();
    let glow = hsv(random.unit(), 0.5, random.range(0.18, 0.4));
    Light { to, colour: vec3(1.0, 0.96, 0.9), ambient: glow + 0.06, bounce: glow }
}

/// Stars and gas over the whole canvas.
pub fn heavens(picture: &mut Picture) {
    let random = &mut picture.random;
    let deep = *random.pick(&[0x05060c, 0x080c20, 0x140c24, 0x04141c, 0x1c0c14, 0x101a38].map(rgb));
    let (hue, other) = (random.unit(), random.range(-0.2, 0.2));
    let (gas, second) = (hsv(hue, 0.7, random.range(0.25, 0.85)), hsv(hue + other, 0.6, random.range(0.3, 0.9)));
    let thick = if random.chance(0.3) { 0.0 } else { random.range(0.3, 1.0) };
    let (noise, slope, row) = (Noise::new(random), random.range(-1.5, 1.5), random.range(-0.4, 0.4));
    let crowd = random.range(22.0, 40.0);
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let band = smoothstep(0.5, 0.0, (p.y - 0.5 - row - slope * (p.x - 0.5)).abs());
        let cloud = clamp01(noise.fractal(p * 2.6, 4, 0.55) * 0.6 + 0.3) * (0.35 + 0.65 * band) * thick;
        let tint = gas.lerp(second, clamp01(0.5 + noise.at(p * 4.0 + 9.0)));
        deep.lerp(tint, cloud) + star(noise, p, crowd, 0.012) + star(noise, p + 7.3, crowd * 0.4, 0.02)
    });
}

fn star(noise: Noise, p: Vec2, crowd: f32, size: f32) -> Vec3 {
    let cell = (p * crowd).floor();
    let (x, y) = (cell.x as i32, cell.y as i32);
    let bright = noise.lattice(x, y, 3);
    if bright < 0.35 {
        return Vec3::ZERO;
    }
    let at = (cell + 0.5 + 0.35 * vec2(noise.lattice(x, y, 4), noise.lattice(x, y, 5))) / crowd;
    let tint = Vec3::ONE.lerp(vec3(1.0, 0.75, 0.5), noise.lattice(x, y, 6).max(0.0));
    tint * smoothstep(size * 0.45, 0.0, (p - at).length()) * bright * 1.3
}

pub struct Planet {
    pub centre: Vec2,
    pub radius: f32,
}

/// Kinds: banded, cratered, an earth of seas and clouds, plain rock.
pub fn planet(picture: &mut Picture, planet: &Planet, light: &Light) {
    let random = &mut picture.random;
    let kind = random.weighted(&[0.3, 0.25, 0.3, 0.15]);
    let hue = random.unit();
    let (one, two) = (hsv(hue, random.range(0.2, 0.7), 0.85), hsv(hue + random.range(-0.12, 0.12), 0.6, 0.5));
    let (noise, tilt, fine) = (Noise::new(random), random.range(-0.7, 0.7), random.range(2.0, 5.0));
    let ring = (planet.radius < 0.32 && kind != 2 && random.chance(0.35)).then(|| random.range(0.18, 0.4));
    let canvas = &mut picture.canvas;
    if let Some(flat) = ring {
        disc(canvas, planet, flat, tilt, one, false);
    }
    canvas.begin(0.95);
    canvas.fill(&Shape::circle(planet.centre, planet.radius), |p| {
        let q = (p - planet.centre) / planet.radius;
        let n = vec3(q.x, -q.y, (1.0 - q.length_squared()).max(0.0).sqrt());
        let turned = Vec2::from_angle(tilt).rotate(vec2(n.x, n.y)).extend(n.z);
        let colour = match kind {
            0 => {
                let swirl = noise.at3(turned * 3.0) * 0.12;
                one.lerp(two, clamp01(0.5 + 0.9 * noise.at(vec2(3.0, (turned.y + swirl) * fine * 1.6))))
            }
            1 => Vec3::splat(0.75).lerp(one, 0.2) * (0.85 + 0.5 * craters(noise, turned * fine)),
            2 => {
                let land = noise.fractal3(turned * 1.7, 4, 0.55);
                let cloud = smoothstep(0.1, 0.5, noise.fractal3(turned * vec3(2.0, 4.0, 2.0) + 5.0, 4, 0.6));
                let ground = rgb(0x3c6c34).lerp(rgb(0xa08850), clamp01(land * 2.0));
                rgb(0x1c4c94).lerp(ground, smoothstep(0.0, 0.08, land)).lerp(Vec3::splat(0.96), cloud)
            }
            _ => one.lerp(two, clamp01(0.5 + 0.8 * noise.fractal3(turned * 2.5, 4, 0.6))),
        };
        let day = smoothstep(-0.08, 0.6, n.dot(light.to));
        let rim = (1.0 - n.z).powi(3) * 0.5;
        colour * (0.06 + 1.05 * day) + one * rim * day * if kind == 1 { 0.0 } else { 1.0 }
    });
    if let Some(flat) = ring {
        disc(canvas, planet, flat, tilt, one, true);
    }
}

fn disc(canvas: &mut Canvas, planet: &Planet, flat: f32, tilt: f32, colour: Vec3, front: bool) {
    canvas.begin(0.94);
    let reach = planet.radius * 2.1;
    let (a, b) = (planet.centre - reach, planet.centre + reach);
    let mask = canvas.mask(&Shape::rect(a.x, a.y, b.x, b.y));
    canvas.glaze(&mask, |p| {
        let q = Vec2::from_angle(-tilt * 0.6).rotate(p - planet.centre) / planet.radius;
        let r = vec2(q.x, q.y / flat).length();
        let band = smoothstep(1.3, 1.36, r) * smoothstep(2.0, 1.94, r) * (0.75 + 0.25 * (r * 21.0).sin());
        (colour * 0.6 + 0.3).extend(if (q.y > 0.0) == front { band } else { 0.0 })
    });
}

/// About -1 … 1: pits with bright rims.
fn craters(noise: Noise, p: Vec3) -> f32 {
    let mut sum = 0.3 * noise.fractal3(p, 2, 0.5);
    for k in 0..2 {
        let q = p * (1.0 + k as f32);
        let cell = q.floor();
        let any = |k| noise.lattice(cell.x as i32, cell.y as i32, cell.z as i32 * 8 + k);
        let radius = 0.22 + 0.12 * any(1);
        let d = (q - cell - 0.5 - 0.15 * vec3(any(2), any(3), any(4))).length() / radius;
        sum += smoothstep(1.15, 1.0, d) * (0.25 - 0.8 * smoothstep(1.0, 0.8, d));
    }
    sum
}

/// The ground of another world up to its horizon, before a sky of stars or of thin coloured air; answers where that may be.
pub fn alien_ground(
    picture: &mut Picture,
    camera: &Camera,
    light: &Light,
    scale: f32,
    air: Option<Vec3>,
) -> &'static [&'static str] {
    let random = &mut picture.random;
    let colours = [0x9c9a98, 0xb0583c, 0x7c6890, 0xc09058, 0x5c7c74, 0x70747c, 0xa86c78];
    let picked = *random.pick(&colours);
    let base = rgb(picked);
    let (noise, rough) = (Noise::new(random), random.range(0.02, 0.14));
    let horizon = camera.horizon();
    let canvas = &mut picture.canvas;
    let lit = light.colour * light.to.y.max(0.2) + light.ambient;
    let hazed = |colour: Vec3, away: f32| air.map_or(colour, |air| colour.lerp(air, away));
    for layer in 0..2 {
        canvas.begin(0.92 - 0.04 * layer as f32);
        let band = Shape::rect(-0.1, horizon - 2.5 * rough - 0.02, 1.1, horizon + 0.02);
        let mask = canvas.mask(&band);
        canvas.glaze(&mask, |p| {
            let top = noise.fractal(vec2(p.x * (3.0 + 2.0 * layer as f32), 9.0 * layer as f32), 4, 0.55);
            let edge = horizon - rough * (0.5 + 0.8 * top).max(0.0) * (1.3 - 0.6 * layer as f32);
            let slope = noise.at(p * 17.0);
            hazed(base * lit * mix(0.35, 0.6, layer as f32) * (1.0 + 0.35 * slope), 0.6 - 0.3 * layer as f32)
                .extend(smoothstep(-0.004, 0.004, p.y - edge))
        });
    }
    canvas.begin(0.7);
    canvas.fill(&Shape::rect(-0.1, horizon, 1.1, 1.1), |p| {
        let Some(at) = camera.ground(p) else { return base };
        let q = vec3(at.x, 0.3, at.z) / scale;
        let away = clamp01(-at.z / (14.0 * scale)).sqrt();
        let pit = craters(noise, q * 1.1);
        hazed(
            base * lit * (0.85 + 0.5 * pit + 0.25 * noise.fractal(vec2(q.x, q.z) * 7.0, 2, 0.6) * (1.0 - away)),
            0.7 * away,
        )
    });
    match picked {
        0x9c9a98 | 0x70747c if air.is_none() => &["on the moon", "on the moon", "on a planet"],
        0xb0583c => &["on mars", "on a red planet", "on a planet"],
        _ => &["on a planet", "on another planet", "on an alien planet"],
    }
}
