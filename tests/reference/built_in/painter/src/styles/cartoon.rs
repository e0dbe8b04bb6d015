//! Cartoon: a handful of flat, bright colours within brushed ink contours; sometimes dots in the shades.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, luminance, mix, rgb, saturated, smoothstep, turned};
use crate::random::Rng;
use crate::styles::contours::Contours;
use crate::styles::field::{blurred, busy, flattened, relit, repaint, tones};
use crate::styles::grain::Grain;

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    let busy = busy(&tones(&canvas.rgb));
    let mut flat = relit(&flattened(&canvas.rgb, mix(0.034, 0.018, busy)), 0.12, random.range(0.25, 0.5));
    let gaudy = random.range(1.4, 2.0);
    flat.iter_mut().for_each(|colour| *colour = saturated(*colour, gaudy).clamp(Vec3::ZERO, Vec3::ONE));
    let contours = Contours::of(canvas, &blurred(&tones(&flat), 0.008));
    let count = random.int(7, 12) as usize;
    let few = palette(&flat, count, random);
    let ink = *random.pick(&[0x14121a, 0x1a1420, 0x101820, 0x241410].map(rgb));
    let (width, noise) = (random.range(0.018, 0.029) * mix(1.0, 0.6, busy), Grain::new(random));
    let dots = random.chance(0.4).then(|| Dots { period: random.range(0.05, 0.062), angle: random.range(0.3, 1.2) });
    repaint(canvas, |index, p| {
        let mut colour = few[nearest(&few, flat[index])];
        if let Some(dots) = &dots {
            colour *= dots.shade(p, luminance(colour));
        }
        let (away, strength) = contours.near(p);
        let pen = width * mix(0.55, 1.0, strength) * (1.0 + 0.35 * noise.at(p * 8.0));
        let rim = 0.006;
        colour.lerp(ink, smoothstep(0.5 * pen + rim, 0.5 * pen - rim, away) * mix(0.8, 1.0, strength))
    });
}

/// The `count` colours that stand best for all of them (k-means over a sample).
fn palette(colours: &[Vec3], count: usize, random: &mut Rng) -> Vec<Vec3> {
    let sample: Vec<Vec3> = (0..500).map(|_| *random.pick(colours)).collect();
    let mut means = vec![sample[0]];
    // Each next one as far as can be from those there are.
    while means.len() < count {
        let far = |colour: &&Vec3| means[nearest(&means, **colour)].distance_squared(**colour);
        let next = sample.iter().max_by(|a, b| far(a).total_cmp(&far(b)));
        means.push(next.copied().unwrap_or_default());
    }
    for _ in 0..5 {
        let mut sums = vec![(Vec3::ZERO, 0.0); count];
        for &colour in &sample {
            let sum = &mut sums[nearest(&means, colour)];
            *sum = (sum.0 + colour, sum.1 + 1.0);
        }
        for (mean, (sum, many)) in means.iter_mut().zip(sums) {
            if many > 0.0 {
                *mean = sum / many;
            }
        }
    }
    means
}

fn nearest(palette: &[Vec3], colour: Vec3) -> usize {
    let mut best = (f32::MAX, 0);
    for (k, each) in palette.iter().enumerate() {
        let away = each.distance_squared(colour);
        if away < best.0 {
            best = (away, k);
        }
    }
    best.1
}

/// A printer's dots, larger the darker the colour.
struct Dots {
    period: f32,
    angle: f32,
}

impl Dots {
    fn shade(&self, p: Vec2, tone: f32) -> f32 {
        let cell = turned(p, self.angle) / self.period;
        let off = (cell - cell.floor() - 0.5).length();
        let dot = mix(0.42, 0.12, smoothstep(0.15, 0.75, tone));
        mix(1.0, 0.74, smoothstep(dot + 0.12, dot - 0.12, off) * smoothstep(0.9, 0.7, tone))
    }
}
