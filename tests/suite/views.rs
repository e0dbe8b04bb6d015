//! What every view promises, by walking the list; and each view against what its words say.

use candle_core::{Device, Tensor};
use diffusion_lab::error::{Kind, Result};
use diffusion_lab::spec::Grain;
use diffusion_lab::tensors::{Generator, Generators};
use diffusion_lab::views::{VIEWS, View, ViewEntry, ViewSpec};
use image::{Rgb, RgbImage};

/// Sizes with stage I's side: both stages, digits, and an odd one.
const SIZES: [(usize, usize); 5] = [(64, 64), (256, 64), (28, 28), (33, 33), (99, 33)];

/// What a view is tried at: its defaults, and numbers that are not.
fn specs(entry: &ViewEntry) -> Vec<ViewSpec> {
    let more: &[&str] = match entry.name {
        "skew" => &["factor=-0.7"],
        "inner_circle" => &["angle=37", "angle=-90,radius=0.5", "angle=0"],
        "square_hinge" => &["squares=4"],
        "patch_permute" => &["patches=4,seed=3", "patches=11"],
        "pixel_permute" => &["pixels=32,seed=4294967295", "pixels=256"],
        "jigsaw" => &["pieces=2,seed=1", "pieces=8,seed=7", "pieces=11,seed=2", "pieces=3"],
        _ => &[],
    };
    let named = more.iter().map(|values| format!("{}:{values}", entry.name).parse().unwrap());
    std::iter::once(ViewSpec::new(entry.name).unwrap()).chain(named).collect()
}

/// Every view at every size that it can do. What it cannot do is one line about the request.
fn all_views(orthogonal: bool) -> Vec<View> {
    let mut views = Vec::new();
    for spec in VIEWS.iter().filter(|entry| entry.orthogonal == orthogonal).flat_map(|entry| specs(entry)) {
        let made: Vec<View> = SIZES.iter().filter_map(|&(size, base)| keep(spec.at(size, base))).collect();
        assert!(!made.is_empty(), "{spec} is never made");
        views.extend(made);
    }
    views
}

fn keep(made: Result<View>) -> Option<View> {
    match made {
        Ok(view) => Some(view),
        Err(error) => {
            let text = error.to_string();
            assert!(error.kind() == Kind::Arguments && text.contains("divide"), "{text}");
            None
        }
    }
}

fn at(spec: &str, size: usize, base: usize) -> View {
    spec.parse::<ViewSpec>().unwrap().at(size, base).unwrap()
}

fn noise(b: usize, c: usize, size: usize) -> Tensor {
    Generators::new(180, b).randn((c, size, size), &Device::Cpu).unwrap()
}

fn values(x: &Tensor) -> Vec<f32> {
    x.flatten_all().unwrap().to_vec1().unwrap()
}

fn same_bits(a: &Tensor, b: &Tensor) -> bool {
    a.dims() == b.dims() && values(a).iter().zip(values(b)).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// A smooth picture of waves that wrap around, in [-1, 1]: averaged down it is itself at the smaller size.
fn smooth(size: usize) -> Tensor {
    let wave = |at: usize, turns: f64| ((at as f64 + 0.5) / size as f64 * std::f64::consts::TAU * turns).sin();
    let pixels = (0..3 * size * size).map(|at| {
        let (channel, x, y) = (at / (size * size), at % size, at / size % size);
        ((wave(x, 1.0) + wave(y, 1.0 + channel as f64) + wave(x + y, 1.0)) / 3.0) as f32
    });
    Tensor::from_vec(pixels.collect::<Vec<f32>>(), (1, 3, size, size), &Device::Cpu).unwrap()
}

/// A picture without two equal neighbours.
fn picture(size: usize) -> RgbImage {
    RgbImage::from_fn(size as u32, size as u32, |x, y| Rgb([(x * 7 % 256) as u8, (y * 5 % 256) as u8, (x ^ y) as u8]))
}

fn tensor_of(picture: &RgbImage) -> Tensor {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let pixels: Vec<f32> = picture.as_raw().iter().map(|&level| f32::from(level)).collect();
    let hwc = Tensor::from_vec(pixels, (1, h, w, 3), &Device::Cpu).unwrap();
    hwc.permute((0, 3, 1, 2)).unwrap().contiguous().unwrap()
}

#[test]
fn an_orthogonal_view_turns_back_bit_for_bit_and_keeps_the_norm() {
    for view in all_views(true) {
        for (b, c) in [(1, 3), (3, 1)] {
            let x = noise(b, c, view.size());
            let seen = view.view(&x).unwrap();
            assert!(same_bits(&view.inverse_view(&seen).unwrap(), &x), "{view:?}");
            assert!(same_bits(&view.view(&view.inverse_view(&x).unwrap()).unwrap(), &x), "{view:?}");
            let norm = |x: &Tensor| values(x).iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
            let (before, after) = (norm(&x), norm(&seen));
            // Nothing but the order of the sum differs.
            assert!((before - after).abs() <= 1e-12 * before, "{view:?}: {before} {after}");
        }
    }
}

#[test]
fn a_permutation_is_a_bijection_and_the_view() {
    for view in all_views(true) {
        let Some(permutation) = view.permutation() else {
            assert_eq!(view.spec().entry().name, "negate");
            continue;
        };
        let mut sorted = permutation.to_vec();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..(view.size() * view.size()) as u32), "{view:?}");
        let x = noise(1, 1, view.size());
        let pixels = values(&x);
        let picked: Vec<f32> = permutation.iter().map(|&from| pixels[from as usize]).collect();
        assert_eq!(values(&view.view(&x).unwrap()), picked, "{view:?}");
    }
}

/// Products of pixels of v(noise), as means over 300 pictures, with the standard error that white noise has:
/// of each pixel with itself, of neighbours in three directions, and of 200 pairs far and near.
fn worst_covariance(view: &View) -> f64 {
    let (count, size) = (300, view.size());
    let seen: Vec<f32> = values(&view.view(&noise(count, 1, size)).unwrap());
    let seen: Vec<&[f32]> = seen.chunks(size * size).collect();
    let pixels = size * size;
    let errors = |pairs: &[(usize, usize)], one_by_one: bool| -> f64 {
        let deviation = |pairs: &[(usize, usize)]| -> f64 {
            let own = pairs[0].0 == pairs[0].1;
            let products = seen.iter().flat_map(|x| pairs.iter().map(|&(a, b)| f64::from(x[a]) * f64::from(x[b])));
            let n = (count * pairs.len()) as f64;
            let (expected, error) = if own { (1.0, (2.0 / n).sqrt()) } else { (0.0, (1.0 / n).sqrt()) };
            (products.sum::<f64>() / n - expected).abs() / error
        };
        if one_by_one { pairs.iter().map(|pair| deviation(&[*pair])).fold(0.0, f64::max) } else { deviation(pairs) }
    };
    let shifted = |by: usize| -> Vec<(usize, usize)> { (0..pixels - by).map(|a| (a, a + by)).collect() };
    let keys = Generator::new(5).randn(400);
    let spot = |key: f32| ((key.abs() * 1e4) as usize) % pixels;
    let far: Vec<(usize, usize)> =
        keys.chunks(2).map(|pair| (spot(pair[0]), spot(pair[1]))).filter(|(a, b)| a != b).collect();
    let near: Vec<(usize, usize)> = far.iter().map(|&(a, _)| (a, (a + 1) % pixels)).collect();
    let all = [(shifted(0), false), (shifted(1), false), (shifted(size), false), (shifted(size + 1), false)];
    let each = [(far, true), (near, true)];
    all.iter().chain(&each).map(|(pairs, one_by_one)| errors(pairs, *one_by_one)).fold(0.0, f64::max)
}

/// 4 standard errors; the failures are far outside.
#[test]
fn noise_stays_white_under_orthogonal_views_only() {
    for entry in VIEWS {
        let view = ViewSpec::new(entry.name).unwrap().at(32, 32).unwrap();
        let worst = worst_covariance(&view);
        match entry.orthogonal {
            true => assert!(worst <= 4.0, "{view:?}: {worst}"),
            false => assert!(worst > 40.0, "{view:?}: {worst}"),
        }
        assert_eq!(view.is_orthogonal(), entry.orthogonal);
    }
}

#[test]
fn failures_lose_what_they_cannot_give_back() {
    for view in all_views(false) {
        let x = noise(1, 3, view.size());
        let seen = view.view(&x).unwrap();
        let back = view.inverse_view(&seen).unwrap();
        let energy = |x: &Tensor| values(x).iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        assert!(energy(&seen) < 0.9 * energy(&x), "{view:?}");
        assert!(energy(&(back - &x).unwrap()) > 0.05 * energy(&x), "{view:?}");
        assert!(view.spec().entry().sentence.contains("it fails, since"), "{view:?}");
    }
}

#[test]
fn flips_and_turns_are_what_their_names_say() {
    let x = Tensor::from_vec((1..=9).map(|v| v as f32).collect::<Vec<_>>(), (1, 1, 3, 3), &Device::Cpu).unwrap();
    // As torch.flip over the rows and over the columns, and torch.rot90 over [h, w] with k 1, 2, 3.
    for (name, expected) in [
        ("identity", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("flip_vertical", [7, 8, 9, 4, 5, 6, 1, 2, 3]),
        ("flip_horizontal", [3, 2, 1, 6, 5, 4, 9, 8, 7]),
        ("rotate_90", [3, 6, 9, 2, 5, 8, 1, 4, 7]),
        ("rotate_180", [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("rotate_270", [7, 4, 1, 8, 5, 2, 9, 6, 3]),
        ("negate", [-1, -2, -3, -4, -5, -6, -7, -8, -9]),
        // Columns rolled down by trunc(1.5 (i - 1)): -1, 0, 1.
        ("skew", [4, 2, 9, 7, 5, 3, 1, 8, 6]),
    ] {
        assert_eq!(values(&at(name, 3, 3).view(&x).unwrap()), expected.map(|v| v as f32), "{name}");
    }
    let x = Tensor::arange(0f32, 16.0, &Device::Cpu).unwrap().reshape((1, 1, 4, 4)).unwrap();
    // Squares of two pixels: the first clockwise, its neighbours counter-clockwise.
    let hinged = [4, 0, 3, 7, 5, 1, 2, 6, 9, 13, 14, 10, 8, 12, 15, 11];
    assert_eq!(values(&at("square_hinge:squares=2", 4, 4).view(&x).unwrap()), hinged.map(|v| v as f32));
}

#[test]
fn squares_left_over_by_the_hinge_stay() {
    let (view, side) = (at("square_hinge", 256, 64), 252);
    for (to, &from) in view.permutation().unwrap().iter().enumerate() {
        let (x, y) = (to % 256, to / 256);
        assert!((x < side && y < side) || to == from as usize);
    }
}

#[test]
fn quarter_turns_of_the_inner_circle_are_exact() {
    for (size, base) in SIZES {
        for (angle, name) in [(90, "rotate_90"), (180, "rotate_180"), (-90, "rotate_270"), (360, "identity")] {
            let circle = at(&format!("inner_circle:angle={angle}"), size, base);
            let whole = at(name, size, base);
            let (circle, whole) = (circle.permutation().unwrap(), whole.permutation().unwrap());
            let middle = (size as f64 - 1.0) / 2.0;
            for at in 0..size * size {
                let (dx, dy) = ((at % size) as f64 - middle, (at / size) as f64 - middle);
                let inside = dx.hypot(dy) < 0.375 * size as f64;
                assert_eq!(circle[at], if inside { whole[at] } else { at as u32 }, "{size} {angle} {at}");
            }
        }
    }
}

/// Rings are two pixels wide, so most pixels are within one of where turning puts them.
#[test]
fn rings_turn_by_the_angle() {
    for size in [33, 64, 256] {
        for angle in [37.0f64, 135.0, -12.5] {
            let view = at(&format!("inner_circle:angle={angle},radius=0.5"), size, size);
            let middle = (size as f64 - 1.0) / 2.0;
            let (mut sum, mut worst, mut count) = (0.0, 0.0f64, 0);
            for (to, &from) in view.permutation().unwrap().iter().enumerate() {
                let place = |at: usize| ((at % size) as f64 - middle, (at / size) as f64 - middle);
                let ((x, y), (from_x, from_y)) = (place(to), place(from as usize));
                if x.hypot(y) < size as f64 / 2.0 {
                    // Counter-clockwise as seen, y being down: the source lies clockwise.
                    let (sin, cos) = angle.to_radians().sin_cos();
                    let off = (x * cos - y * sin - from_x).hypot(x * sin + y * cos - from_y);
                    (sum, worst, count) = (sum + off, worst.max(off), count + 1);
                }
            }
            let mean = sum / f64::from(count);
            assert!(mean < 1.0 && worst < 4.0, "{size} {angle}: {mean} {worst}");
        }
    }
}

#[test]
fn a_variance_moves_but_is_never_negated() {
    for view in all_views(true) {
        let variance = noise(1, 3, view.size());
        let moved = view.inverse_view_variance(&variance).unwrap();
        let expected = match view.permutation() {
            Some(_) => view.inverse_view(&variance).unwrap(),
            None => variance,
        };
        assert!(same_bits(&moved, &expected), "{view:?}");
    }
}

/// Views of whole squares to the rounding of a mean of 16, whatever the picture. The others on a smooth
/// picture: columns and rings of their own at 256 px differ from stage I's by up to a pixel of stage I, knobs
/// along their edge, and the wrap of a skewed column is smooth in a picture that wraps.
#[test]
fn stage_2_is_stage_1_averaged() {
    let averaged = |x: &Tensor| x.contiguous().unwrap().avg_pool2d(4).unwrap();
    for spec in VIEWS.iter().flat_map(|entry| specs(entry)) {
        let (Ok(small), Ok(large)) = (spec.at(64, 64), spec.at(256, 64)) else { continue };
        let difference = |x: &Tensor| {
            let a = averaged(&large.view(x).unwrap());
            let b = small.view(&averaged(x)).unwrap();
            values(&(a - b).unwrap()).iter().map(|v| v.abs()).collect::<Vec<f32>>()
        };
        let worst = |values: &[f32]| values.iter().copied().fold(0.0, f32::max);
        let (rough, fine) = (difference(&noise(1, 3, 256)), difference(&smooth(256)));
        let mean = fine.iter().sum::<f32>() / fine.len() as f32;
        match spec.entry().name {
            "skew" => assert!(worst(&fine) < 0.15 && mean < 0.05, "{spec}: {} {mean}", worst(&fine)),
            name if name.starts_with("inner_circle") => assert!(mean < 0.02, "{spec}: {mean}"),
            "jigsaw" => {
                let touched = rough.iter().filter(|&&v| v > 1e-5).count() as f32 / rough.len() as f32;
                // The cuts between n × n pieces have 2 n (n - 1) knobs, each as long as a piece's side.
                assert!(touched < 0.024 * (spec.values()[0] as f32 - 1.0), "{spec}: {touched}");
            }
            "blur_failure" => assert!(mean < 0.05, "{spec}: {mean}"),
            _ => assert!(worst(&rough) < 1e-6, "{spec}: {}", worst(&rough)),
        }
    }
}

#[test]
fn seeds_are_kept_and_differ() {
    for name in ["patch_permute", "pixel_permute", "jigsaw"] {
        let permutation = |seed: u32| at(&format!("{name}:seed={seed}"), 64, 64).permutation().unwrap().to_vec();
        assert_eq!(permutation(11), permutation(11));
        assert_ne!(permutation(11), permutation(12));
        let moved = permutation(0).iter().enumerate().filter(|(to, from)| *to != **from as usize).count();
        assert!(moved > 2048, "{name}: {moved}");
    }
    // torch.randn(4, generator=torch.Generator().manual_seed(0)).argsort(stable=True) as the order of patches.
    let keys = Generator::new(0).randn(4);
    let mut order = [0, 1, 2, 3];
    order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    let first: Vec<u32> = order.map(|patch: usize| (patch / 2 * 2 * 4 + patch % 2 * 2) as u32).to_vec();
    let view = at("patch_permute:patches=2", 4, 4);
    let permutation = view.permutation().unwrap();
    assert_eq!([0, 2, 8, 10].map(|at| permutation[at]).to_vec(), first);
}

#[test]
fn frames_go_from_the_picture_to_its_view() {
    for spec in VIEWS.iter().flat_map(|entry| specs(entry)) {
        for (size, base) in [(64, 64), (128, 64), (33, 33)] {
            let Some(view) = keep(spec.at(size, base)) else { continue };
            let picture = picture(size);
            let frame = |amount: f64| view.frame(&picture, amount).unwrap();
            assert!(frame(0.0) == picture && frame(-1.0) == picture && frame(f64::NAN) == picture, "{view:?}");
            assert!(frame(2.0) == frame(1.0), "{view:?}");
            let seen = match spec.entry().name {
                "negate" => view.view(&tensor_of(&picture)).unwrap().affine(1.0, 255.0).unwrap(),
                _ => view.view(&tensor_of(&picture)).unwrap(),
            };
            let off = values(&(tensor_of(&frame(1.0)) - seen).unwrap()).iter().fold(0.0f32, |a, b| a.max(b.abs()));
            // Means of levels are rounded in a picture.
            assert!(off <= if view.is_orthogonal() { 0.0 } else { 1.01 }, "{view:?}: {off}");
            // Just before the end and just after the start the picture is almost there: what moves, moves there.
            for (near, end) in [(frame(0.9999), frame(1.0)), (frame(0.0001), picture.clone())] {
                let far = near.as_raw().iter().zip(end.as_raw()).filter(|(a, b)| a.abs_diff(**b) > 8).count();
                let part = far as f64 / near.as_raw().len() as f64;
                // Rings turned by other than quarters jump at the end, each pixel by about its size.
                let jumps = near == frame(0.9999) && spec.to_string().starts_with("inner_circle:angle=37");
                assert!(jumps || part < 0.03, "{view:?}: {part}");
            }
            assert_eq!(frame(0.5).dimensions(), picture.dimensions());
        }
    }
}

#[test]
fn specs_are_written_as_they_are_read() {
    for entry in VIEWS {
        for spec in specs(entry) {
            let text = spec.to_string();
            assert_eq!(text.parse::<ViewSpec>().unwrap(), spec, "{text}");
            let json = serde_json::to_string(&spec).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<ViewSpec>(&json).unwrap(), spec);
        }
        assert!(!entry.label.is_empty() && !entry.sentence.is_empty(), "{}", entry.name);
        for parameter in entry.parameters {
            let spec = ViewSpec::new(entry.name).unwrap();
            let at = |value| spec.clone().with(parameter.name, value);
            assert!(at(parameter.min).is_ok() && at(parameter.max).is_ok() && at(parameter.default).is_ok());
            assert!(at(parameter.min - 0.01).is_err() && at(parameter.max + 1.0).is_err() && at(f64::NAN).is_err());
            assert_eq!(parameter.grain == Grain::Whole, at(parameter.min + 0.3).is_err(), "{}", parameter.name);
        }
    }
    assert_eq!(ViewSpec::new("jigsaw").unwrap().to_string(), "jigsaw:pieces=4,seed=0");
    assert_eq!(ViewSpec::new("skew").unwrap().to_string(), "skew:factor=1.5");
    assert_eq!(" skew : factor = 2 ".parse::<ViewSpec>().unwrap().to_string(), "skew:factor=2");
    assert_eq!(VIEWS.iter().filter(|entry| entry.orthogonal).count(), 13);
}

#[test]
fn bad_specs_are_refused_in_one_line() {
    for (spec, message) in [
        ("spin", "no view has that name: spin; choose among identity, flip_vertical, flip_horizontal, rotate_90"),
        ("", "no view has that name"),
        ("negate:angle=3", "negate has no such parameter: angle; it has none"),
        ("jigsaw:size=3", "jigsaw has no such parameter: size; it has pieces, seed"),
        ("jigsaw:", "a parameter is written NAME=VALUE: `` of jigsaw"),
        ("jigsaw:4", "a parameter is written NAME=VALUE: `4` of jigsaw"),
        ("jigsaw:pieces=four", "pieces of jigsaw is a number: four"),
        ("jigsaw:pieces=400", "pieces of jigsaw is from 2 to 16: 400"),
        ("jigsaw:pieces=2.5", "pieces of jigsaw is a whole number: 2.5"),
        ("jigsaw:seed=-1", "seed of jigsaw is from 0 to 4294967295: -1"),
        ("jigsaw:seed=1,seed=2", "seed of jigsaw is given twice"),
        ("inner_circle:angle=NaN", "angle of inner_circle is from -360 to 360: NaN"),
        ("inner_circle:angle=inf", "angle of inner_circle is from -360 to 360: inf"),
    ] {
        let error = spec.parse::<ViewSpec>().unwrap_err();
        assert_eq!(error.kind(), Kind::Arguments, "{spec}");
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(serde_json::from_value::<ViewSpec>(spec.into()).is_err());
    }
    let refused = |spec: &str, size, base| spec.parse::<ViewSpec>().unwrap().at(size, base).unwrap_err().to_string();
    let text = refused("patch_permute", 33, 33);
    assert_eq!(text, "8 squares a side do not divide a picture of 33 px; choose among 3, 11, 33");
    assert!(refused("jigsaw", 99, 33).starts_with("4 squares a side do not divide"));
    assert!(refused("square_hinge", 2, 2).contains("do not fit"));
    assert!(refused("blur_failure", 33, 33).contains("does not divide"));
    assert!(refused("skew", 100, 64).contains("100 px is none"));
    assert!(refused("skew", 0, 64).contains("0 px is none"));
    assert!(refused("skew", 64, 0).contains("none"));
    let view = at("identity", 64, 64);
    let text = view.view(&noise(1, 3, 32)).unwrap_err().to_string();
    assert_eq!(text, "a view for 64 × 64 px was given 32 × 32: identity");
    assert!(view.frame(&picture(32), 0.5).is_err());
}
