//! Blocks, gabled houses, towers: put together of faces.

use super::skin::{Grain, Skin, Windows, snow};
use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, rgb, vec2, vec3};

/// Where a thing stands and which way it looks: its own x, y up, and z in metres of the world.
#[derive(Clone, Copy)]
pub struct Frame {
    pub foot: Vec3,
    x: Vec3,
    z: Vec3,
}

impl Frame {
    /// With `angle` 0 its front (+z) looks at the eye.
    pub fn new(foot: Vec3, angle: f32) -> Frame {
        let (s, c) = angle.sin_cos();
        Frame { foot, x: vec3(c, 0.0, -s), z: vec3(s, 0.0, c) }
    }

    pub fn at(&self, x: f32, y: f32, z: f32) -> Vec3 {
        self.foot + self.x * x + vec3(0.0, y, 0.0) + self.z * z
    }

    pub fn moved(&self, x: f32, y: f32, z: f32) -> Frame {
        Frame { foot: self.at(x, y, z), ..*self }
    }

    /// Turned by a quarter.
    pub fn quarter(&self) -> Frame {
        Frame { foot: self.foot, x: -self.z, z: self.x }
    }

    pub fn feet(&self, half: Vec2) -> [Vec3; 4] {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, z)| self.at(x * half.x, 0.0, z * half.y))
    }
}

impl Stage {
    pub fn skin(&mut self, canvas: &mut Canvas, part: u8, corners: &[Vec3], skin: &Skin) {
        let noise = self.noise;
        let grain = -corners[0].z.min(corners[1].z) / (self.focal * self.size as f32);
        self.face(canvas, part, corners, |p| skin.look(noise, p, grain));
    }

    /// Upright walls without a lid, half sizes `half`.
    pub fn walls(&mut self, canvas: &mut Canvas, frame: &Frame, half: Vec2, height: f32, skin: &Skin) {
        let (w, d) = (half.x, half.y);
        let corners = [(-w, d), (w, d), (w, -d), (-w, -d)];
        for k in 0..4 {
            let ((ax, az), (bx, bz)) = (corners[k], corners[(k + 1) % 4]);
            let wall =
                [frame.at(ax, 0.0, az), frame.at(bx, 0.0, bz), frame.at(bx, height, bz), frame.at(ax, height, az)];
            let skin = fitted(skin, if k % 2 == 0 { 2.0 * w } else { 2.0 * d }, height);
            self.skin(canvas, k as u8, &wall, &skin);
        }
    }

    pub fn lid(&mut self, canvas: &mut Canvas, frame: &Frame, half: Vec2, height: f32, skin: &Skin) {
        let (w, d) = (half.x, half.y);
        let lid = [frame.at(-w, height, d), frame.at(w, height, d), frame.at(w, height, -d), frame.at(-w, height, -d)];
        self.skin(canvas, 4, &lid, skin);
    }

    /// Walls and a flat lid.
    pub fn block(&mut self, canvas: &mut Canvas, frame: &Frame, half: Vec2, height: f32, wall: &Skin, lid: &Skin) {
        self.walls(canvas, frame, half, height, wall);
        self.lid(canvas, frame, half, height, lid);
    }

    /// Four slopes to one point, over walls of half sizes `half` that end at `height`.
    pub fn spire(&mut self, canvas: &mut Canvas, frame: &Frame, half: Vec2, height: f32, rise: f32, skin: &Skin) {
        let (w, d) = (half.x, half.y);
        let corners = [(-w, d), (w, d), (w, -d), (-w, -d)];
        for k in 0..4 {
            let ((ax, az), (bx, bz)) = (corners[k], corners[(k + 1) % 4]);
            let slope = [frame.at(ax, height, az), frame.at(bx, height, bz), frame.at(0.0, height + rise, 0.0)];
            self.skin(canvas, 5 + k as u8, &slope, skin);
        }
    }

    /// A gabled roof whose ridge runs along z, `thick`, over walls of half sizes `half` that end at `height`.
    pub fn gable_roof(
        &mut self,
        canvas: &mut Canvas,
        frame: &Frame,
        half: Vec2,
        (height, rise): (f32, f32),
        (over, thick): (f32, f32),
        skin: &Skin,
    ) {
        let slope = rise / half.x;
        let (w, d) = (half.x + over, half.y + over);
        let (eaves, top) = (height - over * slope, height + rise);
        let edge =
            Skin { colour: skin.colour * 0.7, snow: if skin.snow > 0.3 { 1.0 } else { 0.0 }, windows: None, ..*skin };
        for side in [1.0, -1.0] {
            let (z, x) = (side * d, side * w);
            let low = [frame.at(x, eaves, z), frame.at(x, eaves, -z)];
            let up = vec3(0.0, thick, 0.0);
            let ridge = [frame.at(0.0, top, -z), frame.at(0.0, top, z)];
            self.skin(canvas, 5, &[low[0] + up, low[1] + up, ridge[0] + up, ridge[1] + up], skin);
            self.skin(canvas, 6, &[low[0], low[1], low[1] + up, low[0] + up], &edge);
            for (end, ridge) in [(low[0], ridge[1]), (low[1], ridge[0])] {
                self.skin(canvas, 6, &[ridge, end, end + up, ridge + up], &edge);
                self.skin(canvas, 6, &[end, ridge, ridge + up, end + up], &edge);
            }
        }
    }

    /// The triangle under a gabled roof, front and back.
    pub fn gables(&mut self, canvas: &mut Canvas, frame: &Frame, half: Vec2, (height, rise): (f32, f32), skin: &Skin) {
        let (w, d) = (half.x, half.y);
        let front = [frame.at(-w, height, d), frame.at(w, height, d), frame.at(0.0, height + rise, d)];
        let back = [frame.at(w, height, -d), frame.at(-w, height, -d), frame.at(0.0, height + rise, -d)];
        let noise = self.noise;
        let tone = skin.upper.map_or(skin.colour, |(_, upper)| upper);
        let plain = skin.tinted(tone).bare();
        let light = skin.windows.filter(|_| rise > 2.4);
        let grain = -frame.foot.z / (self.focal * self.size as f32);
        for triangle in [front, back] {
            self.face(canvas, 4, &triangle, |p| {
                // A window under the ridge.
                if let Some(windows) = light {
                    let off = vec2((p.x - w).abs() - 0.5, (p.y - rise * 0.3).abs() - 0.65);
                    if off.x.max(off.y) < 0.0 {
                        let lit = noise.lattice(5, 5, windows.seed) * 0.5 + 0.5 < windows.lit;
                        return Look { colour: rgb(0x2c343c), lamp: if lit { 0.85 } else { 0.0 } };
                    }
                }
                plain.look(noise, p, grain)
            });
        }
    }

    /// A house with a gabled roof, its gable to the front; the foundation reaches below the ground.
    pub fn house(&mut self, canvas: &mut Canvas, house: &House) {
        let House { frame, half, height, rise, .. } = *house;
        canvas.begin(Stage::depth(-frame.foot.z));
        let below = frame.moved(0.0, -3.0, 0.0);
        self.walls(canvas, &below, half, 3.0, &house.wall.bare().tinted(house.wall.colour * 0.8));
        self.walls(canvas, &frame, half, height, &house.wall);
        self.gables(canvas, &frame, half, (height, rise), &house.wall);
        self.gable_roof(canvas, &frame, half, (height, rise), (house.over, house.thick), &house.roof);
        if let Some((x, z)) = house.chimney {
            let slope = rise * (1.0 - x.abs() / half.x);
            let chimney = frame.moved(x, height + slope - 0.8, z);
            let top = if house.roof.snow > 0.3 {
                Skin::new(snow(), Grain::Snow)
            } else {
                Skin::new(rgb(0x302824), Grain::Plaster)
            };
            self.block(canvas, &chimney, vec2(0.55, 0.55), 2.6, &Skin::new(rgb(0x7a5a4c), Grain::Stone), &top);
        }
    }

    /// Teeth along the top of a round tower or of walls: cubes at these places.
    pub fn teeth(&mut self, canvas: &mut Canvas, at: &[Frame], half: f32, skin: &Skin) {
        for frame in at {
            self.block(canvas, frame, vec2(half, half), half * 2.2, skin, skin);
        }
    }
}

pub struct House {
    pub frame: Frame,
    pub half: Vec2,
    pub height: f32,
    pub rise: f32,
    pub over: f32,
    pub thick: f32,
    pub wall: Skin,
    pub roof: Skin,
    pub chimney: Option<(f32, f32)>,
}

impl House {
    pub fn smoke(&self) -> Option<Vec3> {
        let (x, z) = self.chimney?;
        Some(self.frame.at(x, self.height + self.rise * (1.0 - x.abs() / self.half.x) + 1.8, z))
    }
}

/// Windows for a wall of this width and height.
fn fitted(skin: &Skin, width: f32, height: f32) -> Skin {
    let windows = skin.windows.map(|windows| Windows {
        width,
        top: windows.top.min(height),
        seed: windows.seed + width as i32,
        ..windows
    });
    Skin { windows, ..*skin }
}
