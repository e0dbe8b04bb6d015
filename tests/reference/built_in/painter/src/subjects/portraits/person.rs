//! Who sits: age, features, hair, expression, hat and clothes, drawn by chance from what is usual for each kind.

use super::clothes::Clothes;
use super::hair::{Beard, Hair};
use super::hats::Hat;
use crate::math::{Vec2, Vec3, mix, rgb, saturated, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Man,
    OldMan,
    HatMan,
    Barista,
    Woman,
    RedWoman,
    Boy,
    Girl,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Glasses {
    Round,
    Square,
    Dark,
}

#[derive(Clone)]
pub struct Person {
    pub kind: Kind,
    pub skin: Vec3,
    pub lip_colour: Vec3,
    pub eye_colour: Vec3,
    pub hair_colour: Vec3,
    pub brow_colour: Vec3,
    pub beard_colour: Vec3,
    pub hair: Hair,
    pub beard: Option<Beard>,
    pub stubble: f32,
    pub glasses: Option<Glasses>,
    pub hat: Option<Hat>,
    pub clothes: Clothes,
    pub width: f32,
    pub jaw: f32,
    pub nose: f32,
    pub lips: f32,
    /// Half of the mouth's width.
    pub mouth: f32,
    pub plump: f32,
    pub eyes: f32,
    pub lashes: f32,
    pub brows: f32,
    pub brow_lift: f32,
    pub frown: f32,
    pub smile: f32,
    pub open: f32,
    pub gaze: Vec2,
    pub ruddy: f32,
    /// 0 smooth … 1 very old.
    pub wrinkles: f32,
    pub shoulders: f32,
    pub pipe: bool,
    /// Seen from head to foot.
    pub standing: bool,
    /// -1 or 1: where the hair is parted.
    pub part: f32,
    pub fringe: bool,
    pub hair_length: f32,
    pub noise: Noise,
}

impl Kind {
    pub fn female(self) -> bool {
        matches!(self, Kind::Woman | Kind::RedWoman | Kind::Girl)
    }

    pub fn young(self) -> bool {
        matches!(self, Kind::Boy | Kind::Girl)
    }
}

impl Person {
    /// A child's face is drawn down and together, with a high forehead.
    pub fn grown(&self, p: Vec3) -> Vec3 {
        if !self.kind.young() {
            return p;
        }
        let low = p.y + 0.14;
        vec3(p.x, low * if low < 0.0 { 1.16 } else { 0.9 }, p.z)
    }
}

/// Skin from pale to deep, each with its undertone.
fn skin(random: &mut Rng, pale: bool) -> Vec3 {
    const PALE: &[u32] = &[0xf0cdb4, 0xe8bc9c, 0xf2d4c0, 0xe0ac88];
    const ALL: &[u32] =
        &[0xf0cdb4, 0xe8bc9c, 0xe6b490, 0xd8a078, 0xdcae84, 0xc68e64, 0xb87c54, 0x9c6644, 0x7e4e34, 0x5c3826, 0x48291c];
    let tone = rgb(*random.pick(if pale { PALE } else { ALL }));
    saturated(tone, 0.86) * vec3(1.0, random.range(0.95, 1.03), random.range(0.92, 1.05))
}

fn hair_colour(random: &mut Rng, kind: Kind, dark_skin: bool) -> Vec3 {
    const WHITE: &[u32] = &[0xf0eeea, 0xdcdad6, 0xc8c6c4, 0xe8e2d4, 0xa8a8a8];
    const RED: &[u32] = &[0x8c3a1c, 0x9c4422, 0x7a2e18, 0xb05a30, 0x8a3018, 0xa84a20];
    const DARK: &[u32] = &[0x17120f, 0x241a14, 0x38261a];
    const ALL: &[u32] =
        &[0x17120f, 0x241a14, 0x38261a, 0x50341f, 0x6c4628, 0x8c6034, 0xb88a4c, 0xd8b878, 0x8a3f20, 0x77736e];
    let from = match kind {
        Kind::OldMan => WHITE,
        Kind::RedWoman => RED,
        _ if dark_skin => DARK,
        _ => ALL,
    };
    let among = if kind != Kind::Man && from.len() == ALL.len() { &from[..from.len().min(8)] } else { from };
    rgb(*random.pick(among)) * random.range(0.9, 1.1)
}

impl Person {
    pub fn any(kind: Kind, random: &mut Rng) -> Person {
        let (female, young, old) = (kind.female(), kind.young(), kind == Kind::OldMan);
        let skin = skin(random, kind == Kind::RedWoman);
        let dark_skin = skin.x < 0.68;
        let hair_colour = hair_colour(random, kind, dark_skin);
        let elderly = old || (kind == Kind::HatMan && random.chance(0.25));
        let wrinkles = if old {
            random.range(0.75, 1.0)
        } else if elderly {
            random.range(0.5, 0.9)
        } else if female || young {
            0.0
        } else {
            random.range(0.0, 0.35)
        };
        let hair_colour =
            if elderly && !old && random.chance(0.8) { Vec3::splat(random.range(0.6, 0.9)) } else { hair_colour };
        let hat = (kind == Kind::HatMan).then(|| Hat::any(random)).or_else(|| Hat::perhaps(kind, random));
        let hair = Hair::any(kind, hat.is_some(), random);
        let beard = Beard::perhaps(kind, matches!(hair, Hair::Bald | Hair::Bob), random);
        // A bare face under long hair would be taken for a woman's.
        let full = beard.is_some_and(|beard| beard.length.is_some());
        let hair = if hair == Hair::Bob && !full && !female { Hair::Receding } else { hair };
        let glasses_chance = match kind {
            Kind::Barista => 0.45,
            Kind::OldMan => 0.25,
            _ if young => 0.04,
            _ => 0.16,
        };
        let glasses = random
            .chance(glasses_chance)
            .then(|| [Glasses::Round, Glasses::Square, Glasses::Dark][random.weighted(&[0.45, 0.42, 0.13])])
            .filter(|&glasses| !(glasses == Glasses::Dark && (old || kind == Kind::Barista || young)));
        let lips = if female { vec3(1.02, 0.5, 0.5) } else { vec3(0.9, 0.62, 0.58) };
        let painted = female && !young && random.chance(0.3);
        let lip_colour = if painted { rgb(*random.pick(&[0xa02030, 0xb03440, 0x8c1c34])) } else { skin * lips };
        let smile = random.range(if young { 0.0 } else { -0.4 }, 1.0);
        let laughing = smile > 0.45 && random.chance(0.35);
        Person {
            kind,
            skin,
            lip_colour,
            eye_colour: rgb(*random.pick(&[0x3c2616, 0x2c1a10, 0x4a6a80, 0x58704c, 0x6a4a28])),
            hair_colour,
            brow_colour: if old { hair_colour * 0.85 } else { hair_colour * 0.6 },
            beard_colour: hair_colour * if old { random.range(0.9, 1.1) } else { random.range(0.7, 1.05) },
            hair,
            stubble: if female || young || beard.is_some() { 0.0 } else { random.range(-0.1, 0.6).max(0.0) },
            beard,
            glasses,
            hat,
            clothes: Clothes::any(kind, skin, random),
            width: random.range(0.93, 1.08) * if female { 0.96 } else { 1.0 },
            jaw: if female || young { random.range(0.78, 0.92) } else { random.range(1.0, 1.18) },
            mouth: if female || young { random.range(0.14, 0.18) } else { random.range(0.17, 0.22) },
            plump: if old { random.range(0.3, 0.9) } else { random.range(0.8, 1.4) } * if young { 1.25 } else { 1.0 },
            nose: if female {
                random.range(0.0, 0.45)
            } else if young {
                0.1
            } else {
                random.range(0.45, 1.15)
            },
            lips: if female { random.range(0.9, 1.3) } else { random.range(0.5, 1.0) } * if old { 0.7 } else { 1.0 },
            eyes: random.range(0.05, 0.072)
                * if young {
                    1.45
                } else if female {
                    1.15
                } else if old {
                    0.8
                } else {
                    0.95
                },
            lashes: if female { 0.85 } else { 0.6 },
            brows: if old {
                random.range(0.04, 0.075)
            } else if female || young {
                random.range(0.018, 0.03)
            } else {
                random.range(0.034, 0.055)
            },
            brow_lift: random.range(-0.03, 0.04),
            frown: if female || young { random.range(-0.1, 0.15) } else { random.range(-0.25, 0.3) },
            smile,
            open: if laughing { random.range(0.03, 0.055) } else { 0.0 },
            gaze: vec2(random.range(-0.035, 0.035), random.range(-0.012, 0.008)),
            ruddy: random.range(0.25, 0.85) * if dark_skin { 0.35 } else { 1.0 },
            wrinkles,
            shoulders: if female || young {
                random.range(1.12, 1.3) * if young { 0.82 } else { 1.0 }
            } else {
                random.range(1.4, 1.72)
            } * mix(1.0, 0.92, wrinkles),
            pipe: !female && !young && kind != Kind::Barista && random.chance(if old { 0.1 } else { 0.05 }),
            standing: false,
            part: random.sign(),
            fringe: (female || young) && random.chance(0.25),
            hair_length: random.range(0.0, 0.9),
            noise: Noise::new(random),
        }
    }
}
