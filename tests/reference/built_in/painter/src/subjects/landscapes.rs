//! Landscapes: what land, water and sky are the subject of.

use super::{Subject, heavens, peaks, sea, tree, waterfall, wilds};
use crate::picture::Picture;

/// Lithographs first: what the course shows waterfalls as.
const WATERFALL_STYLES: [f32; 6] = [0.22, 0.24, 0.3, 0.08, 0.1, 0.06];

pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "waterfalls",
        nouns: &["waterfalls", "a waterfall"],
        course: true,
        styles: Some(WATERFALL_STYLES),
        paint: waterfall::waterfalls,
    },
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
