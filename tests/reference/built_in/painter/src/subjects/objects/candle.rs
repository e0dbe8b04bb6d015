//! A candle with a flame: tall or stout, in a holder or in its own wax, alone or beside other things.

use super::stage::{Stage, cloth, still};
use crate::backdrop::Want;
use crate::math::{Vec2, Vec3, bell, hsv, mix, rgb, smooth_min, smoothstep, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

#[derive(Clone, Copy)]
pub struct Candle {
    pub foot: Vec3,
    tall: f32,
    thick: f32,
    wax: Vec3,
    metal: Vec3,
    holder: bool,
    drip: f32,
    lean: f32,
}

impl Candle {
    pub fn any(random: &mut Rng, foot: Vec3) -> Candle {
        let wax = if random.chance(0.65) {
            *random.pick(&[0xf0e6cc, 0xe8dcc0, 0xf4f0e8, 0xe0c890].map(rgb))
        } else {
            hsv(random.unit(), random.range(0.5, 0.85), random.range(0.4, 0.8))
        };
        Candle {
            foot,
            tall: random.range(0.8, 1.9),
            thick: random.range(0.13, 0.26),
            wax,
            metal: *random.pick(&[0xb8923c, 0x9c9ca0, 0x6a4c34, 0x2c2c30, 0xd8d4cc].map(rgb)),
            holder: random.chance(0.55),
            drip: random.range(0.0, 6.0),
            lean: random.range(-0.5, 0.5),
        }
    }

    fn base(&self) -> f32 {
        if self.holder { 0.22 } else { 0.0 }
    }

    pub fn height(&self) -> f32 {
        self.base() + self.tall + 0.55
    }

    /// The flame's middle.
    pub fn flame(&self) -> Vec3 {
        self.foot + vec3(0.0, self.base() + self.tall + 0.26, 0.0)
    }

    fn wax(&self, p: Vec3) -> f32 {
        let top = self.base() + self.tall;
        let shaft = cylinder(p - vec3(0.0, 0.5 * (top + self.base()), 0.0), self.thick, 0.5 * self.tall, 0.03);
        let angle = self.drip;
        let at = self.thick * vec3(angle.sin(), 0.0, angle.cos());
        let run = cone(p, at + vec3(0.0, top - 0.04, 0.0), at + vec3(0.0, top - 0.45 * self.tall, 0.0), 0.04, 0.055);
        let puddle = if self.holder { 1e3 } else { ellipsoid(p, vec3(self.thick * 1.7, 0.07, self.thick * 1.6)) };
        smooth_min(smooth_min(shaft, run, 0.05), puddle, 0.08)
    }

    fn stand(&self, p: Vec3) -> f32 {
        if !self.holder {
            return 1e3;
        }
        let dish = cylinder(p - vec3(0.0, 0.04, 0.0), self.thick * 2.3, 0.04, 0.03);
        let cup = cylinder(p - vec3(0.0, 0.16, 0.0), self.thick * 1.25, 0.14, 0.03);
        let ring = torus(about_x(p - vec3(self.thick * 2.6, 0.12, 0.0), 1.57), 0.13, 0.035);
        smooth_min(dish, cup, 0.08).min(ring)
    }

    pub fn show(&self, picture: &mut Picture, stage: &Stage) {
        let wick = |p: Vec3| {
            let top = self.base() + self.tall;
            capsule(p, vec3(0.0, top, 0.0), vec3(0.015, top + 0.1, 0.0), 0.014)
        };
        let solid = Solid {
            distance: |p: Vec3| {
                let p = p - self.foot;
                self.wax(p).min(self.stand(p)).min(wick(p))
            },
            material: |p: Vec3, _| {
                let p = p - self.foot;
                let (wax, stand) = (self.wax(p), self.stand(p));
                if wick(p) < wax.min(stand) {
                    return Material::dull(rgb(0x201814)).part(2);
                }
                if stand < wax {
                    return Material::glossy(self.metal, 0.7).part(1);
                }
                let glow = smoothstep(0.6, 0.0, self.base() + self.tall - p.y);
                Material { glow: self.wax * vec3(0.5, 0.32, 0.14) * glow, ..Material::glossy(self.wax, 0.25) }
            },
            centre: self.foot + vec3(0.0, 0.5 * self.height(), 0.0),
            radius: 0.55 * self.height() + 0.1,
        };
        stage.show(picture, &solid);
        self.burn(picture, stage);
    }

    fn burn(&self, picture: &mut Picture, stage: &Stage) {
        let Some((low, _)) = stage.camera.seen(self.flame() - vec3(0.0, 0.24, 0.0)) else { return };
        let Some((top, _)) = stage.camera.seen(self.flame() + vec3(0.0, 0.34, 0.0)) else { return };
        let tall = (top - low).length().max(0.04);
        picture.canvas.begin(0.1);
        let shape = crate::shape::Shape::rect(low.x - tall, low.y - tall * 1.2, low.x + tall, low.y + 0.1 * tall);
        let mask = picture.canvas.mask(&shape);
        picture.canvas.glaze(&mask, |p| {
            let up = (low.y - p.y) / tall;
            let x = (p.x - low.x) / tall - 0.12 * self.lean * up * up;
            let wide = 0.2 * (up.max(0.0) * 3.2).min(1.0).sqrt() * (1.0 - up).max(0.0).powf(0.7) + 1e-4;
            let core = (x / wide).abs();
            let colour = rgb(0xff8c1c).lerp(rgb(0xfff6d0), smoothstep(1.0, 0.2, core) * smoothstep(0.0, 0.2, up));
            colour.extend(smoothstep(1.15, 0.8, core) * if up > 0.0 && up < 1.0 { 1.0 } else { 0.0 })
        });
    }
}

/// The warm light round a flame, over all that is there.
pub fn add_glow(picture: &mut Picture, stage: &Stage, flame: Vec3, strength: f32) {
    let Some((at, far)) = stage.camera.seen(flame) else { return };
    let unit =
        (stage.camera.seen(flame + vec3(0.0, 1.0, 0.0)).map_or(0.3, |(up, _)| (up - at).length())).min(2.0 / far * 3.0);
    let size = picture.canvas.size;
    for index in 0..size * size {
        let p = vec2((index % size) as f32 + 0.5, (index / size) as f32 + 0.5) / size as f32;
        let off: Vec2 = p - at;
        let light = bell(off.length(), unit * 0.9) * 0.5 + bell(off.length(), unit * 0.35) * 0.4;
        let colour = picture.canvas.rgb[index];
        picture.canvas.rgb[index] =
            (colour * (1.0 + strength * light) + strength * light * vec3(0.34, 0.2, 0.06)).clamp(Vec3::ZERO, Vec3::ONE);
    }
}

pub fn candle(picture: &mut Picture) {
    let tallest = Candle::any(&mut picture.random, Vec3::ZERO);
    let count = if picture.random.chance(0.25) { picture.random.int(2, 4) } else { 1 };
    let share = if picture.dense { (0.7, 0.98) } else { (0.5, 0.85) };
    let want = Want { grounds: &[], height: tallest.height(), share, down: (0.0, 0.5) };
    let mut stage =
        if picture.random.chance(0.2) { cloth(picture, tallest.height(), share) } else { still(picture, &want) };
    // Without a floor the picture's middle is the origin.
    let sunk = if stage.floor { 0.0 } else { -0.5 * tallest.height() };
    let dark = picture.random.range(0.25, 0.75);
    for colour in &mut picture.canvas.rgb {
        *colour *= dark;
    }
    stage.light.colour *= mix(0.3, 0.9, dark);
    stage.light.ambient *= mix(0.4, 0.9, dark);
    if dark < 0.4 {
        picture.detail("in the dark");
    }
    let mut all = vec![Candle { foot: vec3(0.0, sunk, 0.0), ..tallest }];
    for k in 1..count {
        let random = &mut picture.random;
        let x = 0.7 * ((k + 1) / 2) as f32 * if k % 2 == 0 { 1.0 } else { -1.0 };
        let foot = vec3(x + random.range(-0.1, 0.1), sunk, random.range(-0.4, 0.3));
        all.push(Candle { wax: tallest.wax, ..Candle::any(random, foot) });
    }
    if count > 1 {
        picture.noun = Some("candles".into());
    }
    all.sort_by(|a, b| a.foot.z.total_cmp(&b.foot.z));
    for candle in &all {
        candle.show(picture, &stage);
    }
    for candle in &all {
        add_glow(picture, &stage, candle.flame(), 1.2 / count as f32 + 0.3);
    }
}
