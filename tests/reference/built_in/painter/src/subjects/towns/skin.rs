//! What walls and roofs are made of: planks, logs, plaster, stone, tiles, snow; and their windows.

use super::stage::Look;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep, vec2};
use crate::noise::Noise;

#[derive(Clone, Copy, PartialEq)]
pub enum Grain {
    Plaster,
    Planks,
    Logs,
    Stone,
    Tiles,
    Straw,
    Snow,
}

#[derive(Clone, Copy)]
pub struct Skin {
    pub colour: Vec3,
    pub grain: Grain,
    /// Above this height (metres) the wall is `upper`.
    pub upper: Option<(f32, Vec3)>,
    pub windows: Option<Windows>,
    /// Share that snow covers.
    pub snow: f32,
}

#[derive(Clone, Copy)]
pub struct Windows {
    /// Metres from one to the next, across and up.
    pub pitch: Vec2,
    /// Width and height of each.
    pub size: Vec2,
    /// Of the wall, between the first and the last.
    pub width: f32,
    pub top: f32,
    /// How many of them are lit.
    pub lit: f32,
    pub frame: Vec3,
    pub shutters: Option<Vec3>,
    pub door: bool,
    pub arched: bool,
    pub seed: i32,
}

pub fn snow() -> Vec3 {
    rgb(0xf2f5fa)
}

impl Skin {
    pub fn new(colour: Vec3, grain: Grain) -> Skin {
        Skin { colour, grain, upper: None, windows: None, snow: 0.0 }
    }

    pub fn snowy(self, snow: f32) -> Skin {
        Skin { snow, ..self }
    }

    pub fn windows(self, windows: Windows) -> Skin {
        Skin { windows: Some(windows), ..self }
    }

    pub fn bare(self) -> Skin {
        Skin { windows: None, ..self }
    }

    pub fn tinted(self, colour: Vec3) -> Skin {
        Skin { colour, ..self }
    }

    /// At `p` metres; details below `grain` metres are left out.
    pub fn look(&self, noise: Noise, p: Vec2, grain: f32) -> Look {
        if let Some(look) = self.windows.and_then(|windows| windows.look(noise, p, grain)) {
            return look;
        }
        let mut colour = self.colour;
        if let Some((height, upper)) = self.upper
            && p.y > height
        {
            colour = upper;
        }
        colour *= self.tone(noise, p, grain);
        if self.snow > 0.0 {
            let patch = noise.fractal(p * 0.35 + 7.0, 2, 0.6) * 0.5 + 0.5;
            let cover = smoothstep(1.0 - self.snow - 0.08, 1.0 - self.snow + 0.08, patch * 0.9 + 0.05);
            colour = colour.lerp(snow(), if self.snow >= 0.99 { 1.0 } else { cover });
        }
        Look::dull(colour)
    }

    fn tone(&self, noise: Noise, p: Vec2, grain: f32) -> f32 {
        let fade = |period: f32| clamp01(1.3 - 2.2 * grain / period);
        let cell = |x: f32, y: f32| noise.lattice(x.floor() as i32, y.floor() as i32, 3);
        let stain = 1.0 + 0.1 * noise.at(p * 0.5);
        stain
            + match self.grain {
                Grain::Plaster => 0.07 * noise.at(p * 2.2),
                Grain::Planks => {
                    let board = p.x / 0.35;
                    fade(0.35) * (0.14 * cell(board, 0.0) - 0.35 * smoothstep(0.8, 0.95, board.rem_euclid(1.0)))
                }
                Grain::Logs => {
                    let log = p.y / 0.5;
                    fade(0.5) * (0.25 - 0.7 * (log.rem_euclid(1.0) - 0.6).abs() + 0.1 * cell(0.0, log))
                }
                Grain::Stone => {
                    let row = p.y / 0.7;
                    let across = p.x / 1.1 + 0.5 * row.floor().rem_euclid(2.0);
                    let joint =
                        smoothstep(0.86, 0.97, row.rem_euclid(1.0)).max(smoothstep(0.88, 0.97, across.rem_euclid(1.0)));
                    fade(0.7) * (0.2 * cell(across, row) - 0.3 * joint) + 0.16 * noise.fractal(p * 0.3, 2, 0.5)
                }
                Grain::Tiles => {
                    let row = p.y / 0.55;
                    let across = p.x / 0.6;
                    fade(0.55) * (0.16 * cell(across, row) - 0.3 * (1.0 - row.rem_euclid(1.0)) + 0.12)
                        + 0.1 * noise.at(p * 0.8)
                }
                Grain::Straw => 0.2 * fade(0.4) * noise.at(vec2(p.x * 3.0, p.y * 0.6)),
                Grain::Snow => 0.03 * noise.at(p),
            }
    }
}

impl Windows {
    fn look(&self, noise: Noise, p: Vec2, grain: f32) -> Option<Look> {
        if p.y > self.top || p.y < 0.0 || p.x < 0.0 || p.x > self.width {
            return None;
        }
        let count = (self.width / self.pitch.x).floor().max(1.0);
        let margin = (self.width - count * self.pitch.x) * 0.5;
        let cell = vec2((p.x - margin) / self.pitch.x, p.y / self.pitch.y);
        if cell.x < 0.0 || cell.x >= count {
            return None;
        }
        let index = cell.floor();
        if (index.y + 0.9) * self.pitch.y > self.top {
            return None;
        }
        let mut size = self.size;
        let mut off = (cell - index - 0.5) * self.pitch;
        let door = self.door && index.y == 0.0 && index.x == (count * 0.5).floor();
        if door {
            size.y = self.pitch.y * 0.72;
            size.x *= 1.1;
            off.y = p.y - size.y * 0.5;
        }
        let half = size * 0.5;
        let arch = if self.arched { (off.x.abs() / half.x).powi(2) * half.x * 0.8 } else { 0.0 };
        let inside = vec2(off.x.abs() - half.x, off.y.abs().max(off.y + arch) - half.y);
        let edge = inside.x.max(inside.y);
        let rim = (0.16f32).max(grain * 0.7).min(half.x * 0.5);
        if edge > 0.0 {
            if let Some(shutters) = self.shutters
                && !door
                && inside.y < 0.0
                && inside.x < half.x * 0.9
            {
                return Some(Look::dull(shutters * (0.9 + 0.2 * ((off.y * 8.0).fract()))));
            }
            return (edge < rim).then(|| Look::dull(self.frame));
        }
        let chance = noise.lattice(index.x as i32, index.y as i32, self.seed) * 0.5 + 0.5;
        if door && chance > self.lit * 0.4 {
            return Some(Look::dull(self.frame * 0.35));
        }
        let bar = off.x.abs() < 0.06 && grain < 0.12;
        if chance < self.lit && !bar {
            let bright = 0.72 + 0.28 * (1.0 - (off / half).length() * 0.5) * mix(0.8, 1.1, chance / self.lit.max(0.01));
            return Some(Look { colour: rgb(0x402818), lamp: clamp01(bright) });
        }
        let glass =
            if bar { self.frame } else { rgb(0x28323e).lerp(rgb(0x7f95a8), clamp01(0.25 + off.y / half.y * 0.3)) };
        Some(Look::dull(glass))
    }
}
