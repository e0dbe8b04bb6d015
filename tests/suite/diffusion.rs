use candle_core::Tensor;
use diffusion_lab::diffusion::forward::forward;
use diffusion_lab::diffusion::prediction::{Prediction, PredictionType, Terms};
use diffusion_lab::diffusion::samplers::{Leap, Sampler};
use diffusion_lab::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use diffusion_lab::diffusion::threshold::Threshold;
use diffusion_lab::diffusion::timesteps::{NAMED, Spacing, TimestepList, course_timesteps, scheduler_timesteps};
use diffusion_lab::diffusion::variance::VarianceType;

use crate::reference::{Reference, difference};

fn cosine() -> SchedulerConfig {
    SchedulerConfig { beta_schedule: BetaSchedule::SquaredcosCapV2, ..SchedulerConfig::default() }
}

/// A plain f32 product would be wrong in nearly every entry.
#[test]
fn schedules_are_diffusers_bit_for_bit() {
    let reference = Reference::open("schedule.safetensors");
    for (name, beta_schedule) in [
        ("squaredcos_cap_v2", BetaSchedule::SquaredcosCapV2),
        ("linear", BetaSchedule::Linear),
        ("scaled_linear", BetaSchedule::ScaledLinear),
    ] {
        let config = match beta_schedule {
            BetaSchedule::ScaledLinear => {
                SchedulerConfig { beta_schedule, beta_start: 0.00085, beta_end: 0.012, ..SchedulerConfig::default() }
            }
            _ => SchedulerConfig { beta_schedule, ..SchedulerConfig::default() },
        };
        let schedule = Schedule::new(&config).unwrap();
        assert_eq!(schedule.betas, reference.floats(&format!("{name}.betas")), "{name}");
        assert_eq!(schedule.alphas_cumprod, reference.floats(&format!("{name}.alphas_cumprod")), "{name}");
    }
    let trained = (0..40).map(|i| (0.01 * f64::from(1 + i % 5)) as f32).collect();
    let schedule = Schedule::new(&SchedulerConfig { trained_betas: Some(trained), ..cosine() }).unwrap();
    assert_eq!(schedule.betas, reference.floats("trained.betas"));
    assert_eq!(schedule.alphas_cumprod, reference.floats("trained.alphas_cumprod"));
    let wrong = reference.floats("wrong.alphas_cumprod_f32_product");
    assert_ne!(Schedule::new(&cosine()).unwrap().alphas_cumprod, wrong);
}

/// PyTorch's square root of a long vector is off in the last place of six entries in a thousand; α is a quotient of two
/// squares of them, so four such roundings near 1 are allowed.
#[test]
fn a_rescaled_schedule_ends_in_noise() {
    let reference = Reference::open("schedule.safetensors");
    let linear = SchedulerConfig { beta_schedule: BetaSchedule::Linear, ..SchedulerConfig::default() };
    let config = SchedulerConfig { rescale_betas_zero_snr: true, ..linear.clone() };
    let (schedule, plain) = (Schedule::new(&config).unwrap(), Schedule::new(&linear).unwrap());
    assert_eq!(schedule.alphas_cumprod[999], 0.0);
    for (name, ours, unscaled) in
        [("betas", &schedule.betas, &plain.betas), ("alphas_cumprod", &schedule.alphas_cumprod, &plain.alphas_cumprod)]
    {
        let wanted = reference.floats(&format!("rescaled.{name}"));
        let away = |values: &[f32]| values.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(away(ours) <= 4.0 * 2.0_f32.powi(-23), "{name}: {}", away(ours));
        assert!(away(unscaled) > 1e-3, "{name}: {}", away(unscaled));
    }
}

#[test]
fn timesteps_are_diffusers() {
    let reference = Reference::open("schedule.safetensors");
    let mut lists = 0;
    for name in reference.names() {
        let Some(rest) = name.strip_prefix("timesteps.") else { continue };
        let expected: Vec<usize> = reference.integers(name).into_iter().map(|t| t as usize).collect();
        let parts: Vec<&str> = rest.split('.').collect();
        let ours = match parts[..] {
            ["named", list] => TimestepList::Named(list.to_owned()).entries(1000).unwrap(),
            ["course", n] => course_timesteps(n.parse().unwrap(), 1000).unwrap(),
            [spacing, offset, n] => {
                let spacing = match spacing {
                    "leading" => Spacing::Leading,
                    "linspace" => Spacing::Linspace,
                    "trailing" => Spacing::Trailing,
                    other => panic!("{other}"),
                };
                let offset = offset.strip_prefix("offset_").unwrap().parse().unwrap();
                scheduler_timesteps(n.parse().unwrap(), 1000, spacing, offset).unwrap()
            }
            _ => panic!("{name}"),
        };
        assert_eq!(ours, expected, "{name}");
        lists += 1;
    }
    assert_eq!(lists, 4 * 7 + NAMED.len() + 3);
    let wrong = reference.integers("wrong.timesteps_course_20_half_up");
    assert!(course_timesteps(20, 1000).unwrap().iter().zip(wrong).any(|(&ours, wrong)| ours as i64 != wrong));
}

#[test]
fn the_courses_list_is_strided() {
    let list = course_timesteps(33, 1000).unwrap();
    assert_eq!(list, (0..=33).rev().map(|i| 30 * i).collect::<Vec<_>>());
    assert_eq!(course_timesteps(4, 1000).unwrap(), [990, 742, 495, 248, 0]); // halves to even, as Python's round
}

#[test]
fn lists_that_do_not_descend_are_refused_with_a_reason() {
    for (list, wanted) in [("990,960,960", "960 follows 960"), ("10,20", "20 follows 10"), ("1000,5", "not below 1000")]
    {
        let message = list.parse::<TimestepList>().unwrap().entries(1000).unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    }
    assert!("990,x".parse::<TimestepList>().is_err());
    assert!("fast28".parse::<TimestepList>().unwrap().entries(1000).unwrap_err().to_string().contains("fast27"));
}

/// One DDPM step for every prediction type, variance type and thresholding, at both ends and the middle.
///
/// Measured in units of max(1, max |reference|): at t = 999 without thresholding x̂_0 reaches 1e5. Tolerance
/// 1e-6: a handful of f32 roundings.
#[test]
fn single_steps_are_diffusers() {
    let reference = Reference::open("schedule.safetensors");
    let schedule = Schedule::new(&cosine()).unwrap();
    let mut cases = 0;
    for name in reference.names() {
        let parts: Vec<&str> = name.split('.').collect();
        let ["step", kind, variance, threshold, t, "prev_sample"] = parts[..] else { continue };
        let (prev, original) = our_step(&reference, &schedule, kind, variance, threshold, t.parse().unwrap());
        for (ours, part) in [(prev, "prev_sample"), (original, "pred_original_sample")] {
            let expected = reference.get(&format!("step.{kind}.{variance}.{threshold}.{t}.{part}"));
            let worst = crate::reference::relative_difference(&ours, expected);
            assert!(worst <= 1e-6, "{name} {part}: {worst}");
        }
        cases += 1;
    }
    assert_eq!(cases, 3 * 3 * 3 * 4);
}

fn our_step(
    reference: &Reference,
    schedule: &Schedule,
    kind: &str,
    variance: &str,
    threshold: &str,
    t: usize,
) -> (Tensor, Tensor) {
    let prediction_type = match kind {
        "epsilon" => PredictionType::Epsilon,
        "v_prediction" => PredictionType::V,
        _ => PredictionType::Sample,
    };
    let variance_type = match variance {
        "learned_range" => VarianceType::LearnedRange,
        "fixed_small" => VarianceType::FixedSmall,
        _ => VarianceType::FixedLarge,
    };
    let threshold = match threshold {
        "plain" => Threshold::Off,
        "clip" => Threshold::Clip(1.0),
        _ => Threshold::Dynamic { ratio: 0.95, max: 1.5 },
    };
    let (x, output) = (reference.get("step.sample"), reference.get("step.model_output"));
    let (prediction, v) = (output.narrow(1, 0, 3).unwrap(), output.narrow(1, 3, 3).unwrap());
    let previous = previous_timestep(reference, t);
    let leap = Leap::new(schedule, t, previous, variance_type, t > 0);
    let terms = Terms { prediction_type, alpha_prod: leap.alpha_prod };
    let noise_pred = terms.noise(x, &prediction).unwrap();
    let original = terms.original(x, None, &prediction).unwrap();
    let prediction = Prediction {
        model_output: prediction,
        prediction_type,
        noise_pred,
        pred_original_sample: threshold.apply(&original).unwrap(),
        predicted_variance: Some(v),
    };
    let next = Sampler::Ddpm.start(0.0).step(&leap, x, &prediction, Some(reference.get("step.noise"))).unwrap();
    (next, prediction.pred_original_sample)
}

/// The list that the reference's single steps were taken on.
fn previous_timestep(reference: &Reference, t: usize) -> Option<usize> {
    let list = reference.integers("step.timesteps");
    let at = list.iter().position(|&entry| entry as usize == t).unwrap();
    list.get(at + 1).map(|&entry| entry as usize)
}

#[test]
fn the_forward_process_is_diffusers() {
    let reference = Reference::open("schedule.safetensors");
    let schedule = Schedule::new(&cosine()).unwrap();
    for t in [0, 250, 500, 750, 999] {
        let (original, noise) = (reference.get("add_noise.original"), reference.get("add_noise.noise"));
        let ours = forward(original, noise, schedule.alphas_cumprod[t]).unwrap();
        let worst = difference(&ours, reference.get(&format!("add_noise.{t}")));
        assert!(worst <= 3e-7, "{t}: {worst}"); // one f32 rounding of values up to 4
    }
}
