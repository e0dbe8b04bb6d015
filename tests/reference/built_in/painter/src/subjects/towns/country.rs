//! Open country round one building: a hill or a cliff that carries it, fields or snow, a lake, the sea, far mountains; and where the eye
//! must be so that the building takes its wanted share of the frame.

use super::land::{Spot, mirror, paint_land, paint_sky, ridged};
use super::skin::snow;
use super::stage::Stage;
use super::trees::{Fir, crown};
use crate::backdrop::deepen;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Season {
    Summer,
    Autumn,
    Winter,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Water {
    None,
    /// Between the eye and the building.
    Lake,
    /// All round a headland; seen from the water or from the shore.
    Sea {
        from_land: bool,
    },
}

/// What is to be built, and where it may stand.
pub struct Setting {
    pub tall: f32,
    pub wide: f32,
    /// Share of the frame's height that it takes.
    pub share: (f32, f32),
    /// Height of the hill, in its own heights.
    pub hill: (f32, f32),
    /// 0 a gentle hill … 1 a cliff.
    pub cliff: f32,
    pub water: Water,
    pub season: Season,
}

pub struct Country {
    pub stage: Stage,
    pub season: Season,
    pub water: Water,
    /// Where the building stands.
    pub foot: Vec3,
    land: Land,
    pub fields: Option<[Vec3; 3]>,
}

struct Land {
    middle: Vec2,
    plateau: f32,
    fall: f32,
    hill: f32,
    rolling: f32,
    water: Water,
    side: f32,
    peaks: Vec<(Vec2, f32, f32)>,
    rough: f32,
    noise: Noise,
}

impl Land {
    fn height(&self, p: Vec2) -> f32 {
        let scale = self.middle.y;
        let off = p - self.middle;
        let ragged = self.noise.fractal(p / scale * 7.0, 3, 0.55);
        let r = vec2(off.x, off.y * 0.9).length() - self.plateau + ragged * self.fall * 0.35;
        let bump = smoothstep(self.fall, 0.0, r);
        let mut height = 2.0
            + self.rolling * self.noise.fractal(p / scale * 2.2 + 5.0, 3, 0.5) * smoothstep(-0.2, 0.5, r / self.fall);
        match self.water {
            Water::None => {}
            Water::Lake => {
                let shore = (p.y - 0.3 * scale).min(0.78 * scale - p.y) / scale + 0.05 * ragged;
                height = mix(height, -3.0, smoothstep(-0.02, 0.05, shore));
            }
            Water::Sea { from_land } => {
                let inland = (off.x * self.side - 1.5 * self.plateau - 0.15 * (p.y - scale).abs()) / scale;
                let near = if from_land { 0.42 - p.y / scale } else { -1.0 };
                let land = inland.max(near) + 0.08 * ragged;
                height =
                    mix(-3.0, height + 0.5 * self.hill * smoothstep(0.0, 0.2, inland), smoothstep(-0.02, 0.06, land));
            }
        }
        height = mix(height, self.hill + 2.0, bump);
        for &(at, tall, radius) in &self.peaks {
            let cone = 1.0 - (p - at).length() / radius;
            if cone > 0.0 {
                let rough = ridged(self.noise, p / radius * 2.0 + 3.0, 4);
                height = height.max(tall * cone.powf(1.2) * mix(1.0, 0.45 + 1.1 * rough, self.rough));
            }
        }
        height
    }
}

impl Country {
    pub fn new(picture: &mut Picture, weather: Weather, setting: &Setting) -> Country {
        let dense = if picture.dense { 1.12 } else { 1.0 };
        let random = &mut picture.random;
        let share = (random.range(setting.share.0, setting.share.1) * dense).min(0.94);
        let focal = random.range(1.0, 1.8);
        let d = (setting.tall * focal / share).max(setting.wide * 1.3);
        let foot_y = random.range((share + 0.05).min(0.9), 0.95f32.max(share + 0.06).min(0.98));
        let place = random.range(-0.5, 0.5) * (0.9 - share).clamp(0.1, 0.6);
        let mut hill = random.range(setting.hill.0, setting.hill.1) * setting.tall;
        let horizon =
            if hill > 0.25 * setting.tall { random.range(0.45, 0.95) } else { random.range(0.42, 0.8f32.min(foot_y)) };
        let gap = (foot_y - horizon) * d / focal;
        let noise = Noise::new(random);
        let mut peaks = Vec::new();
        if random.chance(0.55) && !matches!(setting.water, Water::Sea { .. }) {
            for _ in 0..random.int(1, 4) {
                let away = d * random.range(4.0, 9.0);
                let tall = away * random.range(0.1, 0.4);
                peaks.push((
                    vec2(random.range(-0.6, 0.6) * away, away),
                    tall,
                    (tall * random.range(1.3, 2.4)).min(away - 2.0 * d),
                ));
            }
        }
        let rolling = random.range(0.01, 0.06) * d;
        let steep = mix(random.range(1.2, 3.0), random.range(0.3, 0.7), setting.cliff);
        let mut land = Land {
            middle: vec2(place * d / focal, d),
            plateau: setting.wide * random.range(0.6, 0.8),
            fall: (hill * steep).max(0.15 * setting.wide),
            hill,
            rolling: if matches!(setting.water, Water::Sea { .. }) { rolling * 0.4 } else { rolling },
            water: setting.water,
            side: random.sign(),
            peaks,
            rough: random.range(0.5, 1.0),
            noise,
        };
        // The eye is above the ground at its feet, or the hill grows until it is.
        let under = (1..8).map(|k| land.height(vec2(0.0, d * 0.06 * k as f32))).fold(0.5, f32::max);
        let eye = hill + 2.0 + gap;
        let lift = (under + 0.02 * d + 0.8 - eye).max(0.0);
        hill += lift;
        land.hill = hill;
        land.fall = land.fall.max(lift * steep.min(1.0));
        let air = d * random.range(12.0, 40.0) * if weather.time == Time::Overcast { 0.4 } else { 1.0 };
        let stage = Stage::new(picture, weather, eye + lift, horizon, focal, air);
        let foot = vec3(land.middle.x, hill + 2.0, -d);
        Country { stage, season: setting.season, water: setting.water, foot, land, fields: None }
    }

    pub fn height(&self, p: Vec2) -> f32 {
        self.land.height(p)
    }

    pub fn distance(&self) -> f32 {
        -self.foot.z
    }

    pub fn paint(&mut self, picture: &mut Picture, sky: impl Fn(Vec2, Vec3) -> Vec3) {
        let random = &mut picture.random;
        let d = self.distance();
        let (grass, other) = match self.season {
            Season::Summer => (*random.pick(&[0x5c7c34, 0x48702f, 0x7c8c40, 0x6c8848].map(rgb)), rgb(0x34542c)),
            Season::Autumn => (*random.pick(&[0x9c8444, 0x8c7038, 0x807c40].map(rgb)), rgb(0x7c4c28)),
            Season::Winter => (snow(), rgb(0xc4cede)),
        };
        let wood = match self.season {
            Season::Summer => rgb(0x2a4424),
            Season::Autumn => *random.pick(&[0x8c4c20, 0xa06428, 0x6c4424].map(rgb)),
            Season::Winter => rgb(0x39473f),
        };
        let rock = *random.pick(&[0x6c6660, 0x8c8070, 0x5c5854, 0x9c8468].map(rgb));
        let sea = *random.pick(&[0x1c4c6c, 0x2c6478, 0x1f4058].map(rgb));
        let bare = random.range(0.45, 0.75);
        let (noise, land, fields) = (self.land.noise, &self.land, self.fields);
        let winter = self.season == Season::Winter;
        let wooded = random.range(-0.3, 0.2);
        let sky_tone = self.stage.weather.sky.1;
        let colour = |spot: &Spot| {
            let q = spot.at / d;
            if spot.height < 0.0 {
                let wave = noise.fractal(vec2(q.x * 40.0 / q.y.max(0.2), 30.0 * q.y.max(0.05).ln()), 2, 0.6);
                let foam = smoothstep(-0.9, -0.1, spot.height + 0.5 * wave) + smoothstep(0.75, 0.95, wave) * 0.5;
                return sea.lerp(sky_tone, 0.18 + 0.14 * wave).lerp(rgb(0xe8eef0), clamp01(foam * 0.8));
            }
            let fine = noise.fractal(spot.unrolled() / spot.grain.max(d * 0.004) * 0.14, 2, 0.6);
            let broad = noise.fractal(q * 5.0 + 3.0, 2, 0.5);
            let mut colour = grass.lerp(other, clamp01(0.4 + 0.5 * broad)) * (1.0 + 0.18 * fine);
            if let Some(rows) = fields {
                let row = (q.x * 9.0 - 2.0 * broad * 0.3).rem_euclid(3.0);
                let gap = smoothstep(0.75, 0.95, row.fract());
                colour = (rows[row as usize % 3] * (0.9 + 0.35 * fine)).lerp(other * 0.8, gap * 0.7);
            }
            let forest = smoothstep(-0.05, 0.1, broad + wooded)
                * smoothstep(1.3, 1.8, q.y)
                * smoothstep(1.2 * d, 0.6 * d, spot.height);
            let tuft = noise.lattice((spot.at.x / spot.grain / 2.0) as i32, (spot.at.y.ln() * 90.0) as i32, 1);
            colour = colour.lerp(wood * (1.0 + 0.4 * tuft), forest * 0.95);
            let steep = smoothstep(bare + 0.1, bare - 0.1, spot.normal.y + 0.1 * fine);
            let beach = if matches!(land.water, Water::Sea { .. }) { smoothstep(1.6, 0.4, spot.height) } else { 0.0 };
            let layers = 1.0 + 0.25 * noise.at(vec2(spot.height / d * 90.0, q.x * 6.0)) + 0.3 * fine;
            let stone = rock * layers;
            let white =
                if winter || spot.height > 0.9 * d { smoothstep(0.75, 0.9, spot.normal.y + 0.2 * fine) } else { 0.0 };
            let colour = colour.lerp(stone, steep).lerp(rgb(0xc8b48c), beach * (1.0 - steep));
            if q.y > 2.0 { colour.lerp(snow(), white) } else { colour }
        };
        picture.canvas.begin(0.9);
        let near = (d * 0.05).max(0.8);
        let farthest = if matches!(land.water, Water::Sea { .. }) { 60.0 } else { 14.0 };
        paint_land(&mut self.stage, &mut picture.canvas, (near, d * farthest), &|p| land.height(p), &colour);
        paint_sky(&self.stage, &mut picture.canvas, sky);
    }

    /// Trees about the building, not before it.
    pub fn trees(&mut self, picture: &mut Picture, count: i32, firs: f32, clear: f32) {
        let random = &mut picture.random;
        let d = self.distance();
        let mut at: Vec<Vec2> = (0..count)
            .map(|_| {
                let away = d * random.range(0.35f32, 2.2).max(random.range(0.3, 1.4));
                vec2(self.stage.across(random.range(-0.05, 1.05), away), away)
            })
            .collect();
        at.sort_by(|a, b| b.y.total_cmp(&a.y));
        let middle = self.stage.seen(self.foot);
        for p in at {
            let ground = self.height(p);
            let foot = vec3(p.x, ground, -p.y);
            let before =
                p.y < d * 1.02 && (self.stage.seen(foot).x - middle.x).abs() < self.stage.metre(d) * clear * 1.1;
            let steep = (self.height(p + vec2(0.02 * d, 0.0)) - ground).abs() > 0.02 * d;
            if ground < 0.6 || steep || before || (p - self.land.middle).length() < clear {
                continue;
            }
            let random = &mut picture.random;
            let tall = random.range(0.1, 0.22) * d * mix(0.7, 1.0, firs);
            self.tree(picture, foot, tall, firs);
        }
    }

    pub fn tree(&mut self, picture: &mut Picture, foot: Vec3, tall: f32, firs: f32) {
        let random = &mut picture.random;
        if self.season == Season::Winter || random.chance(firs) {
            let laden = if self.season == Season::Winter { 0.55 } else { 0.0 };
            let fir = Fir::any(random, tall, laden, &[0x1e3a2c, 0x2a4a2c, 0x203c30].map(rgb));
            fir.paint(&mut self.stage, &mut picture.canvas, foot, random);
        } else {
            let colour = leaves(self.season, random);
            crown(
                &mut self.stage,
                &mut picture.canvas,
                foot,
                (tall, tall * random.range(0.5, 0.9)),
                colour,
                None,
                random,
            );
        }
    }

    /// Reflections and the glow of lamps.
    pub fn finish(&mut self, picture: &mut Picture) {
        if self.water != Water::None {
            let waves = picture.random.range(0.015, 0.05);
            let strength = if self.water == Water::Lake { 0.65 } else { 0.3 };
            mirror(&self.stage, &mut picture.canvas, strength, waves);
        }
        let dark = matches!(self.stage.weather.time, Time::Night | Time::Dusk);
        self.stage.halo(&mut picture.canvas, if dark { 1.2 } else { 0.3 });
        if picture.dense && !self.stage.weather.dark() {
            deepen(&mut picture.canvas, picture.random.range(0.2, 0.7));
        }
        picture.detail_of(self.stage.weather.words());
        match self.season {
            Season::Winter => picture.detail_of(&["in the snow", "in winter"]),
            Season::Autumn => picture.detail_of(&["in autumn"]),
            Season::Summer => {}
        }
        match self.water {
            Water::Lake if self.stage.shows_water() => picture.detail_of(&["by a lake"]),
            Water::Sea { .. } if self.stage.shows_water() => picture.detail_of(&["by the sea", "on the coast"]),
            _ => {}
        }
    }
}

pub fn leaves(season: Season, random: &mut Rng) -> Vec3 {
    match season {
        Season::Summer => *random.pick(&[0x3c6428, 0x4c7430, 0x2c5428, 0x5c7c34].map(rgb)),
        Season::Autumn => *random.pick(&[0xc8762c, 0xb4481f, 0xd8a034, 0x9c5c28, 0x8c7c30].map(rgb)),
        Season::Winter => *random.pick(&[0xc8d0d8, 0x8c8884, 0xd8dee6].map(rgb)),
    }
}

/// Any weather; for dense pictures seldom a plain bright day.
pub fn weather_for(picture: &mut Picture) -> Weather {
    let mut weather = Weather::any(&mut picture.random);
    if weather.dark() {
        // A bright moon: the building must stand out from the sky.
        weather.light.colour *= 1.35;
    }
    if picture.dense && weather.time == Time::Day && picture.random.chance(0.7) {
        let time = *picture.random.pick(&[Time::Dusk, Time::Overcast, Time::Dawn]);
        return Weather::at(time, &mut picture.random);
    }
    weather
}

/// How many windows are lit.
pub fn lit_share(weather: &Weather, random: &mut Rng) -> f32 {
    match weather.time {
        Time::Night => random.range(0.6, 1.0),
        Time::Dusk => random.range(0.3, 0.9),
        Time::Overcast | Time::Dawn => random.range(0.0, 0.4),
        Time::Day => 0.0,
    }
}

pub fn any_season(random: &mut Rng) -> Season {
    [Season::Summer, Season::Autumn, Season::Winter][random.weighted(&[0.5, 0.28, 0.22])]
}
