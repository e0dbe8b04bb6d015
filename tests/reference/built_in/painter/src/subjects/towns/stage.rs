//! A stage for buildings: an upright camera, one weather, and a depth for every pixel, so that land, walls and towers hide each other
//! rightly in whatever order they come.
//!
//! Metres; x to the right, y up, and the eye looks along -z with upright lines upright. `d` is the distance ahead, -z.

use crate::canvas::{Canvas, Mask, box_blur};
use crate::math::{Vec2, Vec3, clamp01, rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::Weather;

/// Nothing is seen that is nearer.
const NEAR: f32 = 0.6;

pub struct Stage {
    pub eye: Vec3,
    pub focal: f32,
    /// Where the line of sight goes through: its y is the horizon.
    pub centre: Vec2,
    pub weather: Weather,
    pub noise: Noise,
    /// The distance at which air hides 63 %.
    pub air: f32,
    pub size: usize,
    pub far: Vec<f32>,
    pub water: Vec<bool>,
    glow: Vec<f32>,
}

/// What a point of a surface shows: its own colour, and how much lamplight comes through it.
pub struct Look {
    pub colour: Vec3,
    pub lamp: f32,
}

impl Look {
    pub fn dull(colour: Vec3) -> Look {
        Look { colour, lamp: 0.0 }
    }
}

pub fn lamplight() -> Vec3 {
    rgb(0xffc45c)
}

impl Stage {
    pub fn new(picture: &mut Picture, weather: Weather, height: f32, horizon: f32, focal: f32, air: f32) -> Stage {
        let size = picture.canvas.size;
        Stage {
            eye: vec3(0.0, height, 0.0),
            focal,
            centre: vec2(0.5, horizon),
            weather,
            noise: Noise::new(&mut picture.random),
            air,
            size,
            far: vec![f32::MAX; size * size],
            water: vec![false; size * size],
            glow: vec![0.0; size * size],
        }
    }

    pub fn seen(&self, p: Vec3) -> Vec2 {
        let to = p - self.eye;
        self.centre + self.focal * vec2(to.x, -to.y) / (-to.z).max(1e-3)
    }

    /// Of length 1 along the line of sight, so that its multiple is `d`.
    pub fn ray(&self, p: Vec2) -> Vec3 {
        let off = (p - self.centre) / self.focal;
        vec3(off.x, -off.y, -1.0)
    }

    /// The x that is seen at column `x` of the picture, `d` ahead.
    pub fn across(&self, x: f32, d: f32) -> f32 {
        self.eye.x + (x - self.centre.x) / self.focal * d
    }

    /// Pixels (of the unit square) that a metre takes at distance `d`.
    pub fn metre(&self, d: f32) -> f32 {
        self.focal / d.max(NEAR)
    }

    pub fn depth(d: f32) -> f32 {
        clamp01(d / (d + 60.0))
    }

    /// A surface in the light and through the air.
    pub fn lit(&self, look: &Look, normal: Vec3, d: f32) -> Vec3 {
        let light = &self.weather.light;
        let direct = light.colour * normal.dot(light.to).max(0.0);
        let round = light.bounce.lerp(light.ambient, 0.5 + 0.5 * normal.y) * 1.05;
        self.hazy(shouldered(look.colour * (direct + round)).lerp(lamplight(), look.lamp), d)
    }

    pub fn hazy(&self, colour: Vec3, d: f32) -> Vec3 {
        colour.lerp(self.weather.sky.1, 1.0 - (-d / self.air).exp())
    }

    /// What `mask` covers of a surface; `hit` gives for a ray the distance, the normal and the look.
    pub fn paint(&mut self, canvas: &mut Canvas, mask: &Mask, hit: impl Fn(Vec3) -> Option<(f32, Vec3, Look)>) {
        for row in 0..mask.height {
            for column in 0..mask.width {
                let cover = mask.cover[row * mask.width + column];
                if cover < 0.03 {
                    continue;
                }
                let (x, y) = (mask.left + column, mask.top + row);
                let index = y * self.size + x;
                let Some((d, normal, look)) = hit(self.ray(canvas.point(x, y))) else { continue };
                if d > self.far[index] * 1.0005 || d < 0.0 {
                    continue;
                }
                canvas.put(x, y, self.lit(&look, normal, d), cover);
                if cover > 0.5 {
                    self.far[index] = d;
                    self.glow[index] = look.lamp;
                    self.water[index] = false;
                }
            }
        }
    }

    /// One side of a flat, convex face, its corners counter-clockwise as one sees it. `look` is handed metres: along the
    /// first edge from the first corner, and up from that edge.
    pub fn face(&mut self, canvas: &mut Canvas, part: u8, corners: &[Vec3], look: impl Fn(Vec2) -> Look) {
        let first = corners[0];
        let along = (corners[1] - first).normalize_or_zero();
        let normal = along.cross(corners[2] - first).normalize_or_zero();
        let off = normal.dot(first - self.eye);
        if off >= 0.0 {
            return;
        }
        let up = normal.cross(along);
        let ahead = clipped(corners);
        if ahead.len() < 3 {
            return;
        }
        let flat: Vec<Vec2> = ahead.iter().map(|&corner| self.seen(corner)).collect();
        let mask = Shape::polygon(&grown(&flat, 0.4 / self.size as f32)).mask(self.size);
        canvas.part(part, Stage::depth(-first.z));
        let from = self.eye - first;
        self.paint(canvas, &mask, |ray| {
            let t = off / normal.dot(ray);
            let to = from + ray * t;
            Some((t, normal, look(vec2(to.dot(along), to.dot(up)))))
        });
    }

    /// A round, upright thing about `foot`: radius `low` at the foot, `high` at `height`. `look` is handed metres round and up.
    pub fn round(
        &mut self,
        canvas: &mut Canvas,
        part: u8,
        foot: Vec3,
        (low, high, height): (f32, f32, f32),
        look: impl Fn(Vec2) -> Look,
    ) {
        if -foot.z < low + NEAR {
            return;
        }
        let mut rim = Vec::new();
        for k in 0..20 {
            let turn = Vec2::from_angle(std::f32::consts::TAU * k as f32 / 20.0);
            rim.push(self.seen(foot + vec3(turn.x * low, 0.0, turn.y * low)));
            rim.push(self.seen(foot + vec3(turn.x * high, height, turn.y * high)));
        }
        let mask = Shape::polygon(&grown(&hull(rim), 0.3 / self.size as f32)).mask(self.size);
        canvas.part(part, Stage::depth(-foot.z));
        let (from, slope) = (self.eye - foot, (high - low) / height);
        self.paint(canvas, &mask, |ray| {
            // (x + t rx)² + (z + t rz)² = (low + slope (y + t ry))²
            let (edge, change) = (low + slope * from.y, slope * ray.y);
            let a = ray.x * ray.x + ray.z * ray.z - change * change;
            let b = from.x * ray.x + from.z * ray.z - edge * change;
            let c = from.x * from.x + from.z * from.z - edge * edge;
            let t = (-b - (b * b - a * c).max(0.0).sqrt()) / a;
            let to = from + ray * t;
            let mut normal = vec3(to.x, 0.0, to.z).normalize_or(Vec3::Z);
            normal = (normal - vec3(0.0, slope, 0.0)).normalize();
            let about = to.x.atan2(to.z) * low.max(high);
            Some((t, normal, look(vec2(about, to.y))))
        });
    }

    /// Half an ellipsoid (or, with `whole`, all of it) about `centre`.
    pub fn dome(
        &mut self,
        canvas: &mut Canvas,
        part: u8,
        centre: Vec3,
        (radius, rise): (f32, f32),
        look: impl Fn(Vec2) -> Look,
    ) {
        if -centre.z < radius + NEAR {
            return;
        }
        let mut rim = Vec::new();
        for level in 0..5 {
            let (s, c) = (std::f32::consts::FRAC_PI_8 * level as f32).sin_cos();
            for k in 0..16 {
                let turn = Vec2::from_angle(std::f32::consts::TAU * k as f32 / 16.0) * radius * c;
                rim.push(self.seen(centre + vec3(turn.x, rise * s, turn.y)));
            }
        }
        let mask = Shape::polygon(&grown(&hull(rim), 0.3 / self.size as f32)).mask(self.size);
        canvas.part(part, Stage::depth(-centre.z));
        let radii = vec3(radius, rise, radius);
        let from = (self.eye - centre) / radii;
        self.paint(canvas, &mask, |ray| {
            let ray = ray / radii;
            let (a, b, c) = (ray.length_squared(), from.dot(ray), from.length_squared() - 1.0);
            let t = (-b - (b * b - a * c).max(0.0).sqrt()) / a;
            let to = from + ray * t;
            let normal = (to / radii).normalize_or(Vec3::Y);
            Some((t, normal, look(vec2(to.x.atan2(to.z) * radius, to.y * rise))))
        });
    }

    /// A flat thing that faces the eye at distance `d`; `look` is handed points of the picture, its colour is already lit.
    pub fn card(&mut self, canvas: &mut Canvas, shape: &Shape, d: f32, colour: impl Fn(Vec2) -> Vec3) {
        let mask = shape.mask(self.size);
        canvas.begin(Stage::depth(d));
        for row in 0..mask.height {
            for column in 0..mask.width {
                let cover = mask.cover[row * mask.width + column];
                let (x, y) = (mask.left + column, mask.top + row);
                let index = y * self.size + x;
                if cover < 0.03 || d > self.far[index] * 1.02 {
                    continue;
                }
                canvas.put(x, y, self.hazy(colour(canvas.point(x, y)), d), cover);
                if cover > 0.5 {
                    self.far[index] = d;
                    self.glow[index] = 0.0;
                    self.water[index] = false;
                }
            }
        }
    }

    /// The shadow on the ground of a thing whose outline seen from above goes through `feet`, `height` tall.
    pub fn shadow(&self, canvas: &mut Canvas, feet: &[Vec3], height: f32, ground: impl Fn(Vec2) -> f32) {
        let light = &self.weather.light;
        if self.weather.time == crate::weather::Time::Overcast {
            return;
        }
        let away = vec3(-light.to.x, 0.0, -light.to.z) * (height / light.to.y.max(0.3));
        let on = |p: Vec3| vec3(p.x, ground(vec2(p.x, -p.z)), p.z);
        let mut all: Vec<Vec3> = feet.iter().map(|&foot| on(foot)).collect();
        all.extend(feet.iter().map(|&foot| on(foot + away * 0.9)));
        if all.iter().any(|p| -p.z < NEAR) {
            return;
        }
        let d = -feet[0].z;
        let outline = hull(all.iter().map(|&p| self.seen(p)).collect());
        let mask = Shape::polygon(&outline).mask(self.size);
        let tone = light.ambient / (light.ambient + light.colour * light.to.y * 0.8);
        let dark = Vec3::ONE.lerp(tone, 0.8 * (-d / self.air).exp());
        for row in 0..mask.height {
            for column in 0..mask.width {
                let cover = mask.cover[row * mask.width + column];
                let index = (mask.top + row) * self.size + mask.left + column;
                if cover > 0.03 && self.far[index] > 0.55 * d && self.far[index] < 1.6 * d && !self.water[index] {
                    canvas.rgb[index] *= Vec3::ONE.lerp(dark, cover);
                }
            }
        }
    }

    /// Whether enough water, or sky, is in the frame to speak of it.
    pub fn shows_water(&self) -> bool {
        self.water.iter().filter(|&&water| water).count() * 25 > self.water.len()
    }

    pub fn shows_sky(&self) -> bool {
        self.far.iter().filter(|&&far| far == f32::MAX).count() * 9 > self.far.len()
    }

    /// The halo of lamplit windows; in the dark it reaches the snow about them.
    pub fn halo(&mut self, canvas: &mut Canvas, strength: f32) {
        let mut soft = std::mem::take(&mut self.glow);
        let reach = (self.size as f32 * 0.025).max(1.0) as usize;
        for _ in 0..2 {
            box_blur(&mut soft, self.size, self.size, reach);
        }
        for (colour, glow) in canvas.rgb.iter_mut().zip(&soft) {
            let more = lamplight() * (glow * strength);
            *colour = Vec3::ONE - (Vec3::ONE - *colour) * (Vec3::ONE - more.min(Vec3::ONE));
        }
    }
}

/// Bright tones are pressed together, so that sunlit snow keeps its forms.
fn shouldered(colour: Vec3) -> Vec3 {
    let knee = 0.68;
    let press = |v: f32| if v > knee { knee + (1.0 - knee) * (1.0 - (-(v - knee) / (1.0 - knee)).exp()) } else { v };
    vec3(press(colour.x), press(colour.y), press(colour.z))
}

/// What of a polygon is ahead of the eye.
fn clipped(corners: &[Vec3]) -> Vec<Vec3> {
    let mut kept = Vec::with_capacity(corners.len() + 2);
    for (k, &a) in corners.iter().enumerate() {
        let b = corners[(k + 1) % corners.len()];
        let (da, db) = (-a.z - NEAR, -b.z - NEAR);
        if da >= 0.0 {
            kept.push(a);
        }
        if (da >= 0.0) != (db >= 0.0) {
            kept.push(a.lerp(b, da / (da - db)));
        }
    }
    kept
}

/// Larger by `by` all round, so that neighbours leave no seam.
fn grown(points: &[Vec2], by: f32) -> Vec<Vec2> {
    let middle = points.iter().copied().sum::<Vec2>() / points.len() as f32;
    points.iter().map(|&p| p + (p - middle).normalize_or_zero() * by).collect()
}

/// The convex outline of points (Andrew's monotone chain).
pub fn hull(mut points: Vec<Vec2>) -> Vec<Vec2> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let half = |points: &mut dyn Iterator<Item = Vec2>| {
        let mut chain: Vec<Vec2> = Vec::new();
        for p in points {
            while chain.len() > 1 {
                let (a, b) = (chain[chain.len() - 2], chain[chain.len() - 1]);
                if (b - a).perp_dot(p - a) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut outline = half(&mut points.iter().copied());
    outline.extend(half(&mut points.iter().rev().copied()));
    if outline.len() < 3 { points } else { outline }
}
