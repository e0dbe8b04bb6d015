//! How sitters are lit: a lamp at the side, a fire from below, a window, light from behind, or what the weather gives.

use super::relief::Lamps;
use crate::math::{Vec3, mix, saturated, vec3};
use crate::picture::Picture;
use crate::random::Rng;
use crate::weather::{Time, Weather};

/// Studio light: strong from one side if `dark`, else softer.
pub fn indoors(picture: &mut Picture, dark: bool) -> Lamps {
    let random = &mut picture.random;
    let side = random.sign();
    let colour =
        *random.pick(&[vec3(1.12, 0.98, 0.82), vec3(1.12, 0.94, 0.76), vec3(0.98, 1.0, 1.06), vec3(1.05, 1.0, 0.94)]);
    let dim = if dark { random.range(0.1, 0.2) } else { random.range(0.24, 0.42) };
    let cool = vec3(random.range(0.8, 1.0), random.range(0.85, 1.0), random.range(0.85, 1.1));
    let (above, below) = (cool * dim, vec3(1.0, 0.85, 0.7) * dim * 0.8);
    let rim = colour * random.range(0.0, 0.8);
    let soft = |to: Vec3, colour: Vec3, rim: Vec3| Lamps {
        to: to.normalize(),
        colour,
        above,
        below,
        rim_to: vec3(-to.x.signum(), 0.5, 0.0),
        rim,
    };
    match random.weighted(&[0.42, 0.2, 0.14, 0.12, 0.12]) {
        // Three quarters: one cheek in the light, a patch of it on the other.
        0 => soft(vec3(side * random.range(0.6, 1.0), random.range(0.35, 0.8), random.range(0.5, 0.9)), colour, rim),
        1 => soft(vec3(side * 1.0, random.range(0.1, 0.4), random.range(0.05, 0.35)), colour * 1.1, rim * 0.4),
        2 => soft(vec3(side * 0.25, random.range(0.4, 0.9), 0.8), colour * 0.95, rim),
        3 => {
            let fire = vec3(1.18, 0.84, 0.58);
            let to = vec3(side * random.range(0.2, 0.7), random.range(-0.8, -0.35), random.range(0.5, 0.9));
            picture.detail_of(&["by the fire", "by candlelight", "lit from below"]);
            soft(to, fire, fire * 0.3)
        }
        _ => {
            let to = vec3(side * 0.95, random.range(0.3, 0.7), random.range(-0.25, 0.1));
            let light = soft(to, colour * 1.2, colour * 0.9);
            Lamps { above: above * 1.6, below: below * 1.6, rim_to: vec3(to.x, 0.6, 0.0), ..light }
        }
    }
}

/// The sun or the sky, as the weather has it; the sun is moved towards the viewer where it would leave the face black.
pub fn outdoors(weather: &Weather, random: &mut Rng) -> Lamps {
    let from = weather.light.to;
    let front = random.range(0.1, 0.9);
    let to =
        vec3(from.x + 0.25 * from.x.signum(), from.y * mix(0.6, 1.0, front), from.z * 0.5 + 0.5 * front).normalize();
    let strong = match weather.time {
        Time::Night => 2.0,
        Time::Overcast => 1.1,
        _ => 1.15,
    };
    let rim = (weather.sky.1 * 0.5 + weather.light.colour * 0.3) * random.range(0.3, 0.9);
    Lamps {
        to,
        colour: saturated(weather.light.colour, 0.65) * strong,
        above: saturated(weather.light.ambient, 0.8) * 1.05,
        below: saturated(weather.light.bounce, 0.8) * 0.95,
        rim_to: vec3(-to.x.signum(), 0.6, 0.0),
        rim,
    }
}
