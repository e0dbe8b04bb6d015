//! Scenes of people and things out of doors.

use super::{Subject, boat, campfire, car, train};

/// Oil first: what the course shows the campfire as.
const CAMPFIRE_STYLES: [f32; 6] = [0.2, 0.44, 0.1, 0.08, 0.1, 0.08];

pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "campfire",
        nouns: &["people around a campfire", "people sitting around a campfire", "a campfire with people"],
        course: true,
        styles: Some(CAMPFIRE_STYLES),
        paint: campfire::campfire,
    },
    Subject {
        name: "red-car",
        nouns: &["a red car on a road", "a red car"],
        course: false,
        styles: None,
        paint: car::car,
    },
    Subject { name: "train", nouns: &["a train"], course: false, styles: None, paint: train::train },
    Subject {
        name: "boat",
        nouns: &["a boat", "a sailboat", "a sailing boat"],
        course: false,
        styles: None,
        paint: boat::boat,
    },
];
