//! What grows or falls before an animal: grass and flowers round its feet, flakes of snow.

use super::stage::Stage;
use crate::backdrop::Ground;
use crate::math::{Vec3, hsv, vec2};
use crate::picture::Picture;
use crate::shape::Shape;
use crate::weather::Time;

/// To be painted after the animal that stands at the origin.
pub fn foreground(picture: &mut Picture, stage: &Stage) {
    match stage.place.ground {
        Ground::Meadow if picture.random.chance(0.75) => grass(picture, stage),
        Ground::Snow if stage.place.weather.time != Time::Day && picture.random.chance(0.45) => flakes(picture, stage),
        _ => {}
    }
}

fn grass(picture: &mut Picture, stage: &Stage) {
    let Some((foot, _)) = stage.place.camera.seen(Vec3::ZERO) else { return };
    let from = foot.y + 0.012;
    if from > 0.98 {
        return;
    }
    let random = &mut picture.random;
    let (count, tall) = (random.int(50, 150), random.range(0.03, 0.11));
    let flowers = random.chance(0.3);
    let petal = stage.place.weather.lit(hsv(random.unit(), random.range(0.0, 0.8), 1.0));
    let mut rows: Vec<f32> = (0..count).map(|_| random.unit()).collect();
    rows.sort_by(f32::total_cmp);
    for near in rows {
        let random = &mut picture.random;
        let root = vec2(random.range(-0.02, 1.02), from + (1.04 - from) * near);
        let high = tall * random.range(0.5, 1.2) * (0.6 + 0.9 * near);
        let tip = root + vec2(random.range(-0.4, 0.4) * high, -high);
        let shade = random.range(0.6, 1.45);
        let canvas = &mut picture.canvas;
        let last = canvas.size - 1;
        let pixel = |v: f32| ((v * canvas.size as f32) as usize).min(last);
        let index = pixel(root.y) * canvas.size + pixel(root.x.max(0.0));
        if canvas.depth[index] < 0.65 {
            continue;
        }
        let colour = canvas.rgb[index] * vec3_of(shade);
        let half = vec2(0.006 + 0.006 * near, 0.0);
        let bend = root.lerp(tip, 0.55) + vec2((root.x - tip.x) * 0.25, 0.0);
        canvas.begin(0.68);
        canvas.flat(&Shape::polygon(&[root - half, bend - half * 0.7, tip, bend + half * 0.7, root + half]), colour);
        if flowers && picture.random.chance(0.25) {
            picture.canvas.flat(&Shape::circle(tip, 0.009 + 0.009 * near), petal);
        }
    }
}

fn vec3_of(shade: f32) -> Vec3 {
    // Sunlit blades are yellower.
    Vec3::new(shade.powf(1.1), shade, shade.powf(0.8))
}

fn flakes(picture: &mut Picture, stage: &Stage) {
    let light = stage.place.light;
    let colour = (light.colour * 0.7 + light.ambient * 1.1).min(Vec3::ONE);
    for _ in 0..picture.random.int(30, 110) {
        let random = &mut picture.random;
        let (at, radius) = (vec2(random.unit(), random.unit()), random.range(0.003, 0.011));
        let opacity = random.range(0.4, 0.95);
        picture.canvas.begin(0.1);
        let mask = picture.canvas.mask(&Shape::circle(at, radius));
        picture.canvas.glaze(&mask, |_| colour.extend(opacity));
    }
}
