//! A car on a road: several kinds and colours, seen from before, behind, the side or between, on roads through all kinds of country.

use super::country::{Country, Track};
use crate::backdrop::deepen;
use crate::math::{Vec3, Vec4, clamp01, rgb, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Light, Material, Solid, distance::*};

/// Metres: the car stands at the origin and looks along +z.
struct Car {
    long: f32,
    wide: f32,
    /// Heights of the belt line and the roof.
    belt: f32,
    roof: f32,
    /// The cabin's foot, from … to, and how much its panes lean.
    cabin: (f32, f32),
    lean: (f32, f32),
    wheel: f32,
    paint: Vec3,
    lights: bool,
    heading: f32,
    turn: (f32, f32),
}

const COLOURS: &[(&str, u32)] = &[
    ("a blue car", 0x1f4fb0),
    ("a yellow car", 0xf0b418),
    ("a white car", 0xeceef0),
    ("a black car", 0x16181c),
    ("a green car", 0x1f7040),
    ("an orange car", 0xf07818),
    ("a silver car", 0xa8b0b8),
];

pub fn car(picture: &mut Picture) {
    let random = &mut picture.random;
    let heading = random.sign()
        * match random.weighted(&[0.12, 0.45, 0.2, 0.15, 0.08]) {
            0 => random.range(0.0, 0.25),
            1 => random.range(0.3, 1.0),
            2 => random.range(1.2, 1.9),
            3 => random.range(2.1, 2.8),
            _ => std::f32::consts::PI - random.range(0.0, 0.25),
        };
    let share = if picture.dense { random.range(0.72, 0.95) } else { random.range(0.4, 0.85) };
    let camera = camera(random, heading, share);
    let country = Country::any(random, camera);
    let red = random.chance(0.62);
    let (name, hue) =
        if red { ("a red car", *random.pick(&[0xc81c1c, 0xb01420, 0xd8301c])) } else { *random.pick(COLOURS) };
    let car = kind(random, rgb(hue), heading, country.weather.dark());
    let bend = random.range(-0.02, 0.02);
    let off = *random.pick(&[-1.8, 1.8, -1.7, 0.0]);
    let track = Track { heading, bend, off };
    let surface = rgb(*random.pick(&[0x5c5c60, 0x48494e, 0x76726c, 0x8c7858]));
    country.paint(picture, |at| road(&track, surface, at));
    country.trees(picture, |at| track.of(at).x.abs() > 5.5, -3.5);
    paint(picture, &country, &car);
    if picture.dense {
        deepen(&mut picture.canvas, 0.3);
    }
    picture.renamed = !red;
    let unseen = country.weather.dark() && !red;
    let on_a_road = red && picture.random.chance(0.5);
    picture.noun = Some(
        if on_a_road {
            "a red car on a road"
        } else if unseen {
            "a car"
        } else {
            name
        }
        .to_string(),
    );
    country.words(picture);
}

fn camera(random: &mut Rng, heading: f32, share: f32) -> Camera {
    let shown = 1.9 + 2.4 * heading.sin().abs();
    let focal = random.range(0.9, 2.0);
    let far = (shown * focal / share + 1.9 * heading.cos().abs()).max(4.2);
    let pitch = if random.chance(0.75) { random.range(0.04, 0.2) } else { random.range(0.2, 0.5) };
    let target = vec3(0.0, 0.7, 0.0);
    let mut camera = Camera::looking(target + far * vec3(0.0, pitch.sin(), pitch.cos()), target, focal);
    let loose = 0.3 * (1.1 - share).max(0.1);
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.56 + random.range(-0.5 * loose, 0.6 * loose));
    camera
}

fn kind(random: &mut Rng, paint: Vec3, heading: f32, dark: bool) -> Car {
    let lights = dark || random.chance(0.25);
    let base = Car {
        long: 2.1,
        wide: 0.86,
        belt: 0.86,
        roof: 1.42,
        cabin: (-1.5, 0.95),
        lean: (0.55, 0.75),
        wheel: 0.34,
        paint,
        lights,
        heading,
        turn: heading.sin_cos(),
    };
    match random.weighted(&[0.35, 0.2, 0.2, 0.15, 0.1]) {
        // A saloon, a small car, one for rough country, a racer, a van.
        0 => base,
        1 => Car { long: 1.75, belt: 0.9, roof: 1.5, cabin: (-1.6, 0.85), lean: (0.35, 0.6), ..base },
        2 => Car {
            long: 2.15,
            wide: 0.95,
            belt: 1.1,
            roof: 1.78,
            cabin: (-1.95, 0.85),
            lean: (0.25, 0.5),
            wheel: 0.42,
            ..base
        },
        3 => Car { long: 2.15, wide: 0.92, belt: 0.72, roof: 1.14, cabin: (-1.4, 0.7), lean: (0.9, 0.95), ..base },
        _ => Car {
            long: 2.1,
            wide: 0.92,
            belt: 1.15,
            roof: 1.95,
            cabin: (-2.05, 1.7),
            lean: (0.08, 0.45),
            wheel: 0.36,
            ..base
        },
    }
}

/// Asphalt or earth with its lines and verges.
fn road(track: &Track, surface: Vec3, at: Vec3) -> Vec4 {
    let place = track.of(at);
    let across = place.x.abs();
    let cover = smoothstep(3.95, 3.6, across);
    let paved = surface.max_element() - surface.min_element() < 0.1;
    let dashes = smoothstep(0.13, 0.09, across) * smoothstep(0.42, 0.46, (place.y * 0.16).rem_euclid(1.0));
    let edge = smoothstep(0.14, 0.08, (across - 3.3).abs());
    let line = if paved { dashes.max(edge) } else { 0.0 };
    let worn = 1.0 - 0.12 * smoothstep(0.5, 0.0, ((across - 1.8).abs() - 0.8).abs());
    (surface * worn).lerp(rgb(0xe8e4d4), 0.85 * line).extend(cover)
}

impl Car {
    fn body(&self, p: Vec3) -> f32 {
        let low = 0.24;
        let half = (self.belt - low) * 0.5;
        let nose = 0.13 * smoothstep(0.3, 1.0, p.z / self.long) + 0.05 * smoothstep(0.5, 1.0, -p.z / self.long);
        let shell = cuboid(p - vec3(0.0, low + half, 0.0), vec3(self.wide, half, self.long), 0.16)
            + nose * clamp01((p.y - 0.5) * 3.0);
        let arch = |z: f32| vec2(p.z - z, p.y - self.wheel).length() - self.wheel * 1.22;
        let arches = arch(self.axle()).min(arch(-self.axle()));
        shell.max((-arches).min(p.x.abs() - 0.4 * self.wide).max(-arches - 0.5))
    }

    fn axle(&self) -> f32 {
        self.long * 0.62
    }

    fn cabin(&self, p: Vec3) -> f32 {
        let (back, front) = self.cabin;
        let high = self.roof - self.belt + 0.1;
        let up = clamp01((p.y - self.belt + 0.1) / high);
        let narrow = self.wide * (0.94 - 0.16 * up);
        let middle = 0.5 * (front + back + (self.lean.0 - self.lean.1) * up);
        let half = 0.5 * (front - back - (self.lean.0 + self.lean.1) * up);
        let q = p - vec3(0.0, self.belt - 0.1 + 0.5 * high, middle);
        cuboid(q, vec3(narrow, high * 0.5, half), 0.1) * 0.75
    }

    fn wheels(&self, p: Vec3) -> f32 {
        let q = vec3(p.x.abs() - self.wide + 0.1, p.y - self.wheel, p.z.abs() - self.axle());
        cylinder(vec3(q.y, q.x, q.z), self.wheel, 0.11, 0.03)
    }

    fn distance(&self, p: Vec3) -> f32 {
        let p = about_y_by(p, self.turn);
        self.body(p).min(self.cabin(p)).min(self.wheels(p))
    }

    fn material(&self, p: Vec3) -> Material {
        let p = about_y_by(p, self.turn);
        let (body, cabin, wheels) = (self.body(p), self.cabin(p), self.wheels(p));
        if wheels < body.min(cabin) {
            let rim = vec2(p.y - self.wheel, p.z.abs() - self.axle()).length() / self.wheel;
            return if rim < 0.6 {
                Material::glossy(rgb(0xa0a4aa), 0.5).part(3)
            } else {
                Material::dull(rgb(0x18181a)).part(2)
            };
        }
        if cabin < body && p.y > self.belt {
            return self.glass(p);
        }
        self.front_and_back(p).unwrap_or(Material::glossy(self.paint, 0.55))
    }

    fn glass(&self, p: Vec3) -> Material {
        let up = (p.y - self.belt) / (self.roof - self.belt);
        let middle = 0.5 * (self.cabin.0 + self.cabin.1) - 0.1;
        let pillar = (p.z - middle).abs() < 0.06 && p.x.abs() > 0.6 * self.wide;
        let corner = p.x.abs() > self.wide * (0.87 - 0.14 * up) && {
            let front = self.cabin.1 - self.lean.1 * up;
            let back = self.cabin.0 + self.lean.0 * up;
            p.z > front - 0.2 || p.z < back + 0.2
        };
        if up > 0.86 || pillar || corner {
            return Material::glossy(self.paint, 0.5).part(0);
        }
        Material { glow: rgb(0x6c8498) * 0.22 * up, ..Material::glossy(rgb(0x1c262e), 1.0) }.part(1)
    }

    fn front_and_back(&self, p: Vec3) -> Option<Material> {
        let end = p.z.abs() > self.long - 0.22;
        let high = (p.y - 0.3) / (self.belt - 0.3);
        let front = p.z > 0.0;
        if p.y < 0.36 {
            return Some(Material::dull(rgb(0x24242a)).part(5));
        }
        if !end {
            return None;
        }
        let x = p.x.abs() / self.wide;
        if x > 0.55 && (0.4..0.78).contains(&high) {
            let (colour, shine) = if front { (rgb(0xfff4d8), 0.9) } else { (rgb(0xd01818), 0.55) };
            let glow = colour * if self.lights { shine } else { 0.25 };
            return Some(Material { glow, ..Material::glossy(colour, 0.9) }.part(4));
        }
        if front && x < 0.5 && (0.18..0.62).contains(&high) {
            let bars = (p.y * 16.0).fract() < 0.35;
            return Some(Material::dull(if bars { rgb(0x80858c) } else { rgb(0x18191c) }).part(5));
        }
        (!front && x < 0.26 && (0.3..0.6).contains(&high)).then(|| Material::dull(rgb(0xe8e4d0)).part(5))
    }
}

fn paint(picture: &mut Picture, country: &Country, car: &Car) {
    let weather = &country.weather;
    let light = Light { ambient: weather.light.ambient * 1.15, ..weather.light };
    let solid = Solid {
        distance: |p: Vec3| car.distance(p),
        material: |p: Vec3, _| car.material(p),
        centre: vec3(0.0, 0.5 * car.roof, 0.0),
        radius: vec3(car.wide, 0.5 * car.roof, car.long).length() + 0.02,
    };
    solid.shadow(&mut picture.canvas, &country.camera, &light, 0.62);
    solid.render(&mut picture.canvas, &country.camera, &light, country.haze);
    if car.lights && (weather.dark() || picture.random.chance(0.5)) {
        headlamps(picture, country, car);
    }
}

/// The shine round lamps that are on.
fn headlamps(picture: &mut Picture, country: &Country, car: &Car) {
    for x in [-0.68, 0.68] {
        let (ahead, colour) = if car.heading.cos() > 0.15 {
            (car.long, vec3(0.75, 0.68, 0.5))
        } else {
            (-car.long, vec3(0.5, 0.06, 0.05))
        };
        if car.heading.cos().abs() < 0.15 {
            return;
        }
        let lamp = about_y(vec3(x * car.wide, 0.3 + 0.6 * (car.belt - 0.3), ahead), -car.heading);
        let Some((place, far)) = country.camera.seen(lamp) else { continue };
        super::nature::glow(&mut picture.canvas, place, 0.45 / far, colour);
    }
}
