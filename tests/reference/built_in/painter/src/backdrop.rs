//! Where things stand: a place with a ground, a light and a camera, so that a solid put at the origin stands in it with its shadow.
//!
//! World units are about a metre for the viewer's sense of scale; `Want` says how large the thing is and how much of the picture it takes.

use crate::canvas::Canvas;
use crate::math::{Vec3, clamp01, luminance, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Haze, Light};
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Ground {
    /// A seamless, softly lit ground of one colour.
    Studio,
    /// A table before a wall.
    Table,
    Meadow,
    Beach,
    Snow,
    Road,
    Forest,
    /// A stony plain under a wide sky.
    Desert,
}

pub const OUTDOORS: &[Ground] =
    &[Ground::Meadow, Ground::Beach, Ground::Snow, Ground::Road, Ground::Forest, Ground::Desert];
pub const INDOORS: &[Ground] = &[Ground::Studio, Ground::Table, Ground::Table];

/// What is to be put there.
pub struct Want<'a> {
    pub grounds: &'a [Ground],
    /// Height of the thing; its middle is at half of it above the origin.
    pub height: f32,
    /// Share of the picture's height that it takes, from … to.
    pub share: (f32, f32),
    /// How far the camera looks down, radians, from … to.
    pub down: (f32, f32),
}

pub struct Place {
    pub ground: Ground,
    pub camera: Camera,
    pub light: Light,
    pub weather: Weather,
    pub haze: Haze,
}

/// Chooses a place, paints it, and adds its words to the picture.
pub fn place(picture: &mut Picture, want: &Want) -> Place {
    let ground = *picture.random.pick(want.grounds);
    let weather = if matches!(ground, Ground::Studio | Ground::Table) {
        Weather::at(Time::Day, &mut picture.random)
    } else {
        Weather::any(&mut picture.random)
    };
    let (camera, far) = view(&mut picture.random, want);
    let mut light = weather.light;
    let mut haze = None;
    match ground {
        Ground::Studio | Ground::Table => {
            light = lamp(&mut picture.random);
            let wall = wall_colour(picture);
            paint_room(picture, &camera, &light, wall, ground == Ground::Table);
        }
        _ => {
            haze = Some((weather.sky.1, far * 14.0));
            paint_outdoors(picture, &camera, &weather, ground, far);
            let words = weather.words();
            picture.detail_of(words);
        }
    }
    let words: &[&str] = match ground {
        Ground::Studio => &[],
        Ground::Table => &["on a table"],
        Ground::Meadow => &["in a meadow", "on the grass", "in a field"],
        Ground::Beach => &["on a beach", "by the sea"],
        Ground::Snow => &["in the snow", "in winter"],
        Ground::Road => &["on a road", "on a street"],
        Ground::Forest => &["in a forest", "among trees"],
        Ground::Desert => &["in a desert", "on the sand"],
    };
    if !words.is_empty() {
        picture.detail_of(words);
    }
    Place { ground, camera, light, weather, haze }
}

/// A camera before the thing, and how far away it is.
pub fn view(random: &mut Rng, want: &Want) -> (Camera, f32) {
    let share = random.range(want.share.0, want.share.1);
    let (focal, down) = (random.range(1.1, 1.9), random.range(want.down.0, want.down.1));
    let far = want.height * focal / share;
    let target = vec3(0.0, want.height * 0.5, 0.0);
    let eye = target + far * vec3(0.0, down.sin(), down.cos());
    let mut camera = Camera::looking(vec3(eye.x, eye.y.max(0.04 * want.height), eye.z), target, focal);
    let loose = 0.5 * (1.0 - share).max(0.0);
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-loose, loose) * 0.5);
    (camera, far)
}

/// The light of a lamp or a window in a room.
pub fn lamp(random: &mut Rng) -> Light {
    let to = vec3(random.sign() * random.range(0.3, 1.0), random.range(0.5, 1.2), random.range(0.2, 0.9)).normalize();
    let colour = *random.pick(&[vec3(0.95, 0.88, 0.76), vec3(0.86, 0.88, 0.92), vec3(0.95, 0.8, 0.6)]);
    let ambient = Vec3::splat(random.range(0.18, 0.42));
    Light { to, colour, ambient, bounce: ambient * 0.7 }
}

pub fn wall_colour(picture: &mut Picture) -> Vec3 {
    let dark = [0x2a2420, 0x24302e, 0x3a2c28, 0x1c2028, 0x4a3a2c].map(rgb);
    let all =
        [0xcfc4b0, 0xb8c0b4, 0x8fa0a8, 0xa07860, 0xd8d0c4, 0x6f7f70, 0x8c4f44, 0x4a6078, 0xe0d4b8, 0x3c4048, 0x6a5848]
            .map(rgb);
    if picture.dense { *picture.random.pick(&dark) } else { *picture.random.pick(&all) }
}

fn paint_room(picture: &mut Picture, camera: &Camera, light: &Light, wall: Vec3, table: bool) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let (spot, wide) = (vec2(0.5 + 0.35 * light.to.x, random.range(0.1, 0.5)), random.range(0.5, 0.9));
    let wood = *random.pick(&[0x8a5a34, 0x6a4428, 0xb08a5c, 0x503828, 0xd8cdb8, 0x9a3f34, 0x405868].map(rgb));
    let (grain, angle) = (random.range(3.0, 9.0), random.range(-0.5, 0.5));
    let edge = camera.horizon().max(0.12) + random.range(0.03, 0.14);
    let fade = random.range(0.4, 0.75);
    let canvas = &mut picture.canvas;
    canvas.begin(1.0);
    canvas.cover(|p| {
        let fall = mix(1.15, fade, smoothstep(0.0, wide, (p - spot).length())) + 0.06 * noise.fractal(p * 4.0, 4, 0.5);
        wall * fall
    });
    if table {
        canvas.begin(0.6);
        let top = crate::shape::Shape::rect(-0.1, edge, 1.1, 1.1);
        canvas.fill(&top, |p| {
            let at = camera.ground(p).unwrap_or(Vec3::ZERO);
            let along = crate::math::turned(vec2(at.x, at.z), angle);
            let streak = noise.fractal(vec2(along.x * grain * 0.4, along.y * grain * 4.0), 4, 0.6);
            wood * (0.85 + 0.22 * streak) * mix(0.75, 1.1, clamp01((p.y - edge) / (1.0 - edge)))
        });
        let rim = crate::shape::Shape::rect(-0.1, edge - 0.006, 1.1, edge + 0.004);
        canvas.flat(&rim, wood * 0.5);
    }
}

fn paint_outdoors(picture: &mut Picture, camera: &Camera, weather: &Weather, ground: Ground, far: f32) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let horizon = camera.horizon();
    let hills = random.range(0.02, 0.16);
    let (row, wide) = (random.range(0.0, 100.0), random.range(1.5, 4.0));
    let seed = random.range(0.0, 50.0);
    let (base, other) = match ground {
        Ground::Meadow => (*random.pick(&[0x5f7f38, 0x7a8c40, 0x486c34, 0x98924c].map(rgb)), rgb(0x34502a)),
        Ground::Beach => (*random.pick(&[0xd8c49a, 0xc8ae84, 0xe4d8b8].map(rgb)), rgb(0x2f6f8c)),
        Ground::Snow => (rgb(0xf0f2f6), rgb(0x9fb0cc)),
        Ground::Road => (
            *random.pick(&[0x6a6a6c, 0x55565c, 0x84807a].map(rgb)),
            *random.pick(&[0x66763c, 0x8a7c50, 0x9c8c6c].map(rgb)),
        ),
        Ground::Forest => (*random.pick(&[0x54482c, 0x4a5430, 0x6c5430].map(rgb)), rgb(0x24341f)),
        _ => (*random.pick(&[0xc89c64, 0xb47a4c, 0xa89078].map(rgb)), rgb(0x7c5c48)),
    };
    weather.paint_sky(&mut picture.canvas, horizon);
    let canvas = &mut picture.canvas;
    far_behind(canvas, weather, ground, horizon, hills, noise, row, wide);
    canvas.begin(0.7);
    let plane = crate::shape::Shape::rect(-0.1, horizon, 1.1, 1.1);
    let sea = ground == Ground::Beach;
    canvas.fill(&plane, |p| {
        let at = camera.ground(p).unwrap_or(vec3(0.0, 0.0, -1e4));
        let q = vec2(at.x, at.z) / far;
        let away = clamp01(-at.z / (14.0 * far)).sqrt();
        let broad = noise.fractal(q * 3.0 + seed, 4, 0.5);
        let fine = noise.fractal(vec2(q.x * 26.0, q.y * 9.0), 3, 0.6) * (1.0 - away);
        let mut colour = match ground {
            Ground::Road => {
                let verge = smoothstep(0.55, 0.62, q.x.abs() + 0.05 * broad);
                let line = smoothstep(0.03, 0.02, q.x.abs()) * smoothstep(0.1, 0.2, (q.y * 2.5).fract());
                base.lerp(rgb(0xe0dcc8), line * 0.8).lerp(other, verge)
            }
            Ground::Beach => {
                let shore = q.y + 0.75 + 0.25 * broad;
                let wave = noise.at(vec2(q.x * 3.0, q.y * 22.0));
                let water = other.lerp(weather.sky.1, 0.35 + 0.3 * wave);
                let foam = smoothstep(0.12, 0.0, shore.abs());
                base.lerp(water, smoothstep(0.05, -0.05, shore)).lerp(Vec3::splat(0.95), foam * 0.8)
            }
            _ => base.lerp(other, clamp01(0.42 + 0.5 * broad + 0.35 * fine)),
        };
        colour *= 1.0 + 0.14 * fine + 0.1 * broad;
        weather.hazy(weather.lit(colour) * 1.15, 0.75 * away)
    });
    if !sea && ground == Ground::Forest {
        trunks(picture, weather, horizon);
    }
}

/// Hills, a wood or the sea's far shore at the horizon.
#[allow(clippy::too_many_arguments)]
fn far_behind(
    canvas: &mut Canvas,
    weather: &Weather,
    ground: Ground,
    horizon: f32,
    hills: f32,
    noise: Noise,
    row: f32,
    wide: f32,
) {
    if ground == Ground::Beach {
        return;
    }
    let tint = match ground {
        Ground::Snow => rgb(0xb8c4d8),
        Ground::Desert => rgb(0x9c6c50),
        Ground::Forest => rgb(0x2c4028),
        _ => rgb(0x4f6a48),
    };
    for layer in 0..3 {
        let near = layer as f32 / 2.0;
        let height = hills * (1.3 - 0.5 * near) * if ground == Ground::Forest { 3.0 } else { 1.0 };
        canvas.begin(0.95 - 0.1 * near);
        let rough = if ground == Ground::Forest { 0.65 } else { 0.5 };
        let ridge = |x: f32| {
            horizon
                - height
                    * (0.55 + 0.5 * noise.fractal(vec2(x * wide * (1.0 + near), row + 9.0 * layer as f32), 5, rough))
                        .max(0.05)
        };
        let colour = weather.hazy(weather.lit(tint), 0.72 - 0.5 * near);
        let band = crate::shape::Shape::rect(-0.1, horizon - 2.0 * height - 0.02, 1.1, horizon + 0.01);
        canvas.glaze(&canvas.mask(&band), |p| {
            let below = smoothstep(-0.004, 0.004, p.y - ridge(p.x));
            (colour * (1.0 + 0.12 * noise.fractal(p * 14.0, 3, 0.5))).extend(below)
        });
    }
}

fn trunks(picture: &mut Picture, weather: &Weather, horizon: f32) {
    let count = picture.random.int(8, 22);
    let mut at: Vec<f32> = (0..count).map(|_| picture.random.unit()).collect();
    at.sort_by(f32::total_cmp);
    for (k, near) in at.iter().enumerate() {
        let near = near * near;
        let random = &mut picture.random;
        let x = random.range(-0.05, 1.05);
        if near > 0.5 && (x - 0.5).abs() < 0.25 {
            continue;
        }
        let (width, foot) = (mix(0.008, 0.05, near) * random.range(0.7, 1.3), horizon + mix(0.0, 0.16, near));
        let lean = random.range(-0.03, 0.03);
        let bark = *random.pick(&[rgb(0x3c2c20), rgb(0x544434), rgb(0x2c2820), rgb(0x8c8880)]);
        let noise = Noise::new(random);
        let colour = weather.hazy(weather.lit(bark), 0.55 * (1.0 - near));
        let trunk = crate::shape::Shape::polygon(&[
            vec2(x - width * 0.6, foot),
            vec2(x + width * 0.6, foot),
            vec2(x + lean + width * 0.4, -0.05),
            vec2(x + lean - width * 0.4, -0.05),
        ]);
        picture.canvas.begin(0.85 - 0.01 * k as f32 * near);
        let side = weather.light.to.x.signum();
        picture.canvas.fill(&trunk, |p| {
            let across = (p.x - x - lean * (foot - p.y) / foot) / width * side;
            colour * (1.0 + 0.45 * across + 0.25 * noise.at(vec2(p.x * 90.0, p.y * 12.0)))
        });
    }
}

/// Darkens the whole for pictures that should be dense in tone.
pub fn deepen(canvas: &mut Canvas, by: f32) {
    for colour in &mut canvas.rgb {
        let tone = luminance(*colour);
        *colour *= mix(1.0, tone.clamp(0.2, 1.0).powf(0.4), by);
    }
}
