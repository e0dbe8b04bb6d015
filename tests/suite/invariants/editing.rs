//! Starts from a picture, masks and going back: what is kept, and exactly when.

use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::constraint::{Constraint, paste};
use diffusion_lab::diffusion::estimate::Estimate;
use diffusion_lab::diffusion::forward::forward;
use diffusion_lab::diffusion::plan::{Plan, PlanSpec, Repaint};
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::tensors::Generators;

use super::{CASES, Network, Setup, TYPES, config, leaps, noise, schedule};
use crate::reference::{difference, floats};

fn prompt() -> Estimate {
    Estimate::guided(1, 2, 2.0)
}

/// A mask of ones in a square in the middle (`half`), everywhere, or nowhere.
fn mask(size: usize, value: impl Fn(usize, usize) -> f32) -> Tensor {
    let values: Vec<f32> = (0..size * size).map(|at| value(at % size, at / size)).collect();
    Tensor::from_vec(values, (1, 1, size, size), &Device::Cpu).unwrap()
}

fn middle(size: usize) -> Tensor {
    let inside = |at: usize| (size / 4..size * 3 / 4).contains(&at);
    mask(size, |x, y| f32::from(inside(x) && inside(y)))
}

/// i_start at the list's last entry gives the picture back, without an evaluation: ᾱ_0 is 0.99996. i_start 0 ignores
/// it: √ᾱ_990 is 0.014.
#[test]
fn entries_go_from_nearly_noise_to_nearly_the_picture() {
    let plan = |i_start| {
        let spec = PlanSpec {
            stepping: Stepping::Course,
            steps: 33,
            timesteps: None,
            i_start,
            sampler: Sampler::Ddpm,
            repaint: None,
        };
        Plan::new(&config(), &schedule(), &spec).unwrap()
    };
    assert_eq!((plan(0).evaluations(), plan(10).evaluations(), plan(33).evaluations()), (33, 23, 0));
    for (size, count) in CASES {
        let (picture, draw) = (noise(21, size, count), noise(22, size, count));
        let noised = |i_start| forward(&picture, &draw, plan(i_start).first_alpha_prod).unwrap();
        // √(1-ᾱ_0) is 0.0065, and a normal number below 6; √ᾱ_990 is 0.0141.
        assert!(difference(&noised(33), &picture) <= 0.0065 * 6.0);
        assert!(difference(&noised(0), &draw) <= 0.0142 * 6.0);
        assert!(difference(&noised(10), &picture) > 1.0 && difference(&noised(10), &draw) > 0.3);
    }
}

/// Mask 1 is no mask when the draws are the same (DDIM draws none).
#[test]
fn a_mask_of_everything_is_none() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let setup = Setup { sampler: Sampler::Ddim, size, count, steps: 4, ..Setup::default() };
        let original = noise(23, size, 1);
        let constraint = Constraint::Renoise { mask: mask(size, |_, _| 1.0), original };
        let masked = setup.run(&network, &prompt(), Some(&constraint));
        assert_eq!(floats(&masked), floats(&setup.run(&network, &prompt(), None)));
    }
}

/// Mask 0 follows the picture noised to where each step *arrives*, with the constraint's own draw, and ends at the
/// picture; noised to where the step came from, it would be another.
#[test]
fn a_mask_of_nothing_follows_the_noised_picture() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let setup = Setup { sampler: Sampler::Ddim, size, count, steps: 4, ..Setup::default() };
        let original = noise(24, size, 1);
        let constraint = Constraint::Renoise { mask: mask(size, |_, _| 0.0), original: original.clone() };
        let original = original.broadcast_as((count, 3, size, size)).unwrap().contiguous().unwrap();
        let mut generators = Generators::new(setup.seed, count);
        let mut draw = || generators.randn((3, size, size), &Device::Cpu).unwrap();
        drop(draw()); // the start
        let steps = setup.steps(&network, &prompt(), Some(&constraint));
        for (step, leap) in steps.iter().zip(leaps(4, Stepping::Scheduler)) {
            let noise = draw();
            let at = |alpha_prod| difference(&step.x_t, &forward(&original, &noise, alpha_prod).unwrap());
            assert!(at(leap.alpha_prod_prev) <= 1e-6, "t = {} at {size}", leap.timestep);
            // The last step goes from ᾱ_0 = 0.99996 to 1.
            assert!(at(leap.alpha_prod) > 0.01, "t = {} at {size}", leap.timestep);
        }
        assert_eq!(floats(&steps.last().unwrap().x_t), floats(&original));
    }
}

/// After the last paste everything outside a binary mask is the picture, bit for bit, and inside is something else; for
/// both surroundings, which differ on the way.
#[test]
fn outside_a_hard_mask_the_picture_is_kept() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let setup = Setup { size, count, steps: 3, stepping: Stepping::Course, ..Setup::default() };
        let (original, mask) = (noise(25, size, 1), middle(size));
        let outside = mask.affine(-1.0, 1.0).unwrap();
        let part = |x: &Tensor, of: &Tensor| floats(&x.broadcast_mul(of).unwrap());
        let wide = original.broadcast_as((count, 3, size, size)).unwrap();
        let renoised = Constraint::Renoise { mask: mask.clone(), original: original.clone() };
        let unnoised = Constraint::Unnoised { mask: mask.clone(), original: original.clone() };
        let mut ends = Vec::new();
        for constraint in [&renoised, &unnoised] {
            let steps = setup.steps(&network, &prompt(), Some(constraint));
            let last = &steps.last().unwrap().x_t;
            let finished = paste(&mask, last, &original.broadcast_as(last.shape()).unwrap()).unwrap();
            assert_eq!(part(&finished, &outside), part(&wide, &outside));
            let changed = part(&finished, &mask).iter().zip(part(&wide, &mask)).filter(|(a, b)| *a != b).count();
            assert!(changed > count * size * size / 2, "{changed} pixels are new");
            let kept_clean = steps.iter().all(|step| part(&step.x_t, &outside) == part(&wide, &outside));
            assert_eq!(kept_clean, matches!(constraint, Constraint::Unnoised { .. }));
            // What is to be looked at on the way is the picture outside, the estimate inside.
            for step in &steps {
                assert_eq!(part(&step.kept_original, &outside), part(&wide, &outside));
                assert_eq!(part(&step.kept_original, &mask), part(&step.prediction.pred_original_sample, &mask));
            }
            ends.push(finished);
        }
        assert!(difference(&ends[0], &ends[1]) > 1e-3, "the two surroundings are two things");
    }
}

/// RePaint with r = 1 goes back nowhere, whatever j; with r = 2 it is another picture.
#[test]
fn repaint_once_is_none() {
    for (size, count) in CASES {
        let network = Network::new(TYPES[1]);
        let setup = Setup { size, count, steps: 6, stepping: Stepping::Course, ..Setup::default() };
        let constraint = Constraint::Renoise { mask: middle(size), original: noise(26, size, 1) };
        let with = |repaint| Setup { repaint, ..setup_of(&setup) }.run(&network, &prompt(), Some(&constraint));
        let plain = with(None);
        for jump_length in [1, 2, 5] {
            let once = with(Some(Repaint { resamplings: 1, jump_length }));
            assert_eq!(floats(&once), floats(&plain), "j = {jump_length}");
        }
        let twice = with(Some(Repaint { resamplings: 2, jump_length: 2 }));
        assert!(difference(&twice, &plain) > 1e-3);
    }
}

fn setup_of(setup: &Setup) -> Setup {
    Setup { size: setup.size, count: setup.count, steps: setup.steps, stepping: setup.stepping, ..Setup::default() }
}

/// A batch is its pictures, each made alone with its own seed, bit for bit, draws of the constraint and of the way
/// back included.
#[test]
fn a_batch_is_its_pictures() {
    for size in [28, 64, 256] {
        let network = Network::new(TYPES[1]);
        let constraint = Constraint::Renoise { mask: middle(size), original: noise(27, size, 1) };
        let make = |seed, count| {
            let repaint = Some(Repaint { resamplings: 2, jump_length: 2 });
            let setup = Setup { size, count, seed, steps: 4, stepping: Stepping::Course, repaint, ..Setup::default() };
            setup.run(&network, &prompt(), Some(&constraint))
        };
        let together = make(180, 3);
        for row in 0..3 {
            assert_eq!(floats(&together.get(row).unwrap()), floats(&make(180 + row as u64, 1)), "{size}, {row}");
        }
    }
}
