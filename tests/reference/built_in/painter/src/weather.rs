//! Time of day and weather: what light there is, the sky's colours, how far one sees. Scenes and backdrops take them from here,
//! so that everything in a picture is lit alike.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::solid::Light;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Time {
    Day,
    Overcast,
    Dawn,
    Dusk,
    Night,
}

/// One picture's light.
#[derive(Clone, Copy)]
pub struct Weather {
    pub time: Time,
    /// At the zenith and at the horizon.
    pub sky: (Vec3, Vec3),
    pub light: Light,
    /// Where the sun or moon stands in the picture's own coordinates (x may be outside); y is above the horizon.
    pub sun: Vec2,
    /// 0 clear … 1 closed.
    pub clouds: f32,
    noise: Noise,
}

impl Weather {
    pub fn any(random: &mut Rng) -> Weather {
        let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
        let time = times[random.weighted(&[0.42, 0.14, 0.13, 0.18, 0.13])];
        Weather::at(time, random)
    }

    pub fn at(time: Time, random: &mut Rng) -> Weather {
        let hue = random.range(-0.02, 0.02);
        let (zenith, horizon, colour, ambient) = match time {
            Time::Day => (
                *random.pick(&[rgb(0x3f7fc8), rgb(0x5b98d8), rgb(0x2f6ab0)]),
                *random.pick(&[rgb(0xd6e6f4), rgb(0xbfd8ee), rgb(0xe8e6dc)]),
                vec3(0.92, 0.87, 0.78),
                vec3(0.34, 0.38, 0.46),
            ),
            Time::Overcast => (
                *random.pick(&[rgb(0x8f9aa6), rgb(0x76818c), rgb(0xa8acb0)]),
                *random.pick(&[rgb(0xd2d6d8), rgb(0xc0c4c4), rgb(0xdcd8d0)]),
                vec3(0.42, 0.42, 0.42),
                vec3(0.55, 0.57, 0.6),
            ),
            Time::Dawn => (
                *random.pick(&[rgb(0x7a8fc8), rgb(0x9aa6d0), rgb(0x5f7fb0)]),
                *random.pick(&[rgb(0xfad0b0), rgb(0xf6c0b8), rgb(0xfbe2b0)]),
                vec3(0.9, 0.72, 0.55),
                vec3(0.36, 0.36, 0.48),
            ),
            Time::Dusk => (
                *random.pick(&[rgb(0x413d78), rgb(0x5a4a80), rgb(0x2f4478)]),
                *random.pick(&[rgb(0xf08c58), rgb(0xe8705a), rgb(0xf4b060)]),
                vec3(0.95, 0.66, 0.46),
                vec3(0.31, 0.29, 0.4),
            ),
            Time::Night => (
                *random.pick(&[rgb(0x0a1030), rgb(0x101838), rgb(0x081420)]),
                *random.pick(&[rgb(0x2c3c68), rgb(0x344060), rgb(0x1c2c4c)]),
                vec3(0.3, 0.36, 0.5),
                vec3(0.13, 0.16, 0.28),
            ),
        };
        let low = matches!(time, Time::Dawn | Time::Dusk);
        let sun = vec2(random.range(-0.1, 1.1), if low { random.range(-0.02, 0.16) } else { random.range(0.15, 0.5) });
        let side = (sun.x - 0.5) * 2.0 + random.range(-0.3, 0.3);
        let height = if low { random.range(0.25, 0.5) } else { random.range(0.5, 1.1) };
        let to = vec3(side * 1.1, height, random.range(0.15, 0.9)).normalize();
        let light = Light { to, colour, ambient, bounce: ambient * 0.55 + colour * 0.12 };
        let clouds = if time == Time::Overcast { random.range(0.7, 1.0) } else { random.range(0.0, 0.75) };
        let tint = vec3(1.0 + hue, 1.0, 1.0 - hue);
        Weather { time, sky: (zenith * tint, horizon * tint), light, sun, clouds, noise: Noise::new(random) }
    }

    pub fn dark(&self) -> bool {
        self.time == Time::Night
    }

    /// What a dull, upright surface's own colour becomes: for flat things that are not solids.
    pub fn lit(&self, colour: Vec3) -> Vec3 {
        colour * (self.light.colour * 0.62 + self.light.ambient * 0.9)
    }

    /// `colour` seen through `far` (0 … 1) of air.
    pub fn hazy(&self, colour: Vec3, far: f32) -> Vec3 {
        colour.lerp(self.sky.1, clamp01(far))
    }

    /// The sky at `p`, above a horizon at `horizon` (y of the picture).
    pub fn sky(&self, p: Vec2, horizon: f32) -> Vec3 {
        let up = clamp01((horizon - p.y) / horizon.max(0.25));
        let mut colour = self.sky.1.lerp(self.sky.0, smoothstep(-0.05, 0.95, up).powf(0.8));
        let sun = vec2(self.sun.x, horizon - self.sun.y);
        let off = (p - sun).length();
        let glow = match self.time {
            Time::Night => vec3(0.25, 0.27, 0.3),
            Time::Overcast => Vec3::splat(0.08),
            _ => self.light.colour,
        };
        colour += glow * (0.35 * bell(off, 0.3) + 0.25 * bell(off, 0.1));
        if self.time != Time::Overcast {
            colour = colour.lerp(vec3(1.0, 0.97, 0.88), smoothstep(0.042, 0.034, off));
        }
        if self.time == Time::Night {
            let cell = (p * 90.0).floor();
            let star = self.noise.lattice(cell.x as i32, cell.y as i32, 7);
            let at = (cell + 0.5) / 90.0;
            colour += Vec3::splat(smoothstep(0.965, 1.0, star) * bell((p - at).length(), 0.004) * up);
        }
        if p.y > horizon + 0.02 {
            return colour.clamp(Vec3::ZERO, Vec3::ONE);
        }
        // Clouds flatten and crowd towards the horizon.
        let flat = vec2(p.x * 2.2, (horizon - p.y + 0.08).max(0.02).ln() * 1.5);
        let thick = self.noise.fractal(flat * 1.4 + 3.0, 5, 0.55) * 0.5 + 0.5;
        let cover = smoothstep(1.0 - self.clouds, 1.35 - self.clouds, thick);
        if cover <= 0.0 {
            return colour.clamp(Vec3::ZERO, Vec3::ONE);
        }
        let shade = self.noise.fractal(flat * 1.4 + vec2(3.1, 3.18), 4, 0.55) * 0.5 + 0.5;
        let bright = (self.light.colour * 0.8 + self.light.ambient * 0.8).min(Vec3::ONE);
        let cloud = (bright * mix(1.05, 0.6, shade)).lerp(self.sky.1, 0.25);
        colour.lerp(cloud, cover * 0.85 * smoothstep(-0.02, 0.1, up)).clamp(Vec3::ZERO, Vec3::ONE)
    }

    /// Paints the sky down to the bottom of the canvas, as the farthest thing.
    pub fn paint_sky(&self, canvas: &mut Canvas, horizon: f32) {
        canvas.begin(1.0);
        canvas.cover(|p| self.sky(p, horizon));
    }

    /// A few words for a caption.
    pub fn words(&self) -> &'static [&'static str] {
        match self.time {
            Time::Day => &["in the sun", "on a sunny day", "by day"],
            Time::Overcast => &["under a gray sky", "on a cloudy day"],
            Time::Dawn => &["at dawn", "in the morning"],
            Time::Dusk => &["at sunset", "in the evening", "at dusk"],
            Time::Night => &["at night", "by moonlight"],
        }
    }
}
