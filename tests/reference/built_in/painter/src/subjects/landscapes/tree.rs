//! One big tree on a hill, in a meadow or by itself in the snow: many forms, four seasons, grown branch by branch.

use super::nature::{Ridge, Slope, dab, fir, foliage, paint_ridge, palm};
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, mix, rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::weather::Weather;

#[derive(Clone, Copy, PartialEq)]
enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

/// How a tree branches.
struct Habit {
    /// Angle between a branch and its children.
    spread: f32,
    /// A child's length, as a share of its parent's.
    shorter: f32,
    /// Positive hangs, negative strives up.
    droop: f32,
    trunk: f32,
    levels: u32,
    /// Leaf clumps: their radius as a share of the height, and how flat they are.
    clump: f32,
    flat: f32,
}

struct Branch {
    from: Vec2,
    to: Vec2,
    width: (f32, f32),
}

pub fn tree(picture: &mut Picture) {
    let random = &mut picture.random;
    let season =
        [Season::Spring, Season::Summer, Season::Autumn, Season::Winter][random.weighted(&[0.16, 0.38, 0.26, 0.2])];
    let weather = Weather::any(random);
    let height = if picture.dense { random.range(0.85, 1.1) } else { random.range(0.5, 0.9) };
    let loose = 0.5 - 0.42 * height.min(0.95);
    let ground = random.range(0.72, 0.95);
    let x = 0.5 + random.range(-loose, loose);
    let hill = land(picture, &weather, season, ground, x);
    let foot = vec2(x, hill + 0.02);
    let height = height.min(foot.y - 0.02);
    shadow(&mut picture.canvas, &weather, foot, height);
    picture.canvas.begin(0.3);
    let random = &mut picture.random;
    let to_light = vec2(weather.light.to.x, -0.9).normalize();
    let kind = random.weighted(&[0.8, 0.14, 0.06]);
    match kind {
        1 => fir_tree(picture, &weather, season, foot, height),
        2 if season != Season::Winter => {
            let green = weather.lit(rgb(0x4a7a34));
            palm(&mut picture.canvas, random, foot, height * 0.85, green, to_light.x.signum());
            picture.noun = Some("a palm tree".into());
        }
        _ => grown(picture, &weather, season, foot, height, to_light),
    }
    if picture.dense {
        deepen(&mut picture.canvas, 0.35);
    }
    match season {
        Season::Autumn if kind == 0 => picture.detail("in autumn"),
        Season::Winter => picture.detail_of(&["in winter", "in the snow"]),
        Season::Spring if kind == 0 => picture.detail("in spring"),
        _ => {}
    }
    picture.detail_of(weather.words());
}

fn fir_tree(picture: &mut Picture, weather: &Weather, season: Season, foot: Vec2, height: f32) {
    let snow = if season == Season::Winter { 0.85 } else { 0.0 };
    let green = weather.lit(rgb(*picture.random.pick(&[0x2c5034, 0x3a6040, 0x385a4c])));
    fir(&mut picture.canvas, &mut picture.random, foot, height, green, snow, weather.light.to.x.signum());
    picture.noun = Some(picture.random.pick(&["a fir tree", "a pine tree", "a tree"]).to_string());
}

/// Hills and the meadow; the y of the ground where the tree stands.
fn land(picture: &mut Picture, weather: &Weather, season: Season, ground: f32, x: f32) -> f32 {
    weather.paint_sky(&mut picture.canvas, ground);
    let random = &mut picture.random;
    let (near, far) = match season {
        Season::Spring => (*random.pick(&[0x6c9c3c, 0x84a848, 0x5c8c40]), 0x7c9c6c),
        Season::Summer => (*random.pick(&[0x587c30, 0xa89c4c, 0x4c6c2c, 0xc0a850]), 0x5c7c54),
        Season::Autumn => (*random.pick(&[0x8c7c38, 0xa07838, 0x6c7034]), 0x8c6c44),
        Season::Winter => (0xeaeef6, 0x9cacc4),
    };
    if random.chance(0.75) {
        for layer in 0..2 {
            let height = random.range(0.06, 0.22) * (1.0 - 0.4 * layer as f32);
            let ridge = Ridge {
                foot: ground + 0.06,
                height,
                wide: random.range(0.9, 2.5),
                rough: random.range(0.36, 0.52),
                noise: Noise::new(random),
            };
            paint_ridge(
                &mut picture.canvas,
                weather,
                &ridge,
                Slope { colour: rgb(far), snow: 2.0, far: 0.62 - 0.25 * layer as f32, depth: 0.95 },
            );
        }
    }
    let wide = random.range(0.5, 1.2);
    let ridge = Ridge { foot: 1.15, height: 1.15 - ground, wide, rough: 0.3, noise: Noise::new(random) };
    let lift = ground - ridge.top(x);
    let noise = ridge.noise;
    let near = weather.lit(rgb(near));
    let flowers = matches!(season, Season::Spring | Season::Summer) && random.chance(0.4);
    let petal = weather.lit(rgb(*random.pick(&[0xf0e040, 0xe04038, 0xf0f0f0, 0x9060c0])));
    picture.canvas.begin(0.5);
    let size = picture.canvas.size as f32;
    super::nature::each_pixel(&mut picture.canvas, vec2(0.0, 0.4), vec2(1.0, 1.0), |canvas, px, py, p| {
        let below = p.y - ridge.top(p.x) - lift;
        let cover = (below * size + 0.5).clamp(0.0, 1.0);
        if cover <= 0.0 {
            return;
        }
        let blades = noise.fractal(vec2(p.x * 26.0, p.y * 14.0 / (0.3 + below)), 3, 0.6);
        let broad = noise.fractal(p * vec2(3.0, 7.0), 2, 0.5);
        let mut colour = near * (0.9 + 0.22 * blades + 0.25 * broad - 0.35 * below);
        if flowers && noise.at(p * vec2(60.0, 90.0)) > 0.78 {
            colour = petal;
        }
        canvas.put(px, py, colour, cover);
    });
    ground
}

fn shadow(canvas: &mut Canvas, weather: &Weather, foot: Vec2, height: f32) {
    let away = -weather.light.to.x * 0.3 * height;
    let mask = canvas
        .mask(&Shape::ellipse(foot + vec2(away, 0.02), vec2(0.36 * height, 0.05 * height), 0.0))
        .soft(0.02, canvas.size);
    canvas.shade(&mask, |_| Vec3::splat(0.5));
}

fn habit(random: &mut Rng) -> Habit {
    let oak = Habit { spread: 0.55, shorter: 0.76, droop: 0.0, trunk: 0.24, levels: 5, clump: 0.13, flat: 0.8 };
    match random.weighted(&[0.36, 0.16, 0.13, 0.13, 0.12, 0.1]) {
        0 => Habit { spread: random.range(0.42, 0.7), ..oak },
        // A poplar, a willow, an acacia, a birch, an old broad one.
        1 => Habit { spread: 0.2, shorter: 0.78, droop: -0.25, trunk: 0.22, clump: 0.08, flat: 1.5, ..oak },
        2 => Habit { spread: 0.6, droop: 0.32, trunk: 0.26, clump: 0.11, flat: 1.5, ..oak },
        3 => Habit { spread: 0.62, shorter: 0.68, droop: 0.05, trunk: 0.4, levels: 4, clump: 0.16, flat: 0.32 },
        4 => Habit { spread: 0.34, shorter: 0.74, droop: -0.03, trunk: 0.27, clump: 0.09, flat: 1.0, ..oak },
        _ => Habit { spread: 0.72, shorter: 0.8, droop: 0.03, trunk: 0.16, clump: 0.14, flat: 0.7, ..oak },
    }
}

fn grown(picture: &mut Picture, weather: &Weather, season: Season, foot: Vec2, height: f32, to_light: Vec2) {
    let random = &mut picture.random;
    let habit = habit(random);
    let birch = random.chance(0.12);
    let (mut branches, mut tips) = (Vec::new(), Vec::new());
    let first = -std::f32::consts::FRAC_PI_2 + random.range(-0.1, 0.1);
    let thick = random.range(0.035, 0.07) * if season == Season::Winter { 1.1 } else { 1.0 };
    grow(random, &habit, foot, first, habit.trunk, thick, habit.levels, &mut branches, &mut tips);
    // Grown to a height of about one, then fitted.
    let top = tips.iter().map(|tip| foot.y - tip.y).fold(0.1, f32::max);
    let fit = height * 0.9 / top;
    let place = |p: Vec2| foot + (p - foot) * fit;
    let bark = weather.lit(rgb(if birch { 0xd0ccc0 } else { *random.pick(&[0x4a3626, 0x5c4834, 0x3a3028, 0x6c5c4c]) }));
    let noise = Noise::new(random);
    let side = to_light.x.signum();
    for branch in &branches {
        let (a, b) = (place(branch.from), place(branch.to));
        let normal = (b - a).normalize_or_zero().perp();
        let lit = normal * if normal.x * side > 0.0 { 1.0 } else { -1.0 };
        let wide = branch.width.0 * fit;
        picture.canvas.fill(&Shape::limb(&[a, b], &[wide, branch.width.1 * fit]), |p| {
            let across = (p - a).dot(lit) / wide;
            let mark = if birch { 1.0 - 0.7 * bell(noise.at(p * vec2(20.0, 90.0)) - 0.7, 0.25) } else { 1.0 };
            bark * (0.85 + 0.5 * across + 0.3 * noise.at(p * vec2(120.0, 30.0))) * mark
        });
    }
    picture.canvas.part(1, 0.3);
    leaves(picture, weather, season, &habit, height, to_light, tips.iter().map(|&tip| place(tip)).collect());
}

fn leaves(
    picture: &mut Picture,
    weather: &Weather,
    season: Season,
    habit: &Habit,
    height: f32,
    to_light: Vec2,
    tips: Vec<Vec2>,
) {
    let random = &mut picture.random;
    let hue = match season {
        Season::Spring => *random.pick(&[0x8cb848, 0xf0b8c8, 0xf4e8ec, 0x9cc454]),
        Season::Summer => *random.pick(&[0x4c7a2c, 0x3c6428, 0x64883c, 0x587c48]),
        Season::Autumn => *random.pick(&[0xd8862c, 0xc84c24, 0xe0b030, 0xa8381f, 0xc87830]),
        Season::Winter => 0xeef2fa,
    };
    let colour = weather.lit(rgb(hue));
    let mut order = tips;
    random.shuffle(&mut order);
    order.truncate(if season == Season::Winter { 160 } else { 80 });
    // Lower and darker clumps lie behind.
    order.sort_by(|a, b| (b.dot(to_light)).total_cmp(&a.dot(to_light)).reverse());
    let (low, high) = order
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), tip| (low.min(tip.dot(to_light)), high.max(tip.dot(to_light))));
    let thin = if season == Season::Autumn { 0.8 } else { 1.0 };
    for (k, &tip) in order.iter().enumerate() {
        if season == Season::Winter {
            let size = 0.012 * height * random.range(0.5, 1.5);
            dab(&mut picture.canvas, tip - vec2(0.0, size), vec2(size * 2.0, size), colour, 0.8);
            continue;
        }
        let lit = (tip.dot(to_light) - low) / (high - low).max(1e-3);
        let size = habit.clump * height * random.range(0.7, 1.2) * thin;
        let tint = vec3(random.range(0.92, 1.1), random.range(0.92, 1.06), 1.0);
        let tone = mix(0.6, 1.12, lit);
        let radii = vec2(size, size * habit.flat);
        picture.canvas.part(1 + (k % 3) as u8, 0.3);
        foliage(&mut picture.canvas, random, tip, radii, colour * tint * tone, to_light);
    }
}

#[allow(clippy::too_many_arguments)]
fn grow(
    random: &mut Rng,
    habit: &Habit,
    from: Vec2,
    angle: f32,
    long: f32,
    wide: f32,
    left: u32,
    branches: &mut Vec<Branch>,
    tips: &mut Vec<Vec2>,
) {
    let to = from + Vec2::from_angle(angle) * long;
    let next = wide * 0.72;
    branches.push(Branch { from, to, width: (wide, next) });
    if left <= 2 {
        tips.push(to);
    }
    if left == 0 {
        return;
    }
    let down = std::f32::consts::FRAC_PI_2;
    let count = if left == habit.levels || random.chance(0.35) { 3 } else { 2 };
    for k in 0..count {
        let side = (k as f32 / (count - 1) as f32 - 0.5) * 2.0;
        let turn = side * habit.spread + random.range(-0.16, 0.16);
        let mut child = angle + turn;
        child += habit.droop
            * (down - child).clamp(-1.0, 1.0).signum()
            * if habit.droop > 0.0 { (child.cos()).signum() } else { 0.0 };
        if habit.droop < 0.0 {
            child += habit.droop * (child + down).clamp(-1.0, 1.0);
        }
        let length = long * habit.shorter * random.range(0.8, 1.15);
        grow(random, habit, to, child, length, next * 0.85, left - 1, branches, tips);
    }
}

/// A tree of any habit, dark against the sky.
pub fn silhouette(picture: &mut Picture, foot: Vec2, height: f32, colour: Vec3) {
    let random = &mut picture.random;
    let habit = habit(random);
    let (mut branches, mut tips) = (Vec::new(), Vec::new());
    grow(
        random,
        &habit,
        foot,
        -std::f32::consts::FRAC_PI_2,
        habit.trunk * height,
        0.05 * height,
        habit.levels,
        &mut branches,
        &mut tips,
    );
    picture.canvas.begin(0.2);
    let limbs: Vec<Shape> =
        branches.iter().map(|each| Shape::limb(&[each.from, each.to], &[each.width.0, each.width.1])).collect();
    picture.canvas.flat(&Shape::together(&limbs), colour);
}
