//! Boats large in the frame: yachts, old luggers and ketches under sail, ships, rowing and fishing boats, on seas and lakes in all weathers.

use super::nature::{Ridge, Slope, Water, each_pixel, mirror_things, paint_ridge};
use super::sea::{evening, glitter};
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, luminance, mix, rgb, smoothstep, turned, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sloop,
    Spinnaker,
    Lugger,
    Ketch,
    Ship,
    Rowing,
    Fishing,
}

/// A boat's own frame: x ahead, y up from the water line, 1 its length.
struct Boat {
    kind: Kind,
    foot: Vec2,
    long: f32,
    heel: f32,
    /// How much of its length is seen, with its sign: -1 sails to the left, 0.5 comes half towards us.
    turn: f32,
    hull: Vec3,
    sail: Vec3,
    second: Vec3,
    /// Brightness and side of the light on it.
    bright: Vec3,
    side: f32,
    noise: Noise,
}

pub fn boat(picture: &mut Picture) {
    let random = &mut picture.random;
    let low = random.chance(0.3);
    let weather = if low { evening(random) } else { Weather::any(random) };
    let horizon = random.range(0.32, 0.62);
    let lake = random.chance(0.4);
    weather.paint_sky(&mut picture.canvas, horizon);
    if lake || random.chance(0.35) {
        shore(picture, &weather, horizon, lake);
    }
    let random = &mut picture.random;
    let own = weather.lit(rgb(*random.pick(&[0x1c4a6c, 0x24606c, 0x183850, 0x2c5c5c, 0x1f3c58])));
    let rough = if lake { random.range(0.1, 0.5) } else { random.range(0.3, 1.0) };
    let water = Water { line: horizon, own, rough, scale: random.range(0.5, 1.3), noise: Noise::new(random) };
    water.paint(&mut picture.canvas);
    if low {
        glitter(&mut picture.canvas, &weather, &water, 0.04);
    }
    if rough > 0.65 {
        whitecaps(&mut picture.canvas, &weather, &water);
    }
    let boat = any(picture, &weather, horizon, low);
    let since = picture.canvas.thing.iter().copied().max().unwrap_or(0) + 1;
    picture.canvas.begin(0.3);
    boat.paint(&mut picture.canvas);
    mirror_things(&mut picture.canvas, since, boat.foot.y + 0.004, mix(0.85, 0.45, rough), boat.noise);
    wake(&mut picture.canvas, &weather, &boat, rough);
    if picture.dense {
        deepen(&mut picture.canvas, 0.35);
    }
    words(picture, &weather, &boat, lake);
}

fn shore(picture: &mut Picture, weather: &Weather, horizon: f32, lake: bool) {
    for layer in 0..2 {
        let random = &mut picture.random;
        let near = layer as f32;
        let height = if lake { random.range(0.12, 0.34) } else { random.range(0.03, 0.12) } * (1.0 - 0.6 * near);
        let rough = if near > 0.0 { 0.38 } else { 0.52 };
        let ridge =
            Ridge { foot: horizon + 0.004, height, wide: random.range(1.2, 3.5), rough, noise: Noise::new(random) };
        let colour = rgb(if near > 0.0 { 0x3c5838 } else { 0x68747c });
        let snow = if lake && near == 0.0 { random.range(0.4, 1.2) } else { 2.0 };
        paint_ridge(&mut picture.canvas, weather, &ridge, Slope { colour, snow, far: 0.6 - 0.35 * near, depth: 0.95 });
    }
}

fn whitecaps(canvas: &mut Canvas, weather: &Weather, water: &Water) {
    let white = (weather.light.colour * 0.6 + weather.light.ambient * 0.7).min(Vec3::ONE);
    each_pixel(canvas, vec2(0.0, water.line + 0.02), vec2(1.0, 1.0), |canvas, x, y, p| {
        let down = p.y - water.line;
        let (wave, fine) = water.wave(p, down);
        let crest =
            smoothstep(0.55, 0.85, wave + 0.45 * fine + 0.3 * water.noise.at(p * vec2(30.0, 90.0)) - 0.5 * down);
        canvas.put(x, y, white, crest * 0.8);
    });
}

fn any(picture: &mut Picture, weather: &Weather, horizon: f32, low: bool) -> Boat {
    let dense = picture.dense;
    let random = &mut picture.random;
    let kinds = [Kind::Sloop, Kind::Spinnaker, Kind::Lugger, Kind::Ketch, Kind::Ship, Kind::Rowing, Kind::Fishing];
    let kind = kinds[random.weighted(&[0.36, 0.12, 0.12, 0.1, 0.1, 0.1, 0.1])];
    let tall = match kind {
        Kind::Rowing => 0.45,
        Kind::Fishing => 0.75,
        Kind::Ship => 1.0,
        _ => 1.25,
    };
    let share = if dense { random.range(0.75, 0.95) } else { random.range(0.42, 0.85) };
    let long = (share / tall).min(0.95);
    let turn = random.sign() * random.range(0.5, 1.0);
    let room = (0.5 - 0.45 * long * turn.abs()).max(0.03);
    let top = (0.02 + long * tall).max(horizon + 0.04);
    let foot = vec2(0.5 + random.range(-room, room), random.range(top.min(0.9), (top + 0.15).min(0.94)));
    let hulls = [0xf0f0ec, 0x1c2838, 0x8c2420, 0x2c5c8c, 0x20222a, 0x6a4428, 0x2c6a50, 0xe0c060].map(rgb);
    let sails = [0xfaf6ec, 0xf4ecd8, 0xfafafa, 0xb84c30, 0xe8d8b0, 0x8c3c28, 0xd8604c].map(rgb);
    let second = *random.pick(&[0xd83028, 0x2050a0, 0xf0b020, 0x30905c, 0xe87028].map(rgb));
    // Against a low sun a boat is dark.
    let against = low && (weather.sun.x - foot.x).abs() < 0.3;
    let light = weather.lit(Vec3::ONE);
    let bright = Vec3::splat(luminance(light)).lerp(light, 0.6) * if against { 0.5 } else { 1.2 };
    Boat {
        kind,
        foot,
        long,
        heel: if matches!(kind, Kind::Rowing | Kind::Fishing | Kind::Ship) { 0.0 } else { random.range(-0.16, 0.16) },
        turn,
        hull: if kind == Kind::Ship { rgb(0x3c2a1c) } else { *random.pick(&hulls) },
        sail: if kind == Kind::Lugger { *random.pick(&sails[3..]) } else { *random.pick(&sails) },
        second,
        bright,
        side: if weather.light.to.x * turn > 0.0 { 1.0 } else { -1.0 },
        noise: Noise::new(random),
    }
}

impl Boat {
    fn at(&self, x: f32, y: f32) -> Vec2 {
        self.foot + turned(vec2(x * self.turn, -y), self.heel) * self.long
    }

    fn all(&self, points: &[(f32, f32)]) -> Vec<Vec2> {
        points.iter().map(|&(x, y)| self.at(x, y)).collect()
    }

    fn paint(&self, canvas: &mut Canvas) {
        match self.kind {
            Kind::Sloop => {
                self.bermuda(canvas, 0.06, 1.2, 0.5);
                self.jib(canvas, 0.06, 1.05, 0.5, self.sail);
            }
            Kind::Spinnaker => {
                self.bermuda(canvas, 0.02, 1.25, 0.48);
                self.balloon(canvas);
            }
            Kind::Lugger => {
                self.gaff(canvas, 0.05, 0.95, 0.5);
                self.jib(canvas, 0.05, 0.85, 0.62, self.sail * 0.92);
            }
            Kind::Ketch => {
                self.bermuda(canvas, -0.28, 0.8, 0.24);
                self.bermuda(canvas, 0.12, 1.15, 0.36);
                self.jib(canvas, 0.12, 1.05, 0.55, self.sail);
            }
            Kind::Ship => self.square_rig(canvas),
            Kind::Rowing => {}
            Kind::Fishing => self.wheelhouse(canvas),
        }
        canvas.part(1, 0.3);
        self.paint_hull(canvas);
    }

    fn paint_hull(&self, canvas: &mut Canvas) {
        let high = match self.kind {
            Kind::Ship => 1.5,
            Kind::Fishing => 1.6,
            Kind::Rowing => 1.25,
            _ => 1.0,
        };
        let line = [(-0.48, 0.11 * high), (-0.2, 0.085 * high), (0.15, 0.095 * high), (0.52, 0.16 * high)];
        if self.kind == Kind::Rowing {
            self.rowers(canvas, high);
        }
        let mut points = self.all(&line);
        points.extend(self.all(&[(0.44, 0.06), (0.38, -0.01), (-0.42, -0.01)]));
        let (foot, long) = (self.foot, self.long);
        canvas.fill(&Shape::polygon(&points), |p| {
            let up = (foot.y - p.y) / (0.14 * long * high);
            let along = (p.x - foot.x) / (long * self.turn);
            let stripe = bell(up - 0.72, 0.07);
            let red = smoothstep(0.22, 0.16, up);
            let tone = 0.72 + 0.25 * up + 0.28 * along * self.side + 0.08 * self.noise.at(p * 60.0);
            self.hull.lerp(self.second, 0.8 * stripe).lerp(rgb(0x6a2018), 0.7 * red) * tone * self.bright
        });
        canvas.flat(&Shape::line(&self.all(&line), 0.016 * long), self.bright * 0.85);
    }

    fn sail_shade(&self, across: f32, up: f32) -> f32 {
        0.86 + 0.3 * self.side * (across - 0.5) - 0.12 * bell(across - 0.15, 0.2) + 0.08 * up
    }

    fn cloth(&self, canvas: &mut Canvas, shape: &Shape, colour: Vec3, from: Vec2, to: Vec2) {
        let axis = to - from;
        canvas.fill(shape, |p| {
            let across = clamp01((p - from).dot(axis) / axis.length_squared());
            let up = (self.foot.y - p.y) / self.long;
            let seam = 1.0 - 0.1 * bell((up * 9.0).rem_euclid(1.0) - 0.5, 0.12);
            colour * self.sail_shade(across, up) * seam * self.bright
        });
    }

    fn spar(&self, canvas: &mut Canvas, from: (f32, f32), to: (f32, f32)) {
        canvas.flat(&Shape::line(&self.all(&[from, to]), 0.014 * self.long), rgb(0x5c4430) * self.bright);
    }

    fn bermuda(&self, canvas: &mut Canvas, mast: f32, top: f32, boom: f32) {
        self.spar(canvas, (mast, 0.08), (mast, top + 0.03));
        let (a, b) = (self.at(mast - 0.01, 0.17), self.at(mast - boom, 0.19));
        let shape = Shape::blob(&self.all(&[
            (mast - 0.012, top),
            (mast - 0.012, 0.6 * top),
            (mast - 0.012, 0.17),
            (mast - 0.5 * boom, 0.155),
            (mast - boom, 0.19),
            (mast - 0.74 * boom, 0.5 * top),
            (mast - 0.3 * boom, 0.83 * top),
        ]));
        self.cloth(canvas, &shape, self.sail, b, a);
        self.spar(canvas, (mast, 0.15), (mast - boom, 0.17));
    }

    fn jib(&self, canvas: &mut Canvas, mast: f32, top: f32, bow: f32, colour: Vec3) {
        let foot = mast - 0.06;
        let shape = Shape::blob(&self.all(&[
            (mast + 0.02, top),
            (mix(mast, bow, 0.55), 0.5 * top + 0.08),
            (bow, 0.17),
            (mix(mast, bow, 0.4), 0.17),
            (foot, 0.2),
            (mast + 0.06, 0.55 * top),
        ]));
        canvas.part(2, 0.3);
        self.cloth(canvas, &shape, colour * 1.04, self.at(foot, 0.2), self.at(bow, 0.2));
    }

    fn balloon(&self, canvas: &mut Canvas) {
        let shape = Shape::blob(&self.all(&[
            (0.04, 1.18),
            (0.32, 1.05),
            (0.52, 0.72),
            (0.5, 0.36),
            (0.3, 0.22),
            (0.1, 0.34),
            (0.14, 0.8),
        ]));
        let (a, b) = (self.at(0.1, 0.3), self.at(0.55, 0.5));
        canvas.part(2, 0.3);
        canvas.fill(&shape, |p| {
            let up = (self.foot.y - p.y) / self.long;
            let across = clamp01((p - a).dot(b - a) / (b - a).length_squared());
            let band = if (up * 4.2).rem_euclid(2.0) < 1.0 { self.second } else { self.sail };
            band * (0.75 + 0.4 * bell(across - 0.5 - 0.3 * self.side, 0.4)) * self.bright
        });
    }

    fn gaff(&self, canvas: &mut Canvas, mast: f32, top: f32, boom: f32) {
        self.spar(canvas, (mast, 0.08), (mast, top));
        let points =
            self.all(&[(mast, 0.78 * top), (mast, 0.18), (mast - boom, 0.2), (mast - 0.72 * boom, top * 1.08)]);
        self.cloth(canvas, &Shape::polygon(&points), self.sail, points[2], points[1]);
        self.spar(canvas, (mast, 0.76 * top), (mast - 0.74 * boom, top * 1.1));
    }

    fn square_rig(&self, canvas: &mut Canvas) {
        self.jib(canvas, 0.34, 0.75, 0.68, self.sail * 0.95);
        self.spar(canvas, (0.4, 0.2), (0.72, 0.32));
        for (mast, tall) in [(-0.32, 0.78), (0.0, 0.98), (0.32, 0.88)] {
            self.spar(canvas, (mast, 0.1), (mast, tall + 0.06));
            for k in 0..3 {
                let (low, high) = (mix(0.22, tall, k as f32 / 3.0), mix(0.22, tall, (k as f32 + 0.86) / 3.0));
                let (wide, slim) = (0.15 - 0.025 * k as f32, 0.12 - 0.025 * k as f32);
                let bulge = 0.05;
                let shape = Shape::blob(&self.all(&[
                    (mast - wide, low),
                    (mast + 0.02, low + 0.03),
                    (mast + wide + bulge, low),
                    (mast + wide + 0.03, 0.5 * (low + high)),
                    (mast + slim, high),
                    (mast - slim, high),
                ]));
                canvas.part(2 + k, 0.3);
                self.cloth(canvas, &shape, self.sail, self.at(mast - wide, low), self.at(mast + wide, low));
            }
        }
    }

    fn wheelhouse(&self, canvas: &mut Canvas) {
        self.spar(canvas, (0.12, 0.1), (0.12, 0.72));
        self.spar(canvas, (0.12, 0.68), (0.48, 0.26));
        self.spar(canvas, (0.12, 0.68), (-0.4, 0.2));
        let white = rgb(0xf0ece0);
        let house = Shape::polygon(&self.all(&[(-0.34, 0.1), (-0.33, 0.42), (-0.06, 0.42), (-0.02, 0.1)]));
        let (a, b) = (self.at(-0.34, 0.3), self.at(-0.02, 0.3));
        self.cloth(canvas, &house, white, a, b);
        let roof = Shape::line(&self.all(&[(-0.37, 0.43), (-0.02, 0.43)]), 0.035 * self.long);
        canvas.flat(&roof, self.second * self.bright);
        for x in [-0.29, -0.2, -0.11] {
            let pane = Shape::polygon(&self.all(&[(x, 0.3), (x, 0.38), (x + 0.06, 0.38), (x + 0.06, 0.3)]));
            canvas.flat(&pane, rgb(0x1c2830) * self.bright);
        }
    }

    fn rowers(&self, canvas: &mut Canvas, high: f32) {
        let inside = Shape::blob(&self.all(&[
            (-0.46, 0.11 * high),
            (-0.1, 0.15 * high),
            (0.5, 0.17 * high),
            (0.1, 0.08 * high),
        ]));
        canvas.flat(&inside, self.hull * 0.35 * self.bright);
        let coat = self.second * self.bright;
        for x in [-0.08, 0.2] {
            let body = Shape::limb(&self.all(&[(x, 0.1), (x + 0.03, 0.26)]), &[0.065 * self.long, 0.048 * self.long]);
            canvas.flat(&body, coat * if x > 0.0 { 0.6 } else { 0.95 });
            canvas.flat(
                &Shape::line(&self.all(&[(x + 0.03, 0.25), (x - 0.05, 0.16), (x - 0.12, 0.17)]), 0.035 * self.long),
                coat * 0.8,
            );
            canvas.flat(&Shape::circle(self.at(x + 0.04, 0.37), 0.055 * self.long), rgb(0x5c4030) * self.bright);
            canvas.flat(&Shape::circle(self.at(x + 0.025, 0.355), 0.046 * self.long), rgb(0xe0b490) * self.bright);
            if x < 0.0 {
                self.spar(canvas, (x + 0.02, 0.22), (x - 0.34, -0.02));
                self.spar(canvas, (x + 0.02, 0.22), (x + 0.38, -0.02));
            }
        }
    }
}

fn wake(canvas: &mut Canvas, weather: &Weather, boat: &Boat, rough: f32) {
    let white = (weather.light.colour * 0.6 + weather.light.ambient * 0.7).min(Vec3::ONE);
    let half = 0.5 * boat.long * boat.turn.abs();
    each_pixel(canvas, boat.foot - vec2(1.6 * half, 0.02), boat.foot + vec2(1.6 * half, 0.05), |canvas, x, y, p| {
        let along = (p.x - boat.foot.x) / half * boat.turn.signum();
        let off = p.y - boat.foot.y;
        let wide = 0.006 + 0.012 * rough + 0.01 * bell(along - 0.85, 0.2);
        let froth = bell(off, wide) * smoothstep(-1.5, -0.7, along) * smoothstep(1.05, 0.85, along);
        let broken = 0.55 + 0.6 * boat.noise.at(p * vec2(40.0, 120.0));
        canvas.put(x, y, white, clamp01(froth * broken) * mix(0.5, 0.95, rough));
    });
}

fn words(picture: &mut Picture, weather: &Weather, boat: &Boat, lake: bool) {
    let noun = match boat.kind {
        Kind::Rowing => "a rowboat",
        Kind::Fishing => "a fishing boat",
        Kind::Ship => "a sailing ship",
        _ => *picture.random.pick(&["a sailboat", "a sailboat", "a sailing boat"]),
    };
    picture.noun = Some(noun.into());
    picture.detail_of(if lake { &["on a lake"] } else { &["on the sea", "at sea"] });
    if weather.time != Time::Dawn {
        picture.detail_of(weather.words());
    }
}
