//! Open country in which roads and railways run: sky, ridges, ground and trees, by one camera at +z that looks towards -z.

use super::nature::{Ridge, Slope, fir, foliage, paint_ridge, palm};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, Vec4, clamp01, mix, rgb, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Haze};
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Green,
    Autumn,
    Forest,
    Desert,
    Snow,
    Mountains,
    Coast,
}

pub struct Country {
    pub kind: Kind,
    pub weather: Weather,
    pub camera: Camera,
    pub haze: Haze,
    noise: Noise,
    foggy: f32,
}

impl Country {
    pub fn any(random: &mut Rng, camera: Camera) -> Country {
        let kinds = [Kind::Green, Kind::Autumn, Kind::Forest, Kind::Desert, Kind::Snow, Kind::Mountains, Kind::Coast];
        let kind = kinds[random.weighted(&[0.22, 0.13, 0.15, 0.13, 0.12, 0.15, 0.1])];
        let mut weather = Weather::any(random);
        if weather.time == Time::Dusk && random.chance(0.4) {
            weather = Weather::at(Time::Day, random);
        }
        let foggy = if random.chance(0.1) { 1.0 } else { 0.0 };
        if foggy > 0.0 {
            weather = Weather::at(Time::Overcast, random);
        }
        let reach = if foggy > 0.0 { random.range(14.0, 26.0) } else { 160.0 };
        Country { kind, haze: Some((weather.sky.1, reach)), weather, camera, noise: Noise::new(random), foggy }
    }

    /// Sky, ridges, ground; `over` gives what lies on the ground at a point: colour and cover.
    pub fn paint(&self, picture: &mut Picture, over: impl Fn(Vec3) -> Vec4) {
        let horizon = self.camera.horizon();
        self.weather.paint_sky(&mut picture.canvas, horizon.max(0.05));
        if horizon > 0.0 {
            self.ridges(picture, horizon);
        }
        self.ground(&mut picture.canvas, horizon, over);
    }

    fn ridges(&self, picture: &mut Picture, horizon: f32) {
        let random = &mut picture.random;
        let (height, rough, colour, snow) = match self.kind {
            Kind::Mountains => (random.range(0.2, 0.45), 0.55, 0x66707c, random.range(0.35, 0.8)),
            Kind::Snow => (random.range(0.08, 0.35), 0.5, 0x8c98a8, 0.3),
            Kind::Desert => (random.range(0.03, 0.25), 0.5, 0xa06848, 2.0),
            Kind::Autumn => (random.range(0.05, 0.16), 0.38, 0x9c6a34, 2.0),
            Kind::Coast => (random.range(0.01, 0.05), 0.4, 0x5c7080, 2.0),
            _ => (random.range(0.04, 0.18), 0.38, 0x54704c, 2.0),
        };
        for layer in 0..2 {
            let near = layer as f32;
            let wide = random.range(1.0, 2.5) * (1.0 + near);
            let ridge = Ridge {
                foot: horizon + 0.02,
                height: height * (1.0 - 0.55 * near),
                wide,
                rough,
                noise: Noise::new(random),
            };
            let far = mix(0.62 - 0.3 * near, 0.95, self.foggy);
            let slope = Slope { colour: rgb(colour), snow: snow + 0.5 * near, far, depth: 0.95 - 0.05 * near };
            paint_ridge(&mut picture.canvas, &self.weather, &ridge, slope);
        }
    }

    fn colours(&self) -> (Vec3, Vec3) {
        match self.kind {
            Kind::Green => (rgb(0x6a8c3c), rgb(0x486c30)),
            Kind::Autumn => (rgb(0x9c8440), rgb(0x8a5c2c)),
            Kind::Forest => (rgb(0x54602c), rgb(0x34401f)),
            Kind::Desert => (rgb(0xc89c64), rgb(0xa8744c)),
            Kind::Snow => (rgb(0xeaeef6), rgb(0xb4c4dc)),
            Kind::Mountains => (rgb(0x7c8450), rgb(0x6c6854)),
            Kind::Coast => (rgb(0x8c9458), rgb(0xc0ac7c)),
        }
    }

    fn ground(&self, canvas: &mut Canvas, horizon: f32, over: impl Fn(Vec3) -> Vec4) {
        canvas.begin(0.7);
        let (base, other) = self.colours();
        let top = horizon.clamp(0.0, 1.0);
        let plane = crate::shape::Shape::rect(-0.1, top, 1.1, 1.1);
        let metre = 1.0 / self.camera.eye.y.max(0.4);
        canvas.fill(&plane, |p| {
            let at = self.camera.ground(p).unwrap_or(vec3(0.0, 0.0, -1e4));
            let q = vec2(at.x, at.z) * metre;
            let far = at.distance(self.camera.eye);
            let broad = self.noise.fractal(q * 0.35, 3, 0.5);
            let fine = self.noise.fractal(q * vec2(5.0, 2.0), 2, 0.6) / (1.0 + 0.02 * far * far * metre);
            let mut colour = base.lerp(other, clamp01(0.45 + 0.6 * broad + 0.3 * fine)) * (1.0 + 0.25 * fine);
            if self.kind == Kind::Coast && at.z < -14.0 + broad {
                let wave = self.noise.at(vec2(at.x * 0.2, at.z * 0.6));
                colour = rgb(0x2f6a94).lerp(self.weather.sky.1, 0.3 + 0.25 * wave);
            }
            let lying = over(at);
            colour = colour.lerp(lying.truncate(), lying.w);
            self.air(self.weather.lit(colour) * 1.1, far)
        });
    }

    pub fn air(&self, colour: Vec3, far: f32) -> Vec3 {
        let Some((air, reach)) = self.haze else { return colour };
        colour.lerp(air, 1.0 - (-far / reach).exp())
    }

    /// Trees where `free` allows, far ones first; those nearer than `until` (z) are left out.
    pub fn trees(&self, picture: &mut Picture, free: impl Fn(Vec3) -> bool, until: f32) {
        let many = match self.kind {
            Kind::Forest => picture.random.int(40, 70),
            Kind::Desert | Kind::Coast => picture.random.int(0, 6),
            _ => picture.random.int(3, 30),
        };
        let firs = self.kind == Kind::Snow || self.kind != Kind::Autumn && picture.random.chance(0.5);
        let mut places: Vec<Vec3> = (0..many)
            .map(|_| {
                let z = until - 70.0 * picture.random.unit().powi(2);
                let spread = (self.camera.eye.z - z) * 0.9 + 3.0;
                vec3(picture.random.range(-0.5, 0.5) * spread, 0.0, z)
            })
            .filter(|&at| free(at) && !(self.kind == Kind::Coast && at.z < -11.0))
            .collect();
        places.sort_by(|a, b| a.z.total_cmp(&b.z));
        for at in places {
            self.tree(picture, at, firs);
        }
    }

    fn tree(&self, picture: &mut Picture, at: Vec3, firs: bool) {
        let Some((foot, far)) = self.camera.seen(at) else { return };
        let unit = self.camera.seen(at + Vec3::Y).map_or(0.05, |(top, _)| (foot - top).length());
        let random = &mut picture.random;
        let to_light = vec2(self.weather.light.to.x, -0.8).normalize();
        let height = unit * random.range(3.5, 8.0);
        if height < 0.015 {
            return;
        }
        let leaves = match self.kind {
            Kind::Autumn => *random.pick(&[0xc8702c, 0xd8a034, 0xa8442c, 0x8c7c34]),
            Kind::Snow => 0x4a6050,
            Kind::Desert => 0x66743c,
            _ => *random.pick(&[0x48702c, 0x5c8034, 0x3a5c2c]),
        };
        let colour = self.air(self.weather.lit(rgb(leaves)) * random.range(0.75, 1.15), far);
        picture.canvas.begin(clamp01(1.0 - 1.0 / (1.0 + 0.08 * far)));
        let snow = if self.kind == Kind::Snow { 0.8 } else { 0.0 };
        let canvas = &mut picture.canvas;
        if self.kind == Kind::Coast || self.kind == Kind::Desert {
            palm(canvas, random, foot, height * 0.8, colour, to_light.x.signum());
        } else if firs {
            fir(canvas, random, foot, height, colour, snow, to_light.x.signum());
        } else {
            round_tree(canvas, random, foot, height, colour, to_light);
        }
    }

    pub fn words(&self, picture: &mut Picture) {
        match self.kind {
            Kind::Autumn => picture.detail("in autumn"),
            Kind::Forest => picture.detail_of(&["in a forest", "in the woods"]),
            Kind::Desert => picture.detail("in the desert"),
            Kind::Snow => picture.detail_of(&["in the snow", "in winter"]),
            Kind::Mountains => picture.detail("in the mountains"),
            Kind::Coast => picture.detail("by the sea"),
            Kind::Green => picture.detail("in the countryside"),
        }
        if self.foggy > 0.0 {
            picture.detail_of(&["in the fog", "in fog"]);
        } else {
            picture.detail_of(self.weather.words());
        }
    }
}

/// A trunk and a crown of three or so clumps.
pub fn round_tree(canvas: &mut Canvas, random: &mut Rng, foot: Vec2, height: f32, colour: Vec3, to_light: Vec2) {
    let bark = vec3(0.55, 0.42, 0.32) * colour.max_element();
    let top = foot - vec2(0.0, height * 0.5);
    canvas.flat(&crate::shape::Shape::limb(&[foot, top], &[0.045 * height, 0.025 * height]), bark);
    for _ in 0..random.int(2, 4) {
        let centre = foot - vec2(random.range(-0.16, 0.16), random.range(0.55, 0.8)) * height;
        let radii = vec2(random.range(0.2, 0.3), random.range(0.17, 0.24)) * height;
        foliage(canvas, random, centre, radii, colour, to_light);
    }
}

/// The line of a road or a railway through the origin: its heading about y from +z, and how it bends behind and before.
#[derive(Clone, Copy)]
pub struct Track {
    pub heading: f32,
    /// Sideways, in metres, at 1 m along, times along².
    pub bend: f32,
    /// Where its middle lies beside the origin.
    pub off: f32,
}

impl Track {
    fn axes(&self) -> (Vec3, Vec3) {
        let (s, c) = self.heading.sin_cos();
        (vec3(c, 0.0, -s), vec3(s, 0.0, c))
    }

    /// Across (to the right of one who drives along) and along.
    pub fn of(&self, at: Vec3) -> Vec2 {
        let (side, ahead) = self.axes();
        let along = at.dot(ahead);
        vec2(at.dot(side) - self.off - self.bend * along * along, along)
    }

    /// The point `across` and `along`, and its heading there.
    pub fn at(&self, across: f32, along: f32) -> (Vec3, f32) {
        let (side, ahead) = self.axes();
        let place = side * (across + self.off + self.bend * along * along) + ahead * along;
        (place, self.heading + (2.0 * self.bend * along).atan())
    }
}
