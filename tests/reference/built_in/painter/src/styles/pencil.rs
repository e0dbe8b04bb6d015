//! Pencil: searching contours, hatching in up to three directions by tone, the tooth of the paper; graphite is gray, never black.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep, vec2};
use crate::random::Rng;
use crate::styles::contours::Contours;
use crate::styles::field::{blurred, flattened, locally_stronger, repaint, spread, tones};
use crate::styles::grain::Grain;
use crate::styles::hatching::Hatching;

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    let even = locally_stronger(&spread(&tones(&canvas.rgb), 0.4), 0.08, 0.9);
    let tone = blurred(&even, 0.008);
    let contours = Contours::of(canvas, &blurred(&spread(&tones(&flattened(&canvas.rgb, 0.02)), 0.4), 0.008));
    let pencil = Pencil::any(canvas.size, random);
    let papers = [0xf6f4ee, 0xf2eee2, 0xf8f8f6, 0xebe6da, 0xe9eaea].map(rgb);
    let paper = *random.pick(&papers);
    repaint(canvas, |index, p| {
        let tooth = pencil.noise.fractal(p * 70.0, 2, 0.7);
        let shaded = pencil.shading(p, clamp01(1.0 - tone[index]).powf(1.25) * pencil.deep * pencil.finished(p));
        let lines = pencil.outline(&contours, p);
        let pressed = 1.0 - (1.0 - shaded) * (1.0 - lines);
        let taken = clamp01(pressed * (1.0 + 0.2 * tooth));
        (paper * (1.0 + 0.012 * tooth)).lerp(pencil.graphite, taken)
    });
}

struct Pencil {
    noise: Grain,
    graphite: Vec3,
    hatching: [Hatching; 3],
    /// Of the rubbed tone.
    lines: Hatching,
    /// How far a canvas of this size can show them.
    shown: f32,
    /// How dark the darkest shading gets.
    deep: f32,
    line: f32,
    /// How far the second, searching line strays.
    stray: f32,
    /// The shading thins out beyond this distance from the middle.
    extent: f32,
    middle: Vec2,
}

impl Pencil {
    fn any(size: usize, random: &mut Rng) -> Pencil {
        let noise = Grain::new(random);
        let (angle, period) = (random.sign() * random.range(0.5, 1.1), random.range(0.047, 0.06));
        let hatching = [0.0, random.range(0.35, 0.6), -random.range(0.8, 1.3)];
        Pencil {
            noise,
            graphite: *random.pick(&[0x303034, 0x3a3a3e, 0x2c2e32, 0x403c3a].map(rgb)),
            hatching: hatching.map(|turn| Hatching { angle: angle + turn, period, waver: 0.2, noise }),
            lines: Hatching { angle: angle + 0.12, period: 0.3 * period, waver: 0.5, noise },
            shown: smoothstep(4.0, 7.0, 0.3 * period * size as f32),
            deep: random.range(0.8, 1.05),
            line: random.range(0.009, 0.015),
            stray: random.range(0.004, 0.012),
            extent: random.range(0.42, 0.9),
            middle: vec2(random.range(0.42, 0.58), random.range(0.45, 0.6)),
        }
    }

    /// A rubbed tone below, lines of more directions above the darker it is.
    fn shading(&self, p: Vec2, dark: f32) -> f32 {
        let mut white = 1.0 - 0.62 * dark * self.fine(p, dark);
        for (hatching, from) in self.hatching.iter().zip([0.22, 0.5, 0.74]) {
            if dark <= from {
                break;
            }
            let (ridge, press) = hatching.at(p, 0.0);
            let pressed = smoothstep(from, from + 0.35, dark) * mix(0.35, 1.0, press);
            white *= 1.0 - 0.5 * pressed * smoothstep(0.42, 0.8, ridge);
        }
        1.0 - white
    }

    /// The rubbed tone is of fine lines too, where the picture is large enough to show them.
    fn fine(&self, p: Vec2, dark: f32) -> f32 {
        if self.shown <= 0.0 {
            return 1.0;
        }
        let (ridge, press) = self.lines.at(p, 0.0);
        1.0 + self.shown * (1.0 - dark) * (1.7 * smoothstep(0.2, 0.7, ridge) * mix(0.4, 1.0, press) - 0.6)
    }

    fn finished(&self, p: Vec2) -> f32 {
        let away = (p - self.middle).length() + 0.1 * self.noise.at(p * 4.0);
        mix(1.0, 0.25, smoothstep(self.extent, self.extent + 0.22, away))
    }

    fn outline(&self, contours: &Contours, p: Vec2) -> f32 {
        if contours.near(p).0 > 3.0 * self.stray + self.line {
            return 0.0;
        }
        let wander = |seed: f32| vec2(self.noise.at(p * 7.0 + seed), self.noise.at(p * 7.0 + seed + 40.0));
        let drawn = |q: Vec2, width: f32| {
            let (_, strength) = contours.near(q);
            contours.line(q, width) * mix(0.45, 0.95, strength)
        };
        let press = mix(0.6, 1.0, 0.5 + 0.5 * self.noise.at(p * 11.0)) * (0.88 + 0.2 * self.noise.at(p * 90.0));
        let first = drawn(p + 0.4 * self.stray * wander(0.0), self.line) * press;
        let second = drawn(p + 1.6 * self.stray * wander(9.0), 0.7 * self.line) * 0.55;
        first.max(second)
    }
}
