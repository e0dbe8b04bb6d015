//! People as simple solids: sitting or standing, in coats and hats. A few round cones each, lit like any solid.

use crate::canvas::Canvas;
use crate::math::{Vec3, rgb, vec3};
use crate::random::Rng;
use crate::solid::{Camera, Haze, Light, Material, Solid, distance::*};

#[derive(Clone, Copy, PartialEq)]
pub enum Pose {
    /// On a log or a stone.
    Sitting,
    /// On the ground, knees up.
    Crouching,
    Standing,
}

pub struct Figure {
    pub at: Vec3,
    /// Towards where the person looks: an angle about y from +z.
    pub facing: f32,
    pub pose: Pose,
    scale: f32,
    /// Legs and arms: left leg, left arm, right leg, right arm.
    limbs: [Limb; 4],
    hips: Vec3,
    chest: Vec3,
    neck: Vec3,
    head: Vec3,
    wide: f32,
    turn: (f32, f32),
    hat: Hat,
    colours: Colours,
}

/// Two round cones, from hip to knee to foot or from shoulder to elbow to hand, and a sphere round both.
#[derive(Clone, Copy)]
struct Limb {
    joints: [Vec3; 3],
    radii: [f32; 3],
    sphere: f32,
}

impl Limb {
    fn new(joints: [Vec3; 3], radii: [f32; 3]) -> Limb {
        let long = joints[1].distance(joints[0]).max(joints[1].distance(joints[2]));
        Limb { joints, radii, sphere: long + radii[0] }
    }

    /// The distance, or more than `least` if it is known to be.
    fn distance(&self, p: Vec3, least: f32) -> f32 {
        let rough = p.distance(self.joints[1]) - self.sphere;
        if rough > least {
            return rough;
        }
        let [a, b, c] = self.joints;
        let [ra, rb, rc] = self.radii;
        cone(p, a, b, ra, rb).min(cone(p, b, c, rb, rc))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Hat {
    None,
    Long,
    Beanie,
    Brim,
}

#[derive(Clone, Copy)]
struct Colours {
    coat: Vec3,
    trousers: Vec3,
    skin: Vec3,
    hair: Vec3,
}

impl Figure {
    pub fn any(random: &mut Rng, at: Vec3, facing: f32, pose: Pose) -> Figure {
        let coats =
            [0xb83a2c, 0x2f5f9c, 0xd8a038, 0x3f7a4c, 0x8a8f98, 0x6a3f7c, 0xd8d0c0, 0x2c3440, 0xc86a34, 0x7a4a30];
        let colours = Colours {
            coat: rgb(*random.pick(&coats)),
            trousers: rgb(*random.pick(&[0x2c3448, 0x4a4038, 0x1f2024, 0x5a6068, 0x6a5038])),
            skin: rgb(*random.pick(&[0xf0c8a4, 0xe0ac84, 0xb47c54, 0x7c4c30, 0xf4d4b8])),
            hair: rgb(*random.pick(&[0x241a14, 0x4a3020, 0x8a5c2c, 0xc89c54, 0x6c6860, 0x141418])),
        };
        let hat = [Hat::None, Hat::Long, Hat::Beanie, Hat::Brim][random.weighted(&[0.35, 0.25, 0.25, 0.15])];
        let (hip, bend) = match pose {
            Pose::Sitting => (0.42, random.range(0.05, 0.26)),
            Pose::Crouching => (0.14, random.range(0.0, 0.2)),
            Pose::Standing => (0.88, random.range(-0.02, 0.08)),
        };
        let hips = vec3(0.0, hip, 0.0);
        let chest = hips + vec3(0.0, 0.36, bend * 0.8);
        let neck = hips + vec3(0.0, 0.54, bend * 1.15);
        let tilt = random.range(-0.05, 0.05);
        let head = neck + vec3(tilt, 0.19, 0.05 + 0.1 * bend);
        let mut limbs = [Limb::new([Vec3::ZERO; 3], [0.1; 3]); 4];
        for (k, side) in [-1.0, 1.0].into_iter().enumerate() {
            let hip = hips + vec3(side * 0.11, 0.0, 0.0);
            let out = random.range(0.12, 0.24) * side;
            let (knee, foot) = match pose {
                Pose::Sitting => (vec3(out, 0.46, 0.44), vec3(out * 1.1, 0.07, 0.46 + random.range(-0.08, 0.2))),
                Pose::Crouching => (vec3(out, 0.42, 0.36), vec3(out, 0.06, 0.52 + random.range(0.0, 0.12))),
                Pose::Standing => (vec3(side * 0.13, 0.47, 0.03), vec3(side * random.range(0.12, 0.2), 0.06, 0.0)),
            };
            let shoulder = neck + vec3(side * 0.2, -0.08, 0.0);
            let reach = random.range(0.12, 0.42);
            let hand = match pose {
                Pose::Standing if random.chance(0.5) => shoulder + vec3(side * 0.14, -0.58, 0.08),
                Pose::Standing => shoulder + vec3(-side * 0.06, -0.24, reach),
                _ if random.chance(0.4) => shoulder + vec3(-0.04 * side, -0.16, 0.3 + 0.5 * reach),
                _ => knee + vec3(-0.03 * side, 0.05, 0.0),
            };
            let elbow = shoulder.lerp(hand, 0.5) + vec3(side * 0.1, -0.06, -0.08);
            limbs[k * 2] = Limb::new([hip, knee, foot], [0.13, 0.095, 0.075]);
            limbs[k * 2 + 1] = Limb::new([shoulder, elbow, hand], [0.085, 0.075, 0.06]);
        }
        let scale = random.range(0.9, 1.08);
        Figure {
            at,
            facing,
            pose,
            scale,
            limbs,
            hips,
            chest,
            neck,
            head,
            wide: random.range(0.17, 0.24),
            turn: facing.sin_cos(),
            hat,
            colours,
        }
    }

    pub fn height(&self) -> f32 {
        (self.head.y + 0.16) * self.scale
    }

    fn local(&self, p: Vec3) -> Vec3 {
        about_y_by((p - self.at) / self.scale, self.turn)
    }

    /// Distances to the nearer leg and the nearer arm.
    fn limbs(&self, p: Vec3, least: f32) -> (f32, f32) {
        let [a, b, c, d] = &self.limbs;
        let legs = a.distance(p, least).min(c.distance(p, least));
        (legs, b.distance(p, least).min(d.distance(p, least)))
    }

    /// Distances to the trunk, hair or hat, face.
    fn upper(&self, p: Vec3) -> [f32; 3] {
        let squeezed = vec3(p.x * 0.8, p.y, p.z);
        let low = cone(squeezed, self.hips, self.chest, self.wide * 0.85, self.wide * 0.95);
        let high = cone(squeezed, self.chest, self.neck - vec3(0.0, 0.06, 0.0), self.wide * 0.95, 0.11);
        let to = p - self.head;
        let trunk = low.min(high);
        let rough = to.length() - 0.36;
        if rough > trunk {
            return [trunk, rough, rough + 0.1];
        }
        let face = sphere(to, 0.135).min(sphere(to - vec3(0.0, -0.02, 0.13), 0.025));
        let crown = to - vec3(0.0, 0.035, -0.03);
        let hair = match self.hat {
            Hat::None => sphere(crown, 0.145),
            Hat::Long => sphere(crown, 0.15).min(cone(to, vec3(0.0, 0.0, -0.06), vec3(0.0, -0.24, -0.1), 0.13, 0.1)),
            Hat::Beanie => sphere(to - vec3(0.0, 0.06, -0.02), 0.15).min(sphere(to - vec3(0.0, 0.22, -0.03), 0.045)),
            Hat::Brim => {
                cylinder(to - vec3(0.0, 0.08, 0.0), 0.25, 0.02, 0.015).min(sphere(to - vec3(0.0, 0.1, 0.0), 0.135))
            }
        };
        [trunk, hair, face]
    }

    fn distance(&self, p: Vec3) -> f32 {
        let p = self.local(p);
        let [trunk, hair, face] = self.upper(p);
        let least = trunk.min(hair).min(face);
        let (legs, arms) = self.limbs(p, least);
        least.min(legs).min(arms) * self.scale
    }

    fn material(&self, p: Vec3) -> Material {
        let p = self.local(p);
        let [trunk, hair, face] = self.upper(p);
        let (legs, arms) = self.limbs(p, f32::MAX);
        let trunk = trunk.min(arms);
        let Colours { coat, trousers, skin, hair: locks } = self.colours;
        let hand = p.distance(self.limbs[1].joints[2]).min(p.distance(self.limbs[3].joints[2])) < 0.09;
        let least = legs.min(trunk).min(hair).min(face);
        if least == face || hand {
            let to = p - self.head;
            let eye = to.z > 0.08 && (0.028..0.075).contains(&to.x.abs()) && (-0.005..0.04).contains(&to.y);
            Material::dull(if eye { skin * 0.15 } else { skin }).part(3)
        } else if least == hair {
            let felt = if self.hat == Hat::Beanie { coat * vec3(0.6, 0.9, 1.3) } else { locks };
            Material::dull(felt).part(2)
        } else if least == trunk {
            Material::dull(coat).part(1)
        } else {
            Material::dull(trousers)
        }
    }

    pub fn paint(&self, canvas: &mut Canvas, camera: &Camera, light: &Light, haze: Haze) {
        let tall = self.height();
        let solid = Solid {
            distance: |p: Vec3| self.distance(p),
            material: |p: Vec3, _| self.material(p),
            centre: self.at + vec3(0.0, tall * 0.5, 0.0) + about_y(vec3(0.0, 0.0, 0.15), -self.facing),
            radius: tall * 0.5 + if self.pose == Pose::Standing { 0.1 } else { 0.28 },
        };
        solid.render(canvas, camera, light, haze);
    }
}
