//! What makes a face: eyes with a pupil and a spark of light.

use crate::math::{Vec3, smoothstep, vec3};
use crate::solid::Material;

/// An eyeball at `centre` (in its limb's coordinates) that looks along `look`.
#[derive(Clone, Copy)]
pub struct Eye {
    pub centre: Vec3,
    pub radius: f32,
    pub look: Vec3,
    pub iris: Vec3,
    /// Size of the pupil, 0 … 1 of the eye.
    pub pupil: f32,
    /// Upright slit, as cats have.
    pub slit: bool,
}

impl Eye {
    pub fn material(&self, at: Vec3) -> Material {
        let off = (at - self.centre) / self.radius;
        let across = off - self.look * off.dot(self.look);
        let from = if self.slit { vec3(across.x * 2.4, across.y * 0.9, across.z) } else { across }.length();
        let pupil = smoothstep(self.pupil + 0.08, self.pupil - 0.08, from);
        let rim = smoothstep(0.78, 0.95, across.length());
        let colour = self.iris.lerp(Vec3::splat(0.02), pupil.max(rim));
        let spark = smoothstep(0.36, 0.16, (across - vec3(-0.25, 0.34, 0.0)).length());
        Material { colour, gloss: 0.0, glow: colour * 0.2 + Vec3::splat(0.75) * spark, part: 3 }
    }
}
