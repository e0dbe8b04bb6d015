//! What people built: villages, coasts, castles, cities. All stand on one stage (`stage`), on land with heights (`land`, `country`), and
//! are put together of faces (`build`) with skins (`skin`).

mod air;
mod amalfi;
mod boats;
mod build;
mod cabin;
mod castle;
mod chalets;
mod church;
mod city;
mod country;
mod land;
mod lighthouse;
mod skin;
mod stage;
mod tower;
mod trees;
mod valley;
mod village;
mod windmill;

use super::Subject;
use crate::picture::Picture;

pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "village",
        nouns: &["a snowy mountain village", "a mountain village in the snow", "a village in the snowy mountains"],
        course: true,
        styles: Some([0.2, 0.42, 0.12, 0.08, 0.12, 0.06]),
        paint: village::village,
    },
    Subject {
        name: "amalfi",
        nouns: &["the amalfi coast", "the amalfi cost", "a town on the amalfi coast"],
        course: true,
        styles: None,
        paint: amalfi::amalfi,
    },
    other("lighthouse", &["a lighthouse"], lighthouse::lighthouse),
    other("castle", &["a castle"], castle::castle),
    other("house-forest", &["a house in a forest", "a cabin in the woods", "a house in the woods"], cabin::cabin),
    other("city", &["a city", "a city skyline", "a city street"], city::city),
    other("tower", &["a tower"], tower::tower),
    other("church", &["a church"], church::church),
    other("windmill", &["a windmill"], windmill::windmill),
];

const fn other(name: &'static str, nouns: &'static [&'static str], paint: fn(&mut Picture)) -> Subject {
    Subject { name, nouns, course: false, styles: None, paint }
}
