//! A limb of an animal: smoothly joined pieces (ellipsoids, cones, leaves) in a frame of their own, of which a ray asks only those
//! that it may meet.

use std::cell::Cell;

use glam::Mat3;

use crate::math::{Vec3, clamp01, smooth_min, vec3};

/// What a piece is covered with; each animal reads these as it likes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Skin {
    Body,
    Neck,
    Leg,
    Sock,
    Paw,
    Tail,
    Tip,
    Head,
    Muzzle,
    Jaw,
    Ear,
    Eye,
    Nose,
    Tongue,
    Mane,
    Wing,
    Horn,
    Collar,
}

enum Form {
    Ball {
        centre: Vec3,
        radii: Vec3,
        inverse: Vec3,
    },
    Cone(Cone),
    /// A cone in a space that is squeezed by `thin`.
    Leaf {
        cone: Cone,
        thin: Vec3,
        inverse: Vec3,
        least: f32,
    },
}

struct Cone {
    a: Vec3,
    along: Vec3,
    /// One over its length, squared.
    inverse: f32,
    ra: f32,
    rb: f32,
}

impl Cone {
    fn new(a: Vec3, b: Vec3, ra: f32, rb: f32) -> Cone {
        let along = b - a;
        Cone { a, along, inverse: 1.0 / along.length_squared().max(1e-9), ra, rb }
    }

    fn distance(&self, p: Vec3) -> f32 {
        let off = p - self.a;
        let h = clamp01(off.dot(self.along) * self.inverse);
        (off - self.along * h).length() - (self.ra + (self.rb - self.ra) * h)
    }

    fn bounds(&self) -> (Vec3, Vec3) {
        let b = self.a + self.along;
        ((self.a - self.ra).min(b - self.rb), (self.a + self.ra).max(b + self.rb))
    }
}

pub(super) struct Piece {
    form: Form,
    join: f32,
    pub(super) skin: Skin,
    /// Round it in the world, on one or both sides.
    hulls: Vec<Hull>,
}

impl Piece {
    #[inline]
    pub(super) fn distance(&self, p: Vec3) -> f32 {
        match &self.form {
            Form::Ball { centre, radii, inverse } => {
                let near = (p - centre) * inverse;
                let (a, b) = (near.length(), (near * inverse).length());
                if b < 1e-6 { -radii.min_element() } else { a * (a - 1.0) / b }
            }
            Form::Cone(cone) => cone.distance(p),
            Form::Leaf { cone, inverse, least, .. } => cone.distance(p * inverse) * least,
        }
    }

    /// Two corners of a box round it.
    fn bounds(&self) -> (Vec3, Vec3) {
        match &self.form {
            Form::Ball { centre, radii, .. } => (centre - radii, centre + radii),
            Form::Cone(cone) => cone.bounds(),
            Form::Leaf { cone, thin, .. } => {
                let (low, high) = cone.bounds();
                (low * thin, high * thin)
            }
        }
    }
}

impl Piece {
    /// Ellipsoids that reach as far as it does: centres and radii.
    pub(super) fn ends(&self) -> Vec<(Vec3, Vec3)> {
        match &self.form {
            Form::Ball { centre, radii, .. } => vec![(*centre, *radii)],
            Form::Cone(Cone { a, along, ra, rb, .. }) => vec![(*a, Vec3::splat(*ra)), (*a + *along, Vec3::splat(*rb))],
            Form::Leaf { cone: Cone { a, along, ra, rb, .. }, thin, .. } => {
                vec![(*a * *thin, *ra * *thin), ((*a + *along) * *thin, *rb * *thin)]
            }
        }
    }
}

impl Piece {
    /// A capsule round it: its ends and radius.
    fn capsule(&self) -> (Vec3, Vec3, f32) {
        match &self.form {
            Form::Ball { centre, radii, .. } => {
                // The longest axis and the next.
                let (long, axis) = [(radii.x, Vec3::X), (radii.y, Vec3::Y), (radii.z, Vec3::Z)]
                    .into_iter()
                    .fold((0.0, Vec3::X), |most, each| if each.0 > most.0 { each } else { most });
                let wide = radii.element_sum() - long - radii.min_element();
                (*centre - axis * (long - wide), *centre + axis * (long - wide), wide)
            }
            Form::Cone(Cone { a, along, ra, rb, .. }) => (*a, *a + *along, ra.max(*rb)),
            Form::Leaf { cone: Cone { a, along, ra, rb, .. }, thin, .. } => {
                (*a * *thin, (*a + *along) * *thin, ra.max(*rb) * thin.max_element())
            }
        }
    }
}

/// Pieces in one frame.
pub struct Limb {
    pub(super) origin: Vec3,
    pub(super) turn: Mat3,
    /// From the world's directions into its own.
    into: Mat3,
    pub(super) scale: f32,
    /// Its left is as its right: pieces are given for x ≥ 0.
    pub(super) mirrored: bool,
    pub(super) pieces: Vec<Piece>,
    /// How softly it meets the other limbs.
    pub(super) join: f32,
    /// How softly its next pieces meet those before.
    soft: f32,
    pub(super) centre: Vec3,
    pub(super) radius: f32,
    /// A bit for each piece that the present ray may meet.
    pub(super) met: Cell<u32>,
}

impl Limb {
    pub fn new(origin: Vec3, turn: Mat3, scale: f32) -> Limb {
        Limb {
            origin,
            turn,
            into: turn.transpose() * (1.0 / scale),
            scale,
            mirrored: false,
            pieces: Vec::new(),
            join: 0.06,
            soft: 0.06,
            centre: origin,
            radius: 0.0,
            met: Cell::new(0),
        }
    }

    pub fn mirrored(self) -> Limb {
        Limb { mirrored: true, ..self }
    }

    /// How softly it meets the other limbs.
    pub fn meets(self, join: f32) -> Limb {
        Limb { join, ..self }
    }

    /// How softly the pieces to come meet those before.
    pub fn soft(&mut self, soft: f32) -> &mut Limb {
        self.soft = soft;
        self
    }

    pub fn ball(&mut self, skin: Skin, centre: Vec3, radii: Vec3) -> &mut Limb {
        self.add(skin, Form::Ball { centre, radii, inverse: radii.recip() })
    }

    pub fn cone(&mut self, skin: Skin, a: Vec3, b: Vec3, ra: f32, rb: f32) -> &mut Limb {
        self.add(skin, Form::Cone(Cone::new(a, b, ra, rb)))
    }

    /// A flat cone: an ear, a wing, a fin. `thin` is its thickness along each axis, as a part of the radius.
    pub fn leaf(&mut self, skin: Skin, a: Vec3, b: Vec3, (ra, rb): (f32, f32), thin: Vec3) -> &mut Limb {
        let cone = Cone::new(a / thin, b / thin, ra, rb);
        self.add(skin, Form::Leaf { cone, thin, inverse: thin.recip(), least: thin.min_element() })
    }

    fn add(&mut self, skin: Skin, form: Form) -> &mut Limb {
        self.pieces.push(Piece { form, join: self.soft, skin, hulls: Vec::new() });
        self
    }

    pub(super) fn local(&self, p: Vec3) -> Vec3 {
        let q = self.into * (p - self.origin);
        if self.mirrored { vec3(q.x.abs(), q.y, q.z) } else { q }
    }

    pub(super) fn world(&self, q: Vec3) -> Vec3 {
        self.origin + self.turn * q * self.scale
    }

    pub(super) fn distance(&self, p: Vec3) -> f32 {
        let q = self.local(p);
        let mut least = 1e6;
        let mut met = self.met.get();
        while met != 0 {
            let piece = &self.pieces[met.trailing_zeros() as usize];
            met &= met - 1;
            let d = piece.distance(q);
            least = if piece.join > 0.0 { smooth_min(least, d, piece.join) } else { least.min(d) };
        }
        least * self.scale
    }

    /// A bit for each piece.
    pub(super) fn all(&self) -> u32 {
        ((1u64 << self.pieces.len()) - 1) as u32
    }

    fn bounds(&self) -> (Vec3, Vec3) {
        let (mut low, mut high) = (Vec3::MAX, Vec3::MIN);
        for piece in &self.pieces {
            let (a, b) = piece.bounds();
            (low, high) = (low.min(a), high.max(b));
        }
        if self.mirrored {
            low.x = low.x.min(-high.x);
            high.x = -low.x;
        }
        (low, high)
    }

    /// Once it is where it stays: what is round it and its pieces.
    pub(super) fn enclose(&mut self) {
        let (low, high) = self.bounds();
        self.centre = self.world((low + high) * 0.5);
        self.radius = (high - low).length() * 0.5 * self.scale * 0.9;
        let sides = if self.mirrored { &[1.0, -1.0][..] } else { &[1.0][..] };
        let around = |piece: &Piece| {
            let (a, b, radius) = piece.capsule();
            // Beyond this its smooth join does next to nothing.
            let radius = (radius + 0.6 * piece.join) * self.scale + 0.6 * self.join;
            let at = |q: Vec3, side: f32| self.world(q * vec3(side, 1.0, 1.0));
            sides.iter().map(|side| Hull::new(at(a, *side), at(b, *side), radius)).collect()
        };
        let hulls: Vec<Vec<Hull>> = self.pieces.iter().map(around).collect();
        for (piece, hulls) in self.pieces.iter_mut().zip(hulls) {
            piece.hulls = hulls;
        }
    }

    /// Notes the pieces that a ray may meet; answers from where on.
    pub(super) fn aim(&self, from: Vec3, ray: Vec3, spread: f32) -> f32 {
        let (mut met, mut first) = (0, f32::INFINITY);
        if entry(from, ray, spread, self.centre, self.radius + self.join).is_some() {
            for (index, piece) in self.pieces.iter().enumerate() {
                for hull in &piece.hulls {
                    if let Some(start) = hull.entry(from, ray, spread) {
                        met |= 1 << index;
                        first = first.min(start);
                    }
                }
            }
        }
        self.met.set(met);
        first
    }
}

/// A capsule in the world.
struct Hull {
    a: Vec3,
    along: Vec3,
    radius: f32,
    /// Of the sphere round it.
    centre: Vec3,
    around: f32,
}

impl Hull {
    fn new(a: Vec3, b: Vec3, radius: f32) -> Hull {
        Hull { a, along: b - a, radius, centre: (a + b) * 0.5, around: (b - a).length() * 0.5 + radius }
    }

    /// A place before the one where a ray enters it, if it does.
    fn entry(&self, from: Vec3, ray: Vec3, spread: f32) -> Option<f32> {
        let start = entry(from, ray, spread, self.centre, self.around)?;
        let off = self.a - from;
        let (b, c, d, e) = (ray.dot(self.along), self.along.length_squared(), ray.dot(off), self.along.dot(off));
        let s = clamp01((b * d - e) / (c - b * b).max(1e-9));
        let nearest = off + s * self.along;
        let t = ray.dot(nearest);
        let radius = self.radius + spread * t.max(0.0);
        (nearest.length_squared() - t * t < radius * radius).then_some(start)
    }
}

/// Where a ray that widens by `spread` enters a sphere.
fn entry(from: Vec3, ray: Vec3, spread: f32, centre: Vec3, radius: f32) -> Option<f32> {
    let to = centre - from;
    let along = to.dot(ray);
    let radius = radius + spread * along.max(0.0);
    let chord = radius * radius - (to.length_squared() - along * along);
    (chord > 0.0 && along > -radius).then(|| (along - chord.sqrt()).max(0.0))
}
