//! Where a thing of this folder is shown: a still life on a table before a wall, a window, shelves or drapery; a mottled ground
//! without a floor; or the open (backdrop.rs). All hand back a camera and a light that look at the origin.

use glam::{EulerRot, Mat3};

use crate::backdrop::{OUTDOORS, Want, place};
use crate::math::{Vec2, Vec3, bell, clamp01, hsv, luminance, mix, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Haze, Light, Material, Solid};
use crate::weather::{Time, Weather};

pub struct Stage {
    pub camera: Camera,
    pub light: Light,
    pub haze: Haze,
    /// Whether there is a floor at y = 0 for a shadow to fall on.
    pub floor: bool,
}

impl Stage {
    /// How much wider a thing is seen at distance 1 than it is.
    pub fn focal(&self) -> f32 {
        self.camera.focal()
    }

    pub fn show<D, M>(&self, picture: &mut Picture, solid: &Solid<D, M>)
    where
        D: Fn(Vec3) -> f32,
        M: Fn(Vec3, Vec3) -> Material,
    {
        if self.floor {
            solid.shadow(&mut picture.canvas, &self.camera, &self.light, 0.62);
        }
        solid.render(&mut picture.canvas, &self.camera, &self.light, self.haze);
    }
}

/// Makes a mottled ground lighter or darker where a thing of this colour would be lost in it.
pub fn part_from(picture: &mut Picture, stage: &Stage, colour: Vec3) {
    if stage.floor {
        return;
    }
    let pixels = &mut picture.canvas.rgb;
    let ground = pixels.iter().map(|pixel| luminance(*pixel)).sum::<f32>() / pixels.len() as f32;
    let tone = 0.75 * luminance(colour);
    if (ground - tone).abs() > 0.16 {
        return;
    }
    for pixel in pixels {
        *pixel = if tone < 0.3 { (*pixel * 1.5 + 0.24).min(Vec3::ONE) } else { *pixel * 0.45 };
    }
}

/// Turned by `yaw` about y, then `pitch` about x, then `roll` about the line of sight; times a point of the world it gives the thing's own.
pub fn turning(yaw: f32, pitch: f32, roll: f32) -> Mat3 {
    Mat3::from_euler(EulerRot::ZXY, roll, pitch, yaw).transpose()
}

/// A light from the side, in the colours of lamps and windows.
pub fn lamp(random: &mut Rng) -> Light {
    let to = vec3(random.sign() * random.range(0.3, 1.0), random.range(0.35, 1.2), random.range(0.25, 0.9)).normalize();
    let colours = [vec3(0.98, 0.9, 0.78), vec3(0.88, 0.92, 0.98), vec3(1.02, 0.8, 0.55), vec3(0.95, 0.95, 0.92)];
    let ambient = Vec3::splat(random.range(0.12, 0.4)) * *random.pick(&[Vec3::ONE, vec3(0.8, 0.95, 1.2)]);
    Light { to, colour: *random.pick(&colours), ambient, bounce: ambient * 0.7 }
}

/// A colour for what lies behind: deep and warm or gray where the picture should be dense.
pub fn ground_colour(picture: &mut Picture) -> Vec3 {
    let random = &mut picture.random;
    if picture.dense {
        return *random.pick(
            &[0x1c1816, 0x3a2418, 0x4a4640, 0x2c3030, 0x5c4028, 0x70665a, 0x241c24, 0x1a2428, 0x6a3420].map(rgb),
        );
    }
    match random.weighted(&[0.4, 0.45, 0.15]) {
        0 => *random.pick(&[0xd8ccb4, 0xa8a49c, 0x5c5850, 0x8a7a64, 0x33302e, 0x7c8484].map(rgb)),
        1 => hsv(random.unit(), random.range(0.2, 0.6), random.range(0.3, 0.85)),
        _ => hsv(random.unit(), random.range(0.4, 0.75), random.range(0.15, 0.5)),
    }
}

fn camera(random: &mut Rng, want: &Want) -> Camera {
    let share = random.range(want.share.0, want.share.1);
    let (focal, down) = (random.range(1.1, 2.2), random.range(want.down.0, want.down.1));
    let far = want.height * focal / share;
    let target = vec3(0.0, want.height * 0.5, 0.0);
    let eye = target + far * vec3(0.0, down.sin(), down.cos());
    let mut camera = Camera::looking(vec3(eye.x, eye.y.max(0.06 * want.height), eye.z), target, focal);
    let loose = 0.5 * (1.0 - share).max(0.0);
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-loose, loose) * 0.5);
    camera
}

/// No floor: a mottled, unevenly lit ground, for things seen large from any side. `height` takes `share` of the picture.
pub fn cloth(picture: &mut Picture, height: f32, share: (f32, f32)) -> Stage {
    let random = &mut picture.random;
    let want = Want { grounds: &[], height, share, down: (0.0, 0.01) };
    let mut camera = camera(random, &want);
    let far = camera.eye.length();
    let middle = camera.centre;
    camera = Camera::looking(vec3(0.0, 0.0, far), Vec3::ZERO, far * random.range(share.0, share.1) / height);
    camera.centre = middle;
    let light = lamp(random);
    let noise = Noise::new(random);
    let (spot, wide) = (vec2(random.range(-0.1, 1.1), random.range(-0.1, 1.1)), random.range(0.35, 0.9));
    let (coarse, rough, slant) = (random.range(1.5, 6.0), random.range(0.15, 0.6), random.range(-1.0, 1.0));
    let halves = random.chance(0.3);
    let (bright, deep) = (random.range(1.1, 1.9), random.range(0.25, 0.6));
    let (near, other) = (ground_colour(picture), ground_colour(picture));
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let mottle = noise.fractal(p * coarse, 4, 0.55);
        let lit = mix(deep, bright, bell((p - spot).length(), wide));
        let side =
            if halves { smoothstep(-0.03, 0.03, p.y - 0.6 - slant * (p.x - 0.5) * 0.4) } else { 0.3 * mottle + 0.2 };
        near.lerp(other, clamp01(side)) * lit * (1.0 + rough * mottle)
    });
    Stage { camera, light, haze: None, floor: false }
}

/// In the open, or indoors (with this chance).
pub fn anywhere(picture: &mut Picture, indoors: f32, want: &Want) -> Stage {
    if picture.random.chance(indoors) { still(picture, want) } else { open(picture, want) }
}

pub fn open(picture: &mut Picture, want: &Want) -> Stage {
    let grounds = if want.grounds.is_empty() { OUTDOORS } else { want.grounds };
    let place = place(picture, &Want { grounds, ..*want });
    let mut light = place.light;
    if place.weather.dark() {
        // The moon is kind to what the picture is of.
        (light.colour, light.ambient) = (light.colour * 1.7, light.ambient * 1.5);
    }
    Stage { camera: place.camera, light, haze: place.haze, floor: true }
}

#[derive(Clone, Copy, PartialEq)]
enum Behind {
    Plain,
    Stripes,
    Window,
    Shelves,
    Drapery,
}

/// On a table top, before something.
pub fn still(picture: &mut Picture, want: &Want) -> Stage {
    let camera = camera(&mut picture.random, want);
    let light = lamp(&mut picture.random);
    let edge = want.height * picture.random.range(0.7, 2.5);
    let turn = Vec2::from_angle(picture.random.range(-0.6, 0.6));
    let rim = Vec2::from_angle(-turn.to_angle()).rotate(vec2(0.0, -edge));
    let open = camera.seen(vec3(rim.x, 0.0, rim.y)).is_some_and(|(p, _)| p.y > 0.2);
    behind(picture, &light, open);
    table(picture, &camera, &light, (edge, turn), want.height);
    picture.detail("on a table");
    Stage { camera, light, haze: None, floor: true }
}

/// What is farther than the table; `open` where enough of it is seen to be named.
fn behind(picture: &mut Picture, light: &Light, open: bool) {
    let kinds = [Behind::Plain, Behind::Stripes, Behind::Window, Behind::Shelves, Behind::Drapery];
    let kind = kinds[picture.random.weighted(&[0.46, 0.1, 0.14, 0.1, 0.2])];
    let (wall, other) = (ground_colour(picture), ground_colour(picture));
    let random = &mut picture.random;
    let noise = Noise::new(random);
    let weather = Weather::any(random);
    let spot = vec2(0.5 + 0.45 * light.to.x, random.range(0.05, 0.6));
    let (wide, pitch) = (random.range(0.35, 0.8), random.range(8.0, 24.0));
    let (left, top) = (random.range(-0.1, 0.6), random.range(-0.2, 0.08));
    let (broad, tall) = (random.range(0.35, 0.75), random.range(0.4, 0.7));
    if open && kind == Behind::Window {
        let words: &[&str] = if weather.time == Time::Night {
            &["by a window at night"]
        } else {
            &["by a window", "in front of a window"]
        };
        picture.detail_of(words);
    }
    if open && kind == Behind::Shelves {
        picture.detail("in front of a bookshelf");
    }
    picture.canvas.begin(1.0);
    picture.canvas.cover(|p| {
        let lit = mix(0.5, 1.25, bell((p - spot).length(), wide));
        let mottle = noise.fractal(p * 5.0, 3, 0.5);
        let plain = wall * lit * (1.0 + 0.12 * mottle);
        match kind {
            Behind::Plain => plain,
            Behind::Stripes => plain.lerp(other * lit, 0.5 * smoothstep(-0.2, 0.2, (p.x * pitch * 3.0).sin())),
            Behind::Drapery => {
                let fold = ((p.x + 0.2 * (p.y - 0.3) * left) * pitch * 2.0 + 3.0 * noise.at(p * vec2(3.0, 1.2))).sin();
                plain * (1.0 + 0.55 * fold)
            }
            Behind::Shelves => spines(p, noise, wall) * lit,
            Behind::Window => {
                let q = (p - vec2(left, top)) / vec2(broad, tall);
                let frame = 0.04;
                let cross = (q.x - 0.5).abs().min((q.y - 0.5).abs()) < frame * 0.5;
                let (inside, pane) =
                    (q.x.max(q.y) < 1.0 && q.x.min(q.y) > 0.0, q.x.max(q.y) < 1.0 - frame && q.x.min(q.y) > frame);
                match (inside, pane && !cross) {
                    (true, true) => weather.sky(p, top + tall),
                    (true, false) => other.lerp(Vec3::ONE, 0.5) * lit,
                    _ => plain,
                }
            }
        }
    });
}

/// Rows of book backs.
fn spines(p: Vec2, noise: Noise, wall: Vec3) -> Vec3 {
    let row = (p.y * 3.6 + 0.3).floor();
    let (x, y) = (p.x * 17.0 + 5.0 * row, (p.y * 3.6 + 0.3).fract());
    let book = x.floor();
    let any = |k: i32| noise.lattice(book as i32, row as i32, k) * 0.5 + 0.5;
    if y > 0.92 || y < 0.06 + 0.25 * any(1) {
        return wall * if y > 0.92 { 0.9 } else { 0.25 };
    }
    let round = 1.0 - (2.0 * x.fract() - 1.0).powi(4) * 0.7;
    let band = if (y - 0.5).abs() < 0.05 * any(4) { 1.5 } else { 1.0 };
    hsv(any(2), 0.25 + 0.5 * any(3), 0.25 + 0.45 * any(5)) * round * band
}

/// The table top: boards, stone, linen or a checkered cloth.
fn table(picture: &mut Picture, camera: &Camera, light: &Light, (edge, turn): (f32, Vec2), scale: f32) {
    let wood = [0x8a5a34, 0x6a4428, 0xb08a5c, 0x503828, 0xc8a878, 0x9a5a3c].map(rgb);
    let random = &mut picture.random;
    let kind = random.weighted(&[0.5, 0.16, 0.2, 0.14]);
    let colour = if kind == 0 { *random.pick(&wood) } else { ground_colour(picture) };
    let random = &mut picture.random;
    let colour = if picture.dense { colour * 0.75 } else { colour };
    let (noise, boards) = (Noise::new(random), random.range(1.2, 3.0));
    let pool = random.range(1.2, 3.0) * scale;
    picture.canvas.begin(0.6);
    let eye = camera.eye;
    let everywhere = picture.canvas.everywhere();
    picture.canvas.glaze(&everywhere, |p| {
        let Some(at) = camera.ground(p) else { return Vec3::ZERO.extend(0.0) };
        let q = turn.rotate(vec2(at.x, at.z));
        // The far edge, at right angles to the boards.
        if q.y < -edge {
            return Vec3::ZERO.extend(0.0);
        }
        let q = q / scale;
        let tone = match kind {
            0 => {
                let board = (q.y * boards).floor();
                let grain = noise.fractal(vec2(q.x * 1.6 + board * 7.0, q.y * 14.0), 3, 0.6);
                let seam = smoothstep(0.04, 0.0, (q.y * boards).fract());
                colour * (1.0 + 0.28 * grain + 0.12 * noise.lattice(board as i32, 1, 1) - 0.5 * seam)
            }
            1 => colour * (1.0 + 0.4 * noise.fractal(q * 5.0, 4, 0.7)),
            2 => colour * (1.0 + 0.16 * noise.fractal(q * 2.0, 3, 0.5)),
            _ => {
                let (a, b) = ((q.x * 4.0).rem_euclid(1.0) < 0.5, (q.y * 4.0).rem_euclid(1.0) < 0.5);
                let white = vec3(0.92, 0.9, 0.86);
                if a && b {
                    colour
                } else if a || b {
                    colour.lerp(white, 0.5)
                } else {
                    white
                }
            }
        };
        let lip = if q.y * scale < -edge + 0.03 * (eye - at).length() { 1.18 } else { 1.0 };
        let lit = (light.colour * light.to.y + light.ambient) * mix(0.55, 1.0, bell(at.length(), pool));
        (tone * lit * lip).extend(1.0)
    });
}
