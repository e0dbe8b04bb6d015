//! Animals as solids: limbs of smoothly joined pieces, each limb in a frame of its own, so that a head turns as one and a coat is
//! patterned in the animal's own coordinates, whatever its pose.

use std::cell::Cell;

use glam::Mat3;

use crate::math::{Vec3, clamp01, smooth_min, vec3};
use crate::picture::Picture;
use crate::solid::{Body, Camera, Material, Solid};

use super::foreground::foreground;
pub use super::limb::{Limb, Skin};
use super::stage::Stage;

/// What was met at a point of the surface, in the coordinates of its limb.
#[derive(Clone, Copy)]
pub struct Spot {
    pub skin: Skin,
    pub at: Vec3,
    pub normal: Vec3,
    /// Towards the light.
    pub light: Vec3,
}

#[derive(Default)]
pub struct Creature {
    limbs: Vec<Limb>,
    /// Whether distances must be true from afar, and not only safe to step by.
    exact: Cell<bool>,
}

impl Creature {
    pub fn add(&mut self, mut limb: Limb) {
        limb.enclose();
        self.limbs.push(limb);
    }

    /// Boxes round the ends of all pieces: centres and half sizes.
    fn ends(&self) -> Vec<(Vec3, Vec3)> {
        let mut ends = Vec::new();
        for limb in &self.limbs {
            let sides = if limb.mirrored { &[1.0, -1.0][..] } else { &[1.0][..] };
            for (side, piece) in sides.iter().flat_map(|side| limb.pieces.iter().map(move |piece| (*side, piece))) {
                for (at, radii) in piece.ends() {
                    let (turn, r) = (limb.turn, radii * limb.scale);
                    let (x, y, z) = (turn.x_axis * r.x, turn.y_axis * r.y, turn.z_axis * r.z);
                    ends.push((limb.world(at * vec3(side, 1.0, 1.0)), (x * x + y * y + z * z).map(f32::sqrt)));
                }
            }
        }
        ends
    }

    /// Two corners of a box round all of it.
    pub fn bounds(&self) -> (Vec3, Vec3) {
        let all = self.ends();
        let low = all.iter().fold(Vec3::MAX, |low, (at, half)| low.min(at - half));
        (low, all.iter().fold(Vec3::MIN, |high, (at, half)| high.max(at + half)))
    }

    /// Its left and right in the picture.
    pub fn seen(&self, camera: &Camera) -> (f32, f32) {
        let at = |p: Vec3| camera.seen(p).map_or(0.5, |(place, _)| place.x);
        let all = self.ends();
        let left = all.iter().map(|(p, half)| at(*p - Vec3::X * half.x)).fold(f32::MAX, f32::min);
        (left, all.iter().map(|(p, half)| at(*p + Vec3::X * half.x)).fold(f32::MIN, f32::max))
    }

    pub fn shift(&mut self, by: Vec3) {
        for limb in &mut self.limbs {
            limb.origin += by;
            limb.enclose();
        }
    }
    fn spot(&self, p: Vec3, normal: Vec3, light: Vec3) -> Spot {
        let mut least = f32::MAX;
        let mut spot = Spot { skin: Skin::Body, at: p, normal, light };
        for limb in &self.limbs {
            if (p - limb.centre).length() - limb.radius > least {
                continue;
            }
            let q = limb.local(p);
            for piece in &limb.pieces {
                let d = piece.distance(q) * limb.scale;
                if d < least {
                    least = d;
                    let into = limb.turn.transpose();
                    spot = Spot { skin: piece.skin, at: q, normal: into * normal, light: into * light };
                }
            }
        }
        spot
    }

    /// The sphere round all limbs.
    fn sphere(&self) -> (Vec3, f32) {
        let (low, high) = self.bounds();
        let centre = (low + high) * 0.5;
        let reach = self.limbs.iter().map(|limb| (limb.centre - centre).length() + limb.radius).fold(0.0, f32::max);
        (centre, reach.min((high - low).length() * 0.55))
    }

    /// Paints it with its shadow; `rim` is how much its outline catches the sky, as fur and down do.
    pub fn paint(&self, picture: &mut Picture, stage: &Stage, rim: f32, coat: impl Fn(&Spot) -> Material) {
        let (centre, radius) = self.sphere();
        let eye = stage.place.camera.eye;
        let rim = rim * (1.0 + 1.4 * stage.gloom);
        let sky = stage.place.light.ambient + stage.place.light.colour * 0.3;
        let solid = Solid {
            distance: self,
            material: |p: Vec3, normal: Vec3| {
                let mut material = coat(&self.spot(p, normal, stage.place.light.to));
                let grazing = clamp01(1.0 - normal.dot((eye - p).normalize()));
                material.glow += sky * (material.colour + 0.12 + 0.2 * stage.gloom) * rim * grazing * grazing * grazing;
                material
            },
            centre,
            radius,
        };
        if stage.shadow > 0.0 {
            solid.shadow(&mut picture.canvas, &stage.place.camera, &stage.place.light, stage.shadow);
        }
        solid.render(&mut picture.canvas, &stage.place.camera, &stage.place.light, stage.place.haze);
        foreground(picture, stage);
    }
}

impl Body for &Creature {
    fn distance(&self, p: Vec3) -> f32 {
        let mut least = 1e6;
        for limb in &self.limbs {
            if limb.met.get() == 0 {
                continue;
            }
            let outside = (p - limb.centre).length() - limb.radius;
            if outside > least + limb.join {
                continue;
            }
            let far = if self.exact.get() { 0.4 } else { 0.35 * limb.radius };
            least = if outside > far { least.min(outside) } else { smooth_min(least, limb.distance(p), limb.join) };
        }
        least
    }

    fn aim(&self, from: Vec3, ray: Vec3, spread: f32) -> f32 {
        self.exact.set(false);
        self.limbs.iter().map(|limb| limb.aim(from, ray, spread)).fold(f32::INFINITY, f32::min)
    }

    fn release(&self) {
        self.exact.set(true);
        self.limbs.iter().for_each(|limb| limb.met.set(limb.all()));
    }
}

/// A frame by turns: `yaw` about y (0 faces the viewer, positive to the picture's right), then `pitch` (nose down), then `roll`.
pub fn facing(yaw: f32, pitch: f32, roll: f32) -> Mat3 {
    Mat3::from_rotation_y(yaw) * Mat3::from_rotation_x(pitch) * Mat3::from_rotation_z(roll)
}
