//! Estimates over several views of one picture.

use std::cell::RefCell;

use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate, Moment, Reduce};
use diffusion_lab::diffusion::prediction::{PredictionType, Terms};
use diffusion_lab::error::Result;
use diffusion_lab::tensors::Generators;
use diffusion_lab::views::VIEWS;

use super::{CASES, Network, Setup, TYPES, noise, seen, typed_cases, views};
use crate::reference::{difference, floats};

const T: usize = 600;

fn guided(text: usize) -> Estimate {
    Estimate::guided(text, 3, 7.0)
}

/// One identity view is plain sampling, bit for bit; several of one prompt are too, to the rounding of a mean.
#[test]
fn identity_views_are_plain_sampling() {
    for (prediction_type, (size, count)) in typed_cases() {
        let network = Network::new(prediction_type);
        let x = noise(31, size, count);
        let plain = network.noise(&guided(0), &x, T);
        assert_eq!(network.rows(), 2 * count);
        for (names, reduce, weights) in [
            (&["identity"][..], Reduce::Mean, &[][..]),
            (&["identity"; 2], Reduce::Mean, &[2.0, 1.0]),
            (&["identity"; 3], Reduce::Mean, &[]),
            (&["identity"; 2], Reduce::Sum, &[0.25, 0.75]),
            (&["identity"; 2], Reduce::Alternate, &[]),
            (&["identity"; 2], Reduce::Upper, &[3.0, 0.5]),
        ] {
            let estimate = views(names, size, reduce, weights, |_| guided(0));
            let delta = difference(&network.noise(&estimate, &x, T), &plain);
            let limit = if names.len() == 1 { 0.0 } else { 1e-5 };
            assert!(delta <= limit, "{prediction_type:?} {size} {names:?} {reduce:?}: {delta}");
            let _ = network.rows();
        }
    }
}

/// The same over a whole run, variance and all.
#[test]
fn a_run_through_one_view_is_a_plain_run() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let setup = Setup { size, count, steps: 3, ..Setup::default() };
        let plain = setup.run(&network, &guided(0), None);
        let one = views(&["identity"], size, Reduce::Mean, &[], |_| guided(0));
        assert_eq!(floats(&setup.run(&network, &one, None)), floats(&plain));
    }
}

/// Every view of the list that is orthogonal, alone: its estimate is the network's of the view, turned back, and so is
/// its variance, which is never negated.
#[test]
fn each_view_alone_is_the_network_seen_through_it() {
    let mut tried = 0;
    for entry in VIEWS.iter().filter(|entry| entry.orthogonal) {
        for (size, count) in CASES {
            let Some(view) = seen(entry.name, size) else { continue };
            tried += 1;
            let network = Network::new(TYPES[1]);
            let x = noise(32, size, count);
            let ours = network.composed(&views(&[entry.name], size, Reduce::Mean, &[], |_| guided(0)), &x, T);
            let there = network.composed(&guided(0), &view.view(&x).unwrap(), T);
            let back = view.inverse_view(&there.model_output).unwrap();
            assert_eq!(floats(&ours.model_output), floats(&back), "{} at {size}", entry.name);
            let v = there.predicted_variance.unwrap();
            let back = if entry.name == "negate" { v.clone() } else { view.inverse_view(&v).unwrap() };
            assert_eq!(floats(&ours.predicted_variance.unwrap()), floats(&back), "{} at {size}", entry.name);
        }
    }
    // Eight patches a side do not divide 28 px.
    assert_eq!(tried, 13 * 4 + 12 * 2);
}

/// Three views with their prompts and weights in another order: the same ε and variance, to rounding.
#[test]
fn the_order_of_views_does_not_matter() {
    let (names, weights) = (["rotate_90", "negate", "flip_horizontal"], [2.0, 1.0, 0.5]);
    for (prediction_type, (size, count)) in typed_cases() {
        let network = Network::new(prediction_type);
        let x = noise(33, size, count);
        let in_order = |order: [usize; 3]| {
            let estimate =
                views(&order.map(|i| names[i]), size, Reduce::Mean, &order.map(|i| weights[i]), |i| guided(order[i]));
            (network.noise(&estimate, &x, T), network.composed(&estimate, &x, T).predicted_variance.unwrap())
        };
        let (noise_pred, variance) = in_order([0, 1, 2]);
        for order in [[2, 0, 1], [1, 2, 0], [0, 2, 1]] {
            let (a, b) = in_order(order);
            assert!(difference(&a, &noise_pred) <= 1e-5 && difference(&b, &variance) <= 1e-6, "{order:?} at {size}");
        }
        let weighted = views(&names, size, Reduce::Mean, &[1.0, 1.0, 1.0], guided);
        assert!(difference(&network.noise(&weighted, &x, T), &noise_pred) > 1e-2, "weights count");
    }
}

/// `upper`: what each view says, times its share, which falls from its own first row to its last.
#[test]
fn each_view_has_its_own_top() {
    let weights = [2.0, 1.0];
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let x = noise(34, size, count);
        let output = |names: &[&str], reduce, weights: &[f64], first| {
            floats(&network.composed(&views(names, size, reduce, weights, |i| guided(first + i)), &x, T).model_output)
        };
        let both = output(&["identity", "rotate_180"], Reduce::Upper, &weights, 0);
        let (upright, turned) =
            (output(&["identity"], Reduce::Mean, &[], 0), output(&["rotate_180"], Reduce::Mean, &[], 1));
        for (index, value) in both.iter().enumerate() {
            let y = (index / size % size) as f64 / (size - 1) as f64;
            let share = |y: f64| (1.5 - 2.0 * y).clamp(0.0, 1.0) + 1e-3;
            let (a, b) = (weights[0] * share(y), weights[1] * share(1.0 - y));
            let expected = (a * f64::from(upright[index]) + b * f64::from(turned[index])) / (a + b);
            assert!((f64::from(*value) - expected).abs() <= 1e-5, "{index} at {size}: {value}, {expected}");
        }
    }
}

/// A network that says nothing but noise of its own.
struct Noise(RefCell<Generators>);

impl Denoiser for Noise {
    fn prediction_type(&self) -> PredictionType {
        PredictionType::Epsilon
    }

    fn forward(&self, input: &Tensor, _moment: &Moment, _texts: &[usize]) -> Result<Tensor> {
        let (b, c, h, w) = input.dims4()?;
        Ok(self.0.borrow_mut().randn((c, b * h, w), input.device())?.reshape((b, c, h, w))?)
    }
}

/// A mean of N uncorrelated estimates has 1/√N of their deviation: why anagrams look flatter, as a fact.
#[test]
fn a_mean_of_uncorrelated_estimates_is_flatter() {
    for (size, count) in CASES {
        for n in [1, 2, 3, 4] {
            let denoiser = Noise(RefCell::new(Generators::new(9, 1)));
            let x = Tensor::zeros((count, 3, size, size), candle_core::DType::F32, &Device::Cpu).unwrap();
            // Texts of their own, so that no leaf is shared.
            let estimate = views(&vec!["identity"; n], size, Reduce::Mean, &[], |i| Estimate::guided(i, 99, 1.0));
            let terms = Terms { prediction_type: PredictionType::Epsilon, alpha_prod: 0.5 };
            let moment = Moment { terms, timestep: T, time: T as f64, index: 0, progress: 0.0 };
            let values = floats(&estimate.evaluate(&denoiser, &x, None, moment, 3).unwrap().model_output);
            let m = values.len() as f64;
            let deviation = (values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / m).sqrt();
            let expected = 1.0 / (n as f64).sqrt();
            // 5 standard errors of a deviation.
            assert!((deviation / expected - 1.0).abs() <= 5.0 / (2.0 * m).sqrt(), "{n} at {size}: {deviation}");
        }
    }
}
