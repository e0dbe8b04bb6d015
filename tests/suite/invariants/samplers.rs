//! Single steps of the samplers, their variance, their thresholding and their lists.

use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::plan::{Plan, PlanSpec};
use diffusion_lab::diffusion::prediction::{Prediction, PredictionType};
use diffusion_lab::diffusion::samplers::{Leap, Sampler};
use diffusion_lab::diffusion::schedule::SchedulerConfig;
use diffusion_lab::diffusion::threshold::Threshold;
use diffusion_lab::diffusion::timesteps::{Spacing, Stepping, TimestepList};
use diffusion_lab::diffusion::variance::{Deviation, VarianceType, deviation};
use diffusion_lab::tensors::Generators;

use super::{CASES, config, leaps, noise, schedule};
use crate::reference::{difference, floats};

fn prediction(leap: &Leap, x_t: &Tensor, original: &Tensor) -> Prediction {
    let noise_pred = ((x_t - (original * f64::from(leap.alpha_prod.sqrt())).unwrap()).unwrap()
        / f64::from((1.0 - leap.alpha_prod).sqrt()))
    .unwrap();
    Prediction {
        model_output: noise_pred.clone(),
        prediction_type: PredictionType::Epsilon,
        noise_pred,
        pred_original_sample: original.clone(),
        predicted_variance: None,
    }
}

/// DDPM's mean with the posterior variance is DDIM's with η = 1, noise and all, over the whole strided list; and
/// the first order of DPM-Solver++ is DDIM with η = 0.
#[test]
fn samplers_agree_where_they_are_the_same() {
    for (size, count) in CASES {
        let mut generators = Generators::new(7, count);
        // Every leap is another formula, every pixel the same one: at 256 px every eighth leap will do.
        for leap in leaps(33, Stepping::Course).into_iter().step_by(if size == 256 { 8 } else { 1 }) {
            let leap = Leap { variance_type: VarianceType::FixedSmall, ..leap };
            let mut draw = || generators.randn((3, size, size), &Device::Cpu).unwrap();
            let (x_t, original, noise) = (draw(), draw(), draw());
            let predicted = prediction(&leap, &x_t, &original);
            let step = |sampler: Sampler, eta| sampler.start(eta).step(&leap, &x_t, &predicted, Some(&noise)).unwrap();
            let delta = difference(&step(Sampler::Ddpm, 0.0), &step(Sampler::Ddim, 1.0));
            // 1-ᾱ_0 is 4e-5: f32 keeps four digits of it.
            assert!(delta <= 4e-5, "t = {} at {size}: {delta}", leap.timestep);
            let delta = difference(&step(Sampler::DpmSolverPp2m, 0.0), &step(Sampler::Ddim, 0.0));
            // λ - λ' is a difference of f32 logarithms.
            assert!(delta <= 6e-5, "t = {} at {size}: {delta}", leap.timestep);
        }
    }
}

/// The second order of DPM-Solver++ begins with the second step, and ends before the last one to ᾱ = 1.
#[test]
fn the_last_step_is_of_first_order() {
    let leaps = leaps(10, Stepping::Scheduler);
    for (size, count) in CASES {
        let (x_t, original, before) = (noise(1, size, count), noise(2, size, count), noise(3, size, count));
        let at = |index: usize| {
            let mut stepper = Sampler::DpmSolverPp2m.start(0.0);
            let earlier = prediction(&leaps[index - 1], &x_t, &before);
            let _ = stepper.step(&leaps[index - 1], &x_t, &earlier, None).unwrap();
            let predicted = prediction(&leaps[index], &x_t, &original);
            let second = stepper.step(&leaps[index], &x_t, &predicted, None).unwrap();
            let first = Sampler::Ddim.start(0.0).step(&leaps[index], &x_t, &predicted, None).unwrap();
            difference(&second, &first)
        };
        assert!(at(9) <= 6e-5, "{size}: {}", at(9));
        assert!(at(5) > 1e-2, "{size}: {}", at(5));
    }
}

/// v = -1 is the posterior variance, v = 1 is β, and the logarithm between them is straight.
#[test]
fn the_learned_range_is_log_linear() {
    for leap in leaps(33, Stepping::Course) {
        let fixed = |variance_type| match deviation(&Leap { variance_type, ..leap }, None).unwrap() {
            Deviation::Scalar(deviation) => f64::from(deviation),
            Deviation::PerPixel(_) => panic!("a fixed variance is a number"),
        };
        let (small, large) = (fixed(VarianceType::FixedSmall), fixed(VarianceType::FixedLarge));
        for (size, count) in CASES.into_iter().filter(|(size, _)| *size < 256 || leap.timestep % 120 == 30) {
            // Every pixel has its own: -1, 0 and 1 in the three channels.
            let v = Tensor::new(&[-1f32, 0.0, 1.0], &Device::Cpu).unwrap().reshape((1, 3, 1, 1)).unwrap();
            let v = v.broadcast_as((count, 3, size, size)).unwrap().contiguous().unwrap();
            let learned = Leap { variance_type: VarianceType::LearnedRange, ..leap };
            let Deviation::PerPixel(learned) = deviation(&learned, Some(&v)).unwrap() else {
                panic!("a learned variance is one for each pixel")
            };
            for (channel, expected) in [small, (small * large).sqrt(), large].into_iter().enumerate() {
                let channel = floats(&learned.narrow(1, channel, 1).unwrap());
                let worst = channel.iter().map(|value| (f64::from(*value) / expected - 1.0).abs()).fold(0.0, f64::max);
                assert!(worst <= 1e-5, "t = {} at {size}: {worst}", leap.timestep);
            }
        }
    }
}

/// `scheduler` adds no noise at t = 0, `course` at every step, the last too; DDIM without η and DPM-Solver++ none.
#[test]
fn noise_is_added_where_the_stepping_says() {
    for (stepping, last) in [(Stepping::Scheduler, false), (Stepping::Course, true)] {
        let leaps = leaps(20, stepping);
        let draws = |sampler: Sampler, eta: f64| -> Vec<bool> {
            leaps.iter().map(|leap| sampler.start(eta).wants_noise(leap)).collect()
        };
        let ddpm = draws(Sampler::Ddpm, 0.0);
        assert!(ddpm[..19].iter().all(|draws| *draws) && ddpm[19] == last, "{stepping:?}: {ddpm:?}");
        for (sampler, eta) in [(Sampler::Ddim, 0.0), (Sampler::DpmSolverPp2m, 0.0)] {
            assert!(!draws(sampler, eta).contains(&true), "{}", sampler.name());
        }
    }
}

/// Within [-1, 1] nothing changes; beyond, each picture is clamped to its own quantile, which is interpolated between
/// two entries (their number is even), and divided by it.
#[test]
fn thresholding_is_imagens() {
    let (ratio, max) = (0.95, 1.5);
    let threshold = Threshold::Dynamic { ratio, max };
    for (size, count) in CASES {
        let x = noise(11, size, count);
        let within = x.clamp(-1.0, 1.0).unwrap();
        assert_eq!(floats(&threshold.apply(&within).unwrap()), floats(&within));
        // Deviations 0.6, 0.7, 0.8: quantiles 1.18, 1.37, 1.57 (over the maximum).
        let scales: Vec<f32> = (0..count).map(|row| 0.6 + 0.1 * row as f32).collect();
        let scales = Tensor::from_vec(scales, (count, 1, 1, 1), &Device::Cpu).unwrap();
        let x = x.broadcast_mul(&scales).unwrap();
        let limited = threshold.apply(&x).unwrap();
        for row in 0..count {
            let values = floats(&x.get(row).unwrap());
            let mut sorted: Vec<f64> = values.iter().map(|value| f64::from(value.abs())).collect();
            sorted.sort_by(f64::total_cmp);
            assert!(sorted.len().is_multiple_of(2));
            let at = ratio * (sorted.len() - 1) as f64;
            let (low, part) = (at.floor() as usize, at.fract());
            let s = (sorted[low] + part * (sorted[low + 1] - sorted[low])).clamp(1.0, max);
            assert!(s > 1.0, "{s}");
            // The quantile, a division: a few roundings; a neighbouring entry would be off by 1e-5 and more.
            let ours = floats(&limited.get(row).unwrap());
            for (value, ours) in values.iter().zip(ours) {
                let expected = f64::from(*value).clamp(-s, s) / s;
                assert!((f64::from(ours) - expected).abs() <= 1e-6, "{size} row {row}: {ours} {expected}");
            }
        }
    }
}

/// λ < -5.1 above t = 995: there DPM-Solver++ is refused, by name, and the others are not.
#[test]
fn the_noisiest_timesteps_are_refused_by_dpm_solver_alone() {
    for first in 990..1000 {
        let list = TimestepList::Given(vec![first, 500, 0]);
        let plan = |sampler| {
            let spec = PlanSpec {
                stepping: Stepping::Scheduler,
                steps: 3,
                timesteps: Some(&list),
                i_start: 0,
                sampler,
                repaint: None,
            };
            Plan::new(&config(), &schedule(), &spec)
        };
        assert!(plan(Sampler::Ddpm).is_ok() && plan(Sampler::Ddim).is_ok());
        match plan(Sampler::DpmSolverPp2m) {
            Ok(_) => assert!(first <= 995),
            Err(error) => assert!(first > 995 && error.to_string().contains("995"), "{error}"),
        }
    }
}

/// Spacings that begin at T - 1 begin at the last timestep that the sampler can evaluate, so that a model whose
/// schedule is `trailing` can be drawn from with DPM-Solver++; where the second entry is too high as well, it is refused.
#[test]
fn a_spacing_from_the_last_timestep_begins_where_the_sampler_can() {
    let config = SchedulerConfig { timestep_spacing: Spacing::Trailing, ..config() };
    let plan = |sampler, steps| {
        let spec =
            PlanSpec { stepping: Stepping::Scheduler, steps, timesteps: None, i_start: 0, sampler, repaint: None };
        Plan::new(&config, &schedule(), &spec)?;
        Plan::entries(&config, schedule().num_train_timesteps(), &spec)
    };
    for steps in [1, 4, 20, 50] {
        let ddpm = plan(Sampler::Ddpm, steps).unwrap();
        let dpm_solver = plan(Sampler::DpmSolverPp2m, steps).unwrap();
        assert_eq!((ddpm[0], dpm_solver[0]), (999, 995));
        assert_eq!(ddpm[1..], dpm_solver[1..]);
    }
    assert!(plan(Sampler::Ddpm, 1000).is_ok() && plan(Sampler::DpmSolverPp2m, 1000).is_err());
}
