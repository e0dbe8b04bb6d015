//! Where an animal stands: a place of `backdrop`, framed as a portrait or whole, with the animal moved into it.

use super::creature::Creature;
use super::{haunts, perch, pond, sea};
use crate::backdrop::{Ground, Place, Want, place};
use crate::canvas::Canvas;
use crate::math::{Vec3, luminance, saturated, smoothstep, vec2};
use crate::picture::Picture;
use crate::weather::Time;

pub struct Stage {
    pub place: Place,
    /// How dark the animal's shadow on the ground is.
    pub shadow: f32,
    /// 0 bright … 1 dark surroundings, in which a dark animal would not be seen.
    pub gloom: f32,
}

impl Stage {
    /// Names the animal, unless the name claims a colour that this light does not show.
    pub fn name(&self, picture: &mut Picture, name: &str) {
        let home = self.place.ground == Ground::Studio;
        let tinted = !home && matches!(self.place.weather.time, Time::Dusk | Time::Night);
        let pale = ["white", "gray", "yellow", "green", "purple"].iter().any(|colour| name.contains(colour));
        if name.is_empty() || tinted && pale {
            return;
        }
        picture.noun = Some(name.into());
    }
}

#[derive(Clone, Copy)]
pub enum Haunt<'a> {
    Grounds(&'a [Ground]),
    Sofa,
    Sill,
    /// A floor before a wall.
    Room,
    /// Of a tree, with this chance of night.
    Branch(f32),
    Sky,
    Sea,
    Pond,
}

#[derive(Clone, Copy)]
pub enum Framing {
    /// All of it.
    Whole,
    /// A point to look at, and how large the region round it is.
    Close(Vec3, f32),
}

/// Moves the animal into a place that it paints.
pub fn stage(
    picture: &mut Picture,
    creature: &mut Creature,
    framing: Framing,
    haunt: Haunt,
    down: (f32, f32),
) -> Stage {
    let (low, high) = creature.bounds();
    let dense = picture.dense;
    let (height, share) = match framing {
        Framing::Whole => {
            creature.shift(-Vec3::new((low.x + high.x) * 0.5, low.y, (low.z + high.z) * 0.5));
            let (tall, wide) = (high.y - low.y, high.x - low.x + 0.1 * (high.z - low.z));
            // What is nearer than the middle looks larger.
            let near = 1.0 + 0.2 * (high.z - low.z) / tall;
            let large = tall / (tall * near).max(wide * 1.04);
            let (least, most) = if dense { (0.8, 0.97) } else { (0.58, 0.93) };
            (tall, (least * large, most * large))
        }
        Framing::Close(point, size) => {
            let aside = picture.random.range(-0.12, 0.12) * size;
            let lower = picture.random.range(-0.06, 0.1) * size;
            creature.shift(Vec3::new(aside - point.x, -low.y, -point.z));
            let tall = 2.0 * (point.y - low.y + lower);
            let (least, most) = if dense { (0.8, 1.1) } else { (0.55, 0.9) };
            (tall, (least * tall / size, most * tall / size))
        }
    };
    let mut down = down;
    if matches!(framing, Framing::Close(..)) {
        down = (-0.02, down.1.min(0.25));
    }
    let want = Want { grounds: &[], height, share, down };
    let mut place = match haunt {
        Haunt::Grounds(grounds) => place(picture, &Want { grounds, ..want }),
        Haunt::Sofa => haunts::sofa(picture, &want),
        Haunt::Sill => haunts::sill(picture, &want),
        Haunt::Room => haunts::room(picture, &want),
        Haunt::Branch(night) => perch::branch(picture, &want, night),
        Haunt::Sky => perch::sky(picture, &want),
        Haunt::Pond => pond::pond(picture, &want),
        Haunt::Sea => sea::sea(picture, &want),
    };
    if place.weather.dark() && matches!(haunt, Haunt::Grounds(_)) {
        place.light.colour *= 1.8;
        place.light.ambient *= 1.6;
    }
    // An evening's light tints, but leaves colours their names.
    let light = &mut place.light;
    light.colour = saturated(light.colour, 0.6);
    light.ambient = saturated(light.ambient, 0.7);
    let gloom = gloom(&picture.canvas);
    if matches!(framing, Framing::Whole) {
        keep_inside(creature, &place);
    }
    let close = matches!(framing, Framing::Close(..));
    Stage { place, shadow: if close { 0.0 } else { picture.random.range(0.45, 0.7) }, gloom }
}

/// How dark the middle of the picture is.
fn gloom(canvas: &Canvas) -> f32 {
    let tone = |k: usize| luminance(canvas.colour(vec2(0.26 + 0.12 * (k % 5) as f32, 0.26 + 0.12 * (k / 5) as f32)));
    smoothstep(0.32, 0.12, (0..25).map(tone).sum::<f32>() / 25.0)
}

/// Moves it sideways until it is all seen.
fn keep_inside(creature: &mut Creature, place: &Place) {
    let (left, right) = creature.seen(&place.camera);
    let by = (0.03 - left).max(0.0) - (right - 0.97).max(0.0);
    let at = |x: f32| place.camera.seen(Vec3::new(x, 0.0, 0.0)).map_or(0.5, |(place, _)| place.x);
    creature.shift(Vec3::X * by / (at(1.0) - at(0.0)).max(1e-3));
}
