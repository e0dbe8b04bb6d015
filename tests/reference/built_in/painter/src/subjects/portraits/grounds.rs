//! What is behind a sitter, out of focus: a dark studio, a wall by a window, books, a street with lamps, a landscape, the sky.

use crate::backdrop::{self, Ground, OUTDOORS, Want};
use crate::canvas::{Canvas, box_blur};
use crate::math::{Vec2, Vec3, bell, hsv, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

use super::lamps;
use super::relief::Lamps;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behind {
    Studio,
    Window,
    Books,
    Street,
    Landscape,
    Sky,
    Paper,
}

/// Paints what is behind and says how it lights the sitter. `head` is where the head will be.
pub fn paint(picture: &mut Picture, behind: Behind, head: Vec2, scale: f32) -> Lamps {
    match behind {
        Behind::Studio => blurred(picture, 0.0, |picture| studio(picture, head)),
        Behind::Window => blurred(picture, 0.006, window),
        Behind::Books => blurred(picture, 0.006, books),
        Behind::Street => blurred(picture, 0.012, street),
        Behind::Landscape => blurred(picture, 0.004 + 0.02 * scale, |picture| landscape(picture, scale)),
        Behind::Sky => blurred(picture, 0.0, sky),
        Behind::Paper => blurred(picture, 0.0, paper),
    }
}

/// Painted at half the size, blurred over `radius`, and enlarged: what is out of focus needs no more.
pub fn blurred(picture: &mut Picture, radius: f32, paint: impl FnOnce(&mut Picture) -> Lamps) -> Lamps {
    let size = picture.canvas.size;
    let half = size / 2;
    let full = std::mem::replace(&mut picture.canvas, Canvas::new(half));
    let lamps = paint(picture);
    let small = std::mem::replace(&mut picture.canvas, full);
    let reach = (radius * half as f32).round() as usize;
    let channels: Vec<Vec<f32>> = (0..3)
        .map(|k| {
            let mut values: Vec<f32> = small.rgb.iter().map(|colour| colour[k]).collect();
            if reach > 0 {
                box_blur(&mut values, half, half, reach);
                box_blur(&mut values, half, half, reach);
            }
            values
        })
        .collect();
    let canvas = &mut picture.canvas;
    canvas.begin(1.0);
    let last = half as f32 - 1.0;
    for y in 0..size {
        for x in 0..size {
            let (u, v) = ((0.5 * x as f32 - 0.25).clamp(0.0, last), (0.5 * y as f32 - 0.25).clamp(0.0, last));
            let (left, top) = (u as usize, v as usize);
            let (right, low) = ((left + 1).min(half - 1), (top + 1).min(half - 1));
            let (s, t) = (u.fract(), v.fract());
            let at = |k: usize| {
                let row = |y: usize| mix(channels[k][y * half + left], channels[k][y * half + right], s);
                mix(row(top), row(low), t)
            };
            canvas.put(x, y, vec3(at(0), at(1), at(2)), 1.0);
        }
    }
    lamps
}

fn studio(picture: &mut Picture, head: Vec2) -> Lamps {
    const DARK: &[u32] = &[0x241e1a, 0x1c2426, 0x2c2018, 0x14161c, 0x3a2a22, 0x2a2e24, 0x38201e, 0x0e0d0c];
    const ALL: &[u32] =
        &[0x6a5444, 0x4a5a66, 0x7a6a50, 0x4a5a44, 0x8a6450, 0x5a4a5c, 0x9a8a70, 0x2c3c48, 0xa88c64, 0x7c3a30, 0x3a6464];
    let dark = picture.dense || picture.random.chance(0.4);
    let colour = rgb(*picture.random.pick(if dark { DARK } else { ALL }));
    let lamps = lamps::indoors(picture, dark);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    // Lighter behind the side in shadow, as painters do.
    let spot = head + vec2(-lamps.to.x.signum() * random.range(0.1, 0.4), random.range(-0.2, 0.25));
    let (wide, bright) = (random.range(0.25, 0.6), random.range(0.6, 1.6));
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let cloudy = noise.fractal(p * 3.5, 3, 0.55);
        colour * (0.65 + bright * bell((p - spot).length(), wide) + 0.3 * cloudy).max(0.1)
    });
    if dark && picture.random.chance(0.5) {
        picture.detail_of(&["in the dark", "in the shadows"]);
    }
    lamps
}

fn paper(picture: &mut Picture) -> Lamps {
    let colour = *picture.random.pick(&[rgb(0xd8d0c0), rgb(0xc4c8cc), rgb(0xd0b8a0), rgb(0xa8b4b0)]);
    let lamps = lamps::indoors(picture, false);
    let noise = Noise::new(&mut picture.random);
    let side = lamps.to.x.signum();
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        colour * (0.86 + 0.24 * side * (p.x - 0.5) - 0.2 * (p.y - 0.5) + 0.07 * noise.fractal(p * 4.0, 3, 0.5))
    });
    lamps
}

fn window(picture: &mut Picture) -> Lamps {
    let time = *picture.random.pick(&[Time::Day, Time::Overcast, Time::Dawn, Time::Dusk]);
    let weather = Weather::at(time, &mut picture.random);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let wall = rgb(*random.pick(&[0x6a5a48, 0x4a5458, 0x7a5a48, 0x54483c, 0x3c4440, 0x8a7a64, 0x5c3c34, 0x77808a]));
    let side = random.sign();
    let wide = random.range(0.3, 0.46);
    let middle = 0.5 + side * random.range(0.28, 0.46);
    let (top, low) = (random.range(-0.1, 0.12), random.range(0.55, 0.85));
    let (left, right) = (middle - 0.5 * wide, middle + 0.5 * wide);
    let frame = rgb(*random.pick(&[0xd8d0c0, 0x4a3626, 0x2a2420, 0x8a6a48]));
    let bars = random.int(1, 2);
    let land = random.range(0.4, 0.8);
    let green = weather.lit(*random.pick(&[rgb(0x4a6a38), rgb(0x6a7a48), rgb(0x8a6a40), rgb(0x5a6a78)]));
    let canvas = &mut picture.canvas;
    canvas.begin(1.0);
    canvas.cover(|p| {
        let near = bell(((p.x - middle).abs() - 0.5 * wide).max(0.0), 0.4);
        wall * (0.5 + 0.6 * near + 0.12 * noise.fractal(p * 4.0, 3, 0.5))
    });
    let pane = Shape::rect(left, top, right, low);
    let horizon = mix(top, low, land);
    canvas.fill(&pane, |p| {
        let tree = noise.fractal(vec2(p.x * 6.0, p.y * 5.0), 3, 0.6);
        let far = smoothstep(-0.02, 0.02, p.y - horizon + 0.1 * tree);
        (weather.sky(p, horizon) * 1.1).lerp(green * (0.9 + 0.4 * tree), far)
    });
    for k in 0..=bars {
        let x = mix(left, right, k as f32 / bars as f32);
        canvas.flat(&Shape::rect(x - 0.013, top, x + 0.013, low), frame * 0.6);
    }
    for y in [top, mix(top, low, 0.5), low] {
        canvas.flat(&Shape::rect(left - 0.013, y - 0.013, right + 0.013, y + 0.013), frame * 0.7);
    }
    picture.detail_of(&["by a window", "next to a window"]);
    let to = vec3(side * 1.0, picture.random.range(0.15, 0.5), picture.random.range(0.25, 0.7)).normalize();
    let colour = (weather.light.colour + weather.light.ambient * 0.6).min(vec3(1.1, 1.05, 1.0));
    let dim = wall * 0.3 + 0.1;
    Lamps { to, colour, above: dim, below: dim * 0.8, rim_to: vec3(side, 0.3, 0.0), rim: colour * 0.5 }
}

fn books(picture: &mut Picture) -> Lamps {
    let dark = picture.dense || picture.random.chance(0.4);
    let lamps = lamps::indoors(picture, dark);
    let random = &mut picture.random;
    let light = if dark { 0.5 } else { 1.05 };
    let wood = rgb(*random.pick(&[0x4a3020, 0x6a4a30, 0x2c2018, 0x8a6a48])) * light;
    let tall = random.range(0.15, 0.26);
    let mut top = random.range(-0.15, 0.0);
    picture.canvas.begin(1.0);
    picture.canvas.cover(|_| wood * 0.45);
    while top < 1.0 {
        let mut x = -0.02;
        while x < 1.02 {
            let wide = random.range(0.02, 0.055);
            let high = tall * random.range(0.6, 0.86);
            let colour = hsv(random.range(-0.08, 0.62), random.range(0.15, 0.65), random.range(0.15, 0.7)) * light;
            if random.chance(0.93) {
                let book = Shape::rect(x, top + tall - high, x + wide - 0.004, top + tall);
                picture.canvas.flat(&book, colour);
            }
            x += wide;
        }
        picture.canvas.flat(&Shape::rect(0.0, top + tall - 0.006, 1.0, top + tall + 0.016), wood);
        top += tall + 0.016;
    }
    let side = lamps.to.x;
    picture.canvas.shade(&picture.canvas.everywhere(), |p| Vec3::splat(mix(0.75, 1.1, 0.5 + side * (p.x - 0.5))));
    picture.detail_of(&["in a library", "in front of a bookshelf"]);
    lamps
}

fn street(picture: &mut Picture) -> Lamps {
    let night = picture.dense || picture.random.chance(0.45);
    let time = if night { Time::Night } else { *picture.random.pick(&[Time::Day, Time::Overcast, Time::Dusk]) };
    let weather = Weather::at(time, &mut picture.random);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let horizon = random.range(0.5, 0.75);
    let middle = random.range(0.2, 0.8);
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| weather.sky(p, horizon));
    let mut houses: Vec<(f32, f32, Vec3)> = (0..12)
        .map(|_| {
            let colour = hsv(random.range(0.0, 0.14), random.range(0.1, 0.5), random.range(0.3, 0.8));
            (random.range(-0.1, 1.1), random.range(0.0, 1.0), colour)
        })
        .collect();
    houses.sort_by(|a, b| (a.0 - middle).abs().total_cmp(&(b.0 - middle).abs()));
    for (x, extra, colour) in houses {
        let near = (x - middle).abs();
        let (wide, high) = (0.06 + 0.12 * near, 0.12 + 0.75 * near + 0.12 * extra);
        let shown = weather.hazy(weather.lit(colour), 0.4 - 0.5 * near);
        picture.canvas.flat(&Shape::rect(x - wide, horizon - high, x + wide, horizon + 0.5 * near), shown);
        for k in 0..6 {
            let at = vec2(x + wide * (-0.5 + (k % 2) as f32), horizon - high * (0.25 + 0.25 * (k / 2) as f32));
            let lit = night && noise.lattice(k, (x * 99.0) as i32, 3) > -0.2;
            let glass = if lit { vec3(1.0, 0.75, 0.35) } else { shown * 0.55 };
            let half = vec2(wide * 0.2, high * 0.06);
            picture.canvas.flat(&Shape::rect(at.x - half.x, at.y - half.y, at.x + half.x, at.y + half.y), glass);
        }
    }
    let road = weather.lit(vec3(0.34, 0.33, 0.33));
    let ground = Shape::polygon(&[
        vec2(middle, horizon - 0.01),
        vec2(1.6, 1.2),
        vec2(-0.6, 1.2),
        vec2(middle - 0.01, horizon - 0.01),
    ]);
    picture.canvas.flat(&Shape::rect(-0.1, horizon + 0.12, 1.1, 1.1), road * 1.2);
    picture.canvas.flat(&ground, road);
    if night {
        for _ in 0..picture.random.int(8, 22) {
            let at = vec2(picture.random.unit(), picture.random.range(0.1, 0.8));
            let glow =
                *picture.random.pick(&[rgb(0xffc060), rgb(0xffe0a0), rgb(0xff6040), rgb(0x80c0ff), rgb(0xffa040)]);
            let disc = Shape::circle(at, picture.random.range(0.012, 0.045));
            let mask = picture.canvas.mask(&disc);
            picture.canvas.glaze(&mask, |_| glow.extend(0.7));
        }
        picture.detail_of(&["on a street at night", "in a city at night"]);
    } else {
        picture.detail_of(&["on a street", "in a city", "in a town"]);
    }
    let lamps = lamps::outdoors(&weather, &mut picture.random);
    if !night {
        return lamps;
    }
    let warm = *picture.random.pick(&[vec3(1.1, 0.82, 0.5), vec3(1.05, 0.9, 0.7), vec3(0.95, 0.86, 0.85)]);
    Lamps { colour: warm, above: vec3(0.14, 0.16, 0.28), rim: vec3(0.35, 0.45, 0.8), ..lamps }
}

fn landscape(picture: &mut Picture, scale: f32) -> Lamps {
    // Whoever is seen to the feet would stand in the sea.
    const DRY: &[Ground] = &[Ground::Meadow, Ground::Snow, Ground::Road, Ground::Forest, Ground::Desert];
    let grounds = if scale < 0.1 { DRY } else { OUTDOORS };
    let share = (1.6 / scale.max(0.1) * 0.1).clamp(0.6, 1.6);
    let want = Want { grounds, height: 1.7, share: (share, share * 1.2), down: (-0.02, 0.12) };
    let place = backdrop::place(picture, &want);
    lamps::outdoors(&place.weather, &mut picture.random)
}

fn sky(picture: &mut Picture) -> Lamps {
    let weather = Weather::any(&mut picture.random);
    let horizon = picture.random.range(0.85, 1.2);
    let hills = picture.random.range(0.0, 0.12);
    let noise = Noise::new(&mut picture.random);
    weather.paint_sky(&mut picture.canvas, horizon);
    let colour = weather.hazy(weather.lit(rgb(0x4a5a44)), 0.3);
    let land = Shape::rect(-0.1, 0.6, 1.1, 1.1);
    let mask = picture.canvas.mask(&land);
    picture.canvas.glaze(&mask, |p| {
        let ridge = horizon - hills * (1.0 + noise.fractal(vec2(p.x * 3.0, 1.0), 3, 0.5));
        colour.extend(smoothstep(-0.004, 0.004, p.y - ridge))
    });
    let words = weather.words();
    picture.detail_of(words);
    lamps::outdoors(&weather, &mut picture.random)
}
