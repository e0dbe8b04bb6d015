//! Smooth noise read from one table, for what every pixel asks for many times: paper, stone, wavering hands.

use crate::math::{Vec2, vec2};
use crate::random::Rng;

/// A place in the table, at random: another place is another noise.
#[derive(Clone, Copy)]
pub struct Grain(Vec2);

const SIDE: usize = 128;

static TABLE: [[f32; SIDE]; SIDE] = table();

/// Numbers in [-1, 1] (SplitMix64).
const fn table() -> [[f32; SIDE]; SIDE] {
    let mut table = [[0.0; SIDE]; SIDE];
    let (mut state, mut k) = (0u64, 0);
    while k < SIDE * SIDE {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        table[k / SIDE][k % SIDE] = ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        k += 1;
    }
    table
}

impl Grain {
    pub fn new(random: &mut Rng) -> Self {
        Grain(vec2(random.range(0.0, SIDE as f32), random.range(0.0, SIDE as f32)))
    }

    /// A random number in [-1, 1] of a pair of numbers.
    pub fn lattice(self, x: i32, y: i32) -> f32 {
        TABLE[(y + self.0.y as i32) as usize % SIDE][(x + self.0.x as i32) as usize % SIDE]
    }

    /// Smooth in [-1, 1], features of size 1.
    pub fn at(self, p: Vec2) -> f32 {
        let p = p + self.0;
        let floor = |v: f32| v as i32 - (v < 0.0) as i32;
        let (x, y) = (floor(p.x), floor(p.y));
        let t = p - vec2(x as f32, y as f32);
        let t = t * t * (3.0 - 2.0 * t);
        let (x, y) = (x as usize % SIDE, y as usize % SIDE);
        let (x1, above, below) = ((x + 1) % SIDE, &TABLE[y], &TABLE[(y + 1) % SIDE]);
        let (upper, lower) = (above[x] + (above[x1] - above[x]) * t.x, below[x] + (below[x1] - below[x]) * t.x);
        upper + (lower - upper) * t.y
    }

    /// `octaves` of it, each twice as fine and `gain` as strong; about [-1, 1].
    pub fn fractal(self, p: Vec2, octaves: u32, gain: f32) -> f32 {
        let (mut sum, mut weight, mut total, mut p) = (0.0, 1.0, 0.0, p);
        for _ in 0..octaves {
            sum += weight * self.at(p);
            total += weight;
            weight *= gain;
            // Turned a little, so that the lattices do not show.
            p = vec2(1.6 * p.x + 1.2 * p.y + 37.0, -1.2 * p.x + 1.6 * p.y);
        }
        sum / total * 1.6
    }
}
