//! A wooden pencil: on paper and desks, drawing a line, large and near on a mottled ground, or several in a cup.

use glam::Mat3;

use super::desk::desk;
use super::stage::{Stage, cloth, lamp, part_from, still, turning};
use crate::backdrop::Want;
use crate::math::{Vec2, Vec3, hsv, rgb, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::picture::Picture;
use crate::random::Rng;
use crate::solid::{Camera, Material, Solid, distance::*};

/// Along x from -1 (eraser) to 1 (point).
pub struct Pencil {
    thick: f32,
    /// Where the paint ends and the wood begins.
    shoulder: f32,
    round: bool,
    paint: Vec3,
    lead: Vec3,
    wood: Vec3,
    eraser: Option<(Vec3, Vec3)>,
    striped: bool,
    noise: Noise,
}

impl Pencil {
    pub fn any(random: &mut Rng) -> Pencil {
        let thick = random.range(0.095, 0.165);
        let classic = random.chance(0.45);
        let paint = if classic {
            *random.pick(&[0xf0b41c, 0xe8a010, 0xf4c430, 0xd8341c, 0x1c6c3c, 0x1c4c9c].map(rgb))
        } else {
            hsv(random.unit(), random.range(0.5, 0.95), random.range(0.3, 0.95))
        };
        let coloured = !classic && random.chance(0.45);
        let metal = *random.pick(&[0xb8bcc0, 0xc8a040, 0x8c9c90].map(rgb));
        let rubber = *random.pick(&[0xe88c8c, 0xd86c70, 0xf0a8a0, 0xe0e0d8, 0xc84c44].map(rgb));
        Pencil {
            thick,
            shoulder: 1.0 - thick * random.range(3.0, 4.4),
            round: random.chance(0.25),
            paint,
            lead: if coloured { paint } else { rgb(0x26262a) },
            wood: *random.pick(&[0xe4c090, 0xd8a870, 0xecd0a4].map(rgb)),
            eraser: (!coloured && random.chance(0.8)).then_some((metal, rubber)),
            striped: random.chance(0.3),
            noise: Noise::new(random),
        }
    }

    fn shaft(&self, p: Vec3) -> f32 {
        let (y, z) = (p.y.abs(), p.z.abs());
        if self.round { vec2(y, z).length() - self.thick } else { (z * 0.866 + y * 0.5).max(y) - self.thick * 0.92 }
    }

    fn point(&self, p: Vec3) -> f32 {
        let slope = self.thick / (1.0 - self.shoulder);
        (vec2(p.y, p.z).length() - (1.012 - p.x) * slope) * 0.95
    }

    pub fn distance(&self, p: Vec3) -> f32 {
        let back = if self.eraser.is_some() { -0.76 } else { -1.0 };
        let body = self.shaft(p).max(self.point(p)).max(back - p.x).max(p.x - 0.99);
        if self.eraser.is_none() {
            return body;
        }
        let q = vec3(p.y, p.x, p.z);
        let ridge = 0.04 * self.thick * (p.x * 120.0).sin();
        let ferrule = cylinder(q - vec3(0.0, -0.8, 0.0), self.thick * 1.02, 0.075, 0.01) + ridge;
        let rubber = cylinder(q - vec3(0.0, -0.92, 0.0), self.thick * 0.94, 0.09, self.thick * 0.35);
        body.min(ferrule).min(rubber)
    }

    pub fn material(&self, p: Vec3) -> Material {
        if let (Some((metal, rubber)), true) = (self.eraser, p.x < -0.725) {
            if p.x < -0.872 {
                return Material::dull(rubber).part(4);
            }
            let groove = 0.7 + 0.3 * (p.x * 120.0).sin();
            return Material::glossy(metal * groove, 0.9).part(3);
        }
        if p.x < -0.985 {
            let centre = vec2(p.y, p.z).length() < self.thick * 0.4;
            return Material::dull(if centre { self.lead } else { self.wood }).part(1);
        }
        let tip = 1.0 - (1.0 - self.shoulder) * 0.34;
        if p.x > tip {
            return Material::glossy(self.lead, 0.5).part(2);
        }
        if self.point(p) > self.shaft(p) - 0.004 {
            let grain = 1.0 + 0.12 * self.noise.at3(p * vec3(6.0, 60.0, 60.0));
            return Material::dull(self.wood * grain).part(1);
        }
        let stripe = self.striped && p.z.atan2(p.y).rem_euclid(2.094) < 1.047;
        let paint = if stripe { rgb(0x202024) } else { self.paint };
        let gilt = smoothstep(0.012, 0.006, (p.x + 0.62).abs()).max(smoothstep(0.01, 0.005, (p.x + 0.57).abs()));
        Material::glossy(paint.lerp(rgb(0xe8d088), gilt), 0.55)
    }

    fn show(&self, picture: &mut Picture, stage: &Stage, turn: Mat3, at: Vec3) {
        let solid = Solid {
            distance: |p: Vec3| self.distance(turn * (p - at)),
            material: |p: Vec3, _| self.material(turn * (p - at)),
            centre: at,
            radius: 1.06,
        };
        stage.show(picture, &solid);
    }
}

pub fn pencil(picture: &mut Picture) {
    let weights = if picture.dense { [0.3, 0.2, 0.45, 0.05] } else { [0.36, 0.26, 0.26, 0.12] };
    match picture.random.weighted(&weights) {
        0 => lying(picture),
        1 => drawing(picture),
        2 => floating(picture),
        _ => in_a_cup(picture),
    }
}

/// A camera over the desk, looking at the origin from any height.
fn over(picture: &mut Picture, share: (f32, f32)) -> Camera {
    let random = &mut picture.random;
    let (share, focal) = (random.range(share.0, share.1), random.range(1.1, 2.2));
    let (down, far) = (random.range(0.35, 1.5), 2.0 * focal / share);
    let mut camera = Camera::looking(far * vec3(0.0, down.sin(), down.cos()), Vec3::ZERO, focal);
    let loose = 0.12;
    camera.centre = vec2(0.5 + random.range(-loose, loose), 0.5 + random.range(-loose, loose));
    camera
}

fn lying(picture: &mut Picture) {
    let share = if picture.dense { (0.95, 1.4) } else { (0.7, 1.05) };
    let camera = over(picture, share);
    let light = lamp(&mut picture.random);
    desk(picture, &camera, &light, None);
    let stage = Stage { camera, light, haze: None, floor: true };
    let count = if picture.random.chance(0.15) { picture.random.int(2, 4) } else { 1 };
    let angle = aslant(&mut picture.random, &stage.camera, 0.0);
    for k in 0..count {
        let pencil = Pencil::any(&mut picture.random);
        let random = &mut picture.random;
        let angle = angle + if k > 0 { random.range(-0.25, 0.25) } else { 0.0 };
        let aside = 0.4 * (k as f32 - 0.5 * (count - 1) as f32);
        let turn =
            Mat3::from_rotation_x(random.range(0.0, 1.0) * std::f32::consts::FRAC_PI_3) * Mat3::from_rotation_y(angle);
        let across = turn.transpose() * Vec3::Z;
        let middle = vec3(across.x, 0.0, across.z).normalize_or(Vec3::Z) * aside;
        // What does not fit is the back end.
        let back = turn.transpose() * Vec3::X * (share.1 - 1.0) * 0.6;
        let at = middle - back + vec3(0.0, pencil.thick * 0.92, 0.0);
        pencil.show(picture, &stage, turn, at);
    }
    if count > 1 {
        picture.noun = Some("pencils".into());
    }
}

/// An angle about y at which a pencil raised by `up` is not seen end on.
fn aslant(random: &mut Rng, camera: &Camera, up: f32) -> f32 {
    let mut yaw = 0.0;
    for _ in 0..12 {
        yaw = random.range(0.0, std::f32::consts::TAU);
        let axis = Mat3::from_rotation_y(-yaw) * (Mat3::from_rotation_z(-up) * Vec3::X);
        if axis.dot(camera.eye.normalize()).abs() < 0.72 {
            break;
        }
    }
    yaw
}

/// Held up by no hand, its point on the paper at the end of a line.
fn drawing(picture: &mut Picture) {
    let share = if picture.dense { (0.9, 1.3) } else { (0.65, 1.0) };
    let camera = over(picture, share);
    let light = lamp(&mut picture.random);
    let pencil = Pencil::any(&mut picture.random);
    let random = &mut picture.random;
    let up = random.range(0.45, 1.1);
    let yaw = aslant(random, &camera, up);
    let turn = Mat3::from_rotation_z(up) * Mat3::from_rotation_y(yaw);
    let axis = turn.transpose() * Vec3::X;
    let tip = vec2(axis.x, axis.z) * 0.6;
    let at = vec3(tip.x, 0.0, tip.y) - axis * 1.005;
    let (away, curl) = (Vec2::from_angle(random.range(0.0, std::f32::consts::TAU)), random.range(0.0, 0.5));
    let turns = random.range(3.0, 11.0);
    let line: Vec<Vec2> = (0..40)
        .map(|k| {
            let t = k as f32 / 39.0;
            tip + away * t * 2.2
                + curl * vec2((turns * t * 3.0).cos() - 1.0, (turns * t * 3.0).sin()) * (t * 3.0).min(1.0) * 0.6
        })
        .collect();
    desk(picture, &camera, &light, Some((line, pencil.lead)));
    picture.detail_of(&["drawing a line", "drawing on paper"]);
    let stage = Stage { camera, light, haze: None, floor: true };
    pencil.show(picture, &stage, turn, at);
}

/// Before a mottled ground, often so near that only the point is in the picture.
fn floating(picture: &mut Picture) {
    let near = picture.random.chance(if picture.dense { 0.6 } else { 0.3 });
    let share = match (near, picture.dense) {
        (true, _) => (1.7, 2.6),
        (_, true) => (1.05, 1.35),
        _ => (0.75, 1.05),
    };
    let stage = cloth(picture, 2.0, share);
    let pencil = Pencil::any(&mut picture.random);
    part_from(picture, &stage, pencil.paint);
    let random = &mut picture.random;
    let roll = random.range(0.0, std::f32::consts::TAU);
    let turn =
        Mat3::from_rotation_x(random.range(0.0, 1.0)) * turning(random.range(-0.6, 0.6), random.range(-0.4, 0.4), roll);
    let axis = turn.transpose() * Vec3::X;
    // What does not fit is the back end.
    let back = if near { random.range(0.6, 0.8) } else { random.range(0.5, 0.9) * (share.1 - 0.95).max(0.0) };
    let at = axis * -back;
    pencil.show(picture, &stage, turn, at);
    if near {
        picture.detail_of(&["up close", "in close-up"]);
    }
}

fn in_a_cup(picture: &mut Picture) {
    let share = if picture.dense { (0.85, 1.05) } else { (0.65, 0.9) };
    let want = Want { grounds: &[], height: 2.3, share, down: (0.05, 0.5) };
    let stage = still(picture, &want);
    let random = &mut picture.random;
    let (wide, tall) = (random.range(0.42, 0.55), random.range(0.9, 1.15));
    let (clay, band, flare) = (
        hsv(random.unit(), random.range(0.1, 0.7), random.range(0.3, 0.9)),
        random.chance(0.5),
        random.range(-0.05, 0.12),
    );
    let cup = |p: Vec3| {
        let q = p - vec3(0.0, 0.5 * tall, 0.0);
        let outer = cylinder(q, wide + flare * q.y, 0.5 * tall, 0.03);
        outer.max(-cylinder(q - vec3(0.0, 0.1, 0.0), wide + flare * q.y - 0.06, 0.5 * tall, 0.02)) * 0.9
    };
    let solid = Solid {
        distance: cup,
        material: |p: Vec3, _| {
            let ring = band && (p.y / tall - 0.6).abs() < 0.12;
            Material::glossy(if ring { clay.lerp(Vec3::ONE, 0.6) } else { clay }, 0.5)
        },
        centre: vec3(0.0, 0.5 * tall, 0.0),
        radius: 0.85,
    };
    solid.shadow(&mut picture.canvas, &stage.camera, &stage.light, 0.6);
    let count = picture.random.int(3, 6);
    let bare = Stage { floor: false, ..stage };
    let spin = picture.random.range(0.0, 6.0);
    for k in 0..count {
        let pencil = Pencil::any(&mut picture.random);
        let random = &mut picture.random;
        let round = std::f32::consts::TAU * k as f32 / count as f32 + spin;
        let lean = random.range(0.12, 0.3);
        let axis = vec3(lean * round.cos(), 1.0, lean * round.sin() * 0.7).normalize();
        let turn = Mat3::from_quat(glam::Quat::from_rotation_arc(axis, Vec3::X));
        let at = axis * random.range(1.0, 1.3) + vec3(0.0, 0.05, 0.0);
        pencil.show(picture, &bare, turn, at);
    }
    // Its near wall hides their feet.
    bare.show(picture, &solid);
    picture.noun = Some("pencils".into());
    picture.detail("in a cup");
}
