//! Oil: strokes of three sizes, coarse to fine, along the forms; a warm, rich palette; light that rakes over the thick paint.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, luminance, mix, rgb, vec2, vec3};
use crate::random::Rng;
use crate::styles::field::{Flow, blurred_colours, busy, repaint, tones, vivid};
use crate::styles::grain::Grain;
use crate::styles::strokes::{Paint, Stroke};

pub fn apply(canvas: &mut Canvas, random: &mut Rng) {
    let mut hand = Hand::any(random);
    hand.suit(&tones(&canvas.rgb));
    let noise = Grain::new(random);
    let seen: Vec<Vec3> = canvas.rgb.iter().map(|&colour| hand.mixed(colour)).collect();
    let flow = Flow::of(&tones(&seen), 0.03, noise);
    let mut paint = underpainting(&seen, canvas.size, &hand);
    for (layer, &(width, length, error)) in LAYERS.iter().enumerate() {
        let wanted = blurred_colours(&seen, width * hand.size * 0.6);
        let brush =
            Brush { width: width * hand.size, length: length * hand.size * hand.long, error, layer: layer as i32 };
        brush.cover(&mut paint, &wanted, &flow, &hand, noise, random);
    }
    rake(canvas, &paint, &hand);
}

/// Half widths and half lengths of the strokes, and how wrong a place must be to be painted over.
const LAYERS: [(f32, f32, f32); 3] = [(0.026, 0.085, 0.0), (0.017, 0.055, 0.1), (0.0095, 0.026, 0.11)];

/// How this painter paints.
struct Hand {
    size: f32,
    long: f32,
    jitter: f32,
    saturation: f32,
    contrast: f32,
    warmth: Vec3,
    ground: Vec3,
    thickness: f32,
    light: Vec2,
}

impl Hand {
    fn any(random: &mut Rng) -> Hand {
        let warmth = [vec3(1.07, 1.0, 0.86), vec3(1.04, 1.0, 0.93), vec3(1.09, 0.98, 0.84), vec3(1.0, 1.0, 0.98)];
        let grounds = [0x6a4426, 0x8a5c34, 0x4a3020, 0x7c5a48, 0x9c7a44].map(rgb);
        Hand {
            size: random.range(0.8, 1.2),
            long: random.range(0.8, 1.25),
            jitter: random.range(0.05, 0.1),
            saturation: random.range(1.12, 1.5),
            contrast: random.range(0.1, 0.5),
            warmth: *random.pick(&warmth),
            ground: *random.pick(&grounds),
            thickness: random.range(0.32, 0.62),
            light: Vec2::from_angle(random.range(3.5, 5.5)),
        }
    }

    /// Dark pictures are painted lighter, up to a half (paint has no light of its own), busy ones with smaller strokes.
    fn suit(&mut self, tones: &[f32]) {
        self.size *= mix(1.0, 0.66, busy(tones));
        let mean = tones.iter().sum::<f32>() / tones.len() as f32;
        self.warmth *= (0.36 / mean.max(0.02)).powf(0.4).clamp(1.0, 1.45);
    }

    /// A colour as this palette gives it.
    fn mixed(&self, colour: Vec3) -> Vec3 {
        let rich = vivid(colour, self.saturation) * self.warmth;
        let deep = rich.clamp(Vec3::ZERO, Vec3::ONE);
        deep.lerp(deep * deep * (3.0 - 2.0 * deep), self.contrast)
    }
}

fn underpainting(seen: &[Vec3], size: usize, hand: &Hand) -> Paint {
    let colour = seen.iter().map(|&colour| (colour * 0.6).lerp(hand.ground, 0.45)).collect();
    Paint { size, colour, height: vec![0.0; size * size] }
}

struct Brush {
    width: f32,
    length: f32,
    error: f32,
    layer: i32,
}

impl Brush {
    /// Strokes in any order all over `paint`, where it is not yet as wanted.
    fn cover(&self, paint: &mut Paint, wanted: &[Vec3], flow: &Flow, hand: &Hand, noise: Grain, random: &mut Rng) {
        let across = (1.0 / (self.width * 1.85)) as usize;
        let mut cells: Vec<usize> = (0..across * across).collect();
        random.shuffle(&mut cells);
        for cell in cells {
            let jitter = vec2(random.range(-0.6, 0.6), random.range(-0.6, 0.6));
            let shade = vec3(random.normal(), random.normal(), random.normal());
            let turn = random.normal() * 0.16;
            let middle = (vec2((cell % across) as f32, (cell / across) as f32) + 0.5 + jitter) / across as f32;
            let index = pixel(middle, paint.size);
            let colour = wanted[index];
            if (colour - paint.colour[index]).length() < self.error {
                continue;
            }
            let along = Vec2::from_angle(turn).rotate(flow.along(index % paint.size, index / paint.size));
            let length = self.reach(middle, along, colour, wanted, paint.size);
            // One lightness for all channels, and a little of each: paints mixed on the palette.
            let light = hand.jitter * (Vec3::splat(shade.x * 0.8) + vec3(shade.y, -0.3 * shade.y, shade.z) * 0.35);
            let ahead = pixel(middle + along * length, paint.size);
            let turned = flow.along(ahead % paint.size, ahead / paint.size);
            let turned = turned * turned.dot(along).signum();
            paint.stroke(
                &Stroke {
                    middle,
                    along,
                    length,
                    width: self.width,
                    bend: (0.5 * along.perp_dot(turned)).clamp(-0.4, 0.4),
                    colour: colour * (1.0 + light * 1.6) + light * 0.25,
                    opacity: 0.93,
                    number: self.layer * 100_000 + cell as i32,
                },
                noise,
            );
        }
    }

    /// How long a stroke may be before it leaves the colour that it has.
    fn reach(&self, middle: Vec2, along: Vec2, colour: Vec3, wanted: &[Vec3], size: usize) -> f32 {
        for step in 1..=4 {
            let length = self.length * step as f32 / 4.0;
            let differs = |p: Vec2| (wanted[pixel(p, size)] - colour).length() > 0.17;
            if differs(middle + along * length) || differs(middle - along * length) {
                return length.max(1.5 * self.width);
            }
        }
        self.length
    }
}

fn pixel(p: Vec2, size: usize) -> usize {
    let at = |v: f32| (v * size as f32).clamp(0.0, size as f32 - 1.0) as usize;
    at(p.y) * size + at(p.x)
}

/// Light over the heights of the paint: a lit and a shaded side to each ridge.
fn rake(canvas: &mut Canvas, paint: &Paint, hand: &Hand) {
    let size = paint.size;
    let step = hand.light * (0.004f32).max(0.8 / size as f32);
    let height = |p: Vec2| paint.height[pixel(p, size)];
    repaint(canvas, |index, p| {
        let lit = (height(p + step) - height(p - step)) * hand.thickness;
        let colour = paint.colour[index];
        let shine = mix(0.7, 1.0, luminance(colour));
        colour * (1.0 + lit * shine) + Vec3::splat(0.2 * lit.max(0.0))
    });
}
