//! Places at home: a sofa, a window sill, a floor before a wall. The animal stands on y = 0.

use crate::backdrop::{Ground, Place, Want, lamp, view, wall_colour};
use crate::canvas::Mask;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::shape::Shape;
use crate::solid::{Camera, Light};
use crate::weather::Weather;

const CLOTHS: &[u32] =
    &[0x7a3b34, 0x3f5a70, 0x6a6f4a, 0xa88f70, 0x4a4448, 0xb0a89c, 0x8c5a3c, 0x345048, 0x9c8494, 0xc8a050];

/// Where a level line at (y, z) is seen.
fn line(camera: &Camera, y: f32, z: f32) -> f32 {
    camera.seen(vec3(0.0, y, z)).map_or(0.0, |(place, _)| place.y)
}

fn at_home(picture: &mut Picture, want: &Want) -> (Place, f32) {
    let weather = Weather::any(&mut picture.random);
    let (camera, far) = view(&mut picture.random, want);
    let light = lamp(&mut picture.random);
    (Place { ground: Ground::Studio, camera, light, weather, haze: None }, far)
}

/// A wall with a spot of light, darker towards the edges.
fn wall(picture: &mut Picture, light: &Light) {
    let colour = wall_colour(picture);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let (spot, fade) = (vec2(0.5 + 0.4 * light.to.x, random.range(0.0, 0.5)), random.range(0.35, 0.7));
    let (stripe, strong) = (random.range(12.0, 30.0), if random.chance(0.35) { random.range(0.05, 0.14) } else { 0.0 });
    picture.canvas.begin(0.95);
    picture.canvas.cover(|p| {
        let fall = mix(1.12, fade, smoothstep(0.0, 0.9, (p - spot).length()));
        colour * (fall + 0.05 * noise.fractal(p * 4.0, 3, 0.5) + strong * (p.x * stripe * 3.0).sin().signum())
    });
}

fn cushion(picture: &mut Picture, shape: &Shape, colour: Vec3, centre: Vec2, half: Vec2, light: &Light) {
    let noise = Noise::new(&mut picture.random);
    picture.canvas.fill(shape, |p| {
        let off = (p - centre) / half;
        let round = 1.0 - 0.35 * (off.x * off.x).powi(2) - 0.3 * (off.y * off.y).powi(2);
        let lit = 0.8 + 0.2 * off.x * light.to.x.signum() - 0.18 * off.y;
        colour * (round * lit + 0.07 * noise.fractal(p * 26.0, 2, 0.6) + 0.08 * noise.at(p * 5.0))
    });
}

pub fn sofa(picture: &mut Picture, want: &Want) -> Place {
    let (place, _) = at_home(picture, want);
    wall(picture, &place.light);
    let cloth = rgb(*picture.random.pick(CLOTHS)) * picture.random.range(0.8, 1.1);
    let random = &mut picture.random;
    let unit = want.height;
    let behind = -random.range(0.5, 0.8) * unit;
    let back = line(&place.camera, random.range(0.55, 1.1) * unit.min(1.4), behind);
    let (seam, joint) = (line(&place.camera, 0.0, behind), random.range(0.2, 0.8));
    picture.canvas.begin(0.8);
    for (left, right) in [(joint - 0.9, joint), (joint, joint + 0.9)] {
        let shape = Shape::blob(&[
            vec2(left + 0.01, back + 0.05),
            vec2(left + 0.08, back),
            vec2(right - 0.08, back),
            vec2(right - 0.01, back + 0.05),
            vec2(right - 0.01, seam + 0.1),
            vec2(left + 0.01, seam + 0.1),
        ]);
        let (centre, half) = (vec2((left + right) * 0.5, (back + seam) * 0.5), vec2(0.48, (seam - back) * 0.6 + 0.02));
        cushion(picture, &shape, cloth * 0.9, centre, half, &place.light);
        picture.canvas.part(1, 0.8);
    }
    if picture.random.chance(0.6) {
        let random = &mut picture.random;
        let colour = rgb(*random.pick(CLOTHS));
        let (x, wide) = (
            if random.chance(0.5) { random.range(0.0, 0.22) } else { random.range(0.78, 1.0) },
            random.range(0.12, 0.2),
        );
        let centre = vec2(x, seam - wide * 0.7);
        let angle = random.range(-0.4, 0.4);
        let corners = [vec2(-1.0, -1.0), vec2(1.0, -1.0), vec2(1.0, 1.0), vec2(-1.0, 1.0)]
            .map(|corner| centre + crate::math::turned(corner * wide, angle));
        picture.canvas.begin(0.75);
        cushion(picture, &Shape::blob(&corners), colour, centre, vec2(wide, wide) * 1.25, &place.light);
    }
    let noise = Noise::new(&mut picture.random);
    let front = line(&place.camera, 0.0, 0.75 * unit);
    picture.canvas.begin(0.6);
    picture.canvas.fill(&Shape::rect(-0.1, seam, 1.1, 1.2), |p| {
        let deep = clamp01((p.y - seam) / (front - seam).max(0.05));
        let edge = smoothstep(0.92, 1.02, deep);
        cloth * (mix(0.62, 1.08, deep.powf(0.6)) * mix(1.0, 0.6, edge) + 0.07 * noise.fractal(p * 24.0, 2, 0.6))
    });
    picture.detail_of(&["on a sofa", "on a couch"]);
    place
}

pub fn room(picture: &mut Picture, want: &Want) -> Place {
    let (place, far) = at_home(picture, want);
    wall(picture, &place.light);
    let random = &mut picture.random;
    let behind = -random.range(0.7, 2.2) * want.height;
    let edge = line(&place.camera, 0.0, behind).max(0.15);
    let wood = rgb(*random.pick(&[0x8a5a34, 0x6a4428, 0xb08a5c, 0x503828, 0x9a8c7c, 0xa04838, 0x4c5c50]));
    let (boards, angle) = (random.range(3.0, 7.0) / far, random.range(-1.5, 1.5));
    let noise = Noise::new(random);
    let skirting = rgb(*random.pick(&[0xe8e4da, 0x4a3a2c, 0x8a8478]));
    let camera = place.camera;
    picture.canvas.begin(0.7);
    picture.canvas.fill(&Shape::rect(-0.1, edge, 1.1, 1.2), |p| {
        let at = camera.ground(p).unwrap_or_default();
        let q = crate::math::turned(vec2(at.x, at.z), angle) * boards * 2.0;
        let seam = smoothstep(0.05, 0.0, (q.x.fract() - 0.5).abs() - 0.45 + 0.03);
        let board = noise.lattice(q.x.floor() as i32, 3, 5);
        let grain = noise.at(vec2(q.x * 9.0, q.y * 0.8));
        wood * (0.62 + 0.1 * board + 0.08 * grain + 0.3 * clamp01((p.y - edge) * 1.2)) * mix(0.8, 1.0, seam)
    });
    picture.canvas.begin(0.8);
    picture.canvas.flat(&Shape::rect(-0.1, edge - 0.035, 1.1, edge), skirting * 0.75);
    picture.detail_of(&["in a room", "at home", "on the floor"]);
    place
}

pub fn sill(picture: &mut Picture, want: &Want) -> Place {
    let (mut place, _) = at_home(picture, want);
    let random = &mut picture.random;
    place.weather = Weather::any(random);
    let weather = place.weather;
    place.light.to =
        vec3(random.sign() * random.range(0.6, 1.0), random.range(0.4, 0.8), random.range(0.0, 0.5)).normalize();
    if !weather.dark() {
        place.light.colour = weather.light.colour * 1.05;
    }
    let horizon = random.range(0.35, 0.75);
    let seam = line(&place.camera, 0.0, -0.45 * want.height);
    weather.paint_sky(&mut picture.canvas, horizon);
    let noise = Noise::new(&mut picture.random);
    let random = &mut picture.random;
    let leaves = rgb(*random.pick(&[0x4a6a34, 0x6a7a3c, 0x8c6a34, 0x3a5a48]));
    let wavy = random.range(2.0, 6.0);
    picture.canvas.begin(0.97);
    let below: Mask = picture.canvas.everywhere();
    picture.canvas.glaze(&below, |p| {
        let top = horizon + 0.12 * noise.fractal(vec2(p.x * wavy, 1.0), 3, 0.5);
        let colour = weather.lit(leaves) * (0.9 + 0.4 * noise.fractal(p * 7.0, 3, 0.55));
        colour.extend(smoothstep(-0.03, 0.03, p.y - top))
    });
    let frame = rgb(*picture.random.pick(&[0xe8e4da, 0xd8d0c0, 0x5a4030, 0x4a4a48, 0x8a9c98]))
        * if weather.dark() { 0.45 } else { 0.75 };
    let thick = picture.random.range(0.02, 0.045);
    let (bar, cross) = (picture.random.range(0.15, 0.85), picture.random.range(0.05, 0.4));
    picture.canvas.begin(0.85);
    for x in [bar - 0.62, bar, bar + 0.62] {
        picture
            .canvas
            .fill(&Shape::rect(x - thick, -0.1, x + thick, seam), |p| frame * (1.0 + 0.3 * (p.x - x) / thick));
    }
    picture.canvas.flat(&Shape::rect(-0.1, cross - thick * 0.7, 1.1, cross + thick * 0.7), frame * 0.95);
    let front = line(&place.camera, 0.0, 0.5 * want.height);
    picture.canvas.begin(0.6);
    picture.canvas.fill(&Shape::rect(-0.1, seam, 1.1, 1.2), |p| {
        let edge = smoothstep(front - 0.005, front + 0.005, p.y);
        frame * (1.15 + 0.05 * noise.fractal(vec2(p.x * 4.0, p.y * 20.0), 2, 0.5)) * mix(1.0, 0.55, edge)
    });
    picture.detail_of(&["on a window sill", "by a window"]);
    place
}
