//! Hats of many kinds, by numbers: a crown turned on a lathe with a brim, or a cap, a beret, knitted wool.
//!
//! Their frame has the band round the head at y = 0, the crown above it and the front towards +z.

use super::person::Kind;
use super::relief::{Bounds, Surface};
use crate::math::{Vec3, mix, rgb, smooth_max, smooth_min, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::solid::distance::{capsule, ellipsoid};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Make {
    Fedora,
    TopHat,
    Bowler,
    Cowboy,
    Straw,
    WideBrim,
    Boater,
    Cap,
    FlatCap,
    Beret,
    Beanie,
    Fur,
}

#[derive(Clone, Copy)]
pub struct Hat {
    pub make: Make,
    pub colour: Vec3,
    band: Vec3,
    pompom: bool,
    /// Of the brim, or of the whole of a soft hat.
    size: f32,
    side: f32,
}

const FELT: &[u32] = &[
    0x2a2626, 0x4a3626, 0x6e4c30, 0x8a8478, 0x30343c, 0x7a2a24, 0x2c4436, 0xb09468, 0xd0c4ac, 0x24304c, 0x9a6a3a,
    0xe4ddd0,
];
const BRIGHT: &[u32] =
    &[0xb02a26, 0x2a4a90, 0x2e6e48, 0xd09a28, 0x222226, 0x6a3a72, 0xd8d2c4, 0x46484e, 0xd0662a, 0x2e7a86, 0x7c8a52];
const STRAW: &[u32] = &[0xd8b870, 0xe4cc90, 0xc49c58, 0xecdcb0];

impl Hat {
    pub fn any(random: &mut Rng) -> Hat {
        use Make::*;
        let makes = [Fedora, TopHat, Bowler, Cowboy, Straw, WideBrim, Boater, Cap, FlatCap, Beret, Beanie, Fur];
        let make = makes[random.weighted(&[0.24, 0.13, 0.12, 0.13, 0.09, 0.07, 0.05, 0.06, 0.03, 0.03, 0.06, 0.0])];
        Hat::of(make, random)
    }

    pub fn perhaps(kind: Kind, random: &mut Rng) -> Option<Hat> {
        use Make::*;
        let (chance, makes): (f32, &[Make]) = match kind {
            Kind::OldMan => (0.14, &[Fedora, FlatCap, Beanie, Straw, Beret]),
            Kind::Barista => (0.42, &[Beanie, Beanie, Beanie, FlatCap, Cap]),
            Kind::Woman => (0.12, &[WideBrim, Beret, Straw, Beanie]),
            Kind::Boy | Kind::Girl => (0.22, &[Beanie, Cap, Straw]),
            _ => (0.0, &[]),
        };
        random.chance(chance).then(|| {
            let make = *random.pick(makes);
            Hat::of(make, random)
        })
    }

    fn of(make: Make, random: &mut Rng) -> Hat {
        use Make::*;
        let colour = rgb(*match make {
            Straw | Boater => random.pick(STRAW),
            Cap | Beret | Beanie => random.pick(BRIGHT),
            TopHat if random.chance(0.7) => &0x1c1c20,
            Fur => random.pick(&[0x4a3626, 0x2a2626, 0x77706a, 0xb0a494]),
            _ => random.pick(FELT),
        }) * random.range(0.9, 1.1);
        let band = if random.chance(0.5) { colour * 0.4 } else { rgb(*random.pick(BRIGHT)) };
        Hat { make, colour, band, pompom: random.chance(0.4), size: random.range(0.9, 1.12), side: random.sign() }
    }

    /// What captions may call it.
    pub fn words(&self) -> &'static str {
        use Make::*;
        match self.make {
            Fedora => "a fedora",
            TopHat => "a top hat",
            Bowler => "a bowler hat",
            Cowboy => "a cowboy hat",
            Straw | Boater => "a straw hat",
            WideBrim => "a wide hat",
            Cap => "a cap",
            FlatCap => "a flat cap",
            Beret => "a beret",
            Beanie => "a wool hat",
            Fur => "a fur hat",
        }
    }

    /// How far it sits above the eyes.
    pub fn seat(&self) -> f32 {
        if matches!(self.make, Make::Beanie | Make::Fur) { 0.4 } else { 0.46 }
    }

    pub fn bounds(&self) -> Bounds {
        let brim = self.lathe().map_or(1.25, |lathe| lathe.brim + 0.12);
        Bounds { centre: vec3(0.0, 0.5, 0.1), radii: vec3(brim.max(1.1) * 1.12, 1.5, brim.max(1.3) * 1.25) }
    }

    fn lathe(&self) -> Option<Lathe> {
        use Make::*;
        let (low, top, height, dome, brim, side, front) = match self.make {
            Fedora => (0.76, 0.62, 0.72, 0.0, 1.22, 0.1, -0.1),
            TopHat => (0.75, 0.8, 1.2, 0.0, 1.08, 0.12, -0.04),
            Bowler => (0.77, 0.7, 0.72, 1.0, 1.02, 0.16, 0.0),
            Cowboy => (0.76, 0.62, 0.82, 0.0, 1.42, 0.34, -0.12),
            Straw => (0.77, 0.6, 0.56, 0.7, 1.46, -0.08, -0.08),
            WideBrim => (0.75, 0.68, 0.6, 0.4, 1.6, -0.1, -0.1),
            Boater => (0.76, 0.74, 0.46, 0.0, 1.16, 0.0, 0.0),
            _ => return None,
        };
        Some(Lathe { low, top, height, dome, brim: brim * mix(1.0, self.size, 0.8), side, front })
    }

    pub fn distance(&self, p: Vec3) -> f32 {
        // Heads are longer than wide.
        let q = vec3(p.x, p.y, 0.88 * p.z);
        match self.lathe() {
            Some(lathe) => lathe.distance(self.make, q),
            None => self.soft(p, q),
        }
    }

    fn soft(&self, p: Vec3, q: Vec3) -> f32 {
        match self.make {
            Make::Cap => {
                let dome = smooth_max(ellipsoid(q, vec3(0.76, 0.66, 0.76)), -q.y - 0.02, 0.04);
                let bill = ellipsoid(p - vec3(0.0, 0.02 - 0.1 * p.x * p.x, 0.95), vec3(0.62, 0.055, 0.6));
                dome.min(bill)
            }
            Make::FlatCap => {
                let top = ellipsoid(p - vec3(0.0, 0.2 - 0.12 * p.z, 0.08), vec3(0.88, 0.3, 1.0) * self.size);
                let bill = ellipsoid(p - vec3(0.0, -0.02 - 0.15 * p.x * p.x, 0.85), vec3(0.6, 0.06, 0.36));
                smooth_min(top, bill, 0.05)
            }
            Make::Beret => {
                let top = p - vec3(0.24 * self.side, 0.26 - 0.2 * self.side * p.x, -0.02);
                let cloth = ellipsoid(top, vec3(1.0, 0.26, 0.98) * self.size);
                let rim = smooth_max(ellipsoid(q, vec3(0.74, 0.5, 0.74)), -q.y - 0.04, 0.05);
                let stalk = capsule(top, vec3(0.0, 0.2, 0.0), vec3(0.0, 0.34, 0.0), 0.04);
                smooth_min(cloth, rim, 0.06).min(stalk)
            }
            Make::Fur => {
                let fuzz = 0.03 * ((p.x * 19.0).sin() * (p.y * 19.0).sin() + (p.z * 23.0).sin());
                let roll = (vec2(vec2(q.x, q.z).length() - 0.7, (q.y - 0.1) * 0.75)).length() - 0.25;
                let dome = smooth_max(ellipsoid(q, vec3(0.8, 0.75, 0.8)), -q.y, 0.05);
                smooth_min(roll, dome, 0.05) + fuzz
            }
            _ => {
                let tall = 0.72 * self.size;
                let dome = smooth_max(ellipsoid(q - vec3(0.0, 0.08, -0.05), vec3(0.75, tall, 0.76)), -q.y, 0.04);
                let cuff = (vec2(vec2(q.x, q.z).length() - 0.69, (q.y - 0.07) * 0.55)).length() - 0.11;
                let knit = smooth_min(dome, cuff, 0.03);
                if !self.pompom {
                    return knit;
                }
                let fuzz = 0.03 * (p.x * 21.0).sin() * (p.y * 21.0).sin();
                knit.min((p - vec3(0.0, tall + 0.2, -0.05)).length() - 0.24 + fuzz)
            }
        }
    }

    pub fn surface(&self, noise: &Noise, p: Vec3) -> Surface {
        let round = p.x.atan2(p.z);
        let cloth = noise.fractal3(p * 5.0, 2, 0.5);
        let mut surface = Surface { gloss: 0.06, soft: 0.12, ..Surface::new(self.colour * (1.0 + 0.14 * cloth), 7) };
        let radius = vec2(p.x, 0.88 * p.z).length();
        if self.lathe().is_some() && p.y > 0.02 && p.y < 0.2 && radius < 0.84 {
            (surface.colour, surface.part) = (self.band, 8);
            surface.lift = 0.02;
            return surface;
        }
        match self.make {
            Make::TopHat => surface.gloss = 0.25,
            Make::Straw | Make::Boater => {
                let weave = (round * 46.0).sin() * ((radius + p.y) * 40.0).sin();
                surface.colour *= 1.0 + 0.18 * weave;
                surface.lift = 0.008 * weave;
            }
            Make::Beanie => {
                let rib = (round * 22.0).sin();
                let cuff = smoothstep(0.24, 0.2, p.y);
                let pompom = self.pompom && p.y > 0.72 * self.size + 0.04;
                surface.lift = if pompom { 0.04 * cloth } else { 0.02 * rib * mix(0.5, 1.0, cuff) };
                surface.colour *= 1.0 + 0.1 * rib - 0.1 * cuff;
                if pompom {
                    surface.colour = self.band * (1.0 + 0.3 * cloth);
                }
                surface.soft = 0.25;
            }
            Make::Fur => {
                surface.lift = 0.05 * noise.at3(p * 14.0);
                surface.colour *= 1.0 + 0.3 * noise.at3(p * 20.0);
                surface.soft = 0.3;
            }
            Make::Cap if p.z > 0.66 && p.y < 0.12 => surface.colour *= 0.75,
            _ => {}
        }
        surface
    }
}

struct Lathe {
    low: f32,
    top: f32,
    height: f32,
    /// 0 a flat top … 1 a half ball.
    dome: f32,
    brim: f32,
    /// How the brim bends at the sides and in front: up, or down below 0.
    side: f32,
    front: f32,
}

impl Lathe {
    fn distance(&self, make: Make, q: Vec3) -> f32 {
        let radius = vec2(q.x, q.z).length();
        let up = q.y / self.height;
        let wall = mix(self.low, self.top, up.clamp(0.0, 1.0));
        let flat = smooth_max(radius - wall, (q.y - self.height).max(-q.y - 0.05), 0.16) * 0.95;
        let mut crown = flat;
        if self.dome > 0.0 {
            let ball = smooth_max(ellipsoid(q, vec3(self.low, self.height, self.low)), -q.y - 0.05, 0.03);
            crown = mix(flat, ball, self.dome);
        }
        if matches!(make, Make::Fedora | Make::Cowboy) {
            let dent = ellipsoid(q - vec3(0.0, self.height + 0.1, 0.05), vec3(0.2, 0.26, 0.62));
            crown = smooth_max(crown, -dent, 0.14);
            let pinch = (vec3(q.x.abs(), q.y, q.z) - vec3(0.62, self.height - 0.05, 0.55)).length() - 0.3;
            crown = smooth_max(crown, -pinch, 0.16);
        }
        let out = ((radius - 0.7) / (self.brim - 0.7)).max(0.0);
        let across = (q.x / radius.max(0.1)).powi(2);
        let bend = (self.side * across + self.front * (1.0 - across)) * out * out.sqrt();
        let disc = (q.y - bend).abs() - 0.035;
        let brim = smooth_max(disc, radius - self.brim, 0.04) * 0.6;
        smooth_min(crown, brim, 0.05)
    }
}
