//! A lens and a film: what is out of focus, exposure and white balance, the film's curve, dark corners, grain.

use crate::canvas::Canvas;
use crate::math::{Vec3, clamp01, luminance, mix, saturated, smoothstep, vec2, vec3};
use crate::random::Rng;
use crate::styles::field::{blurred, blurred_colours, repaint};
use crate::styles::grain::Grain;

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    if random.chance(0.25) {
        let open = random.range(0.004, 0.011);
        defocus(canvas, open);
    }
    let crisp = random.range(0.1, 0.55);
    let soft = blurred_colours(&canvas.rgb, 1.0 / 96.0);
    let sharp: Vec<Vec3> =
        canvas.rgb.iter().zip(soft).map(|(&colour, soft)| colour + (colour - soft) * crisp).collect();
    let film = Film::any(random);
    let (dark, middle) = (random.range(0.0, 0.34), vec2(random.range(0.4, 0.6), random.range(0.4, 0.6)));
    let (grain, size) = (random.range(0.006, 0.032), random.range(100.0, 160.0));
    let noise = Grain::new(random);
    repaint(canvas, |index, p| {
        let corner = 1.0 - dark * smoothstep(0.25, 0.8, (p - middle).length());
        let colour = film.seen(sharp[index] * corner);
        let speck = noise.at(p * size) * grain * (0.5 + luminance(colour)) * (1.35 - luminance(colour));
        colour + speck
    });
}

struct Film {
    /// Exposure and white balance at once.
    gain: Vec3,
    contrast: f32,
    /// What black comes out as.
    black: Vec3,
    saturation: f32,
}

impl Film {
    fn any(random: &mut Rng) -> Film {
        let (warm, green) = (random.normal() * 0.035, random.normal() * 0.012);
        let faded = random.chance(0.2);
        Film {
            gain: vec3(1.0 + warm, 1.0 + green, 1.0 - warm) * random.range(0.92, 1.14),
            contrast: random.range(0.05, 0.45),
            black: if faded { vec3(0.07, 0.055, 0.06) * random.range(0.5, 1.2) } else { Vec3::splat(0.008) },
            saturation: if faded { random.range(0.7, 0.9) } else { random.range(0.88, 1.12) },
        }
    }

    fn seen(&self, colour: Vec3) -> Vec3 {
        let exposed = (colour * self.gain).max(Vec3::ZERO);
        // A shoulder in the lights instead of a cut, and an S round the middle.
        let curve = |v: f32| {
            let v = if v > 0.8 { 0.8 + 0.2 * (1.0 - (-(v - 0.8) / 0.2).exp()) } else { v };
            mix(v, v * v * (3.0 - 2.0 * v), self.contrast)
        };
        let curved = vec3(curve(exposed.x), curve(exposed.y), curve(exposed.z));
        self.black + saturated(curved, self.saturation) * (1.0 - self.black)
    }
}

/// Blurs what lies behind the thing in focus, without smearing that thing into it.
fn defocus(canvas: &mut Canvas, open: f32) {
    let focus = in_focus(canvas);
    let behind: Vec<f32> = canvas.depth.iter().map(|depth| smoothstep(0.08, 0.5, depth - focus)).collect();
    let weighted: Vec<Vec3> = canvas.rgb.iter().zip(&behind).map(|(&colour, &far)| colour * far).collect();
    let (colours, weights) = (blurred_colours(&weighted, open), blurred(&behind, open));
    for (index, colour) in canvas.rgb.iter_mut().enumerate() {
        if behind[index] > 0.0 && weights[index] > 1e-3 {
            *colour = colour.lerp(colours[index] / weights[index], clamp01(1.5 * behind[index]));
        }
    }
}

/// The depth of the nearest thing that takes up some room in the middle of the picture.
fn in_focus(canvas: &Canvas) -> f32 {
    let (from, to) = (canvas.size / 4, canvas.size * 3 / 4);
    let step = (canvas.size / 64).max(1);
    let mut depths: Vec<f32> = (from..to)
        .step_by(step)
        .flat_map(|y| (from..to).step_by(step).map(move |x| y * canvas.size + x))
        .map(|index| canvas.depth[index])
        .collect();
    let third = depths.len() / 3;
    *depths.select_nth_unstable_by(third, f32::total_cmp).1
}
