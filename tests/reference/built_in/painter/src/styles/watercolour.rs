//! Watercolour: transparent washes in few tones, dark at their rims, grained by the paper, run into one another; paper left white.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, luminance, mix, rgb, smoothstep, vec2, vec3};
use crate::random::Rng;
use crate::styles::field::{blurred, busy, flattened, relit, repaint, tones, vivid};
use crate::styles::grain::Grain;

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    let mut wash = Wash::any(random);
    let busy = busy(&tones(&canvas.rgb));
    (wash.loose, wash.wobble) = (wash.loose * mix(1.0, 0.45, busy), wash.wobble * mix(1.0, 0.5, busy));
    let flat = flattened(&canvas.rgb, wash.loose);
    let pale = |&colour: &Vec3| vivid(colour, wash.saturation).clamp(Vec3::splat(0.05), Vec3::ONE);
    let flat: Vec<Vec3> = relit(&flat, wash.darkest, 0.25).iter().map(pale).collect();
    let size = canvas.size;
    let at = |p: Vec2| {
        let to = |v: f32| (v * size as f32).clamp(0.0, size as f32 - 1.0) as usize;
        flat[to(p.y) * size + to(p.x)]
    };
    let point = |index: usize| vec2((index % size) as f32 + 0.5, (index / size) as f32 + 0.5) / size as f32;
    // How thick the pigment lies, before it has run to the rims.
    let colours: Vec<Vec3> = (0..size * size).map(|k| at(wash.run(point(k)))).collect();
    let layers: Vec<f32> = (0..size * size).map(|k| wash.layer(luminance(colours[k]), point(k))).collect();
    let around = blurred(&layers, 0.016);
    repaint(canvas, |index, p| {
        let colour = colours[index];
        let rim = (layers[index] - around[index]).max(0.0);
        let thick = wash.thickness(p, layers[index], luminance(colour)) * (1.0 + wash.rims * rim);
        let through = vec3(pass(colour.x, thick), pass(colour.y, thick), pass(colour.z, thick));
        let tooth = 1.0 + 0.02 * wash.noise.at(p * 75.0);
        wash.paper * through * tooth
    });
}

/// Light that passes a pigment `thick` times as strong as `colour`.
fn pass(colour: f32, thick: f32) -> f32 {
    clamp01(colour).max(0.03).powf(thick)
}

struct Wash {
    noise: Grain,
    paper: Vec3,
    /// The size of what is painted at once.
    loose: f32,
    tones: f32,
    rims: f32,
    grain: f32,
    darkest: f32,
    saturation: f32,
    wobble: f32,
    /// White left at each border, left, top, right, bottom.
    margins: [f32; 4],
}

impl Wash {
    fn any(random: &mut Rng) -> Wash {
        let noise = Grain::new(random);
        let mut margin = || if random.chance(0.4) { random.range(0.01, 0.07) } else { -0.2 };
        let margins = [margin(), margin(), margin(), margin()];
        Wash {
            noise,
            paper: *random.pick(&[0xfbfaf5, 0xf8f4ea, 0xfdfcfa, 0xf5f2ec].map(rgb)),
            loose: random.range(0.011, 0.024),
            tones: random.range(3.0, 5.0),
            rims: random.range(2.2, 4.5),
            grain: random.range(0.12, 0.35),
            darkest: random.range(0.2, 0.38),
            saturation: random.range(1.0, 1.4),
            wobble: random.range(0.008, 0.018),
            margins,
        }
    }

    /// Where the paint at `p` came from: it has run.
    fn run(&self, p: Vec2) -> Vec2 {
        let step = |seed: f32| self.noise.fractal(p * 13.0 + seed, 2, 0.6);
        p + self.wobble * vec2(step(0.0), step(50.0))
    }

    /// How many washes lie over one another here, as darkness in [0, 1]: few levels with uneven borders.
    fn layer(&self, tone: f32, p: Vec2) -> f32 {
        let dark = (1.0 - tone) * self.tones + 0.3 * self.noise.at(p * 9.0);
        let (level, part) = (dark.floor(), dark.fract());
        (level + smoothstep(0.42, 0.58, part)).max(0.0) / self.tones
    }

    fn thickness(&self, p: Vec2, layer: f32, tone: f32) -> f32 {
        let dark = (1.0 - tone).max(0.04);
        let stepped = mix(1.0, (layer / dark).clamp(0.3, 1.8), 0.6);
        let bloom = 1.0 + 0.35 * self.noise.fractal(p * 3.5 + 17.0, 3, 0.5);
        let grains = 1.0 + self.grain * self.noise.fractal(p * 58.0, 2, 0.7);
        let reserved = smoothstep(0.05, 0.17, dark);
        stepped * bloom * grains * reserved * self.within(p)
    }

    /// 0 on the white border, 1 within, more where the wash dried at its edge.
    fn within(&self, p: Vec2) -> f32 {
        let [left, top, right, bottom] = self.margins;
        let inside = (p.x - left).min(p.y - top).min(1.0 - right - p.x).min(1.0 - bottom - p.y);
        let edge = inside + 0.045 * self.noise.fractal(p * 6.0 + 80.0, 3, 0.55);
        smoothstep(0.0, 0.012, edge) * (1.0 + 0.6 * smoothstep(0.045, 0.01, edge))
    }
}
