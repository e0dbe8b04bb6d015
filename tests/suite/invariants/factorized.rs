//! Estimates made of parts, and parts held to a real picture; by walking the list of decompositions.

use std::sync::Arc;

use candle_core::Tensor;
use diffusion_lab::decompositions::{DECOMPOSITIONS, Decomposition, DecompositionSpec};
use diffusion_lab::diffusion::constraint::Constraint;
use diffusion_lab::diffusion::estimate::{Estimate, Part, Reduce};
use diffusion_lab::diffusion::forward::forward;
use diffusion_lab::experiments::OnePart;

use super::{CASES, Network, Setup, TYPES, noise, typed_cases, views};
use crate::reference::{difference, floats};

const T: usize = 400;

fn decomposition(name: &str, size: usize) -> Arc<Decomposition> {
    Arc::new(DecompositionSpec::new(name).unwrap().at(size, size.min(64)).unwrap())
}

/// Each part of a decomposition with the text that `text` gives it.
fn parts(name: &str, size: usize, text: impl Fn(usize) -> usize) -> Estimate {
    apart(name, size, 0.0, text)
}

/// The same, each part blind to the share `apart` of the others.
fn apart(name: &str, size: usize, apart: f64, text: impl Fn(usize) -> usize) -> Estimate {
    let decomposition = decomposition(name, size);
    let part = |index: usize| {
        let part = Arc::new(OnePart(Arc::clone(&decomposition), index)) as Arc<dyn Part>;
        (part, Estimate::guided(text(index), 3, 7.0))
    };
    Estimate::Parts { parts: (0..decomposition.parts().len()).map(part).collect(), apart }
}

/// One prompt for every part is plain sampling, to the rounding of a sum, at no more forwards; other prompts are not.
#[test]
fn parts_of_one_prompt_are_plain_sampling() {
    for entry in DECOMPOSITIONS {
        for (prediction_type, (size, count)) in typed_cases() {
            let network = Network::new(prediction_type);
            let x = noise(41, size, count);
            let plain = network.noise(&Estimate::guided(1, 3, 7.0), &x, T);
            let _ = network.rows();
            let same = network.noise(&parts(entry.name, size, |_| 1), &x, T);
            assert_eq!(network.rows(), 2 * count, "{} shares its leaves", entry.name);
            // Sums of a few f32 up to 10.
            let delta = difference(&same, &plain);
            assert!(delta <= 1e-5, "{} {prediction_type:?} at {size}: {delta}", entry.name);
            let other = network.noise(&parts(entry.name, size, |index| index), &x, T);
            assert!(difference(&other, &plain) > 1e-2, "{} at {size}", entry.name);
        }
    }
}

/// Parts that are apart: each answers for a picture in which the others are fainter, worked out here from that sentence.
#[test]
fn parts_that_are_apart_see_pictures_of_their_own() {
    let share = 0.6;
    for entry in DECOMPOSITIONS {
        for (prediction_type, (size, count)) in typed_cases() {
            let network = Network::new(prediction_type);
            let (x, original) = (noise(45, size, count), noise(46, size, count));
            let estimate = apart(entry.name, size, share, |index| index);
            // Nothing is known of the picture at a run's first step, and nothing is set aside.
            let first = network.noise(&estimate, &x, T);
            assert_eq!(floats(&first), floats(&network.noise(&parts(entry.name, size, |index| index), &x, T)));
            let _ = network.rows();

            let ours = network.noise_after(&estimate, &x, Some(&original), T);
            let decomposition = decomposition(entry.name, size);
            let each = decomposition.parts().len();
            assert_eq!(network.rows(), 2 * each * count, "{}: every part asks for itself", entry.name);

            let drawn = original.broadcast_sub(&original.mean_keepdim((2, 3)).unwrap()).unwrap();
            let signal = f64::from(super::schedule().alphas_cumprod[T].sqrt());
            let mut expected = x.zeros_like().unwrap();
            for index in 0..each {
                let others = (&drawn - decomposition.part(index, &drawn).unwrap()).unwrap();
                let seen = (&x - (others * (share * signal)).unwrap()).unwrap();
                let noise = network.noise(&Estimate::guided(index, 3, 7.0), &seen, T);
                expected = (expected + decomposition.part(index, &noise).unwrap()).unwrap();
            }
            // Sums of a few f32 up to 10.
            let delta = difference(&ours, &expected);
            assert!(delta <= 2e-5, "{} {prediction_type:?} at {size}: {delta}", entry.name);
            assert!(difference(&ours, &first) > 1e-2, "{} at {size}", entry.name);
        }
    }
}

/// The same over a whole run; and views of parts, and parts in views, of one prompt are plain too.
#[test]
fn nested_compositions_of_one_prompt_are_plain_runs() {
    for entry in DECOMPOSITIONS {
        for (size, count) in [(28, 1), (28, 3), (64, 1), (64, 3), (256, 1)] {
            let network = Network::new(TYPES[1]);
            let setup = Setup { size, count, steps: 3, ..Setup::default() };
            let plain = setup.run(&network, &Estimate::guided(1, 3, 7.0), None);
            let nested = views(&["identity"; 2], size, Reduce::Mean, &[], |_| parts(entry.name, size, |_| 1));
            for estimate in [parts(entry.name, size, |_| 1), nested] {
                // Three steps amplify rounding by 1/√ᾱ of the first, about 2.
                let delta = difference(&setup.run(&network, &estimate, None), &plain);
                assert!(delta <= 1e-4, "{} at {size}: {delta}", entry.name);
            }
        }
    }
}

/// Kernel 33 and σ 2 keep 2.0 % of white noise's energy (1/(4π σ²)), at stage II with 133 and 8 a 16th of that; reflection
/// at the edges keeps a little more where the picture is small.
#[test]
fn the_low_band_keeps_little_of_white_noise() {
    for (size, count) in CASES {
        let energy = |x: &Tensor| floats(x).iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
        let x = noise(42, size, count);
        let kept = energy(&decomposition("low_high", size).part(0, &x).unwrap()) / energy(&x);
        let sigma = 2.0 * (size / size.min(64)) as f64;
        let expected = 1.0 / (4.0 * std::f64::consts::PI * sigma * sigma);
        // A band of n / (4π σ²) independent numbers has energy within √(2/n_band); the edges add about 2σ/size.
        let band = (3 * count * size * size) as f64 * expected;
        let slack = 5.0 * (2.0 / band).sqrt() + 3.0 * sigma / size as f64;
        assert!((kept / expected - 1.0).abs() <= slack, "{size}: {kept} is not {expected}");
    }
}

/// Two scales -6.5 (unconditional) and 7.5 (conditional) summed are guidance with γ 7.5.
#[test]
fn guidance_is_a_sum_of_two_scales() {
    for (prediction_type, (size, count)) in typed_cases() {
        let network = Network::new(prediction_type);
        let x = noise(43, size, count);
        let scales = views(&["identity"; 2], size, Reduce::Sum, &[7.5, -6.5], |i| Estimate::guided(i + 1, 0, 1.0));
        let guided = network.noise(&Estimate::guided(1, 2, 7.5), &x, T);
        let delta = difference(&network.noise(&scales, &x, T), &guided);
        // Fourteen times values of size 1.
        assert!(delta <= 2e-5, "{prediction_type:?} at {size}: {delta}");
    }
}

/// After a held part is put in, that part of x is the noised picture's where the part is a projector (grey is); a blur
/// leaks, as it must. The other parts are x's own.
#[test]
fn a_projector_holds_its_part_exactly() {
    for entry in DECOMPOSITIONS {
        for (size, count) in CASES {
            let decomposition = decomposition(entry.name, size);
            let (x, reference, draw) = (noise(44, size, count), noise(45, size, 1), noise(46, size, count));
            for index in 0..entry.parts.len() {
                let part = Arc::new(OnePart(Arc::clone(&decomposition), index));
                let constraint = Constraint::Hold { part, reference: reference.clone() };
                let held = constraint.apply(&x, 0.6, Some(&draw)).unwrap();
                let wide = reference.broadcast_as(x.shape()).unwrap();
                let noised = forward(&wide, &draw, 0.6).unwrap();
                let leak = difference(
                    &decomposition.part(index, &held).unwrap(),
                    &decomposition.part(index, &noised).unwrap(),
                );
                // Means of three f32, twice.
                assert_eq!(leak <= 2e-6, entry.projectors, "{} part {index} at {size}: {leak}", entry.name);
                let by_hand = ((&x - decomposition.part(index, &x).unwrap()).unwrap()
                    + decomposition.part(index, &noised).unwrap())
                .unwrap();
                assert!(difference(&held, &by_hand) <= 1e-6);
            }
        }
    }
}
