//! Data whose best network is a formula: one picture, and pixels drawn from a Gaussian.

use candle_core::Tensor;
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate, Moment};
use diffusion_lab::diffusion::prediction::{PredictionType, Terms};
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::schedule::Schedule;
use diffusion_lab::error::Result;

use super::{CASES, Setup, TYPES, noise, schedule};
use crate::reference::{difference, floats};

/// The best possible network for pixels drawn independently from N(mean, deviation²); deviation 0 is one picture.
struct Gaussian {
    schedule: Schedule,
    mean: f64,
    deviation: f64,
    prediction_type: PredictionType,
}

impl Gaussian {
    fn new(mean: f64, deviation: f64, prediction_type: PredictionType) -> Self {
        Self { schedule: schedule(), mean, deviation, prediction_type }
    }

    /// Where the flow without noise (DDIM with η = 0, infinitely many steps) takes `x` from `timestep`.
    fn end(&self, x: &Tensor, timestep: usize) -> Tensor {
        let alpha_prod = f64::from(self.schedule.alphas_cumprod[timestep]);
        let here = (alpha_prod * self.deviation.powi(2) + 1.0 - alpha_prod).sqrt();
        let gain = self.deviation / here;
        x.affine(gain, self.mean - gain * alpha_prod.sqrt() * self.mean).unwrap()
    }
}

impl Denoiser for Gaussian {
    fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, _texts: &[usize]) -> Result<Tensor> {
        let alpha_prod = f64::from(self.schedule.alphas_cumprod[moment.timestep]);
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

fn prompt() -> Estimate {
    Estimate::guided(0, 1, 7.0)
}

/// Data of one picture: every sampler that arrives at ᾱ = 1 returns it, whatever the network predicts; and so does
/// every step's x̂_0, the first one's too, in both steppings.
#[test]
fn one_picture_is_found_by_every_sampler() {
    for prediction_type in TYPES {
        let denoiser = Gaussian::new(0.25, 0.0, prediction_type);
        for (sampler, eta) in
            [(Sampler::Ddpm, 0.0), (Sampler::Ddim, 0.0), (Sampler::Ddim, 1.0), (Sampler::DpmSolverPp2m, 0.0)]
        {
            for (size, count) in CASES {
                // At 256 px three steps say what ten would.
                let steps = if size == 256 { 3 } else { 10 };
                let setup = Setup { sampler, eta, size, count, steps, ..Setup::default() };
                let steps = setup.steps(&denoiser, &prompt(), None);
                let off = |x: &Tensor| floats(x).iter().map(|value| (value - 0.25).abs()).fold(0.0, f32::max);
                // ε is divided by √ᾱ: at the first of ten steps √ᾱ is 0.155.
                let end = off(&steps.last().unwrap().x_t);
                assert!(end <= 2e-5, "{prediction_type:?} {} {size}: {end}", sampler.name());
                let first = off(&steps[0].prediction.pred_original_sample);
                assert!(first <= 2e-5, "{prediction_type:?} one step at {size}: {first}");
            }
        }
    }
}

/// Gaussian data, mean 0.3 and deviation 0.5: what comes out has them too, within 5 standard errors and what the
/// finite number of steps leaves.
#[test]
fn gaussian_data_come_out_gaussian() {
    let denoiser = Gaussian::new(0.3, 0.5, PredictionType::V);
    for (sampler, eta, steps) in [
        (Sampler::Ddpm, 0.0, 250),
        (Sampler::Ddim, 1.0, 250),
        (Sampler::Ddim, 0.0, 100),
        (Sampler::DpmSolverPp2m, 0.0, 50),
    ] {
        // 250 steps of 256 px would show no more than 64 px do.
        let large = (steps <= 100).then_some((256, 1));
        for (size, count) in [(28, 1), (28, 3), (64, 1), (64, 3)].into_iter().chain(large) {
            let setup = Setup { sampler, eta, steps, size, count, ..Setup::default() };
            let x = floats(&setup.run(&denoiser, &prompt(), None));
            let n = x.len() as f64;
            let mean = x.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let deviation = (x.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            let error = 5.0 * 0.5 / n.sqrt();
            assert!((mean - 0.3).abs() <= error + 2e-3, "{} {size}: mean {mean}", sampler.name());
            assert!((deviation - 0.5).abs() <= error + 1.2e-2, "{} {size}: deviation {deviation}", sampler.name());
        }
    }
}

/// Twice the steps: a first-order method halves its error, a second-order one quarters it, against the formula.
#[test]
fn solvers_have_their_order() {
    let denoiser = Gaussian::new(0.3, 0.5, PredictionType::V);
    for (size, count) in [(28, 1), (28, 3), (64, 1), (64, 3), (256, 1)] {
        let error = |sampler, steps| {
            let setup = Setup { sampler, steps, size, count, ..Setup::default() };
            let first = setup.plan().first_alpha_prod;
            let alphas = &denoiser.schedule.alphas_cumprod;
            let timestep = alphas.iter().position(|alpha_prod| *alpha_prod == first).unwrap();
            let end = denoiser.end(&noise(setup.seed, size, count), timestep);
            f64::from(difference(&setup.run(&denoiser, &prompt(), None), &end))
        };
        // Both lists begin elsewhere: 960 and 980.
        let ddim = error(Sampler::Ddim, 25) / error(Sampler::Ddim, 50);
        let dpm = error(Sampler::DpmSolverPp2m, 25) / error(Sampler::DpmSolverPp2m, 50);
        assert!((1.5..3.0).contains(&ddim), "DDIM at {size}: {ddim}");
        assert!(dpm > 2.5, "DPM-Solver++ 2M at {size}: {dpm}");
    }
}

/// Terms turn any prediction of one thing into the same ε and x̂_0.
#[test]
fn predictions_of_one_thing_agree() {
    for (size, count) in CASES {
        let x = noise(5, size, count);
        for timestep in [20, 500, 900] {
            let terms = |prediction_type| Terms { prediction_type, alpha_prod: schedule().alphas_cumprod[timestep] };
            let told = |prediction_type| {
                let moment =
                    Moment { terms: terms(prediction_type), timestep, time: timestep as f64, index: 0, progress: 0.0 };
                let output = Gaussian::new(0.3, 0.5, prediction_type).forward(&x, &moment, &[]).unwrap();
                let terms = terms(prediction_type);
                (terms.noise(&x, &output).unwrap(), terms.original(&x, None, &output).unwrap())
            };
            let (noise_pred, original) = told(PredictionType::V);
            for prediction_type in [PredictionType::Epsilon, PredictionType::Sample] {
                let (a, b) = told(prediction_type);
                // Divided by √(1-ᾱ) at t = 20 (0.05) and by √ᾱ at t = 900 (0.15).
                assert!(difference(&a, &noise_pred) <= 5e-5 && difference(&b, &original) <= 5e-5, "t = {timestep}");
            }
        }
    }
}
