//! Solid things by signed distances (Quilez, "Distance functions"), seen by a camera and lit: any view, one light, true shadows.
//!
//! The world has y up and its ground at y = 0. A thing is two functions: the distance to its surface, and what it is made of.

pub mod distance;

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

    pub fn focal(&self) -> f32 {
        self.focal
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

/// What a thing's distance is asked of: a function, or something that can leave out the parts that a ray will miss.
pub trait Body {
    fn distance(&self, p: Vec3) -> f32;

    /// From here on only points near this ray are asked for, `spread` wide for each unit of length; answers from where on something
    /// may be met.
    fn aim(&self, _from: Vec3, _ray: Vec3, _spread: f32) -> f32 {
        0.0
    }

    /// From here on any point may be asked for.
    fn release(&self) {}
}

impl<F: Fn(Vec3) -> f32> Body for F {
    fn distance(&self, p: Vec3) -> f32 {
        self(p)
    }
}

/// A thing and the sphere that it lies within.
pub struct Solid<D, M> {
    pub distance: D,
    pub material: M,
    pub centre: Vec3,
    pub radius: f32,
}

/// A point of a surface: how far it is from the eye, which way it looks, how much light reaches it.
#[derive(Clone, Copy)]
struct Met {
    t: f32,
    p: Vec3,
    normal: Vec3,
    sun: f32,
    open: f32,
}

/// What colour the air gives to far things: colour, and the distance at which it is 63 %.
pub type Haze = Option<(Vec3, f32)>;

const STEPS: usize = 72;
/// Pixels along a side of a block: as many as are averaged in the end.
const BLOCK: usize = 2;

impl<D: Body, M: Fn(Vec3, Vec3) -> Material> Solid<D, M> {
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
        for y in (top & !1..bottom).step_by(BLOCK) {
            for x in (left & !1..right).step_by(BLOCK) {
                self.block(canvas, camera, light, haze, spread, (x, y), depth);
            }
        }
    }

    /// A few neighbouring pixels, which share the way to the thing and, where it is smooth, its shadows.
    #[allow(clippy::too_many_arguments)]
    fn block(
        &self,
        canvas: &mut Canvas,
        camera: &Camera,
        light: &Light,
        haze: Haze,
        spread: f32,
        (left, top): (usize, usize),
        depth: f32,
    ) {
        let (right, bottom) = ((left + BLOCK).min(canvas.size), (top + BLOCK).min(canvas.size));
        let middle = vec2((left + right) as f32, (top + bottom) as f32) * 0.5 / canvas.size as f32;
        let Some(start) = self.approach(camera.eye, camera.ray(middle), 2.5 * spread) else { return };
        // Where the middle meets the surface the others meet its tangent, or are looked after each.
        let whole = self.hit(camera.eye, camera.ray(middle), spread, start).filter(|(_, cover)| *cover == 1.0);
        let anchor = whole.map(|(t, _)| self.met(camera.eye, camera.ray(middle), t, spread, light));
        let mut last = anchor;
        for y in top..bottom {
            for x in left..right {
                let ray = camera.ray(canvas.point(x, y));
                let beside = anchor.and_then(|met| self.tangent(camera.eye, ray, &met, spread));
                let found = beside.map(|t| (t, 1.0)).or_else(|| self.hit(camera.eye, ray, spread, start));
                let Some((t, cover)) = found else { continue };
                let alike = last.filter(|met| (met.t - t).abs() < 0.015 * self.radius);
                let met = match (beside.and(anchor), alike) {
                    (Some(met), _) => met,
                    (None, Some(met)) => Met { normal: self.normal(camera.eye + ray * t, spread * t), ..met },
                    _ => self.met(camera.eye, ray, t, spread, light),
                };
                last = Some(met);
                let material = (self.material)(camera.eye + ray * t, met.normal);
                let mut colour = light.on(&material, met.normal, -ray, met.sun, met.open);
                if let Some((air, distance)) = haze {
                    colour = colour.lerp(air, 1.0 - (-t / distance).exp());
                }
                canvas.part(material.part, depth);
                canvas.put(x, y, colour, cover);
            }
        }
    }

    fn met(&self, eye: Vec3, ray: Vec3, t: f32, spread: f32, light: &Light) -> Met {
        let p = eye + ray * t;
        let normal = self.normal(p, 0.5 * spread * t + 1e-4 * self.radius);
        let lit = normal.dot(light.to) > 0.0;
        let open = self.open(p, normal);
        let sun = if lit { self.sun(p + normal * 0.01 * self.radius, light.to) } else { 0.0 };
        Met { t, p, normal, sun, open }
    }

    /// Where a ray meets the plane that touches the surface at `met`, if the surface is there.
    fn tangent(&self, eye: Vec3, ray: Vec3, met: &Met, spread: f32) -> Option<f32> {
        let slope = ray.dot(met.normal);
        let t = (met.p - eye).dot(met.normal) / slope;
        let wide = spread * met.t;
        let near = slope < -0.1 && (t - met.t).abs() < 12.0 * wide;
        self.distance.release();
        (near && self.distance.distance(eye + ray * t).abs() < 0.5 * wide).then_some(t)
    }

    /// How far a cone round a ray is empty; none: all the way.
    fn approach(&self, eye: Vec3, ray: Vec3, spread: f32) -> Option<f32> {
        let to = self.centre - eye;
        let along = to.dot(ray);
        let radius = self.radius + spread * along.max(0.0);
        let chord = radius * radius - (to.length_squared() - along * along);
        if chord <= 0.0 {
            return None;
        }
        let first = self.distance.aim(eye, ray, 2.5 * spread);
        if first == f32::INFINITY {
            return None;
        }
        let (mut t, end) = ((along - chord.sqrt()).max(1e-3).max(first), along + chord.sqrt());
        for _ in 0..STEPS {
            let free = self.distance.distance(eye + ray * t) - spread * t;
            if free < spread * t {
                break;
            }
            t += free * 0.9;
            if t > end {
                return None;
            }
        }
        Some(t)
    }

    /// Distance along the ray and cover in (0, 1].
    fn hit(&self, eye: Vec3, ray: Vec3, spread: f32, start: f32) -> Option<(f32, f32)> {
        let to = self.centre - eye;
        let along = to.dot(ray);
        let miss = to.length_squared() - along * along;
        let chord = self.radius * self.radius - miss;
        if chord <= 0.0 {
            return None;
        }
        let first = self.distance.aim(eye, ray, spread);
        if first == f32::INFINITY {
            return None;
        }
        let (mut t, end) = ((along - chord.sqrt()).max(start).max(first), along + chord.sqrt());
        let (mut nearest, mut nearest_t) = (f32::MAX, t);
        for _ in 0..STEPS {
            let d = self.distance.distance(eye + ray * t);
            let wide = spread * t;
            if d < 0.5 * wide {
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
        let at = |k: Vec3| k * self.distance.distance(p + k * e);
        let sum =
            at(vec3(1.0, -1.0, -1.0)) + at(vec3(-1.0, -1.0, 1.0)) + at(vec3(-1.0, 1.0, -1.0)) + at(vec3(1.0, 1.0, 1.0));
        sum.normalize_or(Vec3::Y)
    }

    /// How much of a soft light reaches `p`.
    fn sun(&self, p: Vec3, to: Vec3) -> f32 {
        if self.distance.aim(p, to, 1.0 / 9.0) == f32::INFINITY {
            return 1.0;
        }
        let (mut t, mut least) = (0.03 * self.radius, 1.0f32);
        for _ in 0..22 {
            let q = p + to * t;
            if (q - self.centre).length_squared() > self.radius * self.radius * 1.1 && (q - self.centre).dot(to) > 0.0 {
                break;
            }
            let d = self.distance.distance(q);
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
        let look = |h: f32| clamp01(self.distance.distance(p + normal * h) / h);
        0.35 + 0.65 * (0.5 * look(0.06 * self.radius) + 0.5 * look(0.2 * self.radius))
    }

    /// Its shadow on the ground (y = 0), over what is there; `strength` 1 is black. To be painted before the thing.
    pub fn shadow(&self, canvas: &mut Canvas, camera: &Camera, light: &Light, strength: f32) {
        let horizon = (camera.horizon().clamp(0.0, 1.0) * canvas.size as f32) as usize;
        let long = self.radius * (1.0 + 2.0 / light.to.y.max(0.25));
        for y in (horizon & !1..canvas.size).step_by(BLOCK) {
            for x in (0..canvas.size).step_by(BLOCK) {
                let Some(p) = camera.ground(canvas.point(x, y) + 0.5 * canvas.pixel()) else { continue };
                let off = (p - vec3(self.centre.x, 0.0, self.centre.z)).length();
                if off > long {
                    continue;
                }
                let near = off < 1.4 * self.radius;
                self.distance.release();
                let gap = if near { self.distance.distance(p) } else { f32::MAX };
                let touch = 1.0 - smoothstep(0.0, 0.35 * self.radius, gap);
                let dark = strength * (1.0 - self.sun_from_afar(p, light.to)).max(0.55 * touch);
                for row in y..(y + BLOCK).min(canvas.size) {
                    for index in row * canvas.size + x..row * canvas.size + (x + BLOCK).min(canvas.size) {
                        canvas.rgb[index] *= 1.0 - dark;
                    }
                }
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
        let first = self.distance.aim(p, to, 1.0 / 7.0).max(0.01 * self.radius);
        if first == f32::INFINITY {
            return 1.0;
        }
        let (mut t, end, mut least) = ((along - chord.sqrt()).max(first), along + chord.sqrt(), 1.0f32);
        for _ in 0..30 {
            let d = self.distance.distance(p + to * t);
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
