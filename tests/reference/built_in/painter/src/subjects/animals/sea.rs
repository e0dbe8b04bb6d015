//! Under water: light from above in rays, a sandy or rocky ground, plants and bubbles.

use crate::backdrop::{Ground, Place, Want, view};
use crate::math::{Vec3, clamp01, hsv, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::Light;
use crate::weather::{Time, Weather};

pub fn sea(picture: &mut Picture, want: &Want) -> Place {
    let weather = Weather::at(Time::Day, &mut picture.random);
    let (camera, far) = view(&mut picture.random, want);
    let random = &mut picture.random;
    let hue = random.range(0.46, 0.63);
    let deep = hsv(
        hue + 0.03,
        random.range(0.7, 0.95),
        if picture.dense { random.range(0.12, 0.3) } else { random.range(0.2, 0.55) },
    );
    let high = hsv(hue - 0.03, random.range(0.35, 0.65), random.range(0.65, 1.0));
    let to = vec3(random.range(-0.7, 0.7), 1.0, random.range(0.1, 0.8)).normalize();
    let light =
        Light { to, colour: high * 0.55 + 0.5, ambient: high * 0.3 + deep * 0.35 + 0.05, bounce: deep * 0.5 + 0.12 };
    rays(picture, &light, high, deep);
    if picture.random.chance(0.75) {
        bottom(picture, high, deep);
    }
    bubbles(picture, high);
    picture.detail_of(&["under water", "underwater", "in the sea"]);
    Place { ground: Ground::Beach, camera, light, weather, haze: Some((deep.lerp(high, 0.4), far * 9.0)) }
}

fn rays(picture: &mut Picture, light: &Light, high: Vec3, deep: Vec3) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let (source, fine, strong) =
        (vec2(0.5 + light.to.x * 0.8, -random.range(0.2, 0.8)), random.range(5.0, 14.0), random.range(0.05, 0.3));
    let fall = random.range(0.7, 1.3);
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let off = p - source;
        let ray = noise.fractal(vec2(off.x / (off.y + 0.05) * fine, off.y * 0.6), 2, 0.5);
        let down = clamp01(p.y * fall + 0.08 * noise.at(p * 3.0));
        high.lerp(deep, smoothstep(0.0, 1.0, down)) * (1.0 + strong * ray * (1.3 - down))
    });
}

fn bottom(picture: &mut Picture, high: Vec3, deep: Vec3) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let (floor, wavy) = (random.range(0.72, 0.95), random.range(1.5, 5.0));
    let sand = rgb(*random.pick(&[0xd8c89c, 0xb0a890, 0x807868, 0x98a090])) * (high * 0.7 + 0.15);
    let top = move |x: f32| floor + 0.09 * noise.fractal(vec2(x * wavy, 0.0), 3, 0.5);
    picture.canvas.begin(0.8);
    let all = picture.canvas.everywhere();
    picture.canvas.glaze(&all, |p| {
        let net = (noise.at(p * vec2(12.0, 22.0)).abs() * 5.0).min(1.0);
        let colour = sand.lerp(deep, 0.45) * mix(1.3, 0.8, net) * (1.0 + 0.1 * noise.at(p * 30.0));
        colour.extend(smoothstep(-0.006, 0.006, p.y - top(p.x)))
    });
    for _ in 0..random.int(1, 9) {
        plant(picture, &top, high, deep);
    }
}

fn plant(picture: &mut Picture, top: &impl Fn(f32) -> f32, high: Vec3, deep: Vec3) {
    let random: &mut Rng = &mut picture.random;
    let (x, near) = (random.unit(), random.unit());
    let foot = vec2(x, top(x) + 0.1 * near);
    let colour = rgb(*random.pick(&[0x4c8c3c, 0x8cb048, 0xc85c70, 0xd88c40, 0x9058a8, 0x2c6c4c]));
    let colour = (colour * (high * 0.8 + 0.2)).lerp(deep, 0.65 - 0.5 * near);
    let tall = random.range(0.12, 0.4) * (0.6 + 0.7 * near);
    let coral = random.chance(0.35);
    let blades = random.int(3, 7);
    picture.canvas.begin(0.75 - 0.2 * near);
    for k in 0..blades {
        let spread = k as f32 / (blades - 1) as f32 - 0.5;
        let lean = if coral { spread * 0.7 } else { spread * 0.25 };
        let sway = picture.random.range(-0.05, 0.05);
        let up = |t: f32| {
            foot + vec2(lean * tall * t * 2.0 + sway * (t * 5.0).sin(), -tall * t * (1.0 - 0.5 * spread.abs()))
        };
        let wide = tall * if coral { 0.09 } else { 0.06 };
        let shape = Shape::limb(
            &[up(0.0), up(0.35), up(0.7), up(1.0)],
            &[wide, wide, wide * 0.8, wide * if coral { 1.0 } else { 0.15 }],
        );
        let shade = picture.random.range(0.75, 1.2);
        picture.canvas.fill(&shape, |p| colour * shade * mix(1.25, 0.6, clamp01((p.y - foot.y + tall) / tall)));
    }
}

fn bubbles(picture: &mut Picture, high: Vec3) {
    let count = picture.random.int(0, 14);
    let mut at = vec2(picture.random.unit(), picture.random.range(0.3, 0.9));
    for _ in 0..count {
        let random = &mut picture.random;
        at += vec2(random.range(-0.05, 0.05), -random.range(0.03, 0.12));
        if at.y < 0.0 {
            at = vec2(random.unit(), random.range(0.3, 0.95));
        }
        let radius = random.range(0.008, 0.024);
        picture.canvas.begin(0.5);
        let mask = picture.canvas.mask(&Shape::circle(at, radius));
        picture.canvas.glaze(&mask, |p| {
            let off = (p - at) / radius;
            let rim = smoothstep(0.5, 0.95, off.length());
            let spark = smoothstep(0.5, 0.2, (off + vec2(0.3, 0.35)).length());
            (high.lerp(Vec3::ONE, 0.6)).extend((0.15 + 0.5 * rim).max(spark))
        });
    }
}
