//! Solid things by signed distances (Quilez, "Distance functions"), seen by a camera and lit: any view, one light, true shadows.
//!
//! The world has y up and its ground at y = 0. A thing is two functions: the distance to its surface, and what it is made of.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, smoothstep, vec2, vec3};

#[derive(Clone, Copy)]
pub struct Camera {
    pub eye: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
    focal: f32,
    /// Where on the picture the line of sight goes through; (0.5, 0.5) is the middle.
    pub centre: Vec2,
}

impl Camera {
    /// `focal` 1 sees 53° across, 2 sees 28°.
    pub fn looking(eye: Vec3, target: Vec3, focal: f32) -> Camera {
        let forward = (target - eye).normalize();
        let right = forward.cross(Vec3::Y).normalize();
        Camera { eye, right, up: right.cross(forward), forward, focal, centre: vec2(0.5, 0.5) }
    }

    /// The direction seen at a point of the picture.
    pub fn ray(&self, p: Vec2) -> Vec3 {
        let off = (p - self.centre) / self.focal;
        (self.forward + off.x * self.right - off.y * self.up).normalize()
    }

    /// Where a point of the world is seen, and how far it is along the line of sight; none behind the eye.
    pub fn seen(&self, point: Vec3) -> Option<(Vec2, f32)> {
        let to = point - self.eye;
        let far = to.dot(self.forward);
        let place = self.centre + self.focal * vec2(to.dot(self.right), -to.dot(self.up)) / far;
        (far > 1e-3).then_some((place, far))
    }

    /// The height in the picture of the horizon of the ground.
    pub fn horizon(&self) -> f32 {
        let flat = vec3(self.forward.x, 0.0, self.forward.z).normalize();
        self.seen(self.eye + flat * 1e4).map_or(0.0, |(place, _)| place.y)
    }

    /// The point of the ground seen at a point of the picture.
    pub fn ground(&self, p: Vec2) -> Option<Vec3> {
        let ray = self.ray(p);
        (ray.y < -1e-4).then(|| self.eye + ray * (-self.eye.y / ray.y))
    }
}

#[derive(Clone, Copy)]
pub struct Light {
    /// Towards the light, of length 1.
    pub to: Vec3,
    pub colour: Vec3,
    /// From all of the sky.
    pub ambient: Vec3,
    /// From the ground.
    pub bounce: Vec3,
}

#[derive(Clone, Copy)]
pub struct Material {
    pub colour: Vec3,
    /// 0 dull … 1 like porcelain.
    pub gloss: f32,
    /// Light of its own, added.
    pub glow: Vec3,
    /// Parts of other numbers are parted by a contour where contours are drawn.
    pub part: u8,
}

impl Material {
    pub fn dull(colour: Vec3) -> Material {
        Material { colour, gloss: 0.0, glow: Vec3::ZERO, part: 0 }
    }

    pub fn glossy(colour: Vec3, gloss: f32) -> Material {
        Material { gloss, ..Material::dull(colour) }
    }

    pub fn part(self, part: u8) -> Material {
        Material { part, ..self }
    }
}

impl Light {
    /// What a surface with this normal shows to an eye in direction `to_eye`; `sun` is how much of the light reaches it.
    pub fn on(&self, material: &Material, normal: Vec3, to_eye: Vec3, sun: f32, open: f32) -> Vec3 {
        let direct = self.colour * (normal.dot(self.to).max(0.0) * sun);
        let round = self.bounce.lerp(self.ambient, 0.5 + 0.5 * normal.y) * open;
        let half = (self.to + to_eye).normalize();
        let spark = normal.dot(half).max(0.0).powf(10.0 + 50.0 * material.gloss) * material.gloss * sun;
        material.colour * (direct + round) + self.colour * spark + material.glow
    }
}

/// A thing and the sphere that it lies within.
pub struct Solid<D, M> {
    pub distance: D,
    pub material: M,
    pub centre: Vec3,
    pub radius: f32,
}

/// What colour the air gives to far things: colour, and the distance at which it is 63 %.
pub type Haze = Option<(Vec3, f32)>;

const STEPS: usize = 72;

impl<D: Fn(Vec3) -> f32, M: Fn(Vec3, Vec3) -> Material> Solid<D, M> {
    /// Paints it; each `part` of its material is a thing of its own.
    pub fn render(&self, canvas: &mut Canvas, camera: &Camera, light: &Light, haze: Haze) {
        let Some((middle, far)) = camera.seen(self.centre) else { return };
        let reach = camera.focal * self.radius / (far - self.radius).max(0.2 * far).max(1e-3) * 1.15;
        let size = canvas.size as f32;
        let bound = |v: f32| (v * size).clamp(0.0, size) as usize;
        let (left, right) = (bound(middle.x - reach), bound(middle.x + reach + 1.0 / size));
        let (top, bottom) = (bound(middle.y - reach), bound(middle.y + reach + 1.0 / size));
        let spread = 0.5 / size / camera.focal;
        let depth = clamp01(1.0 - 1.0 / (1.0 + 0.15 * far));
        canvas.begin(depth);
        for y in top..bottom {
            for x in left..right {
                let ray = camera.ray(canvas.point(x, y));
                let Some((t, cover)) = self.hit(camera.eye, ray, spread) else { continue };
                let p = camera.eye + ray * t;
                let normal = self.normal(p, 0.5 * spread * t + 1e-4 * self.radius);
                let material = (self.material)(p, normal);
                let open = self.open(p, normal);
                let sun =
                    if normal.dot(light.to) > 0.0 { self.sun(p + normal * 0.01 * self.radius, light.to) } else { 0.0 };
                let mut colour = light.on(&material, normal, -ray, sun, open);
                if let Some((air, distance)) = haze {
                    colour = colour.lerp(air, 1.0 - (-t / distance).exp());
                }
                canvas.part(material.part, depth);
                canvas.put(x, y, colour, cover);
            }
        }
    }

    /// Distance along the ray and cover in (0, 1].
    fn hit(&self, eye: Vec3, ray: Vec3, spread: f32) -> Option<(f32, f32)> {
        let to = self.centre - eye;
        let along = to.dot(ray);
        let miss = to.length_squared() - along * along;
        let chord = self.radius * self.radius - miss;
        if chord <= 0.0 {
            return None;
        }
        let (mut t, end) = ((along - chord.sqrt()).max(1e-3), along + chord.sqrt());
        let (mut nearest, mut nearest_t) = (f32::MAX, t);
        for _ in 0..STEPS {
            let d = (self.distance)(eye + ray * t);
            let wide = spread * t;
            if d < 0.3 * wide {
                return Some((t, 1.0));
            }
            if d / wide < nearest {
                (nearest, nearest_t) = (d / wide, t);
            }
            t += d * 0.9;
            if t > end {
                break;
            }
        }
        let cover = 1.0 - nearest;
        (cover > 0.05).then_some((nearest_t, cover))
    }

    fn normal(&self, p: Vec3, e: f32) -> Vec3 {
        let e = e.max(2e-4 * self.radius);
        let at = |k: Vec3| k * (self.distance)(p + k * e);
        let sum =
            at(vec3(1.0, -1.0, -1.0)) + at(vec3(-1.0, -1.0, 1.0)) + at(vec3(-1.0, 1.0, -1.0)) + at(vec3(1.0, 1.0, 1.0));
        sum.normalize_or(Vec3::Y)
    }

    /// How much of a soft light reaches `p`.
    fn sun(&self, p: Vec3, to: Vec3) -> f32 {
        let (mut t, mut least) = (0.03 * self.radius, 1.0f32);
        for _ in 0..22 {
            let q = p + to * t;
            if (q - self.centre).length_squared() > self.radius * self.radius * 1.1 && (q - self.centre).dot(to) > 0.0 {
                break;
            }
            let d = (self.distance)(q);
            least = least.min(9.0 * d / t);
            if least < 0.02 {
                return 0.0;
            }
            t += d.clamp(0.02 * self.radius, 0.5 * self.radius);
        }
        smoothstep(0.0, 1.0, least)
    }

    /// How open to the sky: two looks along the normal.
    fn open(&self, p: Vec3, normal: Vec3) -> f32 {
        let look = |h: f32| clamp01((self.distance)(p + normal * h) / h);
        0.35 + 0.65 * (0.5 * look(0.06 * self.radius) + 0.5 * look(0.2 * self.radius))
    }

    /// Its shadow on the ground (y = 0), over what is there; `strength` 1 is black. To be painted before the thing.
    pub fn shadow(&self, canvas: &mut Canvas, camera: &Camera, light: &Light, strength: f32) {
        let horizon = (camera.horizon().clamp(0.0, 1.0) * canvas.size as f32) as usize;
        let long = self.radius * (1.0 + 2.0 / light.to.y.max(0.25));
        for y in horizon..canvas.size {
            for x in 0..canvas.size {
                let Some(p) = camera.ground(canvas.point(x, y)) else { continue };
                if (p - vec3(self.centre.x, 0.0, self.centre.z)).length() > long {
                    continue;
                }
                let touch = 1.0 - smoothstep(0.0, 0.35 * self.radius, (self.distance)(p));
                let dark = strength * (1.0 - self.sun_from_afar(p, light.to)).max(0.55 * touch);
                let index = y * canvas.size + x;
                canvas.rgb[index] *= 1.0 - dark;
            }
        }
    }

    /// `sun` from a point that may lie outside the sphere.
    fn sun_from_afar(&self, p: Vec3, to: Vec3) -> f32 {
        let off = self.centre - p;
        let along = off.dot(to);
        let chord = self.radius * self.radius - (off.length_squared() - along * along);
        if chord <= 0.0 || along < -self.radius {
            return 1.0;
        }
        let (mut t, end, mut least) = ((along - chord.sqrt()).max(0.01 * self.radius), along + chord.sqrt(), 1.0f32);
        for _ in 0..30 {
            let d = (self.distance)(p + to * t);
            least = least.min(7.0 * d / t.max(0.3 * self.radius));
            if least < 0.02 {
                return 0.0;
            }
            t += d.max(0.02 * self.radius);
            if t > end {
                break;
            }
        }
        smoothstep(0.0, 1.0, least)
    }
}

/// Distances to simple things, all round the origin unless said otherwise.
pub mod distance {
    use crate::math::{Vec3, clamp01, vec2, vec3};

    pub fn sphere(p: Vec3, radius: f32) -> f32 {
        p.length() - radius
    }

    /// Not exact, but safe to step by.
    pub fn ellipsoid(p: Vec3, radii: Vec3) -> f32 {
        let (a, b) = ((p / radii).length(), (p / (radii * radii)).length());
        if b < 1e-6 { -radii.min_element() } else { a * (a - 1.0) / b }
    }

    /// Half sizes `half`, edges rounded by `round`.
    pub fn cuboid(p: Vec3, half: Vec3, round: f32) -> f32 {
        let q = p.abs() - half + round;
        q.max(Vec3::ZERO).length() + q.max_element().min(0.0) - round
    }

    /// From `a` to `b`, radius `ra` at `a` and `rb` at `b`.
    pub fn cone(p: Vec3, a: Vec3, b: Vec3, ra: f32, rb: f32) -> f32 {
        let (pa, ba) = (p - a, b - a);
        let h = clamp01(pa.dot(ba) / ba.length_squared());
        (pa - ba * h).length() - (ra + (rb - ra) * h)
    }

    pub fn capsule(p: Vec3, a: Vec3, b: Vec3, radius: f32) -> f32 {
        cone(p, a, b, radius, radius)
    }

    /// Upright, flat ends.
    pub fn cylinder(p: Vec3, radius: f32, half_height: f32, round: f32) -> f32 {
        let d = vec2(vec2(p.x, p.z).length() - radius + round, p.y.abs() - half_height + round);
        d.x.max(d.y).min(0.0) + d.max(vec2(0.0, 0.0)).length() - round
    }

    /// Lying flat.
    pub fn torus(p: Vec3, radius: f32, thick: f32) -> f32 {
        vec2(vec2(p.x, p.z).length() - radius, p.y).length() - thick
    }

    /// What a turned thing has at distance `r` from the axis and height `y`: hand it a 2D distance.
    pub fn lathe(p: Vec3, profile: impl Fn(f32, f32) -> f32) -> f32 {
        profile(vec2(p.x, p.z).length(), p.y)
    }

    /// `p` in the frame of a thing turned about y by `angle`.
    pub fn about_y(p: Vec3, angle: f32) -> Vec3 {
        let (s, c) = angle.sin_cos();
        vec3(c * p.x - s * p.z, p.y, s * p.x + c * p.z)
    }

    /// About z, which points at a viewer who looks along -z.
    pub fn about_z(p: Vec3, angle: f32) -> Vec3 {
        let (s, c) = angle.sin_cos();
        vec3(c * p.x + s * p.y, -s * p.x + c * p.y, p.z)
    }

    pub fn about_x(p: Vec3, angle: f32) -> Vec3 {
        let (s, c) = angle.sin_cos();
        vec3(p.x, c * p.y + s * p.z, -s * p.y + c * p.z)
    }
}
