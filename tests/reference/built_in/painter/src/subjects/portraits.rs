//! People from the chest up or less: men, old men, men with hats, baristas, women, children. Who they are, how they hold their head,
//! where they are and how they are lit differ from picture to picture.

mod cafe;
mod clothes;
mod grounds;
mod hair;
mod hats;
mod head;
mod lamps;
mod person;
mod relief;
mod sitter;

use super::Subject;
use crate::math::{Vec2, vec2};
use crate::picture::Picture;
use crate::styles::Style;
use grounds::Behind;
use hair::Hair;
use person::{Glasses, Kind, Person};
use sitter::{Pose, TO_GROUND};

const fn subject(
    name: &'static str,
    nouns: &'static [&'static str],
    course: bool,
    styles: Option<[f32; 6]>,
    paint: fn(&mut Picture),
) -> Subject {
    Subject { name, nouns, course, styles, paint }
}

pub const SUBJECTS: &[Subject] = &[
    subject("man", &["a man"], true, None, |picture| portrait(picture, Kind::Man)),
    subject("old-man", &["an old man", "an elderly man"], true, Some([0.2, 0.4, 0.16, 0.1, 0.08, 0.06]), |picture| {
        portrait(picture, Kind::OldMan)
    }),
    subject("man-with-hat", &["a man wearing a hat", "a man in a hat"], true, None, |picture| {
        portrait(picture, Kind::HatMan)
    }),
    subject("hipster-barista", &["a hipster barista", "a barista"], true, None, cafe::barista),
    subject("red-haired-woman", &["a woman with red hair", "a redheaded woman"], false, None, |picture| {
        portrait(picture, Kind::RedWoman)
    }),
    subject("woman", &["a woman"], false, None, |picture| portrait(picture, Kind::Woman)),
    subject("child", &["a child"], false, None, child),
];

fn child(picture: &mut Picture) {
    let girl = picture.random.chance(0.5);
    picture.noun = Some(if girl { "a girl" } else { "a boy" }.into());
    portrait(picture, if girl { Kind::Girl } else { Kind::Boy });
}

fn portrait(picture: &mut Picture, kind: Kind) {
    let mut person = Person::any(kind, &mut picture.random);
    let graphic = !matches!(picture.style, Style::Photo | Style::Oil);
    person.standing =
        !picture.dense && !graphic && picture.random.chance(if kind == Kind::OldMan { 0.03 } else { 0.13 });
    let (head, scale) = if person.standing { full_length(picture) } else { framing(picture, &person) };
    let behind = behind(picture, scale);
    let lamps = grounds::paint(picture, behind, head, scale).exposed(person.skin);
    let lamps = if graphic { lamps.plain() } else { lamps };
    let pose = Pose::any(picture, head, scale, lamps.to);
    sitter::paint(picture, &person, &pose, &lamps);
    describe(picture, &person, &pose);
}

/// From head to foot, small in a wide place.
fn full_length(picture: &mut Picture) -> (Vec2, f32) {
    let scale = picture.random.range(0.058, 0.076);
    let feet = picture.random.range(0.86, 0.97);
    (vec2(picture.random.range(0.22, 0.78), feet - scale * TO_GROUND), scale)
}

/// Where the head is and how large: from a face that fills the frame to a small figure.
fn framing(picture: &mut Picture, person: &Person) -> (Vec2, f32) {
    let (dense, graphic) = (picture.dense, !matches!(picture.style, Style::Photo | Style::Oil));
    let random = &mut picture.random;
    let scale = if dense {
        random.range(0.36, 0.52)
    } else {
        let (low, high) =
            [(0.13, 0.19), (0.19, 0.27), (0.27, 0.38)][random.weighted(&[if graphic { 0.0 } else { 0.2 }, 0.4, 0.4])];
        random.range(low, high)
    };
    // A hat needs room above.
    let room = if person.hat.is_some() { 1.75 } else { 1.15 };
    let big = matches!(person.hair, Hair::Afro | Hair::Curly | Hair::Bun);
    let scale = if person.hat.is_some() {
        scale.min(0.38)
    } else if big {
        scale * 0.85
    } else {
        scale
    };
    let loose = (0.42 - 0.75 * scale).max(0.07);
    let x = 0.5 + random.range(-loose, loose);
    let top = (scale * room).min(0.62);
    let y = if dense { random.range(0.44, 0.56) } else { random.range(top, (top + 0.2).clamp(0.36, 0.6)) };
    (vec2(x, y.max(if person.hat.is_some() { 0.42_f32.min(top) } else { 0.0 })), scale)
}

fn behind(picture: &mut Picture, scale: f32) -> Behind {
    use Behind::*;
    let kinds = [Studio, Window, Books, Street, Landscape, Sky, Paper];
    let weights = if picture.dense {
        [0.68, 0.1, 0.05, 0.1, 0.07, 0.0, 0.0]
    } else if scale < 0.1 {
        [0.0, 0.0, 0.0, 0.16, 0.84, 0.0, 0.0]
    } else if scale < 0.2 {
        [0.1, 0.2, 0.1, 0.2, 0.34, 0.06, 0.0]
    } else {
        [0.24, 0.14, 0.09, 0.15, 0.25, 0.08, 0.05]
    };
    kinds[picture.random.weighted(&weights)]
}

/// What a caption may say of this one.
fn describe(picture: &mut Picture, person: &Person, pose: &Pose) {
    let near = pose.scale > 0.12;
    let seen = near && pose.yaw.abs() < 1.1;
    match (&person.beard, seen) {
        (Some(beard), _) if near && beard.length.is_some() => picture.detail(match person.kind {
            Kind::OldMan => "with a white beard",
            _ if beard.length > Some(0.5) => "with a long beard",
            _ => "with a beard",
        }),
        (Some(_), true) => picture.detail("with a mustache"),
        _ => {}
    }
    if let (Some(glasses), true) = (person.glasses, seen) {
        picture.detail(if glasses == Glasses::Dark { "with sunglasses" } else { "with glasses" });
    }
    if let Some(hat) = &person.hat {
        let words = format!("wearing {}", hat.words());
        if person.kind == Kind::HatMan {
            picture.noun = Some(format!("a man {words}"));
        } else {
            picture.detail(&words);
        }
    }
    if person.open > 0.0 && seen && person.beard.is_none() {
        picture.detail("smiling");
    }
    if near && pose.yaw.abs() > 1.15 {
        picture.detail("in profile");
    }
    if let Some(words) = person.clothes.words().filter(|_| pose.scale < 0.34) {
        picture.detail(&words);
    }
    if person.pipe && seen {
        picture.detail("with a pipe");
    }
    if person.clothes.scarf.is_some() {
        picture.detail("with a scarf");
    }
}
