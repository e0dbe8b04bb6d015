//! Planes of numbers over a canvas, row by row: tones, blurs, and which way the forms run. Lengths are shares of the picture's side.

use crate::canvas::{Canvas, box_blur};
use crate::math::{Vec2, Vec3, clamp01, luminance, mix, saturated, smoothstep, vec2, vec3};
use crate::styles::grain::Grain;

/// How light each pixel is.
pub fn tones(colours: &[Vec3]) -> Vec<f32> {
    colours.iter().map(|&colour| luminance(colour)).collect()
}

/// The side of the canvas of which these are the pixels.
pub fn side(pixels: usize) -> usize {
    pixels.isqrt()
}

/// Two box blurs over about `radius`.
pub fn blurred(values: &[f32], radius: f32) -> Vec<f32> {
    let size = side(values.len());
    let reach = (radius * size as f32 * 0.7).round() as usize;
    let mut blurred = values.to_vec();
    if reach > 0 {
        box_blur(&mut blurred, size, size, reach);
        box_blur(&mut blurred, size, size, reach);
    }
    blurred
}

/// What `blurred` does, for colours.
pub fn blurred_colours(colours: &[Vec3], radius: f32) -> Vec<Vec3> {
    let channel = |k: usize| blurred(&colours.iter().map(|colour| colour[k]).collect::<Vec<_>>(), radius);
    joined(&channel(0), &channel(1), &channel(2))
}

fn joined(red: &[f32], green: &[f32], blue: &[f32]) -> Vec<Vec3> {
    (0..red.len()).map(|k| vec3(red[k], green[k], blue[k])).collect()
}

/// Stretched over black to white, and spread so that all tones are about as common: wholly (`even` 1), or not (0).
pub fn spread(tones: &[f32], even: f32) -> Vec<f32> {
    let mut counts = [0usize; LEVELS];
    let level = |tone: f32| (clamp01(tone) * (LEVELS - 1) as f32) as usize;
    for &tone in tones {
        counts[level(tone)] += 1;
    }
    let mut below = 0;
    let ranks = counts.map(|count| {
        let middle = below as f32 + count as f32 / 2.0;
        below += count;
        middle / tones.len() as f32
    });
    let bound = |rank: f32| ranks.partition_point(|&each| each < rank) as f32 / (LEVELS - 1) as f32;
    let (low, high) = (bound(0.02), bound(0.98));
    // A picture of nearly one tone is not blown up to all of them.
    let (middle, half) = ((low + high) / 2.0, ((high - low) / 2.0).max(1.0 / 7.0));
    let stretched = |tone: f32| clamp01(0.5 + (tone - middle) / half * 0.5);
    tones.iter().map(|&tone| mix(stretched(tone), ranks[level(tone)], even)).collect()
}

const LEVELS: usize = 256;

/// Away from the mean round about by `by`: forms stay where the whole is dark or light.
pub fn locally_stronger(tones: &[f32], radius: f32, by: f32) -> Vec<f32> {
    let round = blurred(tones, radius);
    tones.iter().zip(round).map(|(tone, mean)| clamp01(tone + by * (tone - mean))).collect()
}

/// The same colours with tones spread over `darkest` to light; a night's lights stay dimmer than a day's.
pub fn relit(colours: &[Vec3], darkest: f32, even: f32) -> Vec<Vec3> {
    let tones = tones(colours);
    let lightest = (0.5 + 1.5 * tones.iter().sum::<f32>() / tones.len() as f32).clamp(0.6, 1.0);
    let wanted = spread(&tones, even);
    let lit = |k: usize| {
        let wanted = mix(darkest, lightest, wanted[k]);
        colours[k] * (wanted / tones[k].max(0.02)).clamp(0.7, 4.0)
    };
    (0..colours.len()).map(lit).collect()
}

/// How much of the picture's contrast is in small things: 0 a few large forms … 1 all details. Who draws these takes finer tools.
pub fn busy(tones: &[f32]) -> f32 {
    let mean = tones.iter().sum::<f32>() / tones.len() as f32;
    let round = blurred(tones, 0.03);
    let spread = |from: &dyn Fn(usize) -> f32| (0..tones.len()).map(|k| (tones[k] - from(k)).abs()).sum::<f32>();
    let busy = smoothstep(0.22, 0.5, spread(&|k| round[k]) / spread(&|_| mean).max(1e-3));
    // In steps, so that the same picture at another size gets the same tools.
    (busy * 3.0).round() / 3.0
}

/// `colour`, fuller by `by` where it is dull, less so where it is full already.
pub fn vivid(colour: Vec3, by: f32) -> Vec3 {
    let most = colour.max_element().max(1e-3);
    let fullness = 1.0 - colour.min_element().max(0.0) / most;
    saturated(colour, mix(by, 0.5 + 0.4 * by, smoothstep(0.25, 0.85, fullness)))
}

/// Flat areas with firm borders (Kuwahara): each pixel is the mean of the most even of four squares that touch it.
pub fn flattened(colours: &[Vec3], radius: f32) -> Vec<Vec3> {
    let size = side(colours.len());
    let reach = (radius * size as f32 * 0.5).round().max(1.0) as usize;
    let mean = |of: &dyn Fn(Vec3) -> f32| {
        let mut values: Vec<f32> = colours.iter().map(|&colour| of(colour)).collect();
        box_blur(&mut values, size, size, reach);
        values
    };
    let means = joined(&mean(&|c| c.x), &mean(&|c| c.y), &mean(&|c| c.z));
    let squares = mean(&|c| c.length_squared());
    let (reach, last) = (reach as isize, size as isize - 1);
    let smooth = |index: usize| {
        let (x, y) = ((index % size) as isize, (index / size) as isize);
        let (mut sum, mut weights) = (Vec3::ZERO, 0.0);
        for (dx, dy) in [(-reach, -reach), (reach, -reach), (-reach, reach), (reach, reach)] {
            let at = ((y + dy).clamp(0, last) * size as isize + (x + dx).clamp(0, last)) as usize;
            let uneven = (squares[at] - means[at].length_squared()).max(0.0) + 1e-3;
            let weight = 1.0 / (uneven * uneven * uneven);
            sum += means[at] * weight;
            weights += weight;
        }
        sum / weights
    };
    (0..colours.len()).map(smooth).collect()
}

/// The change of `values` from pixel to pixel, at a pixel.
pub fn slope(values: &[f32], size: usize, x: usize, y: usize) -> Vec2 {
    let at = |x: usize, y: usize| values[y.min(size - 1) * size + x.min(size - 1)];
    vec2(at(x + 1, y) - at(x.saturating_sub(1), y), at(x, y + 1) - at(x, y.saturating_sub(1))) * 0.5
}

/// Which way the forms run: along their borders; where there are none, as a slow noise turns.
pub struct Flow {
    size: usize,
    /// Twice the angle of the steepest change, as vectors (so that opposite directions agree).
    twice: Vec<Vec2>,
}

impl Flow {
    pub fn of(tones: &[f32], radius: f32, noise: Grain) -> Flow {
        let size = side(tones.len());
        let soft = blurred(tones, radius * 0.4);
        let (mut along, mut across) = (Vec::with_capacity(tones.len()), Vec::with_capacity(tones.len()));
        for y in 0..size {
            for x in 0..size {
                let slope = slope(&soft, size, x, y) * (size as f32 / 128.0);
                along.push(slope.x * slope.x - slope.y * slope.y);
                across.push(2.0 * slope.x * slope.y);
            }
        }
        let (along, across) = (blurred(&along, radius), blurred(&across, radius));
        let own = |index: usize| {
            let p = vec2((index % size) as f32, (index / size) as f32) / size as f32;
            Vec2::from_angle(5.0 * noise.at(p * 2.6)) * 4e-5
        };
        let twice = (0..tones.len()).map(|k| vec2(along[k], across[k]) + own(k)).collect();
        Flow { size, twice }
    }

    /// The direction along the forms at a pixel, of length 1.
    pub fn along(&self, x: usize, y: usize) -> Vec2 {
        let twice = self.twice[y * self.size + x];
        Vec2::from_angle(0.5 * twice.y.atan2(twice.x)).perp()
    }
}

/// Each pixel's colour made anew from its place and index.
pub fn repaint(canvas: &mut Canvas, colour: impl Fn(usize, Vec2) -> Vec3) {
    let size = canvas.size;
    canvas.rgb = (0..size * size)
        .map(|index| colour(index, canvas.point(index % size, index / size)).clamp(Vec3::ZERO, Vec3::ONE))
        .collect();
}
