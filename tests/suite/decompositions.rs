//! What every decomposition promises, by walking the list; and each against what its words say.

use candle_core::{Device, Tensor};
use diffusion_lab::decompositions::{DECOMPOSITIONS, Decomposition, DecompositionSpec};
use diffusion_lab::error::Kind;
use diffusion_lab::spec::Grain;
use diffusion_lab::tensors::{Generators, gaussian_blur};

use crate::reference::difference;

fn noise(b: usize, c: usize, size: usize) -> Tensor {
    Generators::new(180, b).randn((c, size, size), &Device::Cpu).unwrap()
}

fn at(spec: &str, size: usize, base: usize) -> Decomposition {
    spec.parse::<DecompositionSpec>().unwrap().at(size, base).unwrap()
}

/// Each at its defaults and at other numbers, at both stages, for digits and at an odd size.
fn all_decompositions() -> Vec<Decomposition> {
    let more = ["low_high:kernel=5,sigma=0.8", "low_mid_high:kernel=9,sigma_1=0.5,sigma_2=3", "motion:kernel=3"];
    let names = DECOMPOSITIONS.iter().map(|entry| entry.name).chain(more);
    let sizes = [(64, 64), (256, 64), (28, 28), (33, 33), (99, 33), (66, 33)];
    names.flat_map(|spec| sizes.map(|(size, base)| at(spec, size, base))).collect()
}

#[test]
fn the_parts_sum_to_the_whole() {
    for decomposition in all_decompositions() {
        for (b, c) in [(1, 3), (2, 1)] {
            let x = noise(b, c, decomposition.size());
            let mut sum = x.zeros_like().unwrap();
            for index in 0..decomposition.parts().len() {
                let part = decomposition.part(index, &x).unwrap();
                assert_eq!(part.dims(), x.dims());
                sum = (sum + part).unwrap();
            }
            let off = difference(&sum, &x);
            // Sums of a few f32 of size 1.
            assert!(off <= 2e-6, "{decomposition:?}: {off}");
        }
    }
}

#[test]
fn parts_are_linear_and_see_each_picture_alone() {
    for decomposition in all_decompositions().into_iter().filter(|decomposition| decomposition.size() < 100) {
        let x = noise(3, 3, decomposition.size());
        for index in 0..decomposition.parts().len() {
            let parts = decomposition.part(index, &x).unwrap();
            let one = decomposition.part(index, &x.narrow(0, 1, 1).unwrap()).unwrap();
            assert!(difference(&one, &parts.narrow(0, 1, 1).unwrap()) == 0.0, "{decomposition:?}");
            let other = x.narrow(0, 2, 1).unwrap();
            let mixed = (x.narrow(0, 1, 1).unwrap() * 0.3).unwrap().sub(&other).unwrap();
            let expected = (one * 0.3).unwrap().sub(&parts.narrow(0, 2, 1).unwrap()).unwrap();
            assert!(difference(&decomposition.part(index, &mixed).unwrap(), &expected) <= 4e-6, "{decomposition:?}");
        }
    }
}

#[test]
fn only_what_is_called_a_projector_is_one() {
    for entry in DECOMPOSITIONS {
        let decomposition = at(entry.name, 64, 64);
        let x = noise(1, 3, 64);
        for index in 0..entry.parts.len() {
            let once = decomposition.part(index, &x).unwrap();
            let off = difference(&decomposition.part(index, &once).unwrap(), &once);
            // A mean of three equal f32 is that f32 to a rounding.
            assert_eq!(off <= 1e-6, entry.projectors, "{}: {off}", entry.name);
            let other = (index + 1) % entry.parts.len();
            let leak = difference(&decomposition.part(other, &once).unwrap(), &x.zeros_like().unwrap());
            assert_eq!(leak <= 1e-6, entry.projectors, "{}: {leak}", entry.name);
        }
    }
}

#[test]
fn low_and_high_are_a_blur_and_the_rest() {
    let x = noise(1, 3, 256);
    // EXPERIMENTS: kernel 33, σ 2; at 256 px k f + (f + 1) mod 2 = 133 and σ 8.
    let low = at("low_high", 256, 64).part(0, &x).unwrap();
    assert!(difference(&low, &gaussian_blur(&x, 133, 8.0).unwrap()) == 0.0);
    let low = at("low_high", 256, 256).part(0, &x).unwrap();
    assert!(difference(&low, &gaussian_blur(&x, 33, 2.0).unwrap()) == 0.0);
    // White noise keeps 2.0 % of its energy in the low part.
    let energy = |x: &Tensor| x.sqr().unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap();
    let kept = energy(&low) / energy(&x);
    assert!((kept - 0.0199).abs() < 0.001, "{kept}");
}

#[test]
fn three_bands_are_two_blurs_and_the_rest() {
    let x = noise(1, 3, 256);
    let bands = at("low_mid_high", 256, 64);
    let (narrow, wide) = (gaussian_blur(&x, 101, 4.0).unwrap(), gaussian_blur(&x, 101, 8.0).unwrap());
    let part = |index| bands.part(index, &x).unwrap();
    assert!(difference(&part(0), &wide) == 0.0);
    assert!(difference(&part(1), &(&narrow - &wide).unwrap()) == 0.0);
    assert!(difference(&part(2), &(&x - &narrow).unwrap()) <= 2e-6);
}

#[test]
fn grey_is_the_mean_of_the_channels() {
    let x = Tensor::from_vec(vec![3f32, 0.0, 6.0, -3.0], (1, 2, 1, 2), &Device::Cpu).unwrap();
    let values = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let spec = DecompositionSpec::new("grey_colour").unwrap();
    assert!(spec.at(1, 1).unwrap().part(0, &x).unwrap_err().to_string().contains("2 × 1"));
    let x = x.reshape((1, 4, 1, 1)).unwrap();
    let decomposition = spec.at(1, 1).unwrap();
    assert_eq!(values(decomposition.part(0, &x).unwrap()), [1.5; 4]);
    assert_eq!(values(decomposition.part(1, &x).unwrap()), [1.5, -1.5, 4.5, -4.5]);
}

/// A point becomes a line along the main diagonal, 7 pixels long and 29 at stage II; a corner is continued by
/// reflection.
#[test]
fn motion_is_along_the_diagonal() {
    for (size, base, kernel) in [(64, 64, 7), (256, 64, 29), (128, 64, 15), (28, 28, 7)] {
        let motion = at("motion", size, base);
        let centre = size / 2;
        let point = |x: usize, y: usize| {
            let values: Vec<f32> = (0..size * size).map(|at| f32::from(u8::from(at == y * size + x))).collect();
            Tensor::from_vec(values, (1, 1, size, size), &Device::Cpu).unwrap()
        };
        let pixels = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let line = pixels(motion.part(0, &point(centre, centre)).unwrap());
        for (at, &value) in line.iter().enumerate() {
            let (x, y) = (at % size, at / size);
            let lit = x == y && x.abs_diff(centre) <= kernel / 2;
            assert!((value - if lit { 1.0 / kernel as f32 } else { 0.0 }).abs() < 1e-7, "{x} {y}");
        }
        // (1, 1) is seen from (0, 0) along the diagonal both ways: once itself, once mirrored.
        let corner = pixels(motion.part(0, &point(1, 1)).unwrap());
        assert!((corner[0] - 2.0 / kernel as f32).abs() < 1e-7, "{}", corner[0]);
    }
}

#[test]
fn specs_are_written_as_they_are_read() {
    for entry in DECOMPOSITIONS {
        let spec = DecompositionSpec::new(entry.name).unwrap();
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(json, format!("\"{spec}\""));
        assert_eq!(serde_json::from_str::<DecompositionSpec>(&json).unwrap(), spec);
        for (index, part) in entry.parts.iter().enumerate() {
            assert_eq!(spec.part_index(part.name).unwrap(), index);
        }
        for parameter in entry.parameters {
            let at = |value| spec.clone().with(parameter.name, value);
            assert!(at(parameter.min).is_ok() && at(parameter.max).is_ok() && at(parameter.default).is_ok());
            assert!(at(parameter.min - 0.01).is_err() && at(parameter.max + 1.0).is_err() && at(f64::NAN).is_err());
            assert_eq!(parameter.grain == Grain::Odd, at(parameter.min + 1.0).is_err(), "{}", parameter.name);
        }
    }
    let spec: DecompositionSpec = "low_high:sigma=2.5".parse().unwrap();
    assert_eq!(spec.to_string(), "low_high:kernel=33,sigma=2.5");
}

#[test]
fn bad_specs_are_refused_in_one_line() {
    for (spec, message) in [
        ("bands", "no decomposition has that name: bands; choose among low_high, low_mid_high, grey_colour, motion"),
        ("grey_colour:kernel=3", "grey_colour has no such parameter: kernel; it has none"),
        ("low_high:radius=3", "low_high has no such parameter: radius; it has kernel, sigma"),
        ("low_high:33", "a parameter is written NAME=VALUE: `33` of low_high"),
        ("low_high:kernel=32", "kernel of low_high is an odd whole number: 32"),
        ("low_high:kernel=3.5", "kernel of low_high is an odd whole number: 3.5"),
        ("low_high:kernel=257", "kernel of low_high is from 1 to 255: 257"),
        ("low_high:sigma=0", "sigma of low_high is from 0.1 to 64: 0"),
        ("low_high:sigma=two", "sigma of low_high is a number: two"),
    ] {
        let error = spec.parse::<DecompositionSpec>().unwrap_err();
        assert_eq!(error.kind(), Kind::Arguments, "{spec}");
        assert_eq!(error.to_string(), message);
    }
    for (spec, size, base, message) in [
        ("low_high", 16, 16, "a kernel of 33 does not fit a picture of 16 × 16: kernel; choose at most 31"),
        (
            "low_high:kernel=129",
            256,
            64,
            "a kernel of 129, 517 at stage II, does not fit a picture of 256 × 256: kernel; choose at most 127",
        ),
        ("motion:kernel=9", 4, 4, "a kernel of 9 does not fit a picture of 4 × 4: kernel; choose at most 7"),
        ("low_mid_high:sigma_1=3", 64, 64, "sigma_1 of low_mid_high is below sigma_2: 3 and 2"),
        ("motion", 100, 64, "a decomposition is made for pictures of 64 px or a multiple, 100 px is none: motion"),
    ] {
        let error = spec.parse::<DecompositionSpec>().unwrap().at(size, base).unwrap_err();
        assert_eq!(error.kind(), Kind::Arguments, "{spec}");
        assert_eq!(error.to_string(), message);
    }
    // What is said to fit does.
    for (spec, size, base) in
        [("low_high:kernel=31", 16, 16), ("low_high:kernel=127", 256, 64), ("motion:kernel=7", 4, 4)]
    {
        at(spec, size, base).part(1, &noise(1, 1, size)).unwrap();
    }
    let spec = DecompositionSpec::new("low_high").unwrap();
    let text = spec.part_index("mid").unwrap_err().to_string();
    assert_eq!(text, "low_high has no such part: mid; choose among low, high");
    assert!(spec.at(64, 64).unwrap().part(2, &noise(1, 1, 64)).is_err());
}

/// What the window draws of a filter: the parts sum to 1 at every frequency, and a Gaussian of σ lets through what its
/// transform says.
#[test]
fn frequency_responses_sum_to_one_and_are_those_of_the_blur() {
    use diffusion_lab::decompositions::{DECOMPOSITIONS, DecompositionSpec, frequency_response};
    for entry in DECOMPOSITIONS {
        let spec = DecompositionSpec::new(entry.name).unwrap();
        let Some(parts) = frequency_response(&spec, (64, 64), 33).unwrap() else {
            assert!(!entry.filters);
            continue;
        };
        assert_eq!(parts.len(), entry.parts.len());
        for point in 0..33 {
            let sum: f64 = parts.iter().map(|part| part[point]).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{} at {point}: {sum}", entry.name);
        }
        assert!((parts[0][0] - 1.0).abs() < 1e-5, "the mean belongs to the first part of {}", entry.name);
    }
    let low = frequency_response(&"low_high:sigma=2".parse().unwrap(), (64, 64), 33).unwrap().unwrap().swap_remove(0);
    for (point, value) in low.iter().enumerate() {
        let frequency = 0.5 * point as f64 / 32.0;
        let wanted = (-2.0 * (std::f64::consts::PI * 2.0 * frequency).powi(2)).exp();
        assert!((value - wanted).abs() < 2e-3, "{point}: {value} for {wanted}");
    }
}
