//! Neck, shoulders and what is worn on them: shirts, suits, coats, knits, dresses, aprons, scarves.
//!
//! Their frame has the pit of the neck at the origin, y up, the chest towards +z.

use super::person::{Kind, Person};
use super::relief::{Bounds, Surface};
use crate::math::{Vec3, bell, mix, rgb, smooth_max, smooth_min, smoothstep, vec2, vec3};
use crate::random::Rng;
use crate::solid::distance::{cone, ellipsoid};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Garment {
    TShirt,
    Shirt,
    Suit,
    Coat,
    Sweater,
    RollNeck,
    Hoodie,
    Dress,
    Apron,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pattern {
    Plain,
    Checks,
    Stripes,
}

#[derive(Clone, Copy)]
pub struct Clothes {
    pub garment: Garment,
    pub colour: Vec3,
    second: Vec3,
    pattern: Pattern,
    trousers: Vec3,
    tie: bool,
    pub scarf: Option<Vec3>,
}

/// Colours that captions name.
const NAMED: &[(u32, &str)] = &[
    (0x9c2a26, "red"),
    (0x26447e, "blue"),
    (0x2e5a3a, "green"),
    (0x6a4428, "brown"),
    (0x1e1e22, "black"),
    (0xd8d4cc, "white"),
    (0x77797c, "gray"),
    (0xc8962e, "yellow"),
];
const UNNAMED: &[u32] = &[0x3c4654, 0x5a3a38, 0x3a4a40, 0x6e6050, 0x8c7a5c, 0x4a3c50, 0xa8644a, 0x54707c, 0xb8ac98];
const DARK: &[u32] = &[0x1e1e22, 0x262c3a, 0x3a342e, 0x4c4a4a, 0x2a3630, 0x4a3428, 0x6c6a66];

const TROUSERS: &[u32] = &[0x1e2024, 0x2a3448, 0x4a4238, 0x6e6250, 0x3a3a3c, 0x8a8070, 0x36465e];

impl Clothes {
    pub fn any(kind: Kind, skin: Vec3, random: &mut Rng) -> Clothes {
        use Garment::*;
        let (garments, weights): (&[Garment], &[f32]) = match kind {
            Kind::Barista => (&[Apron], &[1.0]),
            Kind::Boy => (&[TShirt, Sweater, Hoodie, Shirt], &[0.4, 0.25, 0.2, 0.15]),
            Kind::Woman | Kind::RedWoman | Kind::Girl => {
                (&[Dress, Sweater, RollNeck, Coat, TShirt, Shirt], &[0.36, 0.18, 0.14, 0.16, 0.08, 0.08])
            }
            Kind::OldMan => (&[Coat, Suit, Shirt, Sweater, RollNeck], &[0.28, 0.2, 0.2, 0.2, 0.12]),
            _ => (&[Suit, Coat, Shirt, Sweater, RollNeck, TShirt, Hoodie], &[0.24, 0.2, 0.18, 0.13, 0.1, 0.1, 0.05]),
        };
        let garment = garments[random.weighted(weights)];
        let colour = match garment {
            Suit => rgb(*random.pick(DARK)),
            _ if random.chance(0.55) => rgb(random.pick(NAMED).0),
            _ => rgb(*random.pick(UNNAMED)),
        };
        // Cloth in the colour of skin looks like none.
        let colour = if (colour - skin).length() < 0.45 { rgb(*random.pick(DARK)) } else { colour };
        let patterned = matches!(garment, Shirt | Apron | Dress | TShirt);
        let pattern = match garment {
            Apron if random.chance(0.7) => Pattern::Checks,
            Sweater if random.chance(0.2) => Pattern::Stripes,
            _ if patterned && random.chance(0.35) => *random.pick(&[Pattern::Checks, Pattern::Stripes]),
            _ => Pattern::Plain,
        };
        let second = match garment {
            Apron => rgb(*random.pick(&[0x3a2a20, 0x1e2022, 0x6a4a30, 0x2c3a34, 0x8a6a48, 0x26364a, 0x54443a])),
            _ => rgb(*random.pick(&[0xe4e0d8, 0xd8dce4, 0x8c2a2a, 0x2a4468, 0x3a3a3e])),
        };
        let warm = matches!(garment, Coat | Sweater | Suit);
        let scarf = (warm && random.chance(0.25)).then(|| rgb(random.pick(NAMED).0));
        let trousers = rgb(*random.pick(TROUSERS));
        Clothes { garment, colour, second, pattern, trousers, tie: random.chance(0.6), scarf }
    }

    /// "in a red coat", where its colour has a name.
    pub fn words(&self) -> Option<String> {
        let colour = NAMED.iter().find(|(hex, _)| (rgb(*hex) - self.colour).length() < 0.01)?.1;
        let name = match self.garment {
            Garment::TShirt | Garment::Shirt => "shirt",
            Garment::Suit => "suit",
            Garment::Coat => "coat",
            Garment::Sweater | Garment::RollNeck | Garment::Hoodie => "sweater",
            Garment::Dress => "dress",
            Garment::Apron => return None,
        };
        (self.pattern == Pattern::Plain).then(|| format!("in a {colour} {name}"))
    }
}

pub const BODY_BOUNDS: Bounds = Bounds { centre: vec3(0.0, -3.4, 0.1), radii: vec3(2.9, 4.2, 1.6) };
pub const COLLAR_BOUNDS: Bounds = Bounds { centre: vec3(0.0, 0.0, 0.1), radii: vec3(1.1, 1.0, 1.05) };

pub const STANDING_BOUNDS: Bounds = Bounds { centre: vec3(0.0, -4.6, 0.1), radii: vec3(3.2, 6.0, 2.2) };
const HIP: f32 = -4.0;

pub fn body_distance(person: &Person, p: Vec3) -> f32 {
    // Rounded at the middle, so that the two halves meet without a seam.
    let q = vec3((p.x * p.x + 0.012).sqrt(), p.y, p.z);
    let wide = person.shoulders;
    let torso = ellipsoid(p - vec3(0.0, -3.0, -0.05), vec3(wide * 0.82, 3.2, 0.78));
    let slope = cone(q, vec3(0.1, -0.02, -0.12), vec3(wide * 0.9, -0.46, -0.1), 0.3, 0.33);
    let arm = cone(q, vec3(wide * 0.94, -0.52, -0.08), vec3(wide * 1.08, -2.2, 0.0), 0.34, 0.27);
    let hand = vec3(wide * 0.95, -3.9, 0.35);
    let fore = cone(q, vec3(wide * 1.08, -2.2, 0.0), hand, 0.27, 0.2);
    let palm = (q - hand - vec3(-0.02, -0.22, 0.03)).length() - 0.22;
    let mut d = smooth_min(smooth_min(torso, slope, 0.35), arm.min(fore), 0.14).min(palm);
    if person.kind.female() && !person.kind.young() {
        let bust = (q - vec3(0.34, -1.35, 0.46)).length() - 0.33;
        d = smooth_min(d, bust, 0.3);
    }
    if person.standing { d.min(below(person, p)) } else { d }
}

/// Legs in mid stride, and the skirt of a coat or dress.
fn below(person: &Person, p: Vec3) -> f32 {
    let stride = person.part * 0.9 * p.x.signum();
    let q = vec3(p.x.abs(), p.y, p.z - stride * smoothstep(HIP, -9.0, p.y));
    let leg = cone(q, vec3(0.48, HIP, 0.0), vec3(0.5, -6.5, 0.1), 0.5, 0.36).min(cone(
        q,
        vec3(0.5, -6.5, 0.1),
        vec3(0.5, -8.8, -0.05),
        0.36,
        0.26,
    ));
    let shoe = ellipsoid(q - vec3(0.52, -9.0, 0.25), vec3(0.28, 0.22, 0.6));
    let legs = leg.min(shoe);
    match person.clothes.garment {
        Garment::Coat | Garment::Dress => {
            let skirt = cone(p, vec3(0.0, -3.4, 0.0), vec3(0.0, -5.9, 0.0), 0.85, 1.15);
            legs.min(smooth_max(skirt, -6.2 - p.y, 0.1))
        }
        _ => legs,
    }
}

/// Between the head and the shoulders; ends in view coordinates.
pub fn neck_distance(p: Vec3, head: Vec3, base: Vec3, thick: f32) -> f32 {
    cone(p, head, base, thick, thick * 1.12)
}

pub fn body_surface(person: &Person, p: Vec3) -> Surface {
    let clothes = &person.clothes;
    if p.y < -3.85 && p.x.abs() > 0.7 * person.shoulders && (p.y > -4.6) {
        return Surface { soft: 0.28, ..Surface::new(person.skin, 1) };
    }
    let long = matches!(clothes.garment, Garment::Coat | Garment::Dress);
    if person.standing && p.y < if long { -6.1 } else { -4.1 } {
        let bare = clothes.garment == Garment::Dress && p.y > -8.7;
        let cloth = if bare { person.skin } else { clothes.trousers };
        let colour = if p.y < -8.75 { clothes.trousers * 0.4 } else { cloth };
        return Surface::new(colour, 15);
    }
    let folds = person.noise.fractal3(vec3(p.x * 1.6, p.y * 0.9, p.z * 1.6) + 7.0, 2, 0.5);
    let mut surface =
        Surface { gloss: 0.03, lift: 0.09 * folds, ..Surface::new(patterned(clothes, p) * (1.0 + 0.08 * folds), 9) };
    let front = p.z > 0.0;
    let ax = p.x.abs();
    let skin = Surface { gloss: 0.1, soft: 0.28, lift: 0.0, ..Surface::new(person.skin, 1) };
    match clothes.garment {
        Garment::TShirt if ellipse(p, 0.42, 0.34) && front => skin,
        Garment::Dress if front && p.y > -0.75 + 1.1 * (ax - 0.25).max(0.0).powi(2) && ax < 0.62 => skin,
        Garment::Shirt | Garment::Hoodie => {
            if front && ax < 0.17 + 0.3 * p.y && p.y > -0.5 {
                return skin;
            }
            let placket = bell(ax - 0.1, 0.018) + bell(vec2(p.x, (p.y * 1.9).fract() * 0.5 + 0.25).length(), 0.03);
            surface.colour *= 1.0 - if front { 0.4 * placket.min(1.0) } else { 0.0 };
            surface
        }
        Garment::Suit | Garment::Coat if front => {
            lapels(clothes, p, &mut surface);
            surface
        }
        Garment::Sweater | Garment::RollNeck => {
            if clothes.garment == Garment::Sweater && ellipse(p, 0.4, 0.26) && front {
                return Surface::new(clothes.second, 10);
            }
            let knit = (p.x * 24.0).sin() * 0.5 + (p.y * 20.0 + (p.x * 24.0).cos()).sin() * 0.5;
            surface.lift += 0.015 * knit;
            surface.colour *= 1.0 + 0.12 * knit;
            surface
        }
        Garment::Apron => apron(clothes, p, skin, surface),
        _ => surface,
    }
}

fn ellipse(p: Vec3, wide: f32, deep: f32) -> bool {
    vec2(p.x / wide, p.y / deep).length() < 1.0
}

fn patterned(clothes: &Clothes, p: Vec3) -> Vec3 {
    let band = |v: f32| smoothstep(0.35, 0.45, v.rem_euclid(1.0)) * smoothstep(1.0, 0.92, v.rem_euclid(1.0));
    match clothes.pattern {
        Pattern::Plain => clothes.colour,
        Pattern::Checks => {
            let dark = 0.5 * (band(p.x * 2.6) + band(p.y * 2.6));
            let base = clothes.colour.lerp(Vec3::splat(0.85), 0.12);
            base * mix(1.15, 0.32, dark)
        }
        Pattern::Stripes => clothes.colour.lerp(clothes.second, band(p.y * 2.2)),
    }
}

/// A shirt in the opening, perhaps a tie, lapels along it, buttons below.
fn lapels(clothes: &Clothes, p: Vec3, surface: &mut Surface) {
    let ax = p.x.abs();
    let low = if clothes.garment == Garment::Suit { -2.0 } else { -1.2 };
    let edge = 0.46 * (1.0 - p.y / low).max(0.0);
    if ax < edge {
        let tie = clothes.tie && ax < 0.09 - 0.045 * p.y.max(-1.4);
        let shirt = if clothes.tie { vec3(0.86, 0.85, 0.82) } else { clothes.second };
        surface.colour = if tie { clothes.second.lerp(rgb(0x7a2028), 0.6) * 0.8 } else { shirt };
        surface.lift = if tie { 0.04 } else { 0.0 };
        surface.part = if tie { 11 } else { 10 };
        return;
    }
    let flap = smoothstep(0.34, 0.32, ax - edge) * smoothstep(low - 0.05, low + 0.1, p.y);
    surface.lift += 0.07 * flap;
    surface.colour *= 1.0 + 0.12 * flap - 0.45 * bell(ax - edge - 0.33, 0.025) * smoothstep(low, low + 0.3, p.y);
    if p.y < low {
        surface.colour *= 1.0 - 0.5 * bell(p.x - 0.04, 0.03);
    }
}

/// Straps over the shoulders, a bib on the chest.
fn apron(clothes: &Clothes, p: Vec3, skin: Surface, shirt: Surface) -> Surface {
    let ax = p.x.abs();
    if p.z > 0.0 && ax < 0.15 + 0.3 * p.y && p.y > -0.45 {
        return skin;
    }
    let strap = (ax - mix(0.42, 0.62, (-p.y).clamp(0.0, 1.0))).abs() < 0.1 && p.y > -1.0;
    let bib = p.z > -0.1 && p.y < -0.85 && ax < mix(0.74, 1.2, smoothstep(-1.6, -2.6, p.y));
    if !(strap || bib) {
        return shirt;
    }
    let mut cloth = Surface { lift: 0.06 + 0.6 * shirt.lift, ..Surface::new(clothes.second, 12) };
    let seam = bell(p.y + 0.95, 0.03).max(bell(p.y + 2.5, 0.03));
    cloth.colour *= if strap { 0.8 } else { 1.0 + 0.35 * seam };
    cloth
}

/// What lies round the neck; none for open necks.
pub fn collar_distance(person: &Person, p: Vec3) -> Option<f32> {
    let ring = |radius: f32, lean: f32| vec2(vec2(p.x, p.z * 0.95 + 0.12).length() - radius, p.y - 0.08 + lean * p.z);
    let notch = |d: f32, wide: f32| {
        let gap = wide + 0.35 * p.y - p.x.abs();
        if p.z > 0.0 { smooth_max(d, gap, 0.02) } else { d }
    };
    if person.clothes.scarf.is_some() {
        let wrap = ring(0.5, 0.25);
        let twist = 0.05 * (p.x.atan2(p.z) * 5.0 + p.y * 9.0).sin();
        return Some(vec2(wrap.x, wrap.y * 0.72).length() - 0.23 - twist);
    }
    match person.clothes.garment {
        Garment::Shirt | Garment::Apron => Some(notch((ring(0.46, 0.3) * vec2(1.5, 0.55)).length() - 0.11, 0.07)),
        Garment::Suit | Garment::Coat => {
            let stands = if person.clothes.garment == Garment::Coat { 0.2 } else { 0.11 };
            Some(notch((ring(0.48, 0.3) * vec2(1.4, 0.5)).length() - stands, 0.1))
        }
        Garment::RollNeck => Some((ring(0.4, 0.1) * vec2(1.0, 0.4)).length() - 0.15),
        Garment::Sweater => Some(ring(0.44, 0.3).length() - 0.09),
        Garment::Hoodie => Some(notch((ring(0.56, 0.25) * vec2(1.0, 0.8)).length() - 0.24, 0.08)),
        Garment::TShirt | Garment::Dress => None,
    }
}

pub fn collar_surface(person: &Person, p: Vec3) -> Surface {
    let clothes = &person.clothes;
    if let Some(scarf) = clothes.scarf {
        let fold = (p.y * 22.0 + 4.0 * p.x).sin();
        return Surface { lift: 0.02 * fold, ..Surface::new(scarf * (1.0 + 0.14 * fold), 13) };
    }
    let colour = match clothes.garment {
        Garment::Suit if clothes.tie => vec3(0.86, 0.85, 0.82),
        Garment::Suit => clothes.second,
        Garment::Coat => clothes.colour * 0.85,
        Garment::RollNeck | Garment::Sweater => clothes.colour * (1.0 + 0.15 * (p.x.atan2(p.z) * 20.0).sin()),
        _ => patterned(clothes, p) * 1.1,
    };
    Surface::new(colour, 13)
}
