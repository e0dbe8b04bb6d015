use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::constraint::Constraint;
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate};
use diffusion_lab::diffusion::forward::forward;
use diffusion_lab::diffusion::plan::{Plan, PlanSpec};
use diffusion_lab::diffusion::prediction::{Prediction, PredictionType};
use diffusion_lab::diffusion::run::Run;
use diffusion_lab::diffusion::samplers::{Leap, Sampler};
use diffusion_lab::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::diffusion::variance::{Deviation, VarianceType, deviation};
use diffusion_lab::error::Result;
use diffusion_lab::tensors::Generators;

use crate::reference::{difference, floats};

/// The best possible network for pixels drawn independently from N(mean, deviation²); deviation 0 is one picture.
struct Gaussian {
    schedule: Schedule,
    mean: f64,
    deviation: f64,
    prediction_type: PredictionType,
}

impl Denoiser for Gaussian {
    fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    fn forward(&self, input: &Tensor, timestep: usize, _texts: &[usize]) -> Result<Tensor> {
        let alpha_prod = f64::from(self.schedule.alphas_cumprod[timestep]);
        let (signal, noise) = (alpha_prod.sqrt(), (1.0 - alpha_prod).sqrt());
        let variance = self.deviation * self.deviation;
        let gain = signal * variance / (alpha_prod * variance + 1.0 - alpha_prod);
        let original = input.affine(gain, self.mean - gain * signal * self.mean)?;
        Ok(match self.prediction_type {
            PredictionType::Sample => original,
            PredictionType::Epsilon => ((input - (original * signal)?)? / noise)?,
            // v = (√ᾱ x - x_0) / √(1-ᾱ)
            PredictionType::V => (((input * signal)? - original)? / noise)?,
            PredictionType::Velocity => unreachable!("flows have laws of their own"),
        })
    }
}

fn config() -> SchedulerConfig {
    SchedulerConfig { beta_schedule: BetaSchedule::SquaredcosCapV2, clip_sample: false, ..SchedulerConfig::default() }
}

struct Setup {
    sampler: Sampler,
    eta: f64,
    stepping: Stepping,
    steps: usize,
    size: usize,
    count: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self { sampler: Sampler::Ddpm, eta: 0.0, stepping: Stepping::Scheduler, steps: 20, size: 28, count: 1 }
    }
}

impl Setup {
    fn plan(&self) -> Plan {
        let spec = PlanSpec {
            stepping: self.stepping,
            steps: self.steps,
            timesteps: None,
            i_start: 0,
            sampler: self.sampler,
            repaint: None,
        };
        Plan::new(&config(), &Schedule::new(&config()).unwrap(), &spec).unwrap()
    }

    /// The pictures at the end of a run from pure noise.
    fn run(&self, denoiser: &Gaussian, constraint: Option<&Constraint>) -> Tensor {
        let mut generators = Generators::new(180, self.count);
        let x = generators.randn((3, self.size, self.size), &Device::Cpu).unwrap();
        let run = Run {
            denoiser,
            estimate: &Estimate::guided(0, 1, 7.0),
            stepper: self.sampler.start(self.eta),
            constraint,
            plan: &self.plan(),
            conditioning: None,
            generators: &mut generators,
            x: x.clone(),
            moved: 0,
            done: 0,
        };
        run.fold(x, |_, step| step.unwrap().x_t)
    }
}

fn gaussian(mean: f64, deviation: f64, prediction_type: PredictionType) -> Gaussian {
    Gaussian { schedule: Schedule::new(&config()).unwrap(), mean, deviation, prediction_type }
}

const TYPES: [PredictionType; 3] = [PredictionType::Epsilon, PredictionType::V, PredictionType::Sample];

/// Data of one picture: every sampler that arrives at ᾱ = 1 returns it, at every size, alone or in a batch, whatever
/// the network predicts.
#[test]
fn one_picture_is_found_by_every_sampler() {
    for prediction_type in TYPES {
        for (sampler, eta) in
            [(Sampler::Ddpm, 0.0), (Sampler::Ddim, 0.0), (Sampler::Ddim, 1.0), (Sampler::DpmSolverPp2m, 0.0)]
        {
            for (size, count) in [(28, 3), (64, 1), (256, 1)] {
                let setup = Setup { sampler, eta, size, count, steps: 10, ..Setup::default() };
                let x = setup.run(&gaussian(0.25, 0.0, prediction_type), None);
                let worst = floats(&x).iter().map(|value| (value - 0.25).abs()).fold(0.0, f32::max);
                // ε is divided by √ᾱ: at the first of ten steps √ᾱ is 0.155.
                assert!(worst <= 2e-5, "{prediction_type:?} {} {size}: {worst}", sampler.name());
            }
        }
    }
}

/// Gaussian data, mean 0.3 and deviation 0.5: what comes out has them too, within 5 standard errors and what the
/// finite number of steps leaves.
#[test]
fn gaussian_data_come_out_gaussian() {
    let denoiser = gaussian(0.3, 0.5, PredictionType::V);
    for (sampler, eta, steps) in [
        (Sampler::Ddpm, 0.0, 250),
        (Sampler::Ddim, 1.0, 250),
        (Sampler::Ddim, 0.0, 100),
        (Sampler::DpmSolverPp2m, 0.0, 50),
    ] {
        let x = floats(&Setup { sampler, eta, steps, size: 64, count: 3, ..Setup::default() }.run(&denoiser, None));
        let n = x.len() as f64;
        let mean = x.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let deviation = (x.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let error = 5.0 * 0.5 / n.sqrt();
        assert!((mean - 0.3).abs() <= error + 2e-3, "{}: mean {mean}", sampler.name());
        assert!((deviation - 0.5).abs() <= error + 1.2e-2, "{}: deviation {deviation}", sampler.name());
    }
}

/// Twice the steps: a first-order method halves its error, a second-order one quarters it.
#[test]
fn solvers_have_their_order() {
    let denoiser = gaussian(0.3, 0.5, PredictionType::V);
    let error = |sampler, steps| {
        let at = |steps| Setup { sampler, steps, size: 8, ..Setup::default() }.run(&denoiser, None);
        // From the same noise; the exact end is that of very many steps of the second-order solver.
        f64::from(difference(
            &at(steps),
            &Setup { sampler: Sampler::DpmSolverPp2m, steps: 200, size: 8, ..Setup::default() }.run(&denoiser, None),
        ))
    };
    let ddim = error(Sampler::Ddim, 25) / error(Sampler::Ddim, 50);
    let dpm = error(Sampler::DpmSolverPp2m, 25) / error(Sampler::DpmSolverPp2m, 50);
    assert!((1.5..3.0).contains(&ddim), "DDIM: {ddim}");
    assert!(dpm > 2.5, "DPM-Solver++ 2M: {dpm}");
}

fn leaps(steps: usize) -> Vec<Leap> {
    let plan = Setup { stepping: Stepping::Course, steps, ..Setup::default() }.plan();
    plan.moves
        .iter()
        .filter_map(|planned| match planned {
            diffusion_lab::diffusion::plan::Move::Step(leap) => Some(*leap),
            diffusion_lab::diffusion::plan::Move::Renoise { .. } => None,
        })
        .collect()
}

fn prediction(leap: &Leap, x_t: &Tensor, original: &Tensor) -> Prediction {
    let noise_pred = ((x_t - (original * f64::from(leap.alpha_prod.sqrt())).unwrap()).unwrap()
        / f64::from((1.0 - leap.alpha_prod).sqrt()))
    .unwrap();
    Prediction { noise_pred, pred_original_sample: original.clone(), predicted_variance: None }
}

/// DDPM's mean with the posterior variance is DDIM's with η = 1, noise and all, over the whole strided list; and
/// the first order of DPM-Solver++ is DDIM with η = 0.
#[test]
fn samplers_agree_where_they_are_the_same() {
    let mut generators = Generators::new(7, 3);
    for leap in leaps(33) {
        let leap = Leap { variance_type: VarianceType::FixedSmall, ..leap };
        let mut draw = || generators.randn((3, 8, 8), &Device::Cpu).unwrap();
        let (x_t, original, noise) = (draw(), draw(), draw());
        let predicted = prediction(&leap, &x_t, &original);
        let step = |sampler: Sampler, eta| sampler.start(eta).step(&leap, &x_t, &predicted, Some(&noise)).unwrap();
        let delta = difference(&step(Sampler::Ddpm, 0.0), &step(Sampler::Ddim, 1.0));
        // 1-ᾱ_0 is 4e-5: f32 keeps four digits of it.
        assert!(delta <= 3e-5, "t = {}: {delta}", leap.timestep);
        let delta = difference(&step(Sampler::DpmSolverPp2m, 0.0), &step(Sampler::Ddim, 0.0));
        // λ - λ' is a difference of f32 logarithms.
        assert!(delta <= 5e-5, "t = {}: {delta}", leap.timestep);
    }
}

/// v = -1 is the posterior variance, v = 1 is β, and the logarithm between them is straight.
#[test]
fn the_learned_range_is_log_linear() {
    for leap in leaps(33) {
        let at = |v: f64| {
            let v = Tensor::full(v as f32, (1, 3, 2, 2), &Device::Cpu).unwrap();
            match deviation(&Leap { variance_type: VarianceType::LearnedRange, ..leap }, Some(&v)).unwrap() {
                Deviation::PerPixel(deviation) => f64::from(floats(&deviation)[0]),
                Deviation::Scalar(_) => panic!("a learned variance is one for each pixel"),
            }
        };
        let fixed = |variance_type| match deviation(&Leap { variance_type, ..leap }, None).unwrap() {
            Deviation::Scalar(deviation) => f64::from(deviation),
            Deviation::PerPixel(_) => panic!("a fixed variance is a number"),
        };
        let near = |a: f64, b: f64| (a / b - 1.0).abs() <= 1e-5;
        assert!(near(at(-1.0), fixed(VarianceType::FixedSmall)) && near(at(1.0), fixed(VarianceType::FixedLarge)));
        assert!(near(at(0.0), (at(-1.0) * at(1.0)).sqrt()), "t = {}", leap.timestep);
    }
}

/// Mask 1 is no mask when the draws are the same (DDIM draws none); mask 0 follows the noised picture and ends at it.
#[test]
fn masks_of_all_and_nothing() {
    let denoiser = gaussian(0.3, 0.5, PredictionType::V);
    let mut generators = Generators::new(3, 1);
    for (size, count) in [(28, 3), (64, 1)] {
        let original = generators.randn((3, size, size), &Device::Cpu).unwrap();
        let setup = Setup { sampler: Sampler::Ddim, size, count, ..Setup::default() };
        let masked = |value: f32| {
            let mask = Tensor::full(value, (1, 1, size, size), &Device::Cpu).unwrap();
            setup.run(&denoiser, Some(&Constraint::Renoise { mask, original: original.clone() }))
        };
        assert_eq!(floats(&masked(1.0)), floats(&setup.run(&denoiser, None)));
        let kept = masked(0.0);
        for row in 0..count {
            assert!(difference(&kept.narrow(0, row, 1).unwrap(), &original) <= 1e-6);
        }
    }
}

/// i_start at the list's end gives the picture back: ᾱ_0 is 0.99996.
#[test]
fn the_last_entry_is_nearly_the_picture() {
    let alpha_prod = Schedule::new(&config()).unwrap().alphas_cumprod[0];
    let mut generators = Generators::new(3, 1);
    let mut draw = || generators.randn((3, 8, 8), &Device::Cpu).unwrap();
    let (picture, noise) = (draw(), draw());
    let noised = forward(&picture, &noise, alpha_prod).unwrap();
    assert!(difference(&noised, &picture) <= 0.0065 * 4.5); // √(1-ᾱ_0) of noise up to 4.5
}
