//! Coats of four-legged animals: a few colours laid out over body, legs and head in the animal's own coordinates.

use super::creature::{Skin, Spot};
use crate::math::{Vec3, rgb, smoothstep, vec3};
use crate::noise::Noise;
use crate::random::Rng;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pattern {
    Plain,
    /// Throat, chest, muzzle, feet and tail tip in the second colour.
    Bib,
    /// A dark back over a lighter animal.
    Saddle,
    /// Small round spots.
    Spots,
    /// Large patches.
    Patches,
    /// A dark cap and back, the face and below light.
    Mask,
    /// Cross stripes of a tabby.
    Stripes,
    /// Ears, face, feet and tail dark, as a Siamese has.
    Points,
}

pub struct Coat {
    pub pattern: Pattern,
    pub base: Vec3,
    pub second: Vec3,
    /// How long and rough the hair is, 0 … 1.
    pub rough: f32,
    pub blaze: bool,
    noise: Noise,
    offset: Vec3,
}

impl Coat {
    pub fn new(random: &mut Rng, pattern: Pattern, base: u32, second: u32) -> Coat {
        let vary = |random: &mut Rng, hex| {
            let by = random.range(0.88, 1.12);
            rgb(hex) * vec3(by * random.range(0.96, 1.04), by, by * random.range(0.95, 1.05))
        };
        let (base, second) = (vary(random, base), vary(random, second));
        let offset = vec3(random.range(0.0, 40.0), random.range(0.0, 40.0), random.range(0.0, 40.0));
        let (rough, blaze) = (random.range(0.2, 1.0), random.chance(0.6));
        Coat { pattern, base, second, rough, blaze, noise: Noise::new(random), offset }
    }

    /// The colour of hair at a spot; `size` is the width of the body, as heads are in units of their own.
    pub fn colour(&self, spot: &Spot) -> Vec3 {
        let head = matches!(spot.skin, Skin::Head | Skin::Muzzle | Skin::Jaw | Skin::Ear);
        // Everything in units of about the radius of the skull.
        let at = if head { spot.at } else { spot.at * 5.0 };
        let second = self.share(spot, at, head);
        // Tufts and strands stand out: lit on one side, dark on the other.
        let strands = |q: Vec3| {
            self.noise.at3(vec3(q.x * 7.0, q.y * 3.2, q.z * 3.2)) + 0.8 * self.noise.at3(q * 2.3 + self.offset)
        };
        let relief = strands(at) - strands(at + spot.light * 0.12);
        let shade = 1.0 + (0.03 + 0.4 * self.rough) * relief;
        self.base.lerp(self.second, second) * shade
    }

    /// How much of the second colour is there.
    fn share(&self, spot: &Spot, at: Vec3, head: bool) -> f32 {
        let wave = 0.25 * self.noise.at3(at * 1.3 + self.offset);
        let up = spot.normal.y;
        match self.pattern {
            Pattern::Plain => 0.0,
            Pattern::Bib => match spot.skin {
                Skin::Muzzle | Skin::Jaw | Skin::Sock | Skin::Paw | Skin::Tip => 1.0,
                Skin::Head if self.blaze => {
                    smoothstep(0.34, 0.22, at.x.abs() + 0.3 * wave) * smoothstep(0.2, 0.5, at.z)
                }
                Skin::Body => smoothstep(0.0, 0.25, wave - 0.4 - up) + smoothstep(1.9, 2.4, at.z - 0.7 * at.y),
                Skin::Neck => smoothstep(0.15, -0.2, up + wave),
                _ => 0.0,
            },
            Pattern::Saddle => match spot.skin {
                Skin::Body => smoothstep(-0.15, 0.35, up + wave),
                Skin::Neck => smoothstep(0.2, 0.5, up + wave),
                Skin::Tail => 1.0,
                Skin::Muzzle => smoothstep(0.5, 0.0, at.y + 0.5) * 0.5,
                Skin::Ear => 0.7,
                _ => 0.0,
            },
            Pattern::Spots => {
                let scale = if head { 2.6 } else { 1.7 };
                smoothstep(0.3, 0.42, self.noise.at3(at * scale + self.offset)).max(if spot.skin == Skin::Ear {
                    0.8
                } else {
                    0.0
                })
            }
            Pattern::Patches => {
                let field = self.noise.at3(vec3(at.x.abs() * 0.5, at.y * 0.55, at.z * 0.55) + self.offset) + 0.3 * wave;
                let patch = smoothstep(-0.02, 0.08, field);
                match spot.skin {
                    Skin::Ear => 1.0,
                    Skin::Head => smoothstep(0.25, 0.45, at.x.abs() + 0.2 * wave),
                    Skin::Muzzle | Skin::Jaw | Skin::Sock | Skin::Paw => 0.0,
                    _ => patch,
                }
            }
            Pattern::Mask => match spot.skin {
                Skin::Head => {
                    let brow = smoothstep(0.15, 0.35, (at.x.abs() - 0.42).abs() + (at.y - 0.45).abs());
                    smoothstep(0.15, 0.35, at.y + 0.5 * (0.5 - at.x.abs()).max(0.0) - 0.25 * (at.z - 0.5) + 0.2 * wave)
                        * brow
                }
                Skin::Ear => 0.8,
                Skin::Muzzle | Skin::Jaw | Skin::Sock | Skin::Paw => 0.0,
                Skin::Body | Skin::Neck => smoothstep(-0.25, 0.15, up + wave),
                Skin::Leg => smoothstep(0.3, 0.6, up + wave + 0.3),
                _ => 0.7,
            },
            Pattern::Stripes => {
                let bend = 1.6 * wave;
                let stripe = match spot.skin {
                    Skin::Body => (at.z * 4.2 + bend * 3.0 + at.y * 0.6).sin() * smoothstep(-0.9, -0.1, up),
                    Skin::Neck => (at.y * 4.0 + bend * 3.0).sin() * 0.6,
                    Skin::Tail | Skin::Tip => (at.length() * 5.0).sin(),
                    Skin::Leg | Skin::Sock => (at.y * 5.0 + bend * 2.0).sin() * 0.8,
                    Skin::Head => {
                        // The M of the brow, and bars on the cheeks.
                        let brow = (at.x.abs() * 13.0 + bend).cos() * smoothstep(0.25, 0.5, at.y);
                        let cheek = (at.y * 10.0 - at.x.abs() * 3.0).sin() * smoothstep(0.6, 0.85, at.x.abs());
                        brow.max(cheek)
                    }
                    _ => -1.0,
                };
                smoothstep(0.0, 0.6, stripe)
            }
            Pattern::Points => match spot.skin {
                Skin::Ear | Skin::Muzzle | Skin::Jaw | Skin::Sock | Skin::Paw | Skin::Tail | Skin::Tip => 1.0,
                Skin::Head => {
                    smoothstep(0.85, 0.35, (vec3(at.x, at.y + 0.15, 0.0)).length()) * smoothstep(0.0, 0.5, at.z)
                }
                Skin::Leg => 0.35,
                _ => 0.0,
            },
        }
        .clamp(0.0, 1.0)
    }
}
