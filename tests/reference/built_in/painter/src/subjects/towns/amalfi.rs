//! The Amalfi coast: pastel houses stacked on cliffs above a blue sea. Seen from a boat, along the coast, or down into a bay; with a
//! majolica dome, terraces, lemon trees, boats, and often a branch of lemons or flowers before it all.

use super::boats::boat;
use super::build::{Frame, House};
use super::country::lit_share;
use super::land::{Spot, mirror, paint_land, paint_sky, ridged};
use super::skin::{Grain, Skin, Windows};
use super::stage::{Look, Stage};
use super::trees::crown;
use crate::backdrop::deepen;
use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, clamp01, mix, rgb, saturated, smoothstep, turned, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::shape::Shape;
use crate::weather::{Time, Weather};

#[derive(Clone, Copy, PartialEq)]
enum View {
    FromSea,
    Along,
    Bay,
}

/// Where the land is and how it climbs.
struct Coast {
    view: View,
    shore: f32,
    slant: f32,
    side: f32,
    top: f32,
    run: f32,
    terraces: f32,
    head: Vec2,
    noise: Noise,
}

impl Coast {
    /// How far inland; below 0 at sea.
    fn inland(&self, p: Vec2) -> f32 {
        let ragged = 16.0 * self.noise.fractal(p * 0.011, 2, 0.5) + 3.0 * self.noise.at(p * 0.09);
        let inland = match self.view {
            View::FromSea => p.y - self.shore - self.slant * p.x.abs() * self.side.max(-0.4),
            View::Along => {
                self.side * p.x - self.shore * 0.2 + self.slant * 0.35 * (p.y - 90.0) - 0.4 * (40.0 - p.y).max(0.0)
            }
            View::Bay => (p.y - self.shore - 0.6 * self.side * p.x).max(self.side * p.x * 1.1 - 0.28 * p.y + 4.0),
        };
        // A headland behind.
        let head = self.run * 0.7 - (p - self.head).length() * 0.5;
        inland.max(head) + ragged
    }

    /// How much of the frame shows the sea.
    fn sea_share(&self, stage: &Stage) -> f32 {
        let mut seen = 0;
        for k in 0..64 {
            let p = vec2((k % 8) as f32 + 0.5, (k / 8) as f32 + 0.5) / 8.0;
            let d = stage.focal * stage.eye.y / (p.y - stage.centre.y);
            let free = |k: i32| {
                let t = k as f32 / 8.0;
                let at = vec2(stage.across(p.x, d), d) * t;
                self.height(at) < stage.eye.y * (1.0 - t) - 0.01
            };
            seen += (d > 0.0 && d < 5000.0 && (1..=8).all(free)) as i32;
        }
        seen as f32 / 64.0
    }

    fn height(&self, p: Vec2) -> f32 {
        let inland = self.inland(p);
        if inland < 0.0 {
            return -3.0f32.max(inland);
        }
        let t = inland / self.run;
        let gully = ridged(self.noise, p * 0.006 + 4.0, 3);
        let rise = self.top * (1.0 - (-1.6 * t).exp()) * mix(0.75, 1.25, gully)
            + self.top * 0.55 * smoothstep(1.0, 3.5, t) * (0.4 + gully);
        let step = 7.0;
        let stepped = ((rise / step).floor() + smoothstep(0.55, 0.95, (rise / step).fract())) * step;
        0.5 + mix(rise, stepped, self.terraces * smoothstep(2.2, 0.8, t))
    }
}

pub fn amalfi(picture: &mut Picture) {
    let times = [Time::Day, Time::Overcast, Time::Dawn, Time::Dusk, Time::Night];
    let weights = if picture.dense { [0.42, 0.04, 0.1, 0.32, 0.12] } else { [0.6, 0.04, 0.12, 0.16, 0.08] };
    let time = times[picture.random.weighted(&weights)];
    let mut weather = Weather::at(time, &mut picture.random);
    weather.clouds *= 0.7;
    if time == Time::Dusk {
        weather.light.colour = saturated(weather.light.colour, picture.random.range(0.4, 0.8));
    }
    weather.light.to = (weather.light.to + vec3(0.0, 0.0, 0.7)).normalize();
    let view = [View::FromSea, View::Along, View::Bay][picture.random.weighted(&[0.34, 0.33, 0.33])];
    let random = &mut picture.random;
    let dense = if picture.dense { 1.25 } else { 1.0 };
    let (eye, horizon, focal, shore) = match view {
        View::FromSea => {
            (random.range(5.0, 16.0), random.range(0.6, 0.86), random.range(1.0, 1.4), random.range(95.0, 150.0))
        }
        View::Along => {
            (random.range(16.0, 60.0), random.range(0.25, 0.55), random.range(0.9, 1.3), random.range(15.0, 70.0))
        }
        View::Bay => {
            (random.range(55.0, 110.0), random.range(0.04, 0.3), random.range(0.9, 1.3), random.range(110.0, 190.0))
        }
    };
    let mut coast = Coast {
        view,
        shore: shore / dense,
        slant: random.range(-0.25, 0.45),
        side: random.sign(),
        top: random.range(70.0, 130.0) * dense,
        run: random.range(45.0, 80.0),
        terraces: random.range(0.3, 1.0),
        head: vec2(random.range(-300.0, 300.0), random.range(350.0, 700.0)),
        noise: Noise::new(random),
    };
    let air = random.range(900.0, 2600.0);
    let mut stage = Stage::new(picture, weather, eye, horizon, focal, air);
    let under = (1..7).map(|k| coast.height(vec2(0.0, 4.0 * k as f32))).fold(0.0, f32::max);
    stage.eye.y = stage.eye.y.max(under + 4.0);
    // Neither all sea nor none.
    for _ in 0..8 {
        let sea = coast.sea_share(&stage);
        if sea < 0.16 {
            coast.shore += 18.0;
        } else if sea > 0.42 && coast.shore > 30.0 {
            coast.shore -= 14.0;
        } else {
            break;
        }
    }
    ground(picture, &mut stage, &coast);
    let lit = lit_share(&weather, &mut picture.random);
    town(picture, &mut stage, &coast, lit);
    mirror(&stage, &mut picture.canvas, if view == View::FromSea { 0.5 } else { 0.22 }, 0.05);
    let boats = picture.random.int(1, 7);
    for _ in 0..boats {
        let p = vec2(picture.random.unit(), picture.random.range(horizon.max(0.0) + 0.05, 1.0));
        let d = stage.focal * stage.eye.y / (p.y - stage.centre.y).max(0.02);
        let at = vec2(stage.across(p.x, d), d);
        if d > 12.0 && d < 500.0 && (0..5).all(|k| coast.height(at + vec2(3.0 * k as f32 - 6.0, 0.0)) < 0.0) {
            boat(&mut stage, &mut picture.canvas, vec3(at.x, 0.0, -d), &mut picture.random, 1.3);
        }
    }
    stage.halo(&mut picture.canvas, if matches!(time, Time::Night | Time::Dusk) { 1.2 } else { 0.2 });
    if picture.dense && time != Time::Night {
        deepen(&mut picture.canvas, picture.random.range(0.2, 0.7));
    }
    if picture.random.chance(0.38) {
        branch(picture, &weather);
    }
    picture.detail_of(weather.words());
    picture.detail_of(match view {
        View::FromSea => &["seen from the sea", "from a boat"],
        View::Along => &["by the sea", "on a cliff"],
        View::Bay => &["seen from above", "from above"],
    });
}

fn ground(picture: &mut Picture, stage: &mut Stage, coast: &Coast) {
    let random = &mut picture.random;
    let rock = *random.pick(&[0x8c7c68, 0x7c7264, 0x988470, 0x746c60].map(rgb));
    let green = *random.pick(&[0x4c6434, 0x5c6c38, 0x3c5830].map(rgb));
    let sea = *random.pick(&[0x12588c, 0x1a6c9c, 0x0f4a7c, 0x1f7fa4].map(rgb));
    let noise = coast.noise;
    let sky = stage.weather.sky.1;
    let colour = |spot: &Spot| {
        let fine = noise.fractal(spot.unrolled() * 0.12 / spot.grain.clamp(0.3, 2.0), 2, 0.6);
        if spot.height < 0.0 {
            let wave = noise.fractal(vec2(spot.at.x * 0.06, spot.at.y.ln() * 26.0), 2, 0.6);
            let shallow = smoothstep(-3.0, -0.3, spot.height);
            let blue = sea.lerp(rgb(0x38b8b0), 0.65 * shallow) * (1.0 + 0.18 * wave);
            let foam = smoothstep(-0.5, -0.1, spot.height + 0.3 * wave);
            return blue.lerp(sky, 0.1 + 0.08 * wave).lerp(rgb(0xf0f4f0), 0.8 * foam);
        }
        let steep = smoothstep(0.55, 0.25, spot.normal.y + 0.16 * fine);
        let layers = 1.0 + 0.2 * noise.at(vec2(spot.height * 0.35, spot.at.x * 0.02)) + 0.35 * fine;
        let wood = noise.fractal(spot.at * 0.03, 2, 0.5);
        let plants = green.lerp(rgb(0x6c7440), clamp01(0.5 + wood)) * (1.0 + 0.4 * fine);
        let colour = plants.lerp(rock * layers, clamp01(steep + 0.15));
        colour.lerp(rgb(0xd8c8a4), smoothstep(3.0, 1.2, spot.height) * (1.0 - steep))
    };
    picture.canvas.begin(0.9);
    let near = (0.45 * stage.focal * stage.eye.y / (1.02 - stage.centre.y)).clamp(2.0, 40.0);
    paint_land(stage, &mut picture.canvas, (near, 12000.0), &|p| coast.height(p), &colour);
    paint_sky(stage, &mut picture.canvas, |_, sky| sky);
}

fn town(picture: &mut Picture, stage: &mut Stage, coast: &Coast, lit: f32) {
    let random = &mut picture.random;
    let pastel =
        [0xf4d8b0, 0xf0b890, 0xe89878, 0xf6e4c0, 0xf2c4b4, 0xe8d090, 0xf4f0e4, 0xd8805c, 0xf0c468, 0xe8b4a8, 0xd4dcd0]
            .map(rgb);
    let wanted = random.int(60, 120);
    let mut feet: Vec<(Vec2, f32)> = Vec::new();
    let heart = random.range(0.25, 0.75);
    let spread = random.range(0.3, 0.7);
    for _ in 0..wanted * 14 {
        if feet.len() >= wanted as usize {
            break;
        }
        let d = match coast.view {
            View::FromSea => coast.shore * random.range(0.9, 2.0),
            View::Along => 22.0 * 14f32.powf(random.unit()),
            View::Bay => 60.0 * 6f32.powf(random.unit()),
        };
        let across = heart + spread * random.normal();
        let at = vec2(stage.across(if coast.view == View::FromSea { across } else { random.range(-0.05, 1.05) }, d), d);
        let height = coast.height(at);
        let t = coast.inland(at) / coast.run;
        if height < 1.5 || t > 1.6 || random.unit() < t * 0.4 {
            continue;
        }
        // On slopes rows stand close behind each other: what counts is the distance in the picture.
        let place = vec3(at.x, height, -at.y);
        let gap = stage.metre(d) * 8.5;
        let seen = stage.seen(place);
        let free = feet.iter().all(|&(other, h)| {
            let off = stage.seen(vec3(other.x, h, -other.y)) - seen;
            off.x.abs() > gap || off.y.abs() > gap * 0.55 || (other - at).length() > 30.0
        });
        if free {
            feet.push((at, height));
        }
    }
    feet.sort_by(|a, b| b.0.y.total_cmp(&a.0.y));
    // The nearest place that is near the middle and not too close.
    let church = feet.iter().rposition(|&(at, height)| {
        let p = stage.seen(vec3(at.x, height, -at.y));
        (p.x - 0.5).abs() < 0.36 && p.y > 0.3 && p.y < 0.85 && at.y > 50.0
    });
    let big = if coast.view == View::Along { 1.0 } else { 1.25 };
    let greens = [0x3c5c2c, 0x4c6c34, 0x34502c].map(rgb);
    let slope = |at: Vec2| {
        let e = 4.0;
        vec2(
            coast.height(at + vec2(e, 0.0)) - coast.height(at - vec2(e, 0.0)),
            coast.height(at + vec2(0.0, e)) - coast.height(at - vec2(0.0, e)),
        )
    };
    for (index, &(at, height)) in feet.iter().enumerate() {
        let random = &mut picture.random;
        let canvas = &mut picture.canvas;
        let foot = vec3(at.x, height, -at.y);
        let uphill = slope(at);
        // Houses look down the slope.
        let angle = (-uphill.x).atan2(uphill.y.abs() + 6.0).clamp(-1.2, 1.2) + random.range(-0.15, 0.15);
        let frame = Frame::new(foot, angle);
        if church == Some(index) {
            dome_church(stage, canvas, random, &frame.moved(0.0, 1.0, 0.0), lit);
            continue;
        }
        if random.chance(0.2) {
            let fruit = random.chance(0.5).then(|| rgb(0xf4d030));
            let tall = random.range(5.0, 9.0);
            crown(stage, canvas, foot, (tall, tall * random.range(0.4, 1.0)), *random.pick(&greens), fruit, random);
            continue;
        }
        let colour = *random.pick(&pastel);
        pastel_house(stage, canvas, random, frame, (colour, big), lit);
    }
}

fn pastel_house(
    stage: &mut Stage,
    canvas: &mut Canvas,
    random: &mut Rng,
    frame: Frame,
    (colour, big): (Vec3, f32),
    lit: f32,
) {
    let half = vec2(random.range(3.8, 7.0), random.range(3.6, 5.6)) * big;
    let colour = saturated(colour, random.range(1.0, 1.5));
    let storey = 3.1 * big;
    let height = storey * *random.pick(&[1.8, 2.1, 2.8, 3.1, 3.9]);
    let wall = Skin::new(colour * random.range(0.88, 1.05), Grain::Plaster).windows(Windows {
        pitch: vec2(random.range(2.3, 3.0) * big, storey),
        size: vec2(1.05, 1.75) * big,
        width: 1.0,
        top: height,
        lit,
        frame: rgb(0xf4ece0),
        shutters: random.chance(0.6).then(|| *random.pick(&[0x2c6450, 0x3c6c8c, 0x6c4430, 0x4c7c5c].map(rgb))),
        door: true,
        arched: random.chance(0.25),
        seed: random.int(0, 9999),
    });
    canvas.begin(Stage::depth(-frame.foot.z));
    let deep = frame.moved(0.0, -5.0, 0.0);
    stage.walls(canvas, &deep, half * 1.02, 5.0, &wall.bare().tinted(colour * 0.75));
    let tiles = Skin::new(*random.pick(&[0xb86440, 0xa85438, 0xc87c50].map(rgb)), Grain::Tiles);
    match random.weighted(&[0.5, 0.3, 0.2]) {
        0 => {
            let lid = Skin::new(colour.lerp(rgb(0xd8cfc0), 0.6), Grain::Plaster);
            stage.block(canvas, &frame, half, height, &wall, &lid);
        }
        1 => {
            stage.walls(canvas, &frame, half, height, &wall);
            stage.spire(canvas, &frame, half * 1.1, height, 1.9, &tiles);
        }
        _ => {
            let house =
                House { frame, half, height, rise: 2.0, over: 0.4, thick: 0.25, wall, roof: tiles, chimney: None };
            stage.house(canvas, &house);
        }
    }
}

fn dome_church(stage: &mut Stage, canvas: &mut Canvas, random: &mut Rng, frame: &Frame, lit: f32) {
    let wall = Skin::new(*random.pick(&[0xf4e8cc, 0xf0d8a4, 0xf8f2e4].map(rgb)), Grain::Plaster).windows(Windows {
        pitch: vec2(4.5, 5.5),
        size: vec2(1.4, 3.0),
        width: 1.0,
        top: 11.0,
        lit,
        frame: rgb(0xb8a080),
        shutters: None,
        door: true,
        arched: true,
        seed: 3,
    });
    let (one, two) = *random.pick(&[(0xe0b83c, 0x3c8c5c), (0x3c7c9c, 0xe8d060), (0x4c9c70, 0xd8c040)]);
    let (one, two) = (rgb(one), rgb(two));
    canvas.begin(Stage::depth(-frame.foot.z));
    let deep = frame.moved(0.0, -6.0, 0.0);
    stage.walls(canvas, &deep, vec2(7.2, 8.0), 6.0, &wall.bare().tinted(wall.colour * 0.8));
    stage.block(canvas, frame, vec2(7.0, 8.0), 10.0, &wall, &wall.bare());
    let up = frame.at(0.0, 10.0, 0.0);
    stage.round(canvas, 1, up, (5.2, 5.2, 2.6), |_| Look::dull(wall.colour));
    stage.dome(canvas, 2, up + vec3(0.0, 2.6, 0.0), (5.2, 5.6), |p| {
        let tile = ((p.x * 0.8).floor() + (p.y * 0.9).floor()).rem_euclid(2.0);
        Look::dull(if tile < 1.0 { one } else { two })
    });
    stage.round(canvas, 3, up + vec3(0.0, 8.0, 0.0), (0.9, 0.7, 2.2), |_| Look::dull(rgb(0xf0e8d4)));
    let bells = frame.moved(random.sign() * 8.5, 0.0, 4.0);
    stage.walls(canvas, &bells.moved(0.0, -5.0, 0.0), vec2(2.0, 2.0), 5.0, &wall.bare());
    stage.block(canvas, &bells, vec2(2.0, 2.0), 16.0, &wall, &wall.bare());
    stage.dome(canvas, 4, bells.at(0.0, 16.0, 0.0), (2.0, 2.6), |_| Look::dull(one));
}

/// A branch with lemons, or bougainvillea, that hangs into the frame from above or stands at its foot.
fn branch(picture: &mut Picture, weather: &Weather) {
    let random = &mut picture.random;
    let canvas = &mut picture.canvas;
    let lemons = random.chance(0.6);
    let (side, above) = (random.sign(), random.chance(0.65));
    let corner = vec2(0.5 + 0.55 * side, if above { -0.05 } else { 1.05 });
    let inward = vec2(-side, if above { 0.55 } else { -0.55 });
    canvas.begin(0.02);
    let leaf = [0x2c5424, 0x3c6c2c, 0x4c7c34].map(rgb);
    let bloom = [0xc8307c, 0xd8489c, 0xa8246c].map(rgb);
    for _ in 0..random.int(26, 60) {
        let (along, aside) = (random.unit() * random.unit() * 0.75, random.range(-0.13, 0.13));
        let at = corner + inward * along + inward.perp() * aside + vec2(0.0, random.range(-0.03, 0.03));
        let (long, angle) = (random.range(0.025, 0.06), random.range(0.0, std::f32::consts::TAU));
        let colour =
            weather.lit(if !lemons && random.chance(0.6) { *random.pick(&bloom) } else { *random.pick(&leaf) })
                * random.range(0.7, 1.2);
        let wide = if lemons { 0.4 } else { 0.65 };
        canvas.fill(&Shape::ellipse(at, vec2(long, long * wide), angle), |p| {
            colour * (1.0 + 0.35 * (turned(p - at, -angle).y / long).signum() * 0.5)
        });
    }
    if lemons {
        for _ in 0..random.int(3, 7) {
            let at = corner + inward * random.range(0.08, 0.5) + inward.perp() * random.range(-0.12, 0.12);
            let size = random.range(0.028, 0.05);
            let light = weather.light.to;
            canvas.fill(&Shape::ellipse(at, vec2(size, size * 1.25), random.range(-0.4, 0.4)), |p| {
                let q = (p - at) / size;
                weather.lit(rgb(0xf6d22c)) * (1.0 + 0.35 * (q.x * light.x - q.y * light.y))
            });
        }
        picture.detail_of(&["with lemons", "with a lemon tree"]);
    } else {
        picture.detail_of(&["with flowers"]);
    }
}
