//! Where a draughtsman draws a line: where one thing ends and another begins, where the depth jumps, where light meets dark.

use crate::canvas::Canvas;
use crate::math::{Vec2, smoothstep};
use crate::styles::field::{blurred, slope};

pub struct Contours {
    size: usize,
    /// To the nearest line, in shares of the picture's side.
    distance: Vec<f32>,
    /// How strongly that line parts its sides, (0, 1].
    strength: Vec<f32>,
}

/// Weaker lines are left out.
const LEAST: f32 = 0.16;
/// Where lines crowd, so strong must one be to stay.
const CROWDED: f32 = 0.55;

impl Contours {
    /// `soft` are tones that are smooth but for what matters: fine texture in them becomes lines.
    pub fn of(canvas: &Canvas, soft: &[f32]) -> Contours {
        let size = canvas.size;
        let mut lines = vec![0.0f32; size * size];
        borders(canvas, soft, &mut lines);
        edges(soft, size, &mut lines);
        thin_out(&mut lines, size);
        let (distance, strength) = spread(&lines, size);
        Contours { size, distance, strength }
    }

    /// The distance to the line that is nearest to `p`, and that line's strength.
    pub fn near(&self, p: Vec2) -> (f32, f32) {
        let at = |v: f32| (v * self.size as f32).clamp(0.0, self.size as f32 - 1.0) as usize;
        let index = at(p.y) * self.size + at(p.x);
        (self.distance[index], self.strength[index])
    }

    /// 1 on a line of this width, 0 off it.
    pub fn line(&self, p: Vec2, width: f32) -> f32 {
        let rim = 0.7 / self.size as f32;
        smoothstep(0.5 * width + rim, 0.5 * width - rim, self.near(p).0)
    }
}

/// Lines between things, stronger the more their tones and depths differ.
fn borders(canvas: &Canvas, soft: &[f32], lines: &mut [f32]) {
    let size = canvas.size;
    let step = 1 + size / 256;
    for y in 0..size - 1 {
        for x in 0..size - 1 {
            let here = y * size + x;
            for (there, dx, dy) in [(here + 1, 1, 0), (here + size, 0, 1)] {
                if canvas.thing[here] == canvas.thing[there] {
                    continue;
                }
                let far = |sign: isize, v: usize, d: usize| {
                    (v as isize + sign * (d * step * 2) as isize).clamp(0, size as isize - 1) as usize
                };
                let at = |sign| far(sign, y, dy) * size + far(sign, x, dx);
                let (before, after) = (at(-1), at(1));
                let colours = (canvas.rgb[before] - canvas.rgb[after]).length();
                let depths = (canvas.depth[here] - canvas.depth[there]).abs();
                let tones = (soft[before] - soft[after]).abs();
                let strength = 0.2 + 1.2 * colours + 0.8 * tones + depths.min(0.4);
                lines[here] = lines[here].max(strength.min(1.0));
            }
        }
    }
}

/// Lines where `soft` is steepest (Canny: a maximum across its own slope).
fn edges(soft: &[f32], size: usize, lines: &mut [f32]) {
    let slopes: Vec<Vec2> = (0..size * size).map(|k| slope(soft, size, k % size, k / size)).collect();
    let scale = size as f32 / 128.0;
    for y in 1..size - 1 {
        for x in 1..size - 1 {
            let here = y * size + x;
            let steep = slopes[here].length();
            let strength = smoothstep(0.025, 0.15, steep * scale);
            if strength < LEAST {
                continue;
            }
            let towards = slopes[here] / steep;
            let (dx, dy) = (towards.x.round() as isize, towards.y.round() as isize);
            let side = |sign: isize| slopes[(here as isize + sign * (dy * size as isize + dx)) as usize].length();
            if steep >= side(1) && steep > side(-1) {
                lines[here] = lines[here].max(strength);
            }
        }
    }
}

fn thin_out(lines: &mut [f32], size: usize) {
    let scale = size as f32 / 128.0;
    let marks: Vec<f32> = lines.iter().map(|&line| if line > LEAST { scale } else { 0.0 }).collect();
    let crowd = blurred(&marks, 0.04);
    for (line, crowd) in lines.iter_mut().zip(crowd) {
        if *line < LEAST.max(CROWDED * smoothstep(0.2, 0.4, crowd)) {
            *line = 0.0;
        }
    }
}

/// Carries every line's place to all pixels round it (two chamfer sweeps).
fn spread(lines: &[f32], size: usize) -> (Vec<f32>, Vec<f32>) {
    let mut distance: Vec<f32> = lines.iter().map(|&line| if line > 0.0 { 0.0 } else { f32::MAX }).collect();
    let mut strength = lines.to_vec();
    let mut sweep = |indices: &mut dyn Iterator<Item = usize>, sign: isize| {
        let row = size as isize;
        let steps = [(-1, 1.0), (-row, 1.0), (-row - 1, 1.414), (-row + 1, 1.414)];
        for index in indices {
            let column = (index % size) as isize;
            for (step, length) in steps {
                let from = index as isize + step * sign;
                if from < 0 || from >= (size * size) as isize || (from % row - column).abs() > 1 {
                    continue;
                }
                let reached = distance[from as usize] + length;
                if reached < distance[index] {
                    distance[index] = reached;
                    strength[index] = strength[from as usize];
                }
            }
        }
    };
    sweep(&mut (0..size * size), 1);
    sweep(&mut (0..size * size).rev(), -1);
    (distance.iter().map(|d| d / size as f32).collect(), strength)
}
