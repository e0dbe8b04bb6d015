//! A mixture of Gaussians in the plane, whose noise is known exactly at every timestep: a network that needs no training,
//! to hold samplers to and to look at. A point stands for a picture of two channels and one pixel.
//!
//! For x_t = √ᾱ x_0 + √(1-ᾱ) ε with x_0 from Σ N(μ_k, s²)/K, the score is Σ r_k (√ᾱ μ_k - x)/v with v = ᾱ s² + 1 - ᾱ and
//! r_k the share of k in the density at x; and ε = -√(1-ᾱ) score (Song et al. 2021, Score-Based Generative Modeling).

use candle_core::Tensor;

use super::estimate::{Denoiser, Moment};
use super::prediction::PredictionType;
use crate::error::Result;

/// Classes of points, each a few Gaussians of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// The means of each class.
    pub classes: Vec<Vec<[f32; 2]>>,
    /// The standard deviation s of each Gaussian.
    pub deviation: f32,
}

impl Mixture {
    /// The means that text `0` (all of them) or text `k` (those of class `k - 1`) stands for.
    pub fn means(&self, text: usize) -> impl Iterator<Item = [f32; 2]> {
        let classes = match text.checked_sub(1) {
            Some(class) => self.classes.get(class..=class).unwrap_or_default(),
            None => &self.classes,
        };
        classes.iter().flatten().copied()
    }

    /// ∇ log p at `x` where ᾱ is `alpha_prod`, for a text.
    pub fn score(&self, x: [f32; 2], alpha_prod: f32, text: usize) -> [f32; 2] {
        let (kept, variance) = (alpha_prod.sqrt(), alpha_prod * self.deviation.powi(2) + 1.0 - alpha_prod);
        let towards = |mean: [f32; 2]| [kept * mean[0] - x[0], kept * mean[1] - x[1]];
        let exponent = |way: [f32; 2]| -(way[0].powi(2) + way[1].powi(2)) / (2.0 * variance);
        let largest = self.means(text).map(|mean| exponent(towards(mean))).fold(f32::NEG_INFINITY, f32::max);
        let (mut sum, mut total) = ([0.0; 2], 0.0);
        for mean in self.means(text) {
            let way = towards(mean);
            let share = (exponent(way) - largest).exp();
            total += share;
            sum = [sum[0] + share * way[0], sum[1] + share * way[1]];
        }
        sum.map(|sum| sum / (total * variance).max(f32::MIN_POSITIVE))
    }
}

impl Denoiser for Mixture {
    fn prediction_type(&self) -> PredictionType {
        PredictionType::Epsilon
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let alpha_prod = moment.terms.alpha_prod;
        let points: Vec<Vec<f32>> = input.flatten_from(1)?.to_vec2()?;
        let noise = |(point, text): (&Vec<f32>, &usize)| {
            self.score([point[0], point[1]], alpha_prod, *text).map(|score| -(1.0 - alpha_prod).sqrt() * score)
        };
        let noise: Vec<f32> = points.iter().zip(texts).flat_map(noise).collect();
        Ok(Tensor::from_vec(noise, input.shape(), input.device())?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::diffusion::estimate::Estimate;
    use crate::diffusion::plan::{Plan, PlanSpec};
    use crate::diffusion::run::Run;
    use crate::diffusion::samplers::Sampler;
    use crate::diffusion::schedule::{Schedule, SchedulerConfig};
    use crate::diffusion::timesteps::Stepping;
    use crate::tensors::Generators;

    fn mixture() -> Mixture {
        Mixture { classes: vec![vec![[-1.5, 0.0]], vec![[1.5, 1.0], [1.5, -1.0]]], deviation: 0.1 }
    }

    fn sampled(sampler: Sampler, guidance: f64) -> Vec<[f32; 2]> {
        let config = SchedulerConfig { clip_sample: false, ..SchedulerConfig::default() };
        let schedule = Schedule::new(&config).unwrap();
        let spec =
            PlanSpec { stepping: Stepping::Scheduler, steps: 50, timesteps: None, i_start: 0, sampler, repaint: None };
        let plan = Plan::new(&config, &schedule, &spec).unwrap();
        let mut generators = Generators::new(7, 300);
        let x = generators.randn((2, 1, 1), &Device::Cpu).unwrap();
        let (mixture, estimate) = (mixture(), Estimate::guided(2, 0, guidance));
        let run = Run::from_start(&mixture, &estimate, sampler.start(0.0), &plan, &mut generators, x);
        let last = run.map(|step| step.unwrap().x_t).last().unwrap();
        let points: Vec<Vec<f32>> = last.flatten_from(1).unwrap().to_vec2().unwrap();
        points.into_iter().map(|point| [point[0], point[1]]).collect()
    }

    /// Near which mean a point is, within five standard deviations.
    fn near(point: &[f32; 2]) -> Option<usize> {
        let mixture = mixture();
        mixture.means(0).position(|mean| (point[0] - mean[0]).hypot(point[1] - mean[1]) < 0.5)
    }

    #[test]
    fn every_sampler_ends_at_the_means_and_in_their_shares() {
        for sampler in Sampler::ALL.into_iter().filter(|sampler| *sampler != Sampler::Consistency) {
            let points = sampled(sampler, 0.0);
            let count = |mean: usize| points.iter().filter(|point| near(point) == Some(mean)).count();
            let counts = [count(0), count(1), count(2)];
            assert!(counts.iter().sum::<usize>() > 285, "{sampler:?}: {counts:?} of 300 near a mean");
            assert!(counts.iter().all(|count| (60..=140).contains(count)), "{sampler:?}: {counts:?}, a third each");
        }
    }

    #[test]
    fn a_class_that_is_asked_for_comes() {
        for guidance in [1.0, 3.0] {
            let points = sampled(Sampler::Ddim, guidance);
            let right = points.iter().filter(|point| point[0] > 0.5).count();
            assert!(right > 290, "γ {guidance}: {right} of 300");
        }
    }

    /// The score is the gradient of the logarithm of the density, by differences.
    #[test]
    fn the_score_is_the_slope_of_the_density() {
        let (mixture, alpha_prod) = (mixture(), 0.6_f32);
        let log_density = |x: [f32; 2]| {
            let variance = f64::from(alpha_prod * 0.01 + 1.0 - alpha_prod);
            let kept = f64::from(alpha_prod.sqrt());
            let part = |mean: [f32; 2]| {
                let way = [0, 1].map(|at| kept * f64::from(mean[at]) - f64::from(x[at]));
                (-(way[0].powi(2) + way[1].powi(2)) / (2.0 * variance)).exp()
            };
            mixture.means(0).map(part).sum::<f64>().ln()
        };
        for x in [[0.3, -0.2], [-1.0, 1.2], [2.0, 0.0]] {
            let step = 1e-3_f32;
            let slope = (log_density([x[0] + step, x[1]]) - log_density([x[0] - step, x[1]])) / f64::from(2.0 * step);
            let score = mixture.score(x, alpha_prod, 0)[0];
            assert!((f64::from(score) - slope).abs() < 1e-2, "at {x:?}: {score} and {slope}");
        }
    }
}
