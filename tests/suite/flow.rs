use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate, Moment};
use diffusion_lab::diffusion::plan::{Move, Plan};
use diffusion_lab::diffusion::prediction::PredictionType;
use diffusion_lab::diffusion::run::Run;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::variance::VarianceType;
use diffusion_lab::error::Result;
use diffusion_lab::models::digits::schedule;
use diffusion_lab::tensors::Generators;

use crate::reference::{difference, floats};

/// The best possible velocity for pixels drawn independently from N(mean, deviation²), in `steps` steps.
///
/// x_t = (1-t) n + t x: E[x - n | x_t] = m + (t s² - (1-t)) / ((1-t)² + t² s²) (x_t - t m).
struct Gaussian {
    mean: f64,
    deviation: f64,
    steps: usize,
}

impl Denoiser for Gaussian {
    fn prediction_type(&self) -> PredictionType {
        PredictionType::Velocity
    }

    fn forward(&self, input: &Tensor, moment: &Moment, _texts: &[usize]) -> Result<Tensor> {
        let t = moment.timestep as f64 / self.steps as f64;
        let variance = self.deviation * self.deviation;
        let gain = (t * variance - (1.0 - t)) / ((1.0 - t).powi(2) + t * t * variance);
        Ok(input.affine(gain, self.mean - gain * t * self.mean)?)
    }
}

/// Start and end of a run.
fn flow(mean: f64, deviation: f64, steps: usize) -> (Tensor, Tensor) {
    let denoiser = Gaussian { mean, deviation, steps };
    let mut generators = Generators::new(180, 2);
    let x = generators.randn((1, 28, 28), &Device::Cpu).unwrap();
    let (estimate, plan) = (Estimate::guided(0, 1, 1.0), Plan::flow(steps).unwrap());
    let run = Run::from_start(&denoiser, &estimate, Sampler::Euler.start(0.0), &plan, &mut generators, x.clone());
    let end = run.fold(x.clone(), |_, step| step.unwrap().x_t);
    (x, end)
}

/// Data of one picture: the velocity is constant along a path, so one step is exact, and so are 300.
#[test]
fn one_picture_is_found_in_one_step() {
    for steps in [1, 7, 300] {
        let worst = floats(&flow(0.25, 0.0, steps).1).iter().map(|v| (v - 0.25).abs()).fold(0.0, f32::max);
        assert!(worst <= 2e-5, "{steps}: {worst}");
    }
}

/// Gaussian data: the flow's end is m + s n for the noise n it began with; Euler's error halves with the step.
#[test]
fn eulers_error_is_of_first_order() {
    let error = |steps| {
        let (noise, end) = flow(0.3, 0.5, steps);
        difference(&end, &noise.affine(0.5, 0.3).unwrap())
    };
    let errors = [error(50), error(100), error(200)];
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((1.8..2.2).contains(&ratio), "{errors:?}");
    }
}

/// All timesteps: 300 … 1 with β_t's own deviations, no noise at the end. Some: evenly apart, from T to ᾱ = 1.
#[test]
fn strided_plans_go_from_the_noisiest_timestep_to_clean() {
    let schedule = schedule(300).unwrap();
    assert!((schedule.alphas_cumprod[299] - 0.048_058).abs() < 1e-6 && schedule.alphas_cumprod[0] == 0.9999);
    for (steps, wanted) in [(300, vec![299, 298, 297]), (4, vec![299, 224, 149, 74]), (1, vec![299])] {
        let entries = Plan::entries_to_clean(300, steps).unwrap();
        let plan = Plan::down_to_clean(&schedule, &entries, VarianceType::FixedLarge).unwrap();
        let leaps: Vec<_> = plan
            .moves
            .iter()
            .filter_map(|planned| if let Move::Step(leap) = planned { Some(*leap) } else { None })
            .collect();
        assert_eq!(leaps.len(), steps);
        assert_eq!(leaps.iter().map(|leap| leap.timestep).take(wanted.len()).collect::<Vec<_>>(), wanted);
        for pair in leaps.windows(2) {
            assert_eq!(pair[0].alpha_prod_prev, pair[1].alpha_prod);
            assert!(pair[0].noisy && !pair[0].last);
        }
        let last = leaps[steps - 1];
        assert!(last.last && !last.noisy && last.alpha_prod_prev == 1.0);
    }
    assert!(Plan::entries_to_clean(300, 0).is_err());
    assert!(Plan::flow(0).is_err());
}
