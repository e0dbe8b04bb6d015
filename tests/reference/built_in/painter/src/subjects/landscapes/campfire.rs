//! People round a campfire, in the dark or at dusk. The fire lies at the origin of a small world and is its brightest light; the camera
//! looks from any side and height, so that some people face us, lit, and others sit between us and the fire, dark.

use std::f32::consts::{PI, TAU};

use super::figures::{Figure, Pose};
use super::fire::Fire;
use super::nature::{Ridge, Slope, fir, foliage, paint_ridge, palm};
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::solid::{Camera, Light};
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum Setting {
    Forest,
    Beach,
    Mountains,
    Plain,
    Snow,
}

struct Camp {
    setting: Setting,
    weather: Weather,
    camera: Camera,
    fire: Fire,
    people: Vec<Figure>,
    ring: f32,
    noise: Noise,
}

pub fn campfire(picture: &mut Picture) {
    let camp = camp(picture);
    surroundings(picture, &camp);
    ground(&mut picture.canvas, &camp);
    trees(picture, &camp);
    if camp.setting != Setting::Beach || picture.random.chance(0.4) {
        tents(picture, &camp);
    }
    logs_to_sit_on(picture, &camp);
    let mut order: Vec<&Figure> = camp.people.iter().collect();
    order.sort_by(|a, b| a.at.z.total_cmp(&b.at.z));
    let (behind, before): (Vec<&Figure>, Vec<&Figure>) = order.into_iter().partition(|figure| figure.at.z < 0.0);
    for figure in behind {
        person(&mut picture.canvas, &camp, figure);
    }
    camp.fire.glow(&mut picture.canvas, &camp.camera);
    camp.fire.paint(&mut picture.canvas, &camp.camera, &mut picture.random);
    for figure in before {
        person(&mut picture.canvas, &camp, figure);
    }
    words(picture, &camp);
}

fn camp(picture: &mut Picture) -> Camp {
    let dense = picture.dense;
    let random = &mut picture.random;
    let settings = [Setting::Forest, Setting::Beach, Setting::Mountains, Setting::Plain, Setting::Snow];
    let setting = settings[random.weighted(&[0.4, 0.17, 0.2, 0.13, 0.1])];
    let time = if random.chance(0.68) { Time::Night } else { Time::Dusk };
    let mut weather = Weather::at(time, random);
    weather.clouds *= 0.6;
    if time == Time::Dusk {
        // The sun is down.
        weather.sun.y = -0.5;
        weather.light.ambient *= 0.8;
        weather.light.colour *= 0.35;
    }
    let (ring, size, focal) = (random.range(1.05, 1.5), random.range(0.9, 1.4), random.range(0.95, 1.35));
    // So near that those at the sides are just within the picture, or farther.
    let reach = if dense { random.range(0.46, 0.56) } else { random.range(0.28, 0.5) };
    let far = (ring + 0.3) * focal / reach;
    let down = random.weighted(&[0.5, 0.35, 0.15]);
    let pitch = [random.range(0.06, 0.2), random.range(0.2, 0.42), random.range(0.42, 0.75)][down];
    let target = vec3(0.0, random.range(0.35, 0.65), 0.0);
    let eye = target + far * vec3(0.0, pitch.sin(), pitch.cos());
    let mut camera = Camera::looking(eye, target, focal);
    let loose = if dense { 0.06 } else { 0.12 };
    camera.centre = vec2(0.5 + random.range(-loose, loose), random.range(0.5, 0.64));
    let fire = Fire::new(random, size);
    let people = people(random, ring, dense);
    Camp { setting, weather, camera, fire, people, ring, noise: Noise::new(random) }
}

/// Round the fire, turned towards it; seldom right before it.
fn people(random: &mut Rng, ring: f32, dense: bool) -> Vec<Figure> {
    let count = if dense { random.int(3, 6) } else { random.int(2, 5) };
    let standing = [0.0, 0.2, 0.9][random.weighted(&[0.5, 0.35, 0.15])];
    let ground = random.chance(0.35);
    // Seldom all round: mostly in an arc that is open to us, so that the fire and its light on them are seen.
    let (start, arc) = if random.chance(0.35) {
        (random.range(0.0, TAU), TAU)
    } else {
        (random.range(0.75, 1.3), random.range(3.9, 4.7))
    };
    let mut people = Vec::new();
    for k in 0..count {
        // An angle of 0 is right before the fire, seen from us; PI behind it.
        let around = start + (k as f32 + random.range(0.0, 0.44)) * arc / count as f32;
        let off = (around + PI).rem_euclid(TAU) - PI;
        let clear = 0.62;
        let angle = if off.abs() < clear && !random.chance(0.15) {
            clear * off.signum() * random.range(1.0, 1.25)
        } else if off.abs() < 0.25 {
            0.3 * off.signum()
        } else {
            off
        };
        let away = ring * random.range(0.92, 1.15);
        let at = vec3(angle.sin() * away, 0.0, angle.cos() * away);
        let pose = if random.chance(standing) {
            Pose::Standing
        } else if ground {
            Pose::Crouching
        } else {
            Pose::Sitting
        };
        let facing = angle + PI + random.range(-0.3, 0.3);
        people.push(Figure::any(random, at, facing, pose));
    }
    people
}

impl Camp {
    /// How strongly the fire lights what lies `away` from it.
    fn firelight(&self, away: f32) -> f32 {
        self.fire.power / (0.55 + 0.38 * away * away)
    }

    /// A flat thing's colour by the fire's and the night's light; `towards` is how much it faces the fire.
    fn lit(&self, colour: Vec3, away: f32, towards: f32) -> Vec3 {
        let night = self.weather.lit(colour) * 0.75;
        night + colour * self.fire.colour * (self.firelight(away) * towards)
    }
}

fn person(canvas: &mut Canvas, camp: &Camp, figure: &Figure) {
    let to = vec3(0.0, 0.45, 0.0) - (figure.at + vec3(0.0, 0.6 * figure.height(), 0.0));
    let night = camp.weather.light.ambient;
    let light = Light {
        to: to.normalize(),
        colour: camp.fire.colour * (1.75 * camp.firelight(to.length())).min(1.35),
        ambient: night * 0.55,
        bounce: night * 0.2 + camp.fire.colour * 0.06,
    };
    figure.paint(canvas, &camp.camera, &light, None);
}

/// Sky, and what stands at the horizon.
fn surroundings(picture: &mut Picture, camp: &Camp) {
    let horizon = camp.camera.horizon();
    camp.weather.paint_sky(&mut picture.canvas, horizon);
    if horizon < -0.05 {
        return;
    }
    let random = &mut picture.random;
    let (height, rough, colour, snow) = match camp.setting {
        Setting::Mountains => (random.range(0.2, 0.42), 0.55, rgb(0x5c6470), 0.5),
        Setting::Snow => (random.range(0.1, 0.3), 0.5, rgb(0x7c8898), 0.3),
        Setting::Plain => (random.range(0.03, 0.1), 0.38, rgb(0x4a4c3c), 2.0),
        _ => (random.range(0.04, 0.16), 0.4, rgb(0x3c4a44), 2.0),
    };
    if camp.setting == Setting::Beach {
        sea(&mut picture.canvas, camp, horizon);
        return;
    }
    let noise = Noise::new(random);
    let wide = random.range(1.2, 3.0);
    let ridge = Ridge { foot: horizon + 0.02, height, wide, rough, noise };
    paint_ridge(&mut picture.canvas, &camp.weather, &ridge, Slope { colour, snow, far: 0.3, depth: 0.95 });
}

fn sea(canvas: &mut Canvas, camp: &Camp, horizon: f32) {
    canvas.begin(0.9);
    let (own, sky) = (camp.weather.lit(rgb(0x24486a)), camp.weather.sky.1);
    canvas.fill(&Shape::rect(0.0, horizon, 1.0, 1.0), |p| {
        let down = p.y - horizon;
        let wave = camp.noise.fractal(vec2(p.x * 5.0, 1.0 / (0.03 + down)), 3, 0.5);
        own.lerp(sky, clamp01(0.45 + 0.4 * wave - 2.0 * down)) * (1.0 + 0.2 * wave)
    });
}

/// Ground by the light of the fire, with the long shadows of those who sit round it.
fn ground(canvas: &mut Canvas, camp: &Camp) {
    let horizon = camp.camera.horizon();
    let (base, other) = match camp.setting {
        Setting::Forest => (rgb(0x5c4a30), rgb(0x3c4424)),
        Setting::Beach => (rgb(0xd0b488), rgb(0xa88c64)),
        Setting::Mountains => (rgb(0x70705c), rgb(0x4c5034)),
        Setting::Plain => (rgb(0x7c7040), rgb(0x50562c)),
        Setting::Snow => (rgb(0xdce4f0), rgb(0xa8b8d0)),
    };
    let shadows: Vec<(Vec2, f32)> =
        camp.people.iter().map(|each| (vec2(each.at.x, each.at.z), each.at.length())).collect();
    canvas.begin(0.5);
    let shore = if camp.setting == Setting::Beach { -2.0 - camp.ring } else { f32::MIN };
    canvas.glaze(&canvas.everywhere(), |p| {
        let at = if p.y > horizon { camp.camera.ground(p) } else { None };
        let Some(at) = at.filter(|at| at.z > shore + 0.5 * camp.noise.at(vec2(at.x * 0.4, 5.0))) else {
            return Vec3::ZERO.extend(0.0);
        };
        let q = vec2(at.x, at.z);
        let away = q.length();
        let near = 1.0 / (1.0 + 0.03 * at.distance_squared(camp.camera.eye));
        let broad = camp.noise.fractal(q * 1.3, 3, 0.5);
        let fine = camp.noise.at(q * vec2(9.0, 7.0)) * near;
        let colour = base.lerp(other, clamp01(0.45 + 0.6 * broad)) * (1.0 + 0.3 * fine);
        let dark = shadows.iter().map(|(place, far)| {
            let side = (q.perp_dot(*place) / far).abs() / (0.24 * away / far);
            smoothstep(1.1, 0.7, side) * smoothstep(far - 0.25, *far, away) * (q.dot(*place).signum() * 0.5 + 0.5)
        });
        let shade = 1.0 - 0.85 * dark.fold(0.0, f32::max);
        camp.lit(colour, away, 0.8 * shade).extend(1.0)
    });
}

/// Trees stand back from the fire; their trunks catch its light.
fn trees(picture: &mut Picture, camp: &Camp) {
    let (count, near) = match camp.setting {
        Setting::Forest => (picture.random.int(14, 30), 2.6),
        Setting::Snow => (picture.random.int(6, 16), 3.2),
        Setting::Mountains => (picture.random.int(3, 12), 4.0),
        Setting::Plain => (picture.random.int(0, 4), 4.0),
        Setting::Beach => (picture.random.int(0, 4), 3.0),
    };
    let firs = camp.setting != Setting::Plain && picture.random.chance(0.6) || camp.setting == Setting::Snow;
    let mut places: Vec<Vec3> = (0..count)
        .map(|_| {
            let random = &mut picture.random;
            let far = near + 9.0 * random.unit() * random.unit();
            let side = random.range(-1.0, 1.0) * (2.0 + far);
            vec3(side, 0.0, -far + 0.5 * (side.abs() - 2.0).max(0.0))
        })
        .filter(|at| camp.setting != Setting::Beach || at.x.abs() > 2.6)
        .collect();
    places.sort_by(|a, b| a.z.total_cmp(&b.z));
    for at in places {
        let Some((foot, far)) = camp.camera.seen(at) else { continue };
        let unit = camp.camera.seen(at + Vec3::Y).map_or(0.1, |(top, _)| (foot - top).length());
        let random = &mut picture.random;
        let height = random.range(3.0, 6.5) * unit;
        let away = at.length();
        let side = -at.x.signum();
        picture.canvas.begin(clamp01(0.4 + 0.04 * far));
        let tone = random.range(0.7, 1.2);
        if camp.setting == Setting::Beach {
            palm(&mut picture.canvas, random, foot, height * 0.8, camp.lit(rgb(0x3a5a30) * tone, away, 1.2), side);
        } else if firs {
            let snow = if camp.setting == Setting::Snow { 0.8 } else { 0.0 };
            fir(&mut picture.canvas, random, foot, height, camp.lit(rgb(0x2f4a34) * tone, away, 1.4), snow, side);
        } else {
            trunk(&mut picture.canvas, random, camp, foot, unit, away, side);
        }
    }
}

/// A bare trunk up into the dark, its crown above the picture or just in it.
fn trunk(canvas: &mut Canvas, random: &mut Rng, camp: &Camp, foot: Vec2, unit: f32, away: f32, side: f32) {
    let width = unit * random.range(0.14, 0.26);
    let top = foot - vec2(random.range(-0.3, 0.3), random.range(3.0, 5.0)) * unit;
    let bark = rgb(*random.pick(&[0x4c3a2a, 0x5c4c3c, 0x8a8478, 0x3a2e26]));
    let noise = Noise::new(random);
    let shape = Shape::limb(&[foot, top], &[width, width * 0.55]);
    canvas.fill(&shape, |p| {
        let across = (p.x - mix(foot.x, top.x, (foot.y - p.y) / (foot.y - top.y))) / width;
        let high = (foot.y - p.y) / unit;
        let facing = (0.75 + 0.75 * across * side).max(0.0);
        let grain = 1.0 + 0.35 * noise.at(vec2(p.x / width * 2.2, p.y / width * 0.5));
        camp.lit(bark, (away * away + high * high).sqrt(), facing) * grain
    });
    let leaves = camp.lit(rgb(0x3c4a28), away + 1.5, 0.9);
    for _ in 0..3 {
        let centre = top + vec2(random.range(-1.0, 1.0), random.range(-0.5, 0.6)) * unit;
        foliage(canvas, random, centre, vec2(1.1, 0.7) * unit, leaves, vec2(side * 0.4, 0.9));
    }
}

/// Ridge tents and domes, some with a lamp in them.
fn tents(picture: &mut Picture, camp: &Camp) {
    let count = picture.random.weighted(&[0.4, 0.4, 0.2]);
    for k in 0..count {
        let random = &mut picture.random;
        let side = if k == 0 { random.sign() } else { -random.sign() };
        let at = vec3(side * random.range(1.2, 3.0), 0.0, -random.range(2.2, 4.0));
        let cloth = rgb(*random.pick(&[0xd88a30, 0x3f7a8c, 0x7a8c4c, 0xc8b890, 0xb04a38, 0x4a5a9c]));
        let lamp = if random.chance(0.35) { rgb(0xffb860) * 0.5 } else { Vec3::ZERO };
        let (turn, size) = (random.range(0.3, 1.2) * -side, random.range(0.9, 1.25));
        let corner = |x: f32, y: f32, z: f32| {
            let (s, c) = turn.sin_cos();
            camp.camera
                .seen(at + size * vec3(c * x + s * z, y, c * z - s * x))
                .map_or(vec2(0.5, 0.5), |(place, _)| place)
        };
        let front = [corner(-0.85, 0.0, 0.9), corner(0.0, 1.25, 0.9), corner(0.85, 0.0, 0.9)];
        let (back, door) =
            (corner(0.0, 1.25, -0.9), [corner(-0.22, 0.0, 0.91), corner(0.0, 1.0, 0.91), corner(0.22, 0.0, 0.91)]);
        let away = at.length();
        let shadow = [(-1.1, 1.15), (1.1, 1.15), (1.1, -1.1), (-1.1, -1.1)].map(|(x, z)| corner(x, 0.0, z));
        let shadow = picture.canvas.mask(&Shape::polygon(&shadow)).soft(0.015, picture.canvas.size);
        picture.canvas.shade(&shadow, |_| Vec3::splat(0.35));
        picture.canvas.begin(0.55);
        // The wall that is turned away lies behind the other.
        for x in [-0.85 * side, 0.85 * side] {
            let wall = Shape::polygon(&[corner(x, 0.0, 0.9), corner(0.0, 1.25, 0.9), back, corner(x, 0.0, -0.9)]);
            picture
                .canvas
                .flat(&wall, camp.lit(cloth, away, if x * side < 0.0 { 1.1 } else { 0.3 }) + cloth * lamp * 0.6);
        }
        picture.canvas.part(1, 0.55);
        picture.canvas.flat(&Shape::polygon(&front), camp.lit(cloth, away, 1.5) + cloth * lamp);
        picture.canvas.flat(&Shape::polygon(&door), camp.lit(cloth * 0.25, away, 0.6) + lamp * 1.2);
    }
}

/// A log or a stone under each who sits on one.
fn logs_to_sit_on(picture: &mut Picture, camp: &Camp) {
    for figure in &camp.people {
        if figure.pose != Pose::Sitting {
            continue;
        }
        let along = vec3(figure.facing.cos(), 0.0, -figure.facing.sin());
        let ends = [-0.55, 0.55].map(|t| camp.camera.seen(figure.at + along * t + vec3(0.0, 0.18, 0.0)));
        let [Some((a, far)), Some((b, _))] = ends else { continue };
        let radius = 0.19
            * camp
                .camera
                .seen(figure.at + vec3(0.0, 1.18, 0.0))
                .map_or(0.1, |(top, _)| (a.lerp(b, 0.5) - top).length());
        picture.canvas.begin(clamp01(0.1 * far));
        let middle = a.lerp(b, 0.5);
        let lit = camp.lit(rgb(0x6a4c34), figure.at.length(), if figure.at.z < 0.0 { 1.0 } else { 0.15 });
        let noise = camp.noise;
        picture.canvas.fill(&Shape::limb(&[a, b], &[radius, radius]), |p| {
            lit * (1.0 - 0.5 * (p.y - middle.y) / radius + 0.3 * noise.at(p * vec2(20.0, 90.0)))
        });
    }
}

fn words(picture: &mut Picture, camp: &Camp) {
    match camp.setting {
        Setting::Forest => picture.detail_of(&["in a forest", "in the woods"]),
        Setting::Beach => picture.detail_of(&["on a beach", "by the sea"]),
        Setting::Mountains => picture.detail_of(&["in the mountains"]),
        Setting::Snow => picture.detail_of(&["in the snow", "in winter"]),
        Setting::Plain => {}
    }
    if camp.people.iter().all(|each| each.pose == Pose::Standing) {
        picture.noun = Some("people standing around a campfire".into());
    }
    let when = if camp.weather.dark() { "at night" } else { "at dusk" };
    picture.detail(when);
}
