//! A pond or lake seen over its water: ripples, the sky in it, a far shore.

use crate::backdrop::{Ground, Place, Want, view};
use crate::math::{Vec3, clamp01, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::weather::Weather;

pub fn pond(picture: &mut Picture, want: &Want) -> Place {
    let weather = Weather::any(&mut picture.random);
    let (camera, far) = view(&mut picture.random, want);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let horizon = camera.horizon();
    let shore = horizon - random.range(0.03, 0.25);
    let trees = rgb(*random.pick(&[0x3c5c30, 0x54703c, 0x6c6034, 0x8c6030, 0x2c4438]));
    let water = rgb(*random.pick(&[0x28485c, 0x2c5048, 0x3c6478, 0x3a4a34, 0x203448]));
    let (wavy, ripple) = (random.range(2.0, 7.0), random.range(1.5, 4.0));
    weather.paint_sky(&mut picture.canvas, horizon);
    let canvas = &mut picture.canvas;
    canvas.begin(0.95);
    let all = canvas.everywhere();
    canvas.glaze(&all, |p| {
        let top = shore + 0.05 * noise.fractal(vec2(p.x * wavy, 3.0), 3, 0.6);
        let leaves = weather.lit(trees) * (1.0 + 0.35 * noise.fractal(p * 12.0, 2, 0.6));
        weather.hazy(leaves, 0.3).extend(smoothstep(-0.005, 0.005, p.y - top))
    });
    canvas.begin(0.8);
    canvas.glaze(&all, |p| {
        if p.y < horizon {
            return Vec3::ZERO.extend(0.0);
        }
        let at = camera.ground(p).unwrap_or(vec3(0.0, 0.0, -1e4));
        let q = vec2(at.x, at.z) / far;
        let near = clamp01((p.y - horizon) / (1.0 - horizon).max(0.1));
        let ring =
            ((q * far).length() / want.height * 7.0).sin() * smoothstep(4.0, 0.5, (q * far).length() / want.height);
        let wave = noise.fractal(vec2(q.x * ripple * 4.0, q.y * ripple * 18.0), 2, 0.6) + 0.35 * ring;
        let mirror =
            weather.sky.1.lerp(weather.sky.0, near).lerp(weather.lit(trees), smoothstep(0.25, 0.0, near - 0.1));
        let tone = weather.lit(water).lerp(mirror, clamp01(0.5 - 0.25 * near + 0.42 * wave));
        tone.extend(1.0)
    });
    let words = weather.words();
    picture.detail_of(words);
    picture.detail_of(&["on a pond", "on a lake", "on the water"]);
    Place { ground: Ground::Beach, camera, light: weather.light, weather, haze: None }
}
