//! The land of a snowy village: its valley, slope, street, lake or river, and the peaks behind; with snow, rock, forest and road.

use super::air::Aurora;
use super::land::{Spot, paint_land, paint_sky, ridged};
use super::skin::snow;
use super::stage::Stage;
use crate::math::{Vec2, clamp01, mix, rgb, smoothstep, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;

#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    Valley,
    Slope,
    Street,
    Lake,
    River,
    Far,
    Above,
}

struct Peak {
    at: Vec2,
    height: f32,
    radius: f32,
}

/// The shape of the land.
pub struct Terrain {
    pub layout: Layout,
    peaks: Vec<Peak>,
    /// Hillside: where it begins, its steepness, and where it ends.
    tilt: (f32, f32, f32),
    /// Sides of the valley: how far off they begin and how steep they are.
    sides: (f32, f32),
    bend: f32,
    rolling: f32,
    rough: f32,
    treeline: f32,
    pub noise: Noise,
}

impl Terrain {
    pub fn any(random: &mut Rng, layout: Layout, dense: bool) -> Terrain {
        let mut peaks = Vec::new();
        let grand = if dense { 1.25 } else { 1.0 } * if layout == Layout::Far { 1.5 } else { 1.0 };
        for _ in 0..random.int(2, 5) {
            let d = random.range(420.0, 1300.0);
            let height = d * random.range(0.2, 0.52) * grand;
            let at = vec2(random.range(-0.6, 0.6) * d, d);
            // Its foot stays clear of the village.
            let radius = (height * random.range(1.1, 2.0)).min((at.length() - 230.0) / 1.25);
            peaks.push(Peak { at, height, radius });
        }
        let tilt = match layout {
            Layout::Slope => (random.range(15.0, 35.0), random.range(0.28, 0.5), random.range(110.0, 190.0)),
            Layout::Street => (10.0, random.range(-0.02, 0.1), 120.0),
            Layout::Lake => (60.0, random.range(0.05, 0.25), 200.0),
            Layout::Above => (60.0, random.range(0.0, 0.12), 200.0),
            _ => (70.0, random.range(0.0, 0.18), 220.0),
        };
        Terrain {
            layout,
            peaks,
            tilt,
            sides: (random.range(16.0, 60.0), random.range(0.1, 0.6)),
            bend: random.range(-1.0, 1.0),
            rolling: random.range(0.8, 3.0),
            rough: random.range(0.6, 1.0),
            treeline: random.range(60.0, 200.0),
            noise: Noise::new(random),
        }
    }

    /// The middle of valley, street or river.
    pub fn path(&self, d: f32) -> f32 {
        self.bend * (d * 0.03).sin() * (d * 0.25).min(14.0)
    }

    pub fn low(&self, p: Vec2) -> f32 {
        let off = p.x - self.path(p.y);
        let (start, slope, end) = self.tilt;
        let ramp = clamp01((p.y - start) / (end - start));
        let mut height = 2.0 + slope * (end - start) * ramp * mix(ramp, 1.0, 0.6);
        let aside = (off.abs() - self.sides.0 - 0.25 * p.y).max(0.0);
        height += self.sides.1 * aside * aside / (aside + 20.0);
        let flat = if self.layout == Layout::Street { smoothstep(6.0, 20.0, off.abs()) } else { 1.0 };
        height += flat * self.rolling * self.noise.fractal(p * 0.018, 2, 0.5);
        match self.layout {
            Layout::Lake => {
                let shore = p.y - 44.0 - 9.0 * self.noise.at(vec2(p.x * 0.03, 2.0));
                mix(-2.0, height, smoothstep(-1.5, 7.0, shore.max(14.0 - p.y)))
            }
            Layout::River => mix(-1.5, height, smoothstep(3.5, 8.0, off.abs())),
            _ => height,
        }
    }

    fn height(&self, p: Vec2) -> f32 {
        let mut height = self.low(p);
        for peak in &self.peaks {
            let away = p - peak.at;
            let r = away.length() / peak.radius;
            if r < 1.25 {
                let rough = ridged(self.noise, p / peak.radius * 2.2 + 3.0, 5);
                let cone = (1.25 - r).max(0.0) / 1.25;
                let rise = peak.height * (cone.powf(1.25) * mix(1.0, 0.45 + 1.1 * rough, self.rough)) * 1.1;
                height = height.max(rise * smoothstep(0.0, 0.35, cone) + self.low(p) * 0.3);
            }
        }
        height
    }
}

pub fn ground(picture: &mut Picture, stage: &mut Stage, terrain: &Terrain) {
    let random = &mut picture.random;
    let rock = *random.pick(&[0x5a5550, 0x4a4e58, 0x6a5a4c, 0x3c4450, 0x706460].map(rgb));
    let forest = *random.pick(&[0x1c3028, 0x22342a, 0x182a30, 0x2c3828].map(rgb));
    let road = *random.pick(&[0xb8b4b4, 0x8c8078, 0xc8ccd4].map(rgb));
    let steep = random.range(0.45, 0.7) + if picture.dense { 0.08 } else { 0.0 };
    let (noise, trodden) = (terrain.noise, matches!(terrain.layout, Layout::Street | Layout::Valley | Layout::Above));
    let trees = random.range(-0.3, 0.25) + if picture.dense { 0.2 } else { 0.0 };
    let water = *random.pick(&[0x2c4c60, 0x24405c, 0x38586a].map(rgb));
    let ice = stage.weather.sky.1;
    let aurora = (stage.weather.dark() && random.chance(0.3)).then(|| Aurora::any(random, stage.centre.y.max(0.3)));
    let near = (stage.focal * (stage.eye.y - 3.0).max(1.0) / (1.02 - stage.centre.y)).clamp(1.5, 120.0) * 0.5;
    picture.canvas.begin(0.9);
    let height = |p: Vec2| terrain.height(p);
    let colour = |spot: &Spot| {
        if spot.height < 0.0 {
            return water.lerp(ice, 0.2);
        }
        let fine = noise.fractal(spot.unrolled() * 0.05 / spot.grain.clamp(0.2, 3.0), 2, 0.6);
        let mut colour = snow() * (1.0 + 0.05 * fine);
        if spot.at.y > 200.0 {
            let bare = smoothstep(steep + 0.06, steep - 0.1, spot.normal.y + 0.12 * fine);
            colour = colour.lerp(rock * (1.0 + 0.35 * fine), bare);
        }
        let wood = noise.fractal(spot.at * 0.012 + 9.0, 2, 0.5) + trees;
        let high = smoothstep(1.15, 0.75, spot.height / terrain.treeline + 0.3 * fine);
        let apart = smoothstep(130.0, 210.0, spot.at.y + 40.0 * wood);
        let cover = high * apart * smoothstep(-0.25, 0.05, wood);
        if cover > 0.0 {
            let speck = noise.lattice((spot.at.x / spot.grain / 2.0) as i32, (spot.at.y.ln() * 90.0) as i32, 1);
            colour = colour.lerp(forest.lerp(snow(), 0.14 + 0.14 * speck), cover * 0.95);
        }
        if trodden {
            let off = (spot.at.x - terrain.path(spot.at.y)).abs() + 0.6 * fine;
            let rut = 0.85 + 0.15 * (off * 3.0).cos();
            colour = colour.lerp(road * rut, 0.75 * smoothstep(4.2, 3.2, off) * smoothstep(170.0, 120.0, spot.at.y));
        }
        colour
    };
    paint_land(stage, &mut picture.canvas, (near, 1900.0), &height, &colour);
    paint_sky(stage, &mut picture.canvas, |p, sky| aurora.as_ref().map_or(sky, |aurora| aurora.over(p, sky)));
    if aurora.is_some() && stage.shows_sky() {
        picture.detail_of(&["under the northern lights", "under an aurora"]);
    }
}
