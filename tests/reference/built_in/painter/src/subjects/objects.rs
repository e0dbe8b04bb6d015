//! Things by signed distances, standing in places.

use super::Subject;
use crate::backdrop::{INDOORS, OUTDOORS, Want, place};
use crate::math::{Vec3, rgb, smooth_min, vec3};
use crate::picture::Picture;
use crate::solid::{Material, Solid, distance::*};

pub const SUBJECTS: &[Subject] =
    &[Subject { name: "snowman", nouns: &["a snowman"], weight: 1.0, course: false, styles: None, paint: snowman }];

fn snowman(picture: &mut Picture) {
    let grounds = if picture.random.chance(0.1) { INDOORS } else { OUTDOORS };
    let place = place(picture, &Want { grounds, height: 1.6, share: (0.5, 0.85), down: (0.02, 0.3) });
    let (turn, big) = (picture.random.range(-0.8, 0.8), picture.random.range(0.42, 0.55));
    let body = |p: Vec3| {
        let low = sphere(p - vec3(0.0, big * 0.9, 0.0), big);
        let mid = sphere(p - vec3(0.0, big * 2.2, 0.0), big * 0.72);
        let head = sphere(p - vec3(0.0, big * 3.15, 0.0), big * 0.5);
        smooth_min(smooth_min(low, mid, 0.08), head, 0.06)
    };
    let nose = |p: Vec3| {
        cone(about_y(p, turn), vec3(0.0, big * 3.15, big * 0.45), vec3(0.0, big * 3.1, big * 0.95), 0.06, 0.01)
    };
    let snowman = Solid {
        distance: |p: Vec3| body(p).min(nose(p)),
        material: |p: Vec3, _| {
            if nose(p) < body(p) { Material::dull(rgb(0xe0762c)).part(1) } else { Material::dull(rgb(0xf2f4f8)) }
        },
        centre: vec3(0.0, big * 1.9, 0.0),
        radius: big * 2.3,
    };
    snowman.shadow(&mut picture.canvas, &place.camera, &place.light, 0.6);
    snowman.render(&mut picture.canvas, &place.camera, &place.light, place.haze);
}
