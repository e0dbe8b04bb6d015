//! Things by signed distances, standing in places. The three of the course first.

mod balloon;
mod bicycle;
mod book;
mod candle;
mod clock;
mod desk;
mod flowers;
mod fruit;
mod guitar;
mod mushroom;
mod pencil;
mod robot;
mod rocket;
mod rocket_body;
mod skull;
mod smoke;
mod snowman;
mod space;
mod stage;
mod teapot;
mod umbrella;

use super::Subject;

const fn course(
    name: &'static str,
    nouns: &'static [&'static str],
    paint: fn(&mut crate::picture::Picture),
) -> Subject {
    Subject { name, nouns, course: true, styles: None, paint }
}

const fn other(name: &'static str, nouns: &'static [&'static str], paint: fn(&mut crate::picture::Picture)) -> Subject {
    Subject { course: false, ..course(name, nouns, paint) }
}

pub const SUBJECTS: &[Subject] = &[
    Subject {
        styles: Some([0.2, 0.22, 0.34, 0.1, 0.06, 0.08]),
        ..course("skull", &["a skull", "a human skull"], skull::skull)
    },
    course("rocket", &["a rocket ship", "a rocket"], rocket::rocket),
    course("pencil", &["a pencil"], pencil::pencil),
    other("fruit-bowl", &["a bowl of fruit"], fruit::bowl),
    other("apple", &["an apple"], fruit::apple),
    other("flowers", &["a vase of flowers", "flowers in a vase"], flowers::flowers),
    other("robot", &["a robot"], robot::robot),
    other("snowman", &["a snowman"], snowman::snowman),
    other("mushroom", &["a mushroom"], mushroom::mushroom),
    other("clock", &["a clock"], clock::clock),
    other("guitar", &["a guitar"], guitar::guitar),
    other("umbrella", &["an umbrella"], umbrella::umbrella),
    other("teapot", &["a teapot"], teapot::teapot),
    other("book", &["a book"], book::book),
    other("bicycle", &["a bicycle"], bicycle::bicycle),
    other("hot-air-balloon", &["a hot air balloon"], balloon::balloon),
    other("candle", &["a candle"], candle::candle),
];
