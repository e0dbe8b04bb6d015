//! Butterflies on flowers: wings open from above, half open, or shut and seen from the side; many patterns and gardens.

use std::f32::consts::PI;

use crate::backdrop::deepen;
use crate::math::{Vec2, Vec3, clamp01, hsv, mix, rgb, smoothstep, turned, vec2};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

/// How wings are coloured, in wing coordinates: the root at the origin, x outwards, y up.
struct Wings {
    /// Field, inner field, rim, spots.
    colours: [Vec3; 4],
    rim: f32,
    veins: f32,
    eyes: bool,
    dots: f32,
    fore: Vec<Vec2>,
    hind: Vec<Vec2>,
    noise: Noise,
}

const KINDS: &[([u32; 4], &str)] = &[
    ([0xe8842c, 0xf0a848, 0x1c1614, 0xf4f0e8], "an orange butterfly"),
    ([0xd86020, 0xe89040, 0x241814, 0xf0e8dc], "an orange butterfly"),
    ([0x2c6cd8, 0x58a0f0, 0x10141c, 0xe8f0f8], "a blue butterfly"),
    ([0x4888e0, 0x88c0f4, 0x1c2430, 0xf0f4f8], "a blue butterfly"),
    ([0xf0d048, 0xf4e488, 0x1c1814, 0x3870c0], "a yellow butterfly"),
    ([0xf2efe6, 0xf8f6f0, 0x3a3836, 0x3a3836], "a white butterfly"),
    ([0xa8342c, 0xd05c38, 0x1c1416, 0x4880d0], "a red butterfly"),
    ([0x1e1c20, 0x342c34, 0x0e0c10, 0xd83c34], "a black butterfly"),
    ([0x7c4ca8, 0xb080d0, 0x241830, 0xf0e4f4], "a purple butterfly"),
    ([0x6a4428, 0x946440, 0x2a1a10, 0xe8b858], "a brown butterfly"),
    ([0x3c9868, 0x70c890, 0x142018, 0xe8f0d8], "a green butterfly"),
];

fn wings(random: &mut Rng, colours: [u32; 4]) -> Wings {
    let mut wobble = |x: f32, y: f32| vec2(x * random.range(0.92, 1.08), y * random.range(0.92, 1.08));
    let fore = vec![
        vec2(0.0, 0.0),
        wobble(0.25, 0.42),
        wobble(0.72, 0.82),
        wobble(0.98, 0.78),
        wobble(0.94, 0.45),
        wobble(0.8, 0.15),
        wobble(0.4, -0.04),
    ];
    let mut hind = vec![
        vec2(0.0, 0.04),
        wobble(0.4, 0.06),
        wobble(0.72, -0.04),
        wobble(0.78, -0.36),
        wobble(0.52, -0.66),
        wobble(0.24, -0.56),
    ];
    if random.chance(0.35) {
        // Tails, as swallowtails have.
        hind.insert(5, vec2(0.42, -0.62));
        hind.insert(5, vec2(0.5, -1.0));
    }
    Wings {
        colours: colours.map(|hex| rgb(hex) * random.range(0.9, 1.1)),
        rim: random.range(0.05, 0.17),
        veins: random.range(0.0, 0.6),
        eyes: random.chance(0.35),
        dots: random.range(0.0, 1.0),
        fore,
        hind,
        noise: Noise::new(random),
    }
}

/// How far inside the outline of a wing, about.
fn inside(outline: &[Vec2], p: Vec2) -> f32 {
    let mut least = f32::MAX;
    for (k, a) in outline.iter().enumerate() {
        let b = outline[(k + 1) % outline.len()];
        let along = b - *a;
        let h = clamp01((p - *a).dot(along) / along.length_squared());
        // The edges at the body have no rim.
        let off = (p - *a - along * h).length() + 0.5 * (0.35 - (*a + along * h).length()).max(0.0);
        least = least.min(off);
    }
    least
}

impl Wings {
    fn colour(&self, p: Vec2, fore: bool) -> Vec3 {
        let [field, inner, rim, spots] = self.colours;
        let outline = if fore { &self.fore } else { &self.hind };
        let deep = inside(outline, p);
        let from = p.length();
        let angle = p.y.atan2(p.x);
        let mut colour = inner.lerp(field, smoothstep(0.1, 0.75, from));
        let vein = smoothstep(0.82, 0.98, (angle * if fore { 16.0 } else { 11.0 }).cos()) * smoothstep(0.1, 0.35, from);
        colour = colour.lerp(rim, vein * self.veins);
        colour = colour.lerp(rim, smoothstep(self.rim, self.rim * 0.6, deep + 0.04 * self.noise.at(p * 6.0)));
        let dot = (angle * if fore { 16.0 } else { 11.0 } + PI).cos();
        let row = smoothstep(0.3 * self.rim, 0.1 * self.rim, (deep - 0.45 * self.rim).abs());
        colour = colour.lerp(spots, row * smoothstep(0.3, 0.7, dot) * smoothstep(0.3, 0.5, self.dots));
        if self.eyes {
            let centre = if fore { vec2(0.68, 0.5) } else { vec2(0.5, -0.3) };
            let off = (p - centre).length();
            colour = colour.lerp(rim, smoothstep(0.17, 0.14, off)).lerp(spots, smoothstep(0.11, 0.08, off));
            colour = colour.lerp(rgb(0x141014), smoothstep(0.05, 0.03, off));
        }
        colour * (1.0 + 0.1 * self.noise.at(p * vec2(30.0, 30.0)))
    }
}

/// From wing coordinates to the picture and back.
struct Lay {
    origin: Vec2,
    x: Vec2,
    y: Vec2,
}

impl Lay {
    fn to(&self, p: Vec2) -> Vec2 {
        self.origin + self.x * p.x + self.y * p.y
    }

    fn from(&self, p: Vec2) -> Vec2 {
        let off = p - self.origin;
        let area = self.x.perp_dot(self.y);
        vec2(off.perp_dot(self.y), self.x.perp_dot(off)) / area
    }
}

fn wing(picture: &mut Picture, wings: &Wings, lay: &Lay, fore: bool, light: Vec3) {
    let outline = if fore { &wings.fore } else { &wings.hind };
    let points: Vec<Vec2> = outline.iter().map(|p| lay.to(*p)).collect();
    let shape = Shape::blob(&points);
    picture.canvas.part(if fore { 1 } else { 2 }, 0.2);
    picture.canvas.fill(&shape, |p| {
        let at = lay.from(p);
        wings.colour(at, fore) * light * mix(0.72, 1.1, clamp01(at.length() * 1.1))
    });
}

/// Body and feelers along `up` from `centre`.
fn body(picture: &mut Picture, centre: Vec2, up: Vec2, size: f32, light: Vec3) {
    let across = up.perp();
    let dark = rgb(0x2a2220) * light;
    picture.canvas.part(3, 0.18);
    for side in [-1.0, 1.0] {
        let tip = centre + up * size * 0.85 + across * side * size * 0.32;
        let middle = centre + up * size * 0.55 + across * side * size * 0.08;
        picture.canvas.flat(&Shape::curve(&[centre + up * size * 0.3, middle, tip], 0.02 * size), dark);
        picture.canvas.flat(&Shape::circle(tip, 0.028 * size), dark);
    }
    let points =
        [centre - up * size * 0.52, centre - up * size * 0.1, centre + up * size * 0.2, centre + up * size * 0.34];
    let shape = Shape::limb(&points, &[0.035 * size, 0.065 * size, 0.085 * size, 0.06 * size]);
    picture.canvas.fill(&shape, |p| {
        let off = (p - centre).dot(across) / (0.08 * size);
        let ring = ((p - centre).dot(up) / size * 60.0).sin();
        dark * (1.5 - 0.7 * off + 0.25 * ring)
    });
}

fn garden(picture: &mut Picture, weather: &Weather) {
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let greens = [0x4c7c34, 0x3a6038, 0x7c9444, 0x88a868, 0x2c4c34, 0x9c8c4c].map(rgb);
    let (one, two) = (*random.pick(&greens), *random.pick(&greens));
    let (grain, horizon) = (random.range(1.5, 4.5), random.range(-0.6, 0.5));
    let dim = if picture.dense { random.range(0.35, 0.6) } else { random.range(0.65, 1.05) };
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let broad = noise.fractal(p * grain, 3, 0.5);
        let green = weather.lit(one.lerp(two, smoothstep(-0.5, 0.5, broad))) * dim;
        let sky = weather.sky.1.lerp(weather.sky.0, clamp01(0.6 - p.y));
        green.lerp(sky, smoothstep(0.12, -0.2, p.y - horizon + 0.2 * broad))
    });
    for _ in 0..random.int(3, 24) {
        let (at, radius) = (vec2(random.unit(), random.range(0.2, 1.0)), random.range(0.02, 0.09));
        let hue = hsv(random.unit(), random.range(0.2, 0.8), random.range(0.6, 1.0));
        let colour = if random.chance(0.4) { weather.sky.1 } else { weather.lit(hue) * dim };
        let strength = random.range(0.15, 0.65);
        let mask = picture.canvas.mask(&Shape::circle(at, radius)).soft(0.015, picture.canvas.size);
        picture.canvas.glaze(&mask, |_| colour.extend(strength));
    }
}

fn flower(picture: &mut Picture, weather: &Weather, centre: Vec2, size: f32, flat: f32, colour: Vec3) {
    let random = &mut picture.random;
    let (count, turn) = (random.int(5, 16), random.unit());
    let stem =
        [centre, centre + vec2(random.range(-0.08, 0.08), 0.35), vec2(centre.x + random.range(-0.15, 0.15), 1.2)];
    let heart = rgb(*random.pick(&[0xf0c030, 0x6a4420, 0xd89030, 0xe8e070]));
    let wide = random.range(0.7, 1.15) * 2.4 / count as f32;
    picture.canvas.begin(0.5);
    picture.canvas.flat(&Shape::curve(&stem, 0.13 * size), weather.lit(rgb(0x4c7434)) * 0.9);
    for ring in 0..2 {
        for k in 0..count {
            let angle = (k as f32 + 0.5 * ring as f32 + turn) / count as f32 * std::f32::consts::TAU;
            let along = Vec2::from_angle(angle) * size * if ring == 0 { 0.58 } else { 0.48 };
            let at = centre + along * vec2(1.0, flat);
            let turned = (along * vec2(1.0, flat)).to_angle();
            let long = (along * vec2(1.0, flat)).length() * 0.85;
            let shape = Shape::ellipse(at, vec2(long, size * 0.45 * wide), turned);
            let shade = picture.random.range(0.82, 1.1);
            picture.canvas.part(k as u8 % 8 + 1, 0.45);
            let petal = weather.lit(colour) * shade;
            picture.canvas.fill(&shape, |p| {
                petal * mix(0.6, 1.12, smoothstep(0.1, 0.8, ((p - centre) / vec2(1.0, flat)).length() / size))
            });
        }
    }
    picture.canvas.part(9, 0.42);
    let disc = Shape::ellipse(centre, vec2(size * 0.27, size * 0.27 * flat.max(0.4)), 0.0);
    picture.canvas.fill(&disc, |p| weather.lit(heart) * (1.1 - 1.5 * (p.y - centre.y) / size));
}

const PETALS: &[u32] = &[0xe86090, 0xf0f0ec, 0xf0d040, 0xa060c8, 0xe84838, 0xf08c38, 0x7080e0, 0xf0a8c0, 0xd04890];

pub fn butterfly(picture: &mut Picture) {
    let random = &mut picture.random;
    let time = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk][random.weighted(&[0.6, 0.12, 0.14, 0.14])];
    let weather = Weather::at(time, random);
    let (colours, name) = *random.pick(KINDS);
    let wings = wings(random, colours);
    garden(picture, &weather);
    let random = &mut picture.random;
    let petals = rgb(*random.pick(PETALS));
    let size = if picture.dense { random.range(0.4, 0.52) } else { random.range(0.24, 0.46) };
    let centre = vec2(random.range(0.36, 0.64), random.range(0.36, 0.58));
    let settled = random.chance(0.8);
    let side = random.chance(0.35);
    let bloom = random.range(0.5, 0.95) * size.max(0.3);
    let flat = if side { random.range(0.3, 0.55) } else { random.range(0.5, 1.0) };
    for _ in 0..random.int(0, 3) {
        let random = &mut picture.random;
        let (at, small) = (vec2(random.unit(), random.range(0.55, 1.05)), random.range(0.06, 0.16));
        flower(picture, &weather, at, small, flat, petals * 0.85);
    }
    if settled {
        let below = if side {
            centre + vec2(0.0, size * 0.72)
        } else {
            centre + vec2(picture.random.range(-0.1, 0.1), size * 0.2)
        };
        flower(picture, &weather, below, bloom, flat, petals);
        picture.detail_of(&["on a flower", "on a flower", "in a garden"]);
    }
    let words = weather.words();
    picture.detail_of(words);
    let light = weather.light.colour * 0.8 + weather.light.ambient * 0.85;
    picture.canvas.begin(0.2);
    if side {
        shut(picture, &wings, centre, size, light)
    } else {
        open(picture, &wings, centre, size, light)
    }
    picture.noun = Some(name.into());
    if picture.dense {
        deepen(&mut picture.canvas, 0.5);
    }
}

/// Seen from above or obliquely: each wing foreshortened by its own angle.
fn open(picture: &mut Picture, wings: &Wings, centre: Vec2, size: f32, light: Vec3) {
    let random = &mut picture.random;
    let angle = random.normal() * 0.45;
    let tilt = random.range(0.7, 1.0);
    let (left, right) = (random.range(0.5, 1.0), random.range(0.5, 1.0));
    let up = turned(vec2(0.0, -1.0), angle);
    let across = turned(vec2(1.0, 0.0), angle);
    for (sign, wide) in [(-1.0, left), (1.0, right)] {
        // A raised wing is narrower, and its tip leans to the viewer.
        let lift = (1.0 - wide) * random_lift(sign);
        let lay = Lay { origin: centre, x: (across * sign * wide + up * lift) * size, y: up * size * tilt };
        let tone = light * mix(0.78, 1.08, wide) * if sign > 0.0 { 1.0 } else { 0.94 };
        wing(picture, wings, &lay, false, tone);
        wing(picture, wings, &lay, true, tone);
    }
    body(picture, centre, up, size * 0.9, light);
}

fn random_lift(sign: f32) -> f32 {
    0.5 + 0.1 * sign
}

/// Wings together above the body, seen from the side.
fn shut(picture: &mut Picture, wings: &Wings, centre: Vec2, size: f32, light: Vec3) {
    let random = &mut picture.random;
    let sign = random.sign();
    let lean = random.range(-0.3, 0.3);
    let size = size * 1.15;
    let back = turned(vec2(sign, 0.0), lean);
    let up = turned(vec2(0.0, -1.0), lean);
    let root = centre + vec2(-sign * 0.3 * size, 0.42 * size);
    let body_up = (-back + up * 0.35).normalize();
    body(picture, root, body_up, size * 0.75, light);
    // Their length points up and back.
    let (x, y) = ((back * 0.75 + up * 0.65).normalize(), (up * 0.75 - back * 0.65).normalize());
    for (shift, tone) in [(0.1, 0.75), (0.0, 1.0)] {
        let lay = Lay { origin: root - back * shift * size, x: x * size, y: y * size };
        wing(picture, wings, &lay, false, light * tone * 0.95);
        wing(picture, wings, &lay, true, light * tone);
    }
}
