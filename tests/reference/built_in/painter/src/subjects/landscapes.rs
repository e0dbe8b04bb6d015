//! Out of doors: land, water and sky, and what people do and drive there.

mod boat;
mod campfire;
mod car;
mod cliff;
mod country;
mod falls;
mod figures;
mod fire;
mod heavens;
mod nature;
mod peaks;
mod sea;
mod train;
mod tree;
mod waterfall;
mod wilds;

use super::Subject;
use crate::picture::Picture;

/// Lithographs first: what the course shows waterfalls as.
const WATERFALL_STYLES: [f32; 6] = [0.22, 0.24, 0.3, 0.08, 0.1, 0.06];

/// Oil first: what the course shows the campfire as.
const CAMPFIRE_STYLES: [f32; 6] = [0.2, 0.44, 0.1, 0.08, 0.1, 0.08];

pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "waterfalls",
        nouns: &["waterfalls", "a waterfall"],
        course: true,
        styles: Some(WATERFALL_STYLES),
        paint: waterfall::waterfalls,
    },
    Subject {
        name: "campfire",
        nouns: &["people around a campfire", "people sitting around a campfire", "a campfire with people"],
        course: true,
        styles: Some(CAMPFIRE_STYLES),
        paint: campfire::campfire,
    },
    other("red-car", &["a red car on a road", "a red car"], car::car),
    other("train", &["a train"], train::train),
    other("boat", &["a boat", "a sailboat", "a sailing boat"], boat::boat),
    other("sunset-sea", &["a sunset over the sea", "the sun setting over the ocean"], sea::sunset),
    other("mountain-lake", &["a mountain lake", "mountains by a lake"], peaks::mountain_lake),
    other("tree", &["a tree"], tree::tree),
    other("forest", &["a forest"], wilds::forest),
    other("moon", &["the moon", "a full moon"], heavens::moon),
    other("night-sky", &["a starry night sky", "the night sky"], heavens::night_sky),
    other("desert", &["a desert"], wilds::desert),
    other("volcano", &["a volcano"], peaks::volcano),
];

const fn other(name: &'static str, nouns: &'static [&'static str], paint: fn(&mut Picture)) -> Subject {
    Subject { name, nouns, course: false, styles: None, paint }
}
