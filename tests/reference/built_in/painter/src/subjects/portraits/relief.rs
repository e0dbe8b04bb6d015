//! A sitter seen straight on: parts given by signed distances are carved into one relief of heights, which is lit at once.
//!
//! Cheaper than `solid`: normals, shadows and creases come from the heights. Lengths are half heights of a head; z points at the viewer.

use glam::Mat3;

use crate::canvas::{Canvas, box_blur};
use crate::math::{Vec2, Vec3, clamp01, luminance, mix, smoothstep, vec2, vec3};

/// How a part stands in the view: `turn` first, then `origin`.
#[derive(Clone, Copy)]
pub struct Frame {
    pub turn: Mat3,
    pub origin: Vec3,
}

impl Frame {
    /// `yaw` turns the front to the picture's right, `pitch` nods it down, `tilt` leans it to the left.
    pub fn turned(yaw: f32, pitch: f32, tilt: f32, origin: Vec3) -> Frame {
        let turn = Mat3::from_rotation_z(tilt) * Mat3::from_rotation_y(yaw) * Mat3::from_rotation_x(pitch);
        Frame { turn, origin }
    }

    pub fn view(&self, local: Vec3) -> Vec3 {
        self.turn * local + self.origin
    }
}

/// The ellipsoid that a part lies within, in the part's own frame.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub centre: Vec3,
    pub radii: Vec3,
}

#[derive(Clone, Copy)]
pub struct Surface {
    pub colour: Vec3,
    pub gloss: f32,
    /// Small relief that is not worth carving: moves the height.
    pub lift: f32,
    /// How far light reaches round the form: skin and hair are softer than cloth.
    pub soft: f32,
    pub part: u8,
}

impl Surface {
    pub fn new(colour: Vec3, part: u8) -> Surface {
        Surface { colour, gloss: 0.05, lift: 0.0, soft: 0.1, part }
    }
}

/// The distance to an ellipsoid, given one over each of its radii: the divisions are what costs.
pub fn egg(p: Vec3, inverse: Vec3) -> f32 {
    let q = p * inverse;
    let (a, b) = (q.length(), (q * inverse).length());
    a * (a - 1.0) / b.max(1e-3)
}

/// One over each.
pub const fn one_over(x: f32, y: f32, z: f32) -> Vec3 {
    vec3(1.0 / x, 1.0 / y, 1.0 / z)
}

/// One main light, light from all round, and light along the rim from behind.
#[derive(Clone, Copy)]
pub struct Lamps {
    pub to: Vec3,
    pub colour: Vec3,
    pub above: Vec3,
    pub below: Vec3,
    pub rim_to: Vec3,
    pub rim: Vec3,
}

impl Lamps {
    /// Softer, for styles that draw in few tones.
    pub fn plain(self) -> Lamps {
        let to = (self.to + vec3(0.0, 0.15, 0.35)).normalize();
        Lamps { to, above: self.above * 1.3 + 0.12, below: self.below * 1.2 + 0.08, ..self }
    }

    /// As a photographer would have it for this skin.
    pub fn exposed(self, skin: Vec3) -> Lamps {
        let by = (0.68 / luminance(skin)).powf(0.35).clamp(1.0, 1.5);
        Lamps { colour: self.colour * by, above: self.above * by, below: self.below * by, ..self }
    }
}

pub struct Relief {
    size: usize,
    centre: Vec2,
    scale: f32,
    height: Vec<f32>,
    surface: Vec<Surface>,
}

const NOTHING: f32 = -9.0;
const STEPS: usize = 36;
/// Rays are first followed in bundles of so many by so many.
const BLOCK: usize = 4;

impl Bounds {
    /// Where a ray enters and leaves, if all is `wider` than it is.
    fn crossed(&self, from: Vec3, ray: Vec3, wider: f32) -> Option<(f32, f32)> {
        let radii = self.radii + wider;
        let (slim, off) = (ray / radii, (from - self.centre) / radii);
        let (a, b, c) = (slim.dot(slim), slim.dot(off), off.dot(off) - 1.0);
        let root = (b * b - a * c).max(0.0).sqrt();
        (root > 0.0).then(|| ((-b - root) / a, (-b + root) / a))
    }
}

/// How far a bundle of rays, `tube` about the one given, goes before the first of them might hit.
fn coarse(distance: &impl Fn(Vec3) -> f32, from: Vec3, ray: Vec3, (mut t, end): (f32, f32), tube: f32) -> Option<f32> {
    for _ in 0..STEPS {
        let d = distance(from + ray * t) * 0.95 - tube;
        if d < 0.3 * tube {
            break;
        }
        t += d;
        if t > end {
            return None;
        }
    }
    Some(t)
}

fn fine(distance: &impl Fn(Vec3) -> f32, from: Vec3, ray: Vec3, (mut t, end): (f32, f32), near: f32) -> Option<f32> {
    for _ in 0..STEPS {
        if t > end {
            return None;
        }
        let d = distance(from + ray * t);
        t += d * 0.95;
        if d < near {
            return Some(t);
        }
    }
    None
}

impl Relief {
    /// `centre` of the head in the picture, `scale`: half of the head's height.
    pub fn new(size: usize, centre: Vec2, scale: f32) -> Relief {
        let surface = Surface::new(Vec3::ZERO, 0);
        Relief { size, centre, scale, height: vec![NOTHING; size * size], surface: vec![surface; size * size] }
    }

    /// A pixel's width in half heads.
    pub fn pixel(&self) -> f32 {
        1.0 / (self.size as f32 * self.scale)
    }

    /// Where a point of the view is in the picture.
    pub fn seen(&self, view: Vec3) -> Vec2 {
        self.centre + self.scale * vec2(view.x, -view.y)
    }

    fn at(&self, x: f32, y: f32) -> Vec2 {
        let p = (vec2(x, y) / self.size as f32 - self.centre) / self.scale;
        vec2(p.x, -p.y)
    }

    /// Carves a part wherever it is nearer than what is there.
    pub fn carve(
        &mut self,
        frame: &Frame,
        bounds: Bounds,
        distance: impl Fn(Vec3) -> f32,
        surface: impl Fn(Vec3) -> Surface,
    ) {
        let back = frame.turn.transpose();
        let middle = frame.view(bounds.centre);
        let along = |axis: Vec3| (axis * bounds.radii).length();
        let (wide, tall) = (along(back * Vec3::X), along(back * Vec3::Y));
        let size = self.size as f32;
        let bound = |v: f32| (v * size).clamp(0.0, size) as usize;
        let (low, high) =
            (self.seen(middle + vec3(-wide, tall, 0.0)), self.seen(middle + vec3(wide, -tall, 0.0)) + 1.0 / size);
        let ray = back * -Vec3::Z;
        let from = |x: f32, y: f32| back * (vec3(x, y, 0.0) - frame.origin);
        let near = 0.3 * self.pixel();
        let tube = 0.75 * BLOCK as f32 * self.pixel();
        let (left, right) = (bound(low.x), bound(high.x));
        let (top, end) = (bound(low.y), bound(high.y));
        for block_y in (top..end).step_by(BLOCK) {
            for block_x in (left..right).step_by(BLOCK) {
                let middle = self.at(block_x as f32 + 0.5 * BLOCK as f32, block_y as f32 + 0.5 * BLOCK as f32);
                let Some((start, last)) = bounds.crossed(from(middle.x, middle.y), ray, tube) else { continue };
                let Some(start) = coarse(&distance, from(middle.x, middle.y), ray, (start, last), tube) else {
                    continue;
                };
                for y in block_y..(block_y + BLOCK).min(end) {
                    for x in block_x..(block_x + BLOCK).min(right) {
                        let p = self.at(x as f32 + 0.5, y as f32 + 0.5);
                        let there = self.height[y * self.size + x];
                        let from = from(p.x, p.y);
                        if let Some(t) = fine(&distance, from, ray, (start, last.min(-there)), near) {
                            let given = surface(from + ray * t);
                            self.height[y * self.size + x] = given.lift - t;
                            self.surface[y * self.size + x] = given;
                        }
                    }
                }
            }
        }
    }

    /// Lights it and paints it.
    pub fn paint(&self, canvas: &mut Canvas, lamps: &Lamps) {
        let size = self.size;
        let reach = ((0.14 * self.scale * size as f32) as usize).max(1);
        let mut around: Vec<f32> = self.height.iter().map(|h| h.max(-1.6)).collect();
        box_blur(&mut around, size, size, reach);
        let normals: Vec<Vec3> = (0..size * size).map(|index| self.normal(index)).collect();
        let lit = |index: usize| normals[index].dot(lamps.to) > -0.3;
        let mut sun: Vec<f32> =
            (0..size * size).map(|index| if lit(index) { self.sun(index, lamps.to) } else { 0.0 }).collect();
        box_blur(&mut sun, size, size, (size / 128).max(1));
        let rim = lamps.rim_to.normalize();
        canvas.begin(0.2);
        for index in (0..size * size).filter(|&index| self.height[index] > NOTHING) {
            let (x, y) = (index % size, index / size);
            let surface = &self.surface[index];
            let normal = normals[index];
            let facing = normal.dot(lamps.to);
            let direct = clamp01((facing + surface.soft) / (1.0 + surface.soft)) * sun[index];
            let open = 1.0 - 0.75 * clamp01(2.6 * (around[index] - self.height[index]));
            let round = lamps.below.lerp(lamps.above, 0.5 + 0.5 * normal.y) * open * mix(0.75, 1.0, normal.z);
            let half = (lamps.to + Vec3::Z).normalize_or(Vec3::Z);
            let spark = normal.dot(half).max(0.0).powi(22) * surface.gloss * sun[index];
            let edge = (1.0 - normal.z).powi(2) * normal.dot(rim).max(0.0) * 1.6;
            // Where light fails, skin glows red.
            let blood = surface.soft * 0.45 * (1.0 - (facing.abs() * 3.0).min(1.0)) * sun[index];
            let light = lamps.colour * (direct * vec3(1.0 + blood, 1.0, 1.0 - 0.5 * blood)) + round + lamps.rim * edge;
            canvas.part(surface.part, 0.2);
            canvas.put(x, y, surface.colour * light + lamps.colour * spark, 1.0);
        }
    }

    fn normal(&self, index: usize) -> Vec3 {
        let (x, y, here) = (index % self.size, index / self.size, self.height[index]);
        if here <= NOTHING {
            return Vec3::Z;
        }
        let slope = |before: Option<f32>, after: Option<f32>| {
            let back = before.filter(|&h| h > NOTHING).map(|h| here - h);
            let on = after.filter(|&h| h > NOTHING).map(|h| h - here);
            match (back, on) {
                (Some(a), Some(b)) if (a - b).abs() < 0.16 => 0.5 * (a + b),
                (Some(a), Some(b)) => {
                    if a.abs() < b.abs() {
                        a
                    } else {
                        b
                    }
                }
                (Some(a), None) | (None, Some(a)) => a,
                _ => 0.0,
            }
        };
        let at = |x: usize, y: usize| (x < self.size && y < self.size).then(|| self.height[y * self.size + x]);
        let dx = slope(at(x.wrapping_sub(1), y), at(x + 1, y)) / self.pixel();
        let dy = slope(at(x, y + 1), at(x, y.wrapping_sub(1))) / self.pixel();
        vec3(-dx, -dy, 1.0).normalize()
    }

    /// How much of the main light reaches a pixel over the heights between.
    fn sun(&self, index: usize, to: Vec3) -> f32 {
        let height = self.height[index];
        if height <= NOTHING {
            return 1.0;
        }
        let (x, y) = ((index % self.size) as f32, (index / self.size) as f32);
        let step = to / self.pixel();
        let mut least = 1.0f32;
        // Unlike steps at neighbours, so that no rings show.
        let uneven = (index as u32).wrapping_mul(0x9e37_79b9) >> 24;
        let mut t = (1.6 * self.pixel()).max(0.03) * (1.0 + 0.2 * uneven as f32 / 255.0);
        while t < 2.6 {
            let (px, py) = (x + step.x * t, y - step.y * t);
            if px < 0.0 || py < 0.0 || px >= self.size as f32 || py >= self.size as f32 {
                break;
            }
            let over = self.height[py as usize * self.size + px as usize] - height - to.z * t;
            // Heights have no backs: what stands out far is taken to be thin.
            if over > 0.0 && over < 1.5 {
                least = least.min(1.0 - smoothstep(0.0, 0.16 * t + 0.015, over));
            }
            t *= 1.22;
        }
        least
    }
}
