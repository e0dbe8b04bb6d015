//! Classifier-free guidance at its ends, and along its line.

use candle_core::Tensor;
use diffusion_lab::diffusion::estimate::Estimate;
use diffusion_lab::diffusion::guidance::{Guidance, GuidanceSchedule};

use super::{CASES, Network, TYPES, noise, typed_cases};
use crate::reference::{difference, floats};

const T: usize = 500;

fn bent(scale: f64, rescale: f64, interval: Option<(usize, usize)>) -> Estimate {
    let guidance = Guidance { scale, rescale, interval, schedule: GuidanceSchedule::Constant };
    Estimate::Guided { text: 1, negative: 2, guidance }
}

/// γ 1 is the conditional branch alone, at half the forwards; γ 0 the unconditional one; γ is a line between and past
/// them; w = γ - 1 in the other notation, (1 + w) ε_c - w ε_u; two branches of one prompt are that prompt.
#[test]
fn guidance_is_a_line_through_both_branches() {
    for (prediction_type, (size, count)) in typed_cases() {
        let network = Network::new(prediction_type);
        let x = noise(3, size, count);
        let at = |text, negative, scale| network.noise(&Estimate::guided(text, negative, scale), &x, T);
        let (conditional, unconditional) = (at(1, 2, 1.0), at(2, 1, 1.0));
        assert_eq!(network.rows(), 2 * count, "one branch each");
        assert_eq!(floats(&at(1, 2, 0.0)), floats(&unconditional));
        assert!(difference(&conditional, &unconditional) > 0.1);
        let _ = network.rows();
        let guided = at(1, 2, 7.0);
        assert_eq!(network.rows(), 2 * count, "two branches");
        let line = ((&conditional * 7.0).unwrap() - (&unconditional * 6.0).unwrap()).unwrap();
        // Seven times values of size 1.
        assert!(difference(&guided, &line) <= 1e-5, "{prediction_type:?} {size}");
        assert_eq!(floats(&at(1, 1, 7.0)), floats(&conditional));
        assert_eq!(network.rows(), count, "one prompt twice is one leaf");
    }
}

/// The conditional branch's variance is kept, whatever γ.
#[test]
fn the_variance_is_the_conditional_branchs() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let x = noise(4, size, count);
        let variance = |estimate: &Estimate| network.composed(estimate, &x, T).predicted_variance.unwrap();
        let alone = variance(&Estimate::guided(1, 2, 1.0));
        for scale in [-1.0, 0.0, 7.0] {
            assert_eq!(floats(&variance(&Estimate::guided(1, 2, scale))), floats(&alone));
        }
        assert!(difference(&alone, &variance(&Estimate::guided(2, 1, 1.0))) > 0.1);
    }
}

fn deviations(x: &Tensor) -> Vec<f64> {
    let deviation = |row: Tensor| {
        let values = floats(&row);
        let n = values.len() as f64;
        let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
        (values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    };
    (0..x.dim(0).unwrap()).map(|row| deviation(x.get(row).unwrap())).collect()
}

/// φ 0 is plain guidance; φ 1 has each picture's deviation of ε from the conditional branch.
#[test]
fn rescaling_goes_from_nothing_to_the_conditional_deviation() {
    for (prediction_type, (size, count)) in typed_cases() {
        let network = Network::new(prediction_type);
        let x = noise(5, size, count);
        let plain = network.noise(&Estimate::guided(1, 2, 7.0), &x, T);
        assert_eq!(floats(&network.noise(&bent(7.0, 0.0, None), &x, T)), floats(&plain));
        let conditional = deviations(&network.noise(&Estimate::guided(1, 2, 1.0), &x, T));
        let rescaled = deviations(&network.noise(&bent(7.0, 1.0, None), &x, T));
        for (ours, theirs) in rescaled.iter().zip(&conditional) {
            assert!((ours / theirs - 1.0).abs() <= 1e-5, "{prediction_type:?} {size}: {ours} {theirs}");
        }
        assert!((deviations(&plain)[0] / conditional[0] - 1.0).abs() > 0.1, "γ 7 changes the deviation");
    }
}

/// The interval of all timesteps is plain guidance; outside an interval the conditional branch is alone, at half the
/// forwards.
#[test]
fn an_interval_holds_guidance_within_it() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[0]);
        let x = noise(6, size, count);
        let at = |estimate: &Estimate| (floats(&network.noise(estimate, &x, T)), network.rows());
        let (plain, alone) = (at(&Estimate::guided(1, 2, 7.0)), at(&Estimate::guided(1, 2, 1.0)));
        assert_eq!((plain.1, alone.1), (2 * count, count));
        for interval in [(0, 999), (T, T)] {
            assert!(at(&bent(7.0, 0.0, Some(interval))) == plain, "{interval:?}");
        }
        for interval in [(0, T - 1), (T + 1, 999), (T + 1, T - 1)] {
            assert!(at(&bent(7.0, 0.0, Some(interval))) == alone, "{interval:?}");
        }
    }
}
