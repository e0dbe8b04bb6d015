//! What landscapes are made of: ridges, trees, boulders, mist, and water that mirrors what stands above it.

use crate::canvas::Canvas;
use crate::math::{Vec2, Vec3, bell, clamp01, mix, smoothstep, vec2, vec3};
use crate::noise::Noise;
use crate::random::Rng;
use crate::shape::Shape;
use crate::weather::Weather;

/// A soft-edged ellipse, quicker than a shape: for leaves, sparks, puffs.
pub fn dab(canvas: &mut Canvas, centre: Vec2, radii: Vec2, colour: Vec3, opacity: f32) {
    let soft = (1.0 / (canvas.size as f32 * radii.min_element())).min(1.0);
    each_pixel(canvas, centre - radii * (1.0 + soft), centre + radii * (1.0 + soft), |canvas, x, y, p| {
        let off = ((p - centre) / radii).length();
        let cover = smoothstep(1.0 + soft, 1.0 - soft, off);
        if cover > 0.0 {
            canvas.put(x, y, colour, cover * opacity);
        }
    });
}

/// Light added round a point.
pub fn glow(canvas: &mut Canvas, centre: Vec2, radius: f32, colour: Vec3) {
    let reach = Vec2::splat(2.2 * radius);
    each_pixel(canvas, centre - reach, centre + reach, |canvas, x, y, p| {
        let index = y * canvas.size + x;
        let light = colour * bell((p - centre).length(), radius);
        canvas.rgb[index] = Vec3::ONE - (Vec3::ONE - canvas.rgb[index]) * (Vec3::ONE - light.min(Vec3::ONE));
    });
}

/// Every pixel of a rectangle, as far as it lies on the canvas.
pub fn each_pixel(canvas: &mut Canvas, from: Vec2, to: Vec2, mut each: impl FnMut(&mut Canvas, usize, usize, Vec2)) {
    let size = canvas.size as f32;
    let bound = |v: f32| (v * size).clamp(0.0, size);
    let (left, top) = (bound(from.x).floor() as usize, bound(from.y).floor() as usize);
    let (right, bottom) = (bound(to.x).ceil() as usize, bound(to.y).ceil() as usize);
    for y in top..bottom {
        for x in left..right {
            let p = canvas.point(x, y);
            each(canvas, x, y, p);
        }
    }
}

/// The skyline of a range of mountains or hills.
#[derive(Clone, Copy)]
pub struct Ridge {
    /// The y where it stands, and how high it rises above.
    pub foot: f32,
    pub height: f32,
    /// Summits in the picture's width, about.
    pub wide: f32,
    /// 0.35 rolling hills … 0.6 jagged.
    pub rough: f32,
    pub noise: Noise,
}

impl Ridge {
    pub fn top(&self, x: f32) -> f32 {
        let rolling = 0.5 + 0.5 * self.noise.at(vec2(x * self.wide * 0.8, 9.2));
        let broad = mix(rolling, self.summit(x).0, smoothstep(0.4, 0.55, self.rough));
        let fine = self.noise.fractal(vec2(x * self.wide * 2.3, 17.0), 4, self.rough);
        self.foot - self.height * (0.2 + 0.8 * broad + 0.3 * self.rough * fine).max(0.03)
    }
}

impl Ridge {
    /// The height (0 … 1) of the mountain that stands at `x`, and the side of its summit on which `x` lies.
    fn summit(&self, x: f32) -> (f32, f32) {
        let u = x * self.wide;
        let cell = u.floor() as i32;
        (cell - 1..=cell + 1)
            .map(|k| {
                let random = |row| self.noise.lattice(k, row, 5);
                let off = u - (k as f32 + 0.5 + 0.38 * random(1));
                let (high, broad) = (0.68 + 0.32 * random(2), 0.95 + 0.3 * random(3));
                (high * (1.0 - off.abs() / broad), off.signum())
            })
            .fold((0.0, 1.0), |best, each| if each.0 > best.0 { each } else { best })
    }
}

/// What covers a ridge: rock or wood below, snow from `snow` (share of its height; 1 or more is none) up.
#[derive(Clone, Copy)]
pub struct Slope {
    pub colour: Vec3,
    pub snow: f32,
    /// How much of the air's colour lies over it.
    pub far: f32,
    pub depth: f32,
}

/// A ridge down to its foot, its folds lit from the side where the light is.
pub fn paint_ridge(canvas: &mut Canvas, weather: &Weather, ridge: &Ridge, slope: Slope) {
    canvas.begin(slope.depth);
    let tops: Vec<f32> = (0..canvas.size).map(|x| ridge.top((x as f32 + 0.5) / canvas.size as f32)).collect();
    let size = canvas.size as f32;
    let highest = tops.iter().copied().fold(1.0, f32::min) - 0.01;
    let side = weather.light.to.x.signum();
    let (rock, white) = (weather.lit(slope.colour), weather.lit(vec3(0.98, 0.99, 1.03)));
    let snow_line = ridge.foot - ridge.height * slope.snow;
    let scale = 2.2 * ridge.wide;
    let (jagged, steep) = (ridge.rough > 0.47, 3.6 * (0.05 * scale).recip().min(1.0));
    each_pixel(canvas, vec2(0.0, highest), vec2(1.0, ridge.foot + 0.01), |canvas, x, y, p| {
        let below = p.y - tops[x];
        let cover = clamp01(below * size + 0.5);
        if cover <= 0.0 {
            return;
        }
        let wander = 0.1 * ridge.noise.at(vec2(p.x * 3.0, p.y * 11.0)) / ridge.wide.max(1.0);
        let face = if jagged { ridge.summit(p.x + wander).1 } else { 0.0 };
        let fold = |q: Vec2| ridge.noise.fractal(vec2(q.x - 0.5 * face * below, 0.7 * q.y) * scale, 4, 0.55);
        let here = fold(p);
        let relief = (here - fold(p + vec2(side * 0.012, -0.006))) * steep + 0.2 * face * side;
        let wobble = 0.14 * ridge.height * here + 0.1 * ridge.height * relief;
        let snowy = smoothstep(snow_line + 0.01, snow_line - 0.015, p.y + wobble);
        let base = rock * (1.0 + 0.28 * here);
        let colour = base.lerp(white, snowy) * (1.0 + relief).clamp(0.42, 1.6);
        let low = smoothstep(0.3, 1.0, below / ridge.height.max(0.05)) * 0.3;
        canvas.put(x, y, weather.hazy(colour, slope.far + low * slope.far), cover);
    });
}

/// A fir: jagged, lit on the light's side; `snow` 0 … 1 on its branches.
pub fn fir(canvas: &mut Canvas, random: &mut Rng, foot: Vec2, height: f32, colour: Vec3, snow: f32, side: f32) {
    let half = height * random.range(0.17, 0.27);
    let tiers = if height > 0.2 { 8 } else { 5 };
    let top = foot - vec2(0.0, height);
    let (mut left, mut right) = (vec![top], vec![top]);
    for k in 1..=tiers {
        let t = k as f32 / tiers as f32;
        let y = top.y + height * (0.06 + 0.86 * t);
        let mut out = || half * t * random.range(0.8, 1.15);
        left.push(vec2(foot.x - out(), y));
        left.push(vec2(foot.x - out() * 0.55, y - 0.03 * height));
        right.push(vec2(foot.x + out(), y));
        right.push(vec2(foot.x + out() * 0.55, y - 0.03 * height));
    }
    right.reverse();
    left.extend(right);
    canvas.flat(
        &Shape::rect(foot.x - 0.03 * height, foot.y - 0.12 * height, foot.x + 0.03 * height, foot.y),
        colour * 0.5,
    );
    let noise = Noise::new(random);
    let white = vec3(0.93, 0.95, 1.0) * (colour.max_element() * 2.6).clamp(0.25, 1.0);
    canvas.fill(&Shape::polygon(&left), |p| {
        let across = (p.x - foot.x) / half * side;
        let t = (p.y - top.y) / height * tiers as f32 * 1.08;
        let under = (t - 0.2 - 0.25 * across.abs()).rem_euclid(1.0);
        let grain = noise.at(p * (14.0 / height));
        let green = colour * (0.95 + 0.45 * across - 0.35 * under + 0.3 * grain);
        green.lerp(white * (0.9 + 0.15 * across), snow * smoothstep(0.75, 0.35, under + 0.35 * grain))
    });
}

/// Leaves in an ellipse, dark within and lit towards the light.
pub fn foliage(canvas: &mut Canvas, random: &mut Rng, centre: Vec2, radii: Vec2, colour: Vec3, to_light: Vec2) {
    let leaf = radii.min_element() * 0.22;
    let leaf = leaf.max(0.006);
    let count = (2.2 * radii.x * radii.y / (leaf * leaf)).clamp(12.0, 150.0) as usize;
    for k in 0..count {
        let front = k as f32 / count as f32;
        let spread = mix(1.0, 0.9, front);
        let off = Vec2::from_angle(random.range(0.0, std::f32::consts::TAU)) * random.unit().sqrt() * spread;
        let lit = off.dot(to_light) * 0.5 + random.range(-0.22, 0.22);
        let tone = 0.5 + 0.35 * front + 0.75 * lit * front.sqrt();
        let tint = vec3(1.0 + 0.15 * lit, 1.0, 1.0 - 0.1 * lit);
        let size = leaf * random.range(0.6, 1.3);
        dab(
            canvas,
            centre + off * radii,
            vec2(size, size * random.range(0.6, 1.0)),
            colour * tint * tone.max(0.22),
            1.0,
        );
    }
}

/// A palm with a bent trunk.
pub fn palm(canvas: &mut Canvas, random: &mut Rng, foot: Vec2, height: f32, colour: Vec3, side: f32) {
    let lean = random.range(-0.35, 0.35) * height;
    let top = foot + vec2(lean, -height);
    let middle = foot.lerp(top, 0.5) - vec2(lean * 0.25, 0.0);
    canvas.flat(&Shape::curve(&[foot, middle, top], height * 0.05), colour * vec3(1.1, 0.75, 0.6) * 0.8);
    for k in 0..15 {
        let angle = k as f32 / 15.0 * std::f32::consts::TAU + random.range(-0.2, 0.2);
        let out = Vec2::from_angle(angle) * vec2(1.0, 0.55) * height * random.range(0.3, 0.45);
        let tip = top + out + vec2(0.0, height * 0.16);
        let bow = top + out * 0.6 - vec2(0.0, height * 0.07);
        let tone = 0.75 + 0.3 * angle.cos() * side - 0.3 * angle.sin();
        let end = tip + vec2(0.02 * out.x, height * 0.07);
        let widths = [0.012, 0.026, 0.024, 0.003].map(|width| width * height);
        canvas.flat(&Shape::limb(&[top, bow, tip, end], &widths), colour * tone);
    }
}

/// A stone, lit from above and the light's side, wet and dark at its foot.
pub fn boulder(canvas: &mut Canvas, random: &mut Rng, weather: &Weather, centre: Vec2, radii: Vec2, colour: Vec3) {
    let count = 9;
    let points: Vec<Vec2> = (0..count)
        .map(|k| {
            let to = Vec2::from_angle(k as f32 / count as f32 * std::f32::consts::TAU);
            centre + to * radii * random.range(0.78, 1.12) * if to.y > 0.3 { vec2(1.0, 0.8) } else { Vec2::ONE }
        })
        .collect();
    let noise = Noise::new(random);
    let light = vec3(weather.light.to.x, -weather.light.to.y.max(0.5), 0.5).normalize();
    let ambient = weather.lit(colour);
    canvas.fill(&Shape::blob(&points), |p| {
        let q = (p - centre) / radii;
        let bump = noise.fractal(q * 2.2, 3, 0.6);
        let n = vec3(q.x + 0.35 * bump, q.y + 0.3 * bump, (1.0 - q.length_squared()).max(0.05).sqrt()).normalize();
        let lit = n.dot(light).max(0.0);
        ambient * (0.35 + 1.15 * lit * lit + 0.3 * bump) * mix(1.0, 0.5, smoothstep(0.2, 0.9, q.y))
    });
}

/// Water from `line` down that mirrors what is painted above it.
#[derive(Clone, Copy)]
pub struct Water {
    pub line: f32,
    /// What is seen of the water itself, more of it near us.
    pub own: Vec3,
    /// 0 a mirror … 1 waves.
    pub rough: f32,
    /// How near the waves look: 1 for a lake seen from its shore.
    pub scale: f32,
    pub noise: Noise,
}

impl Water {
    pub fn paint(&self, canvas: &mut Canvas) {
        canvas.begin(0.6);
        let room = (1.0 - self.line).max(0.05);
        each_pixel(canvas, vec2(0.0, self.line), vec2(1.0, 1.0), |canvas, x, y, p| {
            let down = (p.y - self.line).max(0.0);
            let near = down / room;
            let (wave, fine) = self.wave(p, down);
            let swing = self.rough * (0.25 + near);
            let from = vec2(p.x + 0.03 * swing * fine, self.line - down * 0.95 - 0.14 * swing * wave.max(-0.6));
            let from = vec2(from.x, from.y.min(self.line - 0.004).abs());
            let seen = canvas.colour(from);
            let facing = mix(0.2, 0.62, near.sqrt()) + self.rough * 0.25 * wave;
            let tone = 0.93 + (0.07 + 0.22 * self.rough) * (0.6 * wave + 0.5 * fine);
            canvas.put(x, y, seen.lerp(self.own, clamp01(facing)) * tone, 1.0);
        });
    }

    /// Broad and fine waves, crowded towards the line.
    pub fn wave(&self, p: Vec2, down: f32) -> (f32, f32) {
        let far = 1.0 / (0.06 + down);
        let q = vec2((p.x - 0.5) * (0.55 * far + 2.5), far + 5.0 * down) * self.scale;
        (self.noise.fractal(q * vec2(1.6, 3.0), 3, 0.55), self.noise.at(q * vec2(5.0, 9.0)))
    }
}

/// Mirrors all that was painted since thing `since` (and nothing else) at `line`, broken by waves.
pub fn mirror_things(canvas: &mut Canvas, since: u16, line: f32, strength: f32, noise: Noise) {
    let before = canvas.thing.clone();
    let size = canvas.size;
    each_pixel(canvas, vec2(0.0, line), vec2(1.0, 1.0), |canvas, x, y, p| {
        let down = p.y - line;
        let wave = noise.at(vec2(p.x * 7.0, p.y * 70.0));
        let fine = noise.at(vec2(p.x * 3.0 + 7.0, p.y * 120.0));
        let from = vec2(p.x + (0.012 + 0.06 * down) * wave, line - down * 0.9 - 0.02 * fine);
        let at = |v: f32| ((v * size as f32) as isize).clamp(0, size as isize - 1) as usize;
        let index = at(from.y) * size + at(from.x);
        if before[index] >= since && before[y * size + x] < since {
            let seen = canvas.rgb[index];
            let to = y * size + x;
            canvas.rgb[to] = canvas.rgb[to].lerp(seen * 0.9, strength * (1.0 - 0.8 * down).max(0.0));
        }
    });
}

/// Puffs of spray, mist or smoke: white where `density` is, broken by noise.
pub fn mist(canvas: &mut Canvas, centre: Vec2, radii: Vec2, colour: Vec3, strength: f32, noise: Noise) {
    each_pixel(canvas, centre - 1.8 * radii, centre + 1.8 * radii, |canvas, x, y, p| {
        let off = ((p - centre) / radii).length();
        if off < 1.8 {
            let thick = bell(off, 0.85) * (0.75 + 0.5 * noise.fractal(p * 7.0, 3, 0.5));
            let index = y * canvas.size + x;
            canvas.rgb[index] = canvas.rgb[index].lerp(colour, clamp01(thick * strength));
        }
    });
}
