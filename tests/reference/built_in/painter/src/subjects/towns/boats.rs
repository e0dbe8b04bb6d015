//! Small boats: a hull with a cabin, a sail or oars, and its wake.

use super::build::Frame;
use super::skin::{Grain, Skin};
use super::stage::{Look, Stage};
use crate::canvas::Canvas;
use crate::math::{Vec3, rgb, vec2};
use crate::random::Rng;

pub fn boat(stage: &mut Stage, canvas: &mut Canvas, at: Vec3, random: &mut Rng, scale: f32) {
    let frame = Frame::new(at, random.range(-1.5, 1.5));
    let long = random.range(3.2, 5.5) * scale;
    let wide = long * 0.3;
    let high = long * 0.26;
    let hull = *random.pick(&[0xf4f4f0, 0xf4f4f0, 0x2c5c8c, 0xc84434, 0x8c5c34].map(rgb));
    canvas.begin(Stage::depth(-at.z));
    let point = |x: f32, y: f32, z: f32| frame.at(x, y, z);
    for side in [1.0, -1.0] {
        let z = side * wide;
        let corners = [
            point(-long, 0.0, z * 0.8),
            point(long * 0.7, 0.0, z * 0.7),
            point(long * 1.15, high, 0.0),
            point(-long * 1.05, high, z),
        ];
        let back = [corners[1], corners[0], corners[3], corners[2]];
        stage.face(canvas, 0, &corners, |_| Look::dull(hull));
        stage.face(canvas, 0, &back, |_| Look::dull(hull * 0.9));
    }
    let deck = [point(-long, high * 0.9, wide), point(long * 1.1, high * 0.9, 0.0), point(-long, high * 0.9, -wide)];
    stage.face(canvas, 1, &deck, |_| Look::dull(rgb(0xc89c68)));
    let white = Skin::new(rgb(0xf4f2ec), Grain::Plaster);
    if random.chance(0.45) {
        let mast = high + long * 2.6;
        stage.block(canvas, &frame.moved(0.1 * long, high, 0.0), vec2(0.12, 0.12) * scale, mast - high, &white, &white);
        let sail = [point(0.0, high * 1.6, 0.0), point(-long * 1.1, high * 1.6, 0.3), point(0.0, mast, 0.0)];
        for corners in [sail, [sail[1], sail[0], sail[2]]] {
            stage.face(canvas, 2, &corners, |_| Look { colour: rgb(0xf6f2e6), lamp: 0.0 });
        }
    } else {
        stage.block(
            canvas,
            &frame.moved(-0.2 * long, high * 0.9, 0.0),
            vec2(long * 0.35, wide * 0.6),
            high * 1.1,
            &white,
            &white,
        );
    }
}
