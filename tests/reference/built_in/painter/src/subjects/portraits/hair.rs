//! Hair on the head, beards and moustaches: shells round the skull and jaw, cut free round the face, streaked along their strands.

use super::person::{Kind, Person};
use super::relief::{Bounds, Surface};
use crate::math::{Vec3, mix, smooth_max, smooth_min, vec3};
use crate::random::Rng;
use crate::solid::distance::{cone, ellipsoid};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hair {
    Bald,
    /// Bald on top, hair round the sides.
    Wreath,
    /// Short, with a high forehead.
    Receding,
    Short,
    /// Combed up and back in a wave.
    Quiff,
    Curly,
    Afro,
    /// To the chin.
    Bob,
    Long,
    /// Long, with waves.
    Wavy,
    Bun,
    Braids,
}

#[derive(Clone, Copy)]
pub struct Beard {
    /// Below the chin; none: a moustache alone.
    pub length: Option<f32>,
    pub moustache: bool,
    /// Ends of the moustache, up or down.
    pub curl: f32,
    pub full: f32,
}

impl Hair {
    pub fn any(kind: Kind, hatted: bool, random: &mut Rng) -> Hair {
        use Hair::*;
        let (kinds, weights): (&[Hair], &[f32]) = match kind {
            Kind::OldMan => {
                (&[Bald, Wreath, Receding, Short, Quiff, Bob, Curly], &[0.1, 0.36, 0.28, 0.05, 0.1, 0.06, 0.05])
            }
            Kind::Barista if hatted => (&[Short, Bob], &[0.8, 0.2]),
            Kind::Barista => (&[Bun, Quiff, Curly, Short], &[0.5, 0.3, 0.1, 0.1]),
            _ if kind.female() && hatted => (&[Bob, Long, Wavy, Braids], &[0.2, 0.35, 0.35, 0.1]),
            Kind::Girl => (&[Braids, Long, Bob, Bun, Wavy], &[0.35, 0.25, 0.2, 0.1, 0.1]),
            _ if kind.female() => {
                (&[Long, Wavy, Bob, Bun, Curly, Afro, Braids], &[0.27, 0.27, 0.18, 0.11, 0.07, 0.06, 0.04])
            }
            Kind::Boy => (&[Short, Curly, Quiff, Bob], &[0.6, 0.2, 0.1, 0.1]),
            _ if hatted => (&[Short, Bald, Bob], &[0.8, 0.1, 0.1]),
            _ => (
                &[Short, Quiff, Receding, Bald, Curly, Afro, Bob, Bun, Wreath],
                &[0.33, 0.2, 0.1, 0.09, 0.11, 0.05, 0.07, 0.03, 0.02],
            ),
        };
        kinds[random.weighted(weights)]
    }

    /// Hangs beside the face.
    pub fn frames(self) -> bool {
        matches!(self, Hair::Bob | Hair::Long | Hair::Wavy)
    }

    pub fn long(self) -> bool {
        matches!(self, Hair::Long | Hair::Wavy)
    }
}

impl Beard {
    pub fn perhaps(kind: Kind, bald: bool, random: &mut Rng) -> Option<Beard> {
        let chance = match kind {
            Kind::OldMan => {
                if bald {
                    1.0
                } else {
                    0.75
                }
            }
            Kind::Barista => 0.88,
            Kind::Man | Kind::HatMan => 0.5,
            _ => 0.0,
        };
        if !random.chance(chance) {
            return None;
        }
        let bare = if kind == Kind::Barista { 0.12 } else { 0.3 };
        let length = match kind {
            Kind::OldMan => random.range(0.0, 1.0),
            Kind::Barista => random.range(0.15, 0.6),
            _ => random.range(0.0, 0.35),
        };
        let length = (!random.chance(bare)).then_some(length);
        let moustache = length.is_none() || random.chance(0.88);
        Some(Beard { length, moustache, curl: random.range(-0.12, 0.12), full: random.range(0.8, 1.15) })
    }
}

pub const HAIR_BOUNDS: Bounds = Bounds { centre: vec3(0.0, 0.2, -0.1), radii: vec3(1.15, 1.35, 1.25) };
pub const LONG_BOUNDS: Bounds = Bounds { centre: vec3(0.0, -0.6, -0.1), radii: vec3(1.3, 2.3, 1.3) };

pub fn hair_distance(person: &Person, p: Vec3) -> f32 {
    let p = person.grown(p);
    let q = vec3(p.x.abs(), p.y, p.z);
    let wide = person.width;
    let hatted = person.hat.is_some();
    let thick = match person.hair {
        _ if hatted => 0.03,
        Hair::Short | Hair::Receding | Hair::Wreath | Hair::Bun => 0.045,
        Hair::Afro => 0.3,
        Hair::Curly => 0.14,
        _ => 0.1,
    };
    let skull = vec3(0.67 * wide, 0.73, 0.8) + vec3(thick, thick, thick);
    let mut d = ellipsoid(p - vec3(0.0, 0.27, -0.1), skull);
    match person.hair {
        Hair::Quiff if !hatted => {
            let wave = ellipsoid(p - vec3(0.08 * person.part, 0.9, 0.32), vec3(0.5, 0.24, 0.42));
            d = smooth_min(d, wave, 0.15);
        }
        Hair::Curly if !hatted => {
            d += 0.05 * (p.x * 13.0).sin() * (p.y * 13.0).sin() * (p.z * 13.0).sin();
        }
        Hair::Afro if !hatted => {
            d += 0.03 * (p.x * 17.0).sin() * (p.y * 17.0).sin() * (p.z * 17.0).sin();
        }
        _ => {}
    }
    // Free of the face, and of what lies under the hair's ends.
    let high = match person.hair {
        Hair::Receding => 0.2,
        Hair::Wreath => 0.3,
        Hair::Short | Hair::Quiff if !person.fringe => 0.08,
        Hair::Afro | Hair::Curly => 0.02,
        _ if person.fringe => -0.2,
        _ => 0.0,
    };
    let parting = if matches!(person.hair, Hair::Bob | Hair::Long | Hair::Wavy) { 0.2 * person.part } else { 0.0 };
    let face = ellipsoid(
        p - vec3(parting, -0.2 + high, 0.88),
        vec3(if person.hair.frames() { 0.74 } else { 0.96 } * wide, 0.82, 0.76),
    );
    let ragged = 0.014 * (p.x * 25.0 + 2.0 * (p.x * 7.0).sin()).sin();
    d = smooth_max(d, ragged - face, 0.05);
    let end = match person.hair {
        Hair::Bob | Hair::Long | Hair::Wavy => -0.9,
        Hair::Afro => -0.35,
        _ => -0.08 + 0.55 * (p.z + 0.05).min(0.45),
    };
    d = smooth_max(d, end - p.y, 0.08);
    if person.hair == Hair::Wreath {
        d = smooth_max(d, p.y - 0.36 + 0.25 * p.z, 0.1);
    }
    if hatted {
        d = smooth_max(d, p.y - 0.6, 0.06);
    }
    hanging(person, p, q, d)
}

fn hanging(person: &Person, p: Vec3, q: Vec3, shell: f32) -> f32 {
    let wide = person.width;
    match person.hair {
        Hair::Bob => {
            let side = cone(q, vec3(0.6 * wide, 0.35, -0.05), vec3(0.66 * wide, -0.72, 0.0), 0.2, 0.24);
            let back = ellipsoid(p - vec3(0.0, -0.2, -0.45), vec3(0.76, 0.75, 0.5));
            smooth_min(shell, smooth_min(side, back, 0.1), 0.12)
        }
        Hair::Long | Hair::Wavy => {
            let wave = if person.hair == Hair::Wavy { 0.07 * (p.y * 5.5 + 2.0).sin() } else { 0.0 };
            let r = vec3(q.x + wave, q.y, q.z);
            let low = -1.5 - person.hair_length;
            let side = cone(r, vec3(0.58 * wide, 0.4, -0.05), vec3(0.7 * wide, -0.7, 0.0), 0.2, 0.24);
            let end = cone(r, vec3(0.7 * wide, -0.7, 0.0), vec3(0.68, low, 0.3), 0.24, 0.15);
            let back = ellipsoid(p - vec3(0.0, -0.5, -0.5), vec3(0.8, 1.3, 0.5));
            smooth_min(shell, smooth_min(smooth_min(side, end, 0.08), back, 0.1), 0.12)
        }
        Hair::Bun => shell.min((p - vec3(0.0, 1.02, -0.38)).length() - 0.27),
        Hair::Braids => {
            let bulge = 0.035 * (p.y * 16.0).sin();
            let braid = cone(q, vec3(0.68 * wide, -0.3, -0.05), vec3(0.74, -1.7, 0.3), 0.15, 0.1) - bulge;
            shell.min(braid)
        }
        _ => shell,
    }
}

/// Streaks along the strands, which fall from the crown; `rough` how far they stand out.
fn strands(person: &Person, p: Vec3, colour: Vec3, rough: f32, part: u8) -> Surface {
    let round = p.x.atan2(p.z + 0.3);
    let curly = matches!(person.hair, Hair::Curly | Hair::Afro | Hair::Wavy);
    let bend = if curly { 0.6 * (p.y * 7.0).sin() } else { 0.0 };
    let streak = person.noise.at3(vec3(round * 9.0 + bend, p.y * 1.6, p.z * 1.5));
    let fine = person.noise.at3(vec3(round * 30.0 + 2.0 * bend, p.y * 3.0, p.z * 3.0));
    let tone = 1.0 + 0.26 * streak + 0.26 * fine;
    Surface {
        gloss: mix(0.3, 0.12, rough),
        lift: 0.03 * rough * streak + 0.012 * fine,
        soft: 0.3,
        ..Surface::new(colour * tone, part)
    }
}

pub fn hair_surface(person: &Person, p: Vec3) -> Surface {
    strands(person, p, person.hair_colour, 0.6, 5)
}

pub fn beard_bounds(beard: &Beard) -> Bounds {
    let length = beard.length.unwrap_or(0.0);
    Bounds { centre: vec3(0.0, -0.55 - 0.4 * length, 0.25), radii: vec3(0.85, 0.8 + 0.55 * length, 0.95) }
}

pub fn beard_distance(person: &Person, beard: &Beard, p: Vec3) -> f32 {
    let q = vec3(p.x.abs(), p.y, p.z);
    let mut d = f32::MAX;
    if let Some(length) = beard.length {
        let wide = person.width;
        let jaw = ellipsoid(p - vec3(0.0, -0.33, 0.13), vec3(0.64 * wide * person.jaw, 0.73, 0.68));
        let hang = ellipsoid(
            p - vec3(0.0, -0.78 - 0.42 * length, 0.34),
            vec3(0.42 * beard.full + 0.06 * length, 0.3 + 0.52 * length, 0.4 + 0.04 * length),
        );
        let edge = -0.26 - 0.5 * (p.z - 0.1).max(0.0) + 0.75 * (0.12 - p.z).max(0.0);
        d = smooth_min(smooth_max(jaw, p.y - edge, 0.06), hang, 0.14);
        let mouth = ellipsoid(p - vec3(0.0, -0.63, 0.9), vec3(0.17, 0.06, 0.4));
        d = smooth_max(d, -mouth, 0.04);
        d = smooth_max(d, -(p.z + 0.12), 0.05);
    }
    if beard.moustache {
        let near = vec3(0.03, -0.5, 0.78);
        let bend = vec3(0.19, -0.53, 0.68);
        let end = vec3(0.3, -0.6 + beard.curl, 0.55);
        let lip = smooth_min(cone(q, near, bend, 0.075, 0.085), cone(q, bend, end, 0.08, 0.03), 0.03);
        d = smooth_min(d, lip, 0.05);
    }
    d
}

pub fn beard_surface(person: &Person, p: Vec3) -> Surface {
    let mut surface = strands(person, p, person.beard_colour, 1.0, 6);
    surface.lift += 0.01 * (p.x * 30.0 + 3.0 * p.y).sin();
    surface
}
