//! Lithograph: greasy crayon on a grained stone, printed in one ink. Stipple in the lights, hatching along the forms in the darks.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep};
use crate::random::Rng;
use crate::styles::contours::Contours;
use crate::styles::field::{blurred, busy, flattened, locally_stronger, repaint, spread, tones};
use crate::styles::grain::Grain;
use crate::styles::hatching::Hatching;

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    let busy = busy(&tones(&canvas.rgb));
    let drawn = tones(&flattened(&canvas.rgb, mix(0.012, 0.006, busy)));
    let tone = locally_stronger(&spread(&drawn, random.range(0.15, 0.4)), 0.1, random.range(0.35, 0.65));
    let forms = blurred(&tone, 0.03);
    let contours = Contours::of(canvas, &blurred(&drawn, 0.008));
    let stone = Stone::any(busy, random);
    let (paper, ink) = sheet(random);
    let (outline, pen) = (random.range(0.3, 1.0), random.range(0.012, 0.02) * mix(1.0, 0.6, busy));
    let weight = random.range(1.2, 1.8);
    repaint(canvas, |index, p| {
        let dark = clamp01((1.0 - tone[index]) * 1.12 - 0.06).powf(weight);
        let line = outline * contours.line(p, pen) * mix(0.4, 1.0, contours.near(p).1);
        // Lines are drawn dark into the lights and scratched bright into the darks.
        let dark = mix(dark, if dark < 0.7 { 1.0 } else { 0.35 }, 0.8 * line);
        let printed = stone.printed(p, clamp01(dark), forms[index]);
        let fibre = 1.0 + 0.025 * stone.noise.at(p * 60.0) + 0.02 * stone.noise.at(p * 9.0);
        (paper * fibre).lerp(ink, printed)
    });
}

/// Papers from cream to gray and bluish; inks that are all but black.
fn sheet(random: &mut Rng) -> (Vec3, Vec3) {
    let papers = [0xf2e9d6, 0xece8de, 0xe3d3b4, 0xdcdcd8, 0xcfd6da, 0xd9c7a2, 0xf4f1ea, 0xd6ccc0].map(rgb);
    let inks = [0x1a1716, 0x1c1512, 0x14161c, 0x201a1a, 0x241a12].map(rgb);
    (*random.pick(&papers), *random.pick(&inks))
}

/// What decides where the ink takes: the grain of the stone and the drawing hand.
struct Stone {
    noise: Grain,
    grain: f32,
    /// How sharply a speck ends.
    soft: f32,
    /// Share of the tone that is even, as of a rubbed crayon.
    rubbed: f32,
    /// Share of the hatching in the darks; the rest is grain.
    hatched: f32,
    hatching: [Hatching; 2],
    /// How far the lines follow the forms.
    bend: f32,
}

impl Stone {
    fn any(busy: f32, random: &mut Rng) -> Stone {
        let noise = Grain::new(random);
        let (angle, period) = (random.range(0.0, std::f32::consts::PI), random.range(0.05, 0.066));
        let line = |turn: f32| Hatching { angle: angle + turn, period, waver: 0.35, noise };
        Stone {
            noise,
            grain: random.range(52.0, 72.0),
            soft: random.range(0.18, 0.34),
            rubbed: mix(random.range(0.22, 0.5), 0.7, busy),
            hatched: *random.pick(&[0.2, 0.65, 0.85, 1.0]),
            hatching: [line(0.0), line(random.range(0.8, 1.5))],
            bend: random.range(0.8, 3.0),
        }
    }

    fn printed(&self, p: Vec2, dark: f32, form: f32) -> f32 {
        let rough = self.noise.fractal(p * self.grain, 3, 0.9);
        let grain = smoothstep(-0.9, 0.9, rough);
        let (ridge, press) = self.hatching[0].at(p, self.bend * form);
        let mut lines = 1.0 - ridge * mix(0.75, 1.0, press);
        if dark > 0.5 {
            let (crossed, press) = self.hatching[1].at(p, self.bend * form);
            lines = lines.min(1.0 - crossed * mix(0.4, 0.85, press) * smoothstep(0.5, 0.75, dark));
        }
        let drawn = self.hatched * smoothstep(0.18, 0.5, dark);
        // Ink takes where the drawing is darker than the screen that grain and lines make.
        let screen = mix(0.1, 0.93, mix(grain, mix(lines, grain, 0.22), drawn));
        mix(smoothstep(-self.soft, self.soft, dark - screen), smoothstep(0.05, 0.95, dark), self.rubbed)
    }
}
