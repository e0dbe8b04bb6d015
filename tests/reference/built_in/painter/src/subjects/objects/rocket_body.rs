//! The rocket itself: a turned body with fins, portholes, boosters and paint, from the fat ships of old comics to slim launchers.

use crate::math::{Vec2, Vec3, clamp01, hsv, mix, rgb, smooth_min, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::solid::{Material, distance::*};

/// Upright about y, the origin at its middle.
pub struct Rocket {
    tall: f32,
    wide: f32,
    /// Where the nose begins, as a share of the height, and how blunt it is.
    nose: f32,
    blunt: f32,
    waist: f32,
    fins: f32,
    reach: f32,
    sweep: f32,
    boosters: bool,
    holes: i32,
    hole: f32,
    body: Vec3,
    second: Vec3,
    fin: Vec3,
    glass: Vec3,
    pattern: usize,
    gloss: f32,
}

impl Rocket {
    pub fn any(picture: &mut Picture) -> Rocket {
        let random = &mut picture.random;
        let modern = random.chance(0.35);
        let strong =
            |random: &mut crate::random::Rng| hsv(random.unit(), random.range(0.65, 0.95), random.range(0.5, 0.95));
        let pale = *random.pick(&[0xf4f2ec, 0xe0e4e8, 0xc8ccd0, 0xf0e4c8].map(rgb));
        let body = if modern || random.chance(0.5) { pale } else { strong(random) };
        let fin =
            if random.chance(0.45) { *random.pick(&[0xd02c20, 0xe05020, 0xb81c2c].map(rgb)) } else { strong(random) };
        let second =
            if random.chance(0.6) { fin } else { *random.pick(&[0x202428, 0xf0c030, 0x2858a8, 0xf4f4f0].map(rgb)) };
        Rocket {
            tall: 2.8,
            wide: if modern { random.range(0.26, 0.36) } else { random.range(0.36, 0.6) },
            nose: if modern { random.range(0.68, 0.8) } else { random.range(0.35, 0.7) },
            blunt: random.range(1.5, 2.6),
            waist: if modern { random.range(0.85, 1.0) } else { random.range(0.45, 0.85) },
            fins: *random.pick(&[3.0, 4.0, 4.0]),
            reach: if modern { random.range(0.3, 0.5) } else { random.range(0.45, 0.75) },
            sweep: random.range(0.1, 0.7),
            boosters: modern && random.chance(0.5),
            holes: if modern { random.int(0, 2) } else { random.int(1, 3) },
            hole: random.range(0.1, 0.17),
            body,
            second,
            fin,
            glass: *random.pick(&[0x18384c, 0x101418, 0x3c88b0, 0xf0c858].map(rgb)),
            pattern: random.weighted(&[0.35, 0.3, 0.2, 0.15]),
            gloss: random.range(0.2, 0.75),
        }
    }

    pub fn height(&self) -> f32 {
        self.tall
    }

    pub fn girth(&self) -> f32 {
        self.wide * 1.7 * if self.boosters { 1.8 } else { 1.0 }
    }

    /// Where its fire comes out.
    pub fn nozzle(&self) -> f32 {
        -0.5 * self.tall + 0.06
    }

    /// The body's bottom above the fins' tips.
    const FOOT: f32 = 0.1;

    fn share(&self, y: f32) -> f32 {
        (y / self.tall + 0.5 - Self::FOOT) / (1.0 - Self::FOOT)
    }

    fn hull(&self, s: f32) -> f32 {
        let tail = mix(self.waist, 1.0, smoothstep(0.0, self.nose, s));
        let tip = clamp01((s - self.nose) / (1.0 - self.nose));
        self.wide * tail * (1.0 - tip.powf(self.blunt)).max(0.0)
    }

    fn trunk(&self, p: Vec3) -> f32 {
        let (r, s) = (vec2(p.x, p.z).length(), self.share(p.y));
        let side = (r - self.hull(clamp01(s))) * 0.72;
        let end = (p.y - 0.5 * self.tall).max((Self::FOOT - 0.5) * self.tall - p.y);
        side.max(end)
    }

    fn bell(&self, p: Vec3) -> f32 {
        let (top, low) = ((Self::FOOT - 0.5 + 0.01) * self.tall, (0.02 - 0.5) * self.tall);
        let width = self.wide * self.waist;
        let d = cone(p, vec3(0.0, top, 0.0), vec3(0.0, low + width * 0.4, 0.0), width * 0.45, width * 0.75);
        d.max(low - p.y)
    }

    /// In the plane of the nearest fin: outwards, up, across.
    fn folded(&self, p: Vec3) -> Vec3 {
        let sector = std::f32::consts::TAU / self.fins;
        let angle = p.x.atan2(p.z);
        let angle = (angle + 0.5 * sector).rem_euclid(sector) - 0.5 * sector;
        let r = vec2(p.x, p.z).length();
        vec3(r * angle.cos(), p.y, r * angle.sin())
    }

    fn fin(&self, p: Vec3) -> f32 {
        let q = self.folded(p);
        let base = -0.5 * self.tall;
        let root = self.wide * 0.5;
        let out = self.wide + self.reach;
        // The upper edge falls outwards, the lower one sweeps back.
        let high = mix(base + 0.34 * self.tall, base + 0.16 * self.tall, clamp01((q.x - root) / (out - root)));
        let low = mix(base + 0.17 * self.tall, base, clamp01((q.x - root) / (out - root)).powf(0.3 + self.sweep));
        let flat = (q.x - out).max((q.y - high) * 0.75).max((low - q.y) * 0.7).max(0.0 - q.x);
        let thick = q.z.abs() - mix(0.06, 0.03, clamp01(q.x / out));
        flat.max(thick) - 0.01
    }

    fn booster(&self, p: Vec3) -> f32 {
        let q = vec3(p.x.abs() - self.wide * 1.55, p.y, p.z);
        let low = (0.07 - 0.5) * self.tall;
        cone(q, vec3(0.0, low, 0.0), vec3(0.0, low + 1.25, 0.0), self.wide * 0.52, self.wide * 0.5)
            .max(low - q.y)
            .min(cone(q, vec3(0.0, low + 1.2, 0.0), vec3(0.0, low + 1.75, 0.0), self.wide * 0.5, 0.03))
    }

    pub fn distance(&self, p: Vec3) -> f32 {
        let mut d = self.trunk(p);
        if p.y < -0.1 * self.tall {
            d = smooth_min(d, self.fin(p), 0.05).min(self.bell(p));
        } else if p.y + 0.15 * self.tall < d {
            // The fins end well below.
            d = d.min(self.fin(p));
        }
        if self.boosters { d.min(self.booster(p)) } else { d }
    }

    /// Distance from the middle of the nearest porthole, along the hull.
    fn porthole(&self, p: Vec3) -> f32 {
        let round = std::f32::consts::PI;
        let angle = (p.x.atan2(p.z) + 0.5 * round).rem_euclid(round) - 0.5 * round;
        let at = vec2(angle * vec2(p.x, p.z).length(), p.y);
        let hole = |k: i32| {
            let y = (0.5 * self.nose + 0.16 - 0.17 * k as f32) * (1.0 - Self::FOOT) + Self::FOOT - 0.5 + 0.1;
            (at - Vec2::new(0.0, y * self.tall)).length()
        };
        (0..self.holes).map(hole).fold(9.0, f32::min)
    }

    pub fn material(&self, p: Vec3) -> Material {
        let (trunk, s) = (self.trunk(p), self.share(p.y));
        if self.boosters && self.booster(p) < trunk {
            let colour = if s > 0.45 { self.fin } else { self.body };
            return Material::glossy(colour, self.gloss).part(4);
        }
        if p.y < -0.1 * self.tall {
            let (fin, bell) = (self.fin(p), self.bell(p));
            if bell < trunk.min(fin) {
                return Material::glossy(rgb(0x4c4a48), 0.6).part(3);
            }
            if fin < trunk {
                return Material::glossy(self.fin, self.gloss).part(2);
            }
        }
        let hole = self.porthole(p) / self.hole;
        if hole < 1.0 {
            let shine = smoothstep(0.6, 0.0, (p.y * 6.0 + p.x * 6.0).sin().abs()) * 0.15;
            return Material { glow: Vec3::splat(shine), ..Material::glossy(self.glass, 0.9) }.part(6);
        }
        if hole < 1.4 {
            return Material::glossy(self.second.lerp(rgb(0xa8a49c), 0.6), 0.7).part(5);
        }
        let nose = s > mix(self.nose, 1.0, 0.32);
        let paint = match self.pattern {
            _ if nose => self.second,
            1 if (s - 0.24).abs() < 0.045 || (s - self.nose * 0.95).abs() < 0.02 => self.second,
            2 if s < 0.22 => self.second,
            3 if s < 0.3 => {
                let (a, b) = ((p.x.atan2(p.z) * 1.91).rem_euclid(2.0) < 1.0, (s * 13.0).rem_euclid(2.0) < 1.0);
                if a == b { rgb(0x1c1c20) } else { self.body }
            }
            _ => self.body,
        };
        let seam = smoothstep(0.012, 0.004, ((s * 5.0).rem_euclid(1.0) - 0.5).abs() / 5.0) * 0.25;
        Material::glossy(paint * (1.0 - seam), self.gloss).part(nose as u8)
    }
}
