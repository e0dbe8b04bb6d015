//! The houses of a snowy village: where they stand, what they have in common, the church's steeple.

use super::build::{Frame, House};
use super::skin::{Grain, Skin, Windows};
use super::stage::Stage;
use super::valley::{Layout, Terrain};
use crate::math::{Vec2, Vec3, luminance, rgb, vec2, vec3};
use crate::picture::Picture;
use crate::random::Rng;

/// Where houses stand: none in another, none in water.
pub fn settle(picture: &mut Picture, stage: &Stage, terrain: &Terrain, lit: f32) -> Vec<House> {
    let random = &mut picture.random;
    let (near, far, count): (f32, f32, i32) = match terrain.layout {
        Layout::Valley => (34.0, 140.0, random.int(12, 30)),
        Layout::Slope => (36.0, 160.0, random.int(18, 42)),
        Layout::Street => (15.0, 120.0, 20),
        Layout::Lake => (52.0, 130.0, random.int(10, 24)),
        Layout::River => (34.0, 130.0, random.int(12, 26)),
        Layout::Far => (70.0, 170.0, random.int(18, 40)),
        Layout::Above => (50.0, 190.0, random.int(20, 44)),
    };
    let style = Style::any(random, lit);
    let big = random.range(0.95, 1.35) * if picture.dense { 1.15 } else { 1.0 };
    let mut houses: Vec<House> = Vec::new();
    let mut side = random.sign();
    let mut along = near;
    for attempt in 0..count * 4 {
        if houses.len() >= count as usize {
            break;
        }
        let d =
            if terrain.layout == Layout::Street { along } else { near * (far / near).powf(random.unit().powf(0.8)) };
        let x = match terrain.layout {
            Layout::Street => {
                side = -side;
                if side > 0.0 {
                    along += random.range(9.0, 15.0);
                }
                terrain.path(d) + side * random.range(9.5, 14.0)
            }
            _ => stage.across(random.range(-0.02, 1.02), d),
        };
        let church = houses.is_empty()
            && attempt < 30
            && random.chance(if terrain.layout == Layout::Street { 0.0 } else { 0.75 });
        if church && !(d > near * 1.4 && (stage.seen(vec3(x, 0.0, -d)).x - 0.5).abs() < 0.36) {
            continue;
        }
        let off = (x - terrain.path(d)).abs();
        let ground = terrain.low(vec2(x, d));
        let apart = houses.iter().all(|h| {
            vec2(h.frame.foot.x - x, h.frame.foot.z + d).length() > 13.0 * big || terrain.layout == Layout::Street
        });
        if !apart || ground < 1.0 || (off < 9.0 && terrain.layout != Layout::Slope && terrain.layout != Layout::Lake) {
            continue;
        }
        let facing = match terrain.layout {
            Layout::Street => -side * random.range(1.2, 1.57) * if random.chance(0.5) { 1.0 } else { 0.12 },
            _ => random.range(-0.9, 0.9) + if random.chance(0.4) { 1.57 } else { 0.0 },
        };
        let frame = Frame::new(vec3(x, ground - 0.3, -d), facing);
        houses.push(style.house(random, frame, big, church));
    }
    houses.sort_by(|a, b| a.frame.foot.z.total_cmp(&b.frame.foot.z));
    houses
}

/// What the houses of one village have in common.
struct Style {
    walls: Vec<Vec3>,
    plaster: bool,
    steep: f32,
    snow: f32,
    lit: f32,
    shutters: Option<Vec3>,
}

impl Style {
    fn any(random: &mut Rng, lit: f32) -> Style {
        let palettes: [&[u32]; 5] = [
            &[0x5a3822, 0x7e4c28, 0x4a3020, 0x94603a, 0x3c2820],
            &[0xa83a2c, 0x8c2f26, 0xb85c34, 0x5a3822, 0xd0a050],
            &[0xd8cbb4, 0xc8b494, 0xb89c78, 0x9c7c5c, 0xe0d8c8],
            &[0xc88c3c, 0xa85c34, 0x4f6a7c, 0xb04a3c, 0xd8c8a8, 0x5f7c5c],
            &[0x6c6660, 0x8c5c38, 0x585450, 0x7a5a40, 0x6e3a28],
        ];
        let walls = random.pick(&palettes).iter().map(|&hex| rgb(hex)).collect();
        Style {
            walls,
            plaster: random.chance(0.4),
            steep: random.range(0.65, 1.35),
            snow: if random.chance(0.8) { 1.0 } else { random.range(0.55, 0.8) },
            lit,
            shutters: random.chance(0.4).then(|| *random.pick(&[0x3c5a40, 0x7a2c24, 0x304a68].map(rgb))),
        }
    }

    fn house(&self, random: &mut Rng, frame: Frame, big: f32, church: bool) -> House {
        let half = if church { vec2(3.6, 7.0) } else { vec2(random.range(3.4, 5.4), random.range(4.0, 6.8)) } * big;
        let height = if church { 6.5 } else { *random.pick(&[3.0, 4.2, 5.6]) } * big;
        let colour =
            if church { *random.pick(&[0xe4dccc, 0xd0c4b0, 0xa89c90].map(rgb)) } else { *random.pick(&self.walls) };
        let colour = colour * random.range(0.85, 1.12);
        let grain = if church { Grain::Plaster } else { *random.pick(&[Grain::Planks, Grain::Logs, Grain::Plaster]) };
        let mut wall = Skin::new(colour, grain).windows(Windows {
            pitch: vec2(2.5, 2.8) * big,
            size: vec2(1.25, 1.45) * big,
            width: 1.0,
            top: height,
            lit: self.lit,
            frame: if luminance(colour) > 0.45 { rgb(0x4a3426) } else { rgb(0xe8e0d0) },
            shutters: if church { None } else { self.shutters },
            door: !church,
            arched: church,
            seed: random.int(0, 9999),
        });
        if self.plaster && !church && height > 4.0 {
            wall.upper = Some((height * 0.5, colour));
            wall.colour = rgb(0xdcd2c0);
        }
        let rise = half.x * self.steep * if church { 1.3 } else { random.range(0.85, 1.2) };
        let roof = Skin::new(*random.pick(&[0x6a4030, 0x4c4c54, 0x7a4434].map(rgb)), Grain::Tiles).snowy(self.snow);
        let chimney = (!church && random.chance(0.6))
            .then(|| (half.x * random.range(-0.6, 0.6), half.y * random.range(-0.5, 0.5)));
        House { frame, half, height, rise, over: 0.9 * big, thick: random.range(0.5, 0.9) * big, wall, roof, chimney }
    }
}

/// Shadows, houses, the steeple, and firs between and before them.
pub fn build(picture: &mut Picture, stage: &mut Stage, terrain: &Terrain, houses: &[House]) {
    let ground = |p: Vec2| terrain.low(p).max(0.0);
    for house in houses {
        stage.shadow(&mut picture.canvas, &house.frame.feet(house.half), house.height + house.rise * 0.6, ground);
    }
    for house in houses {
        stage.house(&mut picture.canvas, house);
        if house.wall.windows.is_some_and(|windows| windows.arched) {
            steeple(picture, stage, house);
        }
    }
}

fn steeple(picture: &mut Picture, stage: &mut Stage, church: &House) {
    let frame = church.frame.moved(0.0, 0.0, church.half.y + 1.0);
    let half = vec2(1.0, 1.0) * church.half.x * 0.58;
    let height = church.height * 2.1;
    let mut wall = church.wall;
    if let Some(windows) = &mut wall.windows {
        windows.pitch = vec2(half.x * 2.0, height * 0.3);
        windows.size = vec2(half.x * 0.7, height * 0.15);
        windows.top = height;
    }
    let canvas = &mut picture.canvas;
    canvas.begin(Stage::depth(-frame.foot.z));
    stage.walls(canvas, &frame, half, height, &wall);
    let roof = Skin::new(rgb(0x3c4650), Grain::Tiles).snowy(church.roof.snow * 0.55);
    stage.spire(canvas, &frame, half * 1.15, height, half.x * 4.6, &roof);
}
