//! The walls that water falls down: where they stand in each layout, and their rock.

use super::nature::each_pixel;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, smoothstep, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::Weather;

/// A step of rock from its brink down to its foot; later walls stand nearer.
pub struct Wall {
    pub brink: f32,
    pub foot: f32,
    pub tilt: f32,
    pub rugged: f32,
    pub far: f32,
    pub noise: Noise,
    pub falls: Vec<Fall>,
}

/// Water over a wall's brink.
#[derive(Clone, Copy)]
pub struct Fall {
    pub top: f32,
    pub bottom: f32,
    /// Half widths at the brink and at the foot.
    pub width: (f32, f32),
    /// 0 a closed white sheet … 1 threads with rock between.
    pub thin: f32,
}

pub struct Look {
    pub rock: Vec3,
    pub moss: Vec3,
    pub mossy: f32,
    /// Features of the rock in the picture's width.
    pub grain: f32,
    /// 0 upright columns … 1 level strata.
    pub strata: f32,
    pub water: Vec3,
    pub plants: Plants,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Plants {
    Firs,
    Broadleaf,
    Jungle,
    Bare,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    Face,
    Close,
    Stair,
    Far,
    Curtain,
    Gorge,
}

pub fn walls(random: &mut Rng, layout: Layout) -> Vec<Wall> {
    let wall = |random: &mut Rng, brink: f32, foot: f32, falls: Vec<Fall>| Wall {
        brink,
        foot,
        tilt: random.range(-0.15, 0.15),
        rugged: random.range(0.02, 0.09),
        far: 0.0,
        noise: Noise::new(random),
        falls,
    };
    match layout {
        Layout::Close => {
            let foot = if random.chance(0.4) { 1.1 } else { random.range(0.74, 0.95) };
            let count = random.weighted(&[0.0, 0.5, 0.3, 0.2]);
            let falls = spread_falls(random, count, (0.07, 0.26));
            let brink = random.range(-0.35, 0.1);
            vec![wall(random, brink, foot, falls)]
        }
        Layout::Stair => stair(random),
        Layout::Far => {
            let brink = random.range(0.16, 0.4);
            let count = random.weighted(&[0.0, 0.5, 0.3, 0.2]);
            let falls = spread_falls(random, count, (0.018, 0.05));
            let foot = random.range(0.66, 0.8);
            vec![Wall {
                far: random.range(0.1, 0.35),
                rugged: random.range(0.08, 0.2),
                ..wall(random, brink, foot, falls)
            }]
        }
        Layout::Curtain => {
            let (brink, foot) = (random.range(0.1, 0.34), random.range(0.62, 0.9));
            let mut x = random.range(-0.2, 0.15);
            let mut falls = Vec::new();
            while x < 1.1 {
                let width = random.range(0.06, 0.24);
                let thin = random.range(0.0, 0.5);
                falls.push(Fall { top: x + width, bottom: x + width, width: (width, width * 1.05), thin });
                x += 2.0 * width + random.range(0.01, 0.12);
            }
            vec![Wall { tilt: random.range(-0.4, 0.4), rugged: 0.03, ..wall(random, brink, foot, falls) }]
        }
        Layout::Gorge => {
            let brink = random.range(0.08, 0.35);
            let foot = random.range(0.6, 0.78);
            let top = random.range(0.4, 0.6);
            let width = random.range(0.03, 0.1);
            let fall = Fall {
                top,
                bottom: top + random.range(-0.02, 0.02),
                width: (width, width * 1.3),
                thin: random.range(0.0, 0.6),
            };
            vec![Wall { far: random.range(0.05, 0.3), ..wall(random, brink, foot, vec![fall]) }]
        }
        Layout::Face => {
            let (brink, foot) = (random.range(0.1, 0.36), random.range(0.64, 0.86));
            let count = random.weighted(&[0.0, 0.4, 0.35, 0.25]);
            let falls = spread_falls(random, count, (0.03, 0.13));
            vec![wall(random, brink, foot, falls)]
        }
    }
}

/// `count` falls side by side.
pub fn spread_falls(random: &mut Rng, count: usize, width: (f32, f32)) -> Vec<Fall> {
    let shift = random.range(-0.18, 0.18);
    (0..count)
        .map(|k| {
            let cell = 0.8 / count as f32;
            let at = 0.1 + cell * (k as f32 + 0.5 + random.range(-0.25, 0.25)) + shift;
            let half = random.range(width.0, width.1).min(0.42 * cell + 0.02);
            let spread = random.range(1.0, 1.7);
            Fall {
                top: at,
                bottom: at + random.range(-0.05, 0.05),
                width: (half, half * spread),
                thin: random.range(0.0, 0.9),
            }
        })
        .collect()
}

/// Walls that come nearer and broader, the water winding down them.
pub fn stair(random: &mut Rng) -> Vec<Wall> {
    let steps = random.int(2, 4) as usize;
    let (first, last) = (random.range(-0.05, 0.3), random.range(0.8, 1.05));
    let mut x = random.range(0.25, 0.75);
    let mut y = first;
    let mut width = random.range(0.03, 0.09);
    let mut walls = Vec::new();
    for k in 0..steps {
        let foot = if k + 1 == steps { last } else { y + (last - y) / (steps - k) as f32 * random.range(0.7, 1.25) };
        let mut falls = Vec::new();
        let parts = if k > 0 { random.int(1, 3) } else { 1 };
        for part in 0..parts {
            let at = x + (part as f32 - 0.5 * (parts - 1) as f32) * width * 2.3;
            let half = width * random.range(0.7, 1.1);
            falls.push(Fall {
                top: at,
                bottom: at + random.range(-0.04, 0.04),
                width: (half, half * 1.3),
                thin: random.range(0.0, 0.6),
            });
        }
        walls.push(Wall {
            brink: y,
            foot: foot + 0.02,
            tilt: random.range(-0.12, 0.12),
            rugged: random.range(0.02, 0.06),
            far: 0.12 * (steps - 1 - k) as f32,
            noise: Noise::new(random),
            falls,
        });
        x = (x + random.range(-0.16, 0.16)).clamp(0.2, 0.8);
        width = (width * random.range(1.1, 1.5)).min(0.2);
        y = foot;
    }
    walls
}

impl Wall {
    pub fn brink(&self, x: f32) -> f32 {
        let notch: f32 =
            self.falls.iter().map(|fall| bell((x - fall.top) / fall.width.0.max(0.02), 1.2)).fold(0.0, f32::max);
        let bumps = self.noise.fractal(vec2(x * 4.0, 2.0), 4, 0.55);
        self.brink + self.tilt * (x - 0.5) + self.rugged * (bumps * (1.0 - 0.8 * notch) + 0.4 * notch)
    }

    pub fn foot(&self, x: f32) -> f32 {
        self.foot + 0.25 * self.tilt * (x - 0.5) + 0.012 * self.noise.at(vec2(x * 9.0, 40.0))
    }
}

/// Rock: cracked columns or strata, lit from the light's side, mossy in patches, wet beside water.
pub fn rock(look: &Look, noise: Noise, p: Vec2, side: f32, lit: Vec3, moss: Vec3) -> Vec3 {
    let stretch = vec2(mix(1.0, 0.35, look.strata), mix(0.28, 1.3, look.strata)) * look.grain;
    let field = |q: Vec2| noise.fractal(q * stretch, 4, 0.6);
    let here = field(p);
    let relief = here - field(p + vec2(0.35 * side, -0.5) / (look.grain * 4.0));
    let crack = smoothstep(0.0, 0.22, noise.at(p * stretch * 1.7 + 31.0).abs());
    let green = look.mossy * smoothstep(0.55 - 0.7 * look.mossy, 1.0, 0.5 + here + 0.8 * relief);
    let base = lit.lerp(moss, clamp01(green));
    base * (0.85 + 0.3 * here + 1.5 * relief).clamp(0.16, 2.4) * mix(0.45, 1.0, crack)
}

pub fn paint_wall(picture: &mut Picture, weather: &Weather, look: &Look, wall: &Wall, depth: f32) {
    let canvas = &mut picture.canvas;
    canvas.begin(depth);
    let (size, count) = (canvas.size as f32, canvas.size);
    let brinks: Vec<f32> = (0..count).map(|x| wall.brink((x as f32 + 0.5) / size)).collect();
    let highest = brinks.iter().copied().fold(1.0, f32::min) - 0.01;
    let side = weather.light.to.x.signum();
    let (lit, moss) = (weather.lit(look.rock), weather.lit(look.moss));
    let room = (wall.foot - wall.brink).max(0.1);
    let until = wall.foot + 0.13;
    each_pixel(canvas, vec2(0.0, highest), vec2(1.0, until), |canvas, x, y, p| {
        let cover = clamp01((p.y - brinks[x]) * size + 0.5);
        if cover <= 0.0 {
            return;
        }
        let colour = rock(look, wall.noise, p, side, lit, moss);
        let down = clamp01((p.y - brinks[x]) / room);
        let rim = 1.0 + 0.9 * bell(p.y - brinks[x], 0.018);
        let colour = colour * mix(1.15, 0.62, down) * rim;
        canvas.put(x, y, weather.hazy(colour, wall.far), cover);
    });
}

/// Steep nearer walls on both sides.
pub fn gorge(picture: &mut Picture, weather: &Weather, look: &Look) {
    for layer in 0..picture.random.int(1, 2) {
        for side in [-1.0, 1.0] {
            let random = &mut picture.random;
            let noise = Noise::new(random);
            let edge = 0.5 + side * (random.range(0.13, 0.24) + 0.12 * layer as f32);
            let lean = side * random.range(0.05, 0.3);
            let top = random.range(-0.2, 0.15) + 0.1 * layer as f32;
            let (lit, moss) = (weather.lit(look.rock), weather.lit(look.moss));
            let shade = if weather.light.to.x * side > 0.0 { 0.6 } else { 1.05 } * (0.95 - 0.2 * layer as f32);
            let size = picture.canvas.size as f32;
            picture.canvas.begin(0.55 - 0.1 * layer as f32);
            each_pixel(&mut picture.canvas, vec2(0.0, 0.0), vec2(1.0, 1.0), |canvas, x, y, p| {
                let inner = edge + lean * (0.75 - p.y) + 0.07 * noise.fractal(vec2(3.0, p.y * 5.0), 4, 0.6);
                let skyline = top - 0.5 * (p.x - inner) * side + 0.08 * noise.fractal(vec2(p.x * 7.0, 1.0), 3, 0.6);
                let inside = ((p.x - inner) * side).min(p.y - skyline);
                let cover = clamp01(inside * size + 0.5);
                if cover > 0.0 {
                    let colour = rock(look, noise, p, weather.light.to.x.signum(), lit, moss) * shade;
                    let rim = 1.0 + 0.6 * bell(inside, 0.012);
                    canvas.put(x, y, weather.hazy(colour * rim, 0.08), cover);
                }
            });
        }
    }
}
