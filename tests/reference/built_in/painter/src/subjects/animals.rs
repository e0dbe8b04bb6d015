//! Animals, as solids in places.

mod birds;
mod butterfly;
mod cat;
mod coat;
mod creature;
mod dog;
mod duck;
mod elephant;
mod eye;
mod fish;
mod foreground;
mod haunts;
mod horse;
mod limb;
mod owl;
mod penguin;
mod perch;
mod pond;
mod quadruped;
mod rabbit;
mod sea;
mod stage;

use super::Subject;
use crate::picture::Picture;

const fn subject(name: &'static str, nouns: &'static [&'static str], course: bool, paint: fn(&mut Picture)) -> Subject {
    Subject { name, nouns, course, styles: None, paint }
}

pub const SUBJECTS: &[Subject] = &[
    subject("dog", &["a dog"], true, dog::dog),
    subject("cat", &["a cat"], false, cat::cat),
    subject("blue-bird", &["a blue bird"], false, birds::blue_bird),
    subject("bird", &["a bird"], false, birds::bird),
    subject("owl", &["an owl"], false, owl::owl),
    subject("penguin", &["a penguin"], false, penguin::penguin),
    subject("fish", &["a fish"], false, fish::fish),
    subject("horse", &["a horse"], false, horse::horse),
    subject("cow", &["a cow"], false, horse::cow),
    subject("rabbit", &["a rabbit"], false, rabbit::rabbit),
    subject("duck", &["a duck"], false, duck::duck),
    subject("elephant", &["an elephant"], false, elephant::elephant),
    subject("butterfly", &["a butterfly"], false, butterfly::butterfly),
];
