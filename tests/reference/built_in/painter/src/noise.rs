//! Smooth random fields: value noise on a hashed lattice, and its octaves.

use crate::math::{Vec2, Vec3};

#[derive(Clone, Copy)]
pub struct Noise(u32);

fn hash(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// The whole part below and the rest; a call of the library's `floor` costs more.
fn split(x: f32) -> (i32, f32) {
    let whole = x as i32 - (x < x as i32 as f32) as i32;
    (whole, x - whole as f32)
}

fn fade(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

impl Noise {
    pub fn new(random: &mut crate::random::Rng) -> Self {
        Noise(random.bits() as u32)
    }

    /// A random number in [-1, 1] of a lattice point.
    pub fn lattice(self, x: i32, y: i32, z: i32) -> f32 {
        let mixed = hash(self.0 ^ hash((x as u32) ^ hash((y as u32) ^ hash(z as u32 ^ 0x9e37_79b9))));
        (mixed >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Smooth in [-1, 1], features of size 1.
    pub fn at(self, p: Vec2) -> f32 {
        let ((x, fx), (y, fy)) = (split(p.x), split(p.y));
        let (u, v) = (fade(fx), fade(fy));
        let row = |y| self.lattice(x, y, 0) * (1.0 - u) + self.lattice(x + 1, y, 0) * u;
        row(y) * (1.0 - v) + row(y + 1) * v
    }

    /// The same in space.
    pub fn at3(self, p: Vec3) -> f32 {
        let ((x, fx), (y, fy), (z, fz)) = (split(p.x), split(p.y), split(p.z));
        let (u, v, w) = (fade(fx), fade(fy), fade(fz));
        let row = |y, z| self.lattice(x, y, z) * (1.0 - u) + self.lattice(x + 1, y, z) * u;
        let sheet = |z| row(y, z) * (1.0 - v) + row(y + 1, z) * v;
        sheet(z) * (1.0 - w) + sheet(z + 1) * w
    }

    /// `octaves` of it, each twice as fine and `gain` as strong; about [-1, 1].
    pub fn fractal(self, p: Vec2, octaves: u32, gain: f32) -> f32 {
        let (mut sum, mut weight, mut total, mut p) = (0.0, 1.0, 0.0, p);
        for octave in 0..octaves {
            sum += weight * Noise(self.0.wrapping_add(octave * 0x51ed_270b)).at(p);
            total += weight;
            weight *= gain;
            // Turned a little, so that the lattices do not show.
            p = Vec2::new(1.6 * p.x + 1.2 * p.y, -1.2 * p.x + 1.6 * p.y);
        }
        sum / total * 1.6
    }

    pub fn fractal3(self, p: Vec3, octaves: u32, gain: f32) -> f32 {
        let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
        for octave in 0..octaves {
            sum += weight * Noise(self.0.wrapping_add(octave * 0x51ed_270b)).at3(p * (1 << octave) as f32);
            total += weight;
            weight *= gain;
        }
        sum / total * 1.6
    }
}
