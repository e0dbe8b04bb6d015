//! Fruit: apples, oranges, lemons, pears, plums, peaches, bananas, grapes; heaped in a bowl, or an apple alone.

use glam::Mat3;

use super::stage::{Stage, anywhere, cloth, still, turning};
use crate::backdrop::{Ground, Want};
use crate::math::{Vec3, clamp01, hsv, mix, rgb, smooth_min, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Material, Solid, distance::*};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Apple,
    Orange,
    Lemon,
    Pear,
    Plum,
    Banana,
    Grapes,
}

struct Fruit {
    kind: Kind,
    at: Vec3,
    size: f32,
    turn: Mat3,
    skin: Vec3,
    blush: Vec3,
    leaf: bool,
    noise: Noise,
}

impl Fruit {
    fn any(kind: Kind, random: &mut Rng, at: Vec3) -> Fruit {
        let (skins, blushes): (&[u32], &[u32]) = match kind {
            Kind::Apple => (&[0xb81c1c, 0xc8281c, 0x8cac30, 0xd8b840, 0x981824], &[0xd88030, 0xd84028, 0xa8b848]),
            Kind::Orange => (&[0xf08818, 0xe87810, 0xf49c2c], &[0xf0a030]),
            Kind::Lemon => (&[0xf0d430, 0xe8cc28, 0x9cb838], &[0xd8d048]),
            Kind::Pear => (&[0xb8b440, 0xc8b848, 0x98a43c], &[0xc87838, 0xb09838]),
            Kind::Plum => (&[0x4c2450, 0x38204c, 0x70203c, 0xe89c68], &[0x8c4c70, 0xd86048]),
            Kind::Banana => (&[0xf0cc38, 0xe8c030, 0xd8c848], &[0xa8a838]),
            Kind::Grapes => (&[0x4c2048, 0x98b048, 0x6c2434, 0x302050], &[0x8c5c88]),
        };
        let sizes = match kind {
            Kind::Banana => (0.42, 0.5),
            Kind::Grapes => (0.4, 0.5),
            Kind::Lemon | Kind::Plum => (0.23, 0.28),
            _ => (0.3, 0.36),
        };
        let turn = match kind {
            Kind::Banana => turning(random.range(0.0, 6.3), random.range(-0.3, 0.3), random.range(-0.3, 0.3)),
            _ => turning(random.range(0.0, 6.3), random.normal() * 0.4, random.normal() * 0.4),
        };
        Fruit {
            kind,
            at,
            size: random.range(sizes.0, sizes.1),
            turn,
            skin: rgb(*random.pick(skins)),
            blush: rgb(*random.pick(blushes)),
            leaf: random.chance(0.4),
            noise: Noise::new(random),
        }
    }

    fn own(&self, p: Vec3) -> Vec3 {
        self.turn * (p - self.at) / self.size
    }

    fn stem(&self, q: Vec3) -> f32 {
        let (top, long) = match self.kind {
            Kind::Apple => (0.35, 0.95),
            Kind::Pear => (1.2, 1.6),
            _ => return 9.0,
        };
        let twig = capsule(q, vec3(0.0, top, 0.0), vec3(0.12, long, 0.05), 0.055);
        if self.leaf { twig.min(self.green(q)) } else { twig }
    }

    fn green(&self, q: Vec3) -> f32 {
        ellipsoid(about_z(q - vec3(0.42, 0.88, 0.05), 0.35), vec3(0.36, 0.045, 0.17)) * 0.8
    }

    fn flesh(&self, q: Vec3) -> f32 {
        match self.kind {
            Kind::Apple => {
                let r = vec2(q.x, q.z).length() * (1.0 + 0.14 * (0.2 - q.y).max(-0.3));
                (vec2(r - 0.38, q.y).length() - 0.64) * 0.9
            }
            Kind::Orange => sphere(q, 1.0),
            Kind::Lemon => smooth_min(
                ellipsoid(q, vec3(1.25, 0.88, 0.88)),
                capsule(q, vec3(-1.35, 0.0, 0.0), vec3(1.35, 0.0, 0.0), 0.16),
                0.3,
            ),
            Kind::Pear => {
                smooth_min(sphere(q + vec3(0.0, 0.15, 0.0), 0.85), sphere(q - vec3(0.0, 0.8, 0.0), 0.42), 0.55)
            }
            Kind::Plum => ellipsoid(q, vec3(0.95, 1.0, 0.95)),
            Kind::Banana => {
                let bend = |k: f32| vec3(0.95 * k, 0.55 * k * k - 0.25, 0.0);
                let side = |a: f32, b: f32, ra, rb| cone(q, bend(a), bend(b), ra, rb);
                let middle = side(-0.45, 0.45, 0.3, 0.3);
                let ends = side(0.45, 1.15, 0.3, 0.13).min(side(-0.45, -1.2, 0.3, 0.09));
                smooth_min(middle, ends, 0.08)
            }
            Kind::Grapes => {
                // Balls on a lattice, within a hanging drop.
                let cell = 0.46;
                let r = q / cell;
                let near = r - r.round();
                let whole = ellipsoid(q - vec3(0.0, 0.05, 0.0), vec3(0.95, 0.62, 0.8));
                smooth_min((near.length() - 0.5) * cell * 0.8, whole + 0.3, 0.05).max(whole)
            }
        }
    }

    fn distance(&self, p: Vec3) -> f32 {
        let q = self.own(p);
        self.flesh(q).min(self.stem(q)) * self.size
    }

    fn reach(&self) -> f32 {
        self.size * if self.kind == Kind::Banana || self.kind == Kind::Pear { 1.6 } else { 1.35 }
    }

    fn material(&self, p: Vec3) -> Material {
        let q = self.own(p);
        if self.stem(q) < self.flesh(q) {
            let green = self.leaf && self.green(q) < 0.02;
            return Material::dull(if green { rgb(0x4c7c2c) } else { rgb(0x4c3420) }).part(9);
        }
        let mottle = self.noise.fractal3(q * 2.0, 2, 0.6);
        let (colour, gloss) = match self.kind {
            Kind::Apple => {
                let streak = self.noise.at(vec2(q.x.atan2(q.z) * 9.0, q.y));
                let hollow = smoothstep(0.32, 0.0, vec2(q.x, q.z).length());
                let red = self.skin.lerp(self.blush, clamp01(0.3 + 0.5 * mottle + 0.3 * streak));
                (red.lerp(rgb(0xa8a040), hollow * 0.7), 0.6)
            }
            Kind::Orange => (self.skin * (1.0 + 0.12 * self.noise.at3(q * 14.0)), 0.3),
            Kind::Banana => {
                let end = smoothstep(0.98, 1.1, q.x.abs());
                let ridge = 1.0 + 0.14 * (q.y.atan2(q.z) * 5.0).sin();
                let spots = smoothstep(0.45, 0.6, self.noise.at3(q * 5.0));
                (self.skin.lerp(self.blush, 0.3 * mottle).lerp(rgb(0x3c2c14), end.max(0.6 * spots)) * ridge, 0.25)
            }
            Kind::Grapes => (self.skin.lerp(self.blush, clamp01(0.2 + 0.3 * mottle)), 0.8),
            _ => (self.skin.lerp(self.blush, clamp01(0.25 + 0.6 * mottle)), 0.4),
        };
        Material::glossy(colour, gloss)
    }
}

struct Heap {
    fruits: Vec<Fruit>,
}

impl Heap {
    fn distance(&self, p: Vec3, mut nearest: f32) -> f32 {
        for fruit in &self.fruits {
            if (p - fruit.at).length() - fruit.reach() < nearest {
                nearest = nearest.min(fruit.distance(p));
            }
        }
        nearest
    }

    fn material(&self, p: Vec3) -> Material {
        let near = |k: &usize| self.fruits[*k].distance(p);
        let nearest = (0..self.fruits.len()).min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0);
        self.fruits[nearest].material(p).part(1 + nearest as u8 % 12)
    }
}

struct Bowl {
    wide: f32,
    deep: f32,
    foot: bool,
    glaze: Vec3,
    band: Vec3,
    striped: usize,
    gloss: f32,
}

impl Bowl {
    fn any(picture: &mut Picture) -> Bowl {
        let random = &mut picture.random;
        let glaze = match random.weighted(&[0.35, 0.35, 0.3]) {
            0 => *random.pick(&[0xe8e4dc, 0xd8d4c8, 0xf0ece0].map(rgb)),
            1 => hsv(random.unit(), random.range(0.3, 0.75), random.range(0.3, 0.8)),
            _ => *random.pick(&[0x7c4c2c, 0x5c3420, 0xa07048, 0x8c8c90, 0xb08838].map(rgb)),
        };
        Bowl {
            wide: random.range(0.9, 1.15),
            deep: random.range(0.4, 0.65),
            foot: random.chance(0.3),
            glaze,
            band: hsv(random.unit(), 0.6, 0.6),
            striped: random.weighted(&[0.5, 0.25, 0.25]),
            gloss: random.range(0.2, 0.9),
        }
    }

    fn lift(&self) -> f32 {
        if self.foot { 0.45 } else { 0.06 }
    }

    fn rim(&self) -> f32 {
        self.lift() + self.deep
    }

    fn distance(&self, p: Vec3) -> f32 {
        let rim = self.rim();
        let q = p - vec3(0.0, rim, 0.0);
        let shell = ellipsoid(q, vec3(self.wide, self.deep, self.wide)).max(q.y);
        let shell = shell.max(-ellipsoid(q, vec3(self.wide - 0.07, self.deep - 0.07, self.wide - 0.07)));
        let low = cylinder(p - vec3(0.0, 0.05, 0.0), self.wide * 0.45, 0.05, 0.03);
        let stalk = if self.foot { cylinder(p - vec3(0.0, 0.25, 0.0), 0.14, 0.25, 0.02) } else { 9.0 };
        smooth_min(shell, smooth_min(low, stalk, 0.12), 0.08)
    }

    fn material(&self, p: Vec3) -> Material {
        let up = (self.rim() - p.y) / self.deep;
        let marked = match self.striped {
            1 => (up - 0.2).abs() < 0.1,
            2 => (p.x.atan2(p.z) * 4.0).sin() > 0.3 && up > 0.12,
            _ => false,
        };
        Material::glossy(if marked { self.band } else { self.glaze }, self.gloss)
    }
}

pub fn bowl(picture: &mut Picture) {
    let bowl = Bowl::any(picture);
    let fruits = heap(picture, &bowl);
    let heap = Heap { fruits };
    let share = if picture.dense { (0.72, 1.0) } else { (0.45, 0.78) };
    let height = bowl.rim() + 0.75;
    let want = Want { grounds: &[Ground::Meadow, Ground::Beach], height: 2.0, share, down: (0.12, 0.9) };
    let stage = anywhere(picture, 0.9, &want);
    let solid = Solid {
        distance: |p: Vec3| heap.distance(p, bowl.distance(p)),
        material: |p: Vec3, _| {
            if heap.distance(p, 9.0) < bowl.distance(p) { heap.material(p) } else { bowl.material(p) }
        },
        centre: vec3(0.0, 0.5 * height, 0.0),
        radius: 1.4,
    };
    stage.show(picture, &solid);
}

/// A ring of fruit, one or two on top, sometimes a banana across or one beside the bowl.
fn heap(picture: &mut Picture, bowl: &Bowl) -> Vec<Fruit> {
    let random = &mut picture.random;
    let round = [Kind::Apple, Kind::Orange, Kind::Pear, Kind::Lemon, Kind::Plum, Kind::Apple];
    let mut kinds = round.to_vec();
    random.shuffle(&mut kinds);
    kinds.truncate(random.int(2, 5) as usize);
    let (count, spin) = (random.int(5, 6), random.range(0.0, 6.0));
    let mut fruits = Vec::new();
    for k in 0..count {
        let angle = spin + std::f32::consts::TAU * k as f32 / count as f32;
        let out = bowl.wide * random.range(0.52, 0.62);
        let at = vec3(out * angle.cos(), bowl.rim() + random.range(0.04, 0.14), out * angle.sin());
        let kind = *random.pick(&kinds);
        fruits.push(Fruit::any(kind, random, at));
    }
    for _ in 0..random.int(1, 2) {
        let at = vec3(random.range(-0.25, 0.25), bowl.rim() + random.range(0.35, 0.5), random.range(-0.2, 0.25));
        let kind = *random.pick(&kinds);
        fruits.push(Fruit::any(kind, random, at));
    }
    for k in 0..random.weighted(&[0.35, 0.4, 0.25]) {
        let at = vec3(random.range(-0.3, 0.3), bowl.rim() + 0.34 + 0.14 * k as f32, random.range(0.1, 0.45));
        fruits.push(Fruit::any(Kind::Banana, random, at));
    }
    if random.chance(0.4) {
        let at = vec3(random.sign() * 0.5, bowl.rim() + 0.16, random.range(0.2, 0.5));
        fruits.push(Fruit::any(Kind::Grapes, random, at));
    }
    fruits
}

pub fn apple(picture: &mut Picture) {
    let count = if picture.random.chance(0.2) { picture.random.int(2, 3) } else { 1 };
    let share = if picture.dense { (0.72, 1.0) } else { (0.38, 0.85) };
    let want = Want {
        grounds: &[Ground::Meadow, Ground::Snow, Ground::Forest, Ground::Beach],
        height: 2.0,
        share: if count > 1 { (share.0 * 0.5, share.1 * 0.42) } else { share },
        down: (0.05, 0.9),
    };
    let afloat = count == 1 && picture.random.chance(0.2);
    let stage: Stage = if afloat {
        cloth(picture, 1.9, share)
    } else if count > 1 {
        still(picture, &want)
    } else {
        anywhere(picture, 0.65, &want)
    };
    let foot = if afloat { 0.0 } else { 0.62 };
    let random = &mut picture.random;
    let mut fruits: Vec<Fruit> = Vec::new();
    for k in 0..count {
        let side = (k as f32 - 0.5 * (count - 1) as f32) * 2.1;
        let at = vec3(side, foot, if count > 1 { random.range(-0.8, 0.8) } else { 0.0 });
        let mut fruit = Fruit::any(Kind::Apple, random, at);
        let tilt = if afloat { 0.7 } else { 0.25 };
        fruit.turn = turning(random.range(0.0, 6.3), 0.2 + random.normal().abs() * tilt, random.normal() * tilt);
        fruit.size = if count > 1 { random.range(0.85, 1.0) } else { 1.0 };
        fruits.push(fruit);
    }
    let skin = fruits[0].skin;
    picture.noun = if count > 1 {
        Some("apples".into())
    } else if skin.x > 2.0 * skin.y {
        fruits[0].blush = skin.lerp(fruits[0].blush, 0.55);
        Some("a red apple".into())
    } else if skin.y > skin.x {
        fruits[0].blush = mix(0.5, 1.0, 0.5) * (skin + rgb(0xa8b848));
        Some("a green apple".into())
    } else {
        None
    };
    let heap = Heap { fruits };
    let solid = Solid {
        distance: |p: Vec3| heap.distance(p, 9.0),
        material: |p: Vec3, _| heap.material(p),
        centre: vec3(0.0, foot + 0.1, 0.0),
        radius: 1.35 + 1.15 * (count - 1) as f32,
    };
    stage.show(picture, &solid);
}
