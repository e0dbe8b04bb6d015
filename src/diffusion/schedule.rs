//! The noise schedule, with diffusers' own rounding, under diffusers' names.
//!
//! β is computed in f64 and rounded to f32, α = 1 - β in f32, and ᾱ is the running product accumulated in
//! f64 over the f32 α, each entry rounded to f32. That is what PyTorch's `cumprod` does on the CPU; a plain
//! f32 product is off in the last place of nearly every entry. Held bit for bit to diffusers' DDPMScheduler.

use serde::Deserialize;

use super::prediction::PredictionType;
use super::samplers::Sampler;
use super::timesteps::Spacing;
use super::variance::VarianceType;
use crate::error::{Error, Result};

/// How β grows (Ho et al. 2020; Nichol & Dhariwal 2021 for the cosine).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetaSchedule {
    /// Straight from `beta_start` to `beta_end`.
    Linear,
    /// Straight in √β (latent diffusion's).
    ScaledLinear,
    /// The cosine of Nichol & Dhariwal, capped at 0.999 (IF's).
    SquaredcosCapV2,
    /// By σ = √((1-ᾱ)/ᾱ) from `sigma_min` to `sigma_max`, evenly apart in its `rho`-th root (Karras et al. 2022, eq. 5).
    Karras,
}

/// `scheduler_config.json` as diffusers writes it; keys that only other schedulers read are ignored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    /// T, the number of training timesteps.
    pub num_train_timesteps: usize,
    /// First β of the linear schedules.
    pub beta_start: f64,
    /// Last β of the linear schedules.
    pub beta_end: f64,
    /// How β grows.
    pub beta_schedule: BetaSchedule,
    /// Every β by itself, instead of a schedule.
    pub trained_betas: Option<Vec<f32>>,
    /// Whether β is rescaled so that ᾱ ends at 0 (Lin et al. 2023, algorithm 1).
    pub rescale_betas_zero_snr: bool,
    /// What the network predicts.
    pub prediction_type: PredictionType,
    /// Which variance the added noise has.
    pub variance_type: VarianceType,
    /// Dynamic thresholding of x̂_0 (Saharia et al. 2022).
    pub thresholding: bool,
    /// Its quantile.
    pub dynamic_thresholding_ratio: f64,
    /// The largest threshold.
    pub sample_max_value: f64,
    /// Plain clamping of x̂_0, where thresholding is off.
    pub clip_sample: bool,
    /// The limit of the plain clamp.
    pub clip_sample_range: f64,
    /// How n steps are spread.
    pub timestep_spacing: Spacing,
    /// Added to leading timesteps.
    pub steps_offset: usize,
    /// Whether DDIM and PNDM arrive at ᾱ = 1 in the end, or at that of the cleanest timestep.
    pub set_alpha_to_one: bool,
    /// Entries of the list that LCM takes its own from.
    pub original_inference_steps: usize,
    /// The least σ of Karras' schedule.
    pub sigma_min: f64,
    /// Its largest.
    pub sigma_max: f64,
    /// The root in which its steps are even.
    pub rho: f64,
    /// Where a consistency model goes after the noisiest timestep when it takes two steps.
    #[serde(skip)]
    pub second_of_two: Option<usize>,
    /// The sampler that the scheduler is.
    #[serde(skip)]
    pub sampler: Sampler,
}

impl Default for SchedulerConfig {
    /// DDPMScheduler's own defaults, for keys that the file leaves out.
    fn default() -> Self {
        Self {
            num_train_timesteps: 1000,
            beta_start: 0.0001,
            beta_end: 0.02,
            beta_schedule: BetaSchedule::Linear,
            trained_betas: None,
            rescale_betas_zero_snr: false,
            prediction_type: PredictionType::Epsilon,
            variance_type: VarianceType::FixedSmall,
            thresholding: false,
            dynamic_thresholding_ratio: 0.995,
            sample_max_value: 1.0,
            clip_sample: true,
            clip_sample_range: 1.0,
            timestep_spacing: Spacing::Leading,
            steps_offset: 0,
            set_alpha_to_one: true,
            original_inference_steps: 50,
            sigma_min: 0.002,
            sigma_max: 80.0,
            rho: 7.0,
            second_of_two: None,
            sampler: Sampler::Ddpm,
        }
    }
}

/// The tables that every equation reads, index = timestep.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// β_t.
    pub betas: Vec<f32>,
    /// ᾱ_t.
    pub alphas_cumprod: Vec<f32>,
    /// What a network is told of each timestep where that is not its number: 250 ln σ on Karras' schedule.
    times: Option<Vec<f64>>,
}

impl Schedule {
    /// The tables of `config`.
    pub fn new(config: &SchedulerConfig) -> Result<Self> {
        let total = config.trained_betas.as_ref().map_or(config.num_train_timesteps, Vec::len);
        if !(2..=1_000_000).contains(&total) {
            return Err(Error::new(format!("num_train_timesteps {total} makes no schedule")));
        }
        let ratio = config.dynamic_thresholding_ratio;
        for (key, value, fits) in [
            ("sample_max_value", config.sample_max_value, config.sample_max_value > 0.0),
            ("clip_sample_range", config.clip_sample_range, config.clip_sample_range > 0.0),
            ("dynamic_thresholding_ratio", ratio, (0.0..=1.0).contains(&ratio)),
        ] {
            if !fits {
                return Err(Error::new(format!("{key} {value} is out of range")).hint("check the scheduler's config"));
            }
        }
        let mut betas = match config.beta_schedule {
            _ if config.trained_betas.is_some() => config.trained_betas.clone().unwrap_or_default(),
            BetaSchedule::Linear => linspace(config.beta_start as f32, config.beta_end as f32, total),
            BetaSchedule::ScaledLinear => {
                let roots = linspace(config.beta_start.sqrt() as f32, config.beta_end.sqrt() as f32, total);
                roots.into_iter().map(|root| root * root).collect()
            }
            BetaSchedule::SquaredcosCapV2 => (0..total).map(|i| cosine_beta(i, total)).collect(),
            BetaSchedule::Karras => return Self::karras(config, total),
        };
        if !betas.iter().all(|beta| (0.0..1.0).contains(beta)) {
            return Err(Error::new("the schedule's β are not between 0 and 1").hint("check beta_start and beta_end"));
        }
        if config.rescale_betas_zero_snr {
            betas = zero_terminal_snr(&betas);
        }
        let alphas_cumprod = cumprod(betas.iter().map(|beta| 1.0 - beta));
        Ok(Self { betas, alphas_cumprod, times: None })
    }

    /// By the σ of `config`, the least first.
    fn karras(config: &SchedulerConfig, total: usize) -> Result<Self> {
        let (low, high, rho) = (config.sigma_min, config.sigma_max, config.rho);
        if !(low > 0.0 && high > low && high.is_finite() && rho >= 1.0) {
            return Err(Error::new(format!("σ from {low} to {high} by the root {rho} makes no schedule"))
                .hint("check sigma_min, sigma_max and rho"));
        }
        let (from, to) = (high.powf(1.0 / rho), low.powf(1.0 / rho));
        let sigma = |t: usize| {
            let share = (total - 1 - t) as f64 / (total - 1) as f64;
            (from + share * (to - from)).powf(rho)
        };
        let sigmas: Vec<f64> = (0..total).map(sigma).collect();
        let alphas_cumprod: Vec<f32> = sigmas.iter().map(|sigma| (1.0 / (1.0 + sigma * sigma)) as f32).collect();
        let before = std::iter::once(1.0).chain(alphas_cumprod.iter().copied());
        let betas = alphas_cumprod.iter().zip(before).map(|(now, before)| 1.0 - now / before).collect();
        let times = sigmas.iter().map(|sigma| 250.0 * sigma.ln()).collect();
        Ok(Self { betas, alphas_cumprod, times: Some(times) })
    }

    /// T, the number of training timesteps.
    pub fn num_train_timesteps(&self) -> usize {
        self.betas.len()
    }

    /// What a network is told of `time`, a timestep that may lie between two.
    pub fn told(&self, time: f64) -> f64 {
        self.times.as_ref().and_then(|times| times.get(time as usize).copied()).unwrap_or(time)
    }

    /// ᾱ at `time`, which may lie between two timesteps: σ = √((1-ᾱ)/ᾱ) is interpolated, as Euler's schedulers do.
    pub fn alpha_prod_at(&self, time: f64) -> f32 {
        let last = self.alphas_cumprod.len() - 1;
        let (below, share) = ((time.max(0.0) as usize).min(last), time.fract());
        if share == 0.0 || below == last {
            return self.alphas_cumprod[below];
        }
        let sigma = |t: usize| {
            let alpha_prod = self.alphas_cumprod[t];
            f64::from(((1.0 - alpha_prod) / alpha_prod).sqrt())
        };
        let sigma = sigma(below) * (1.0 - share) + sigma(below + 1) * share;
        (1.0 / (1.0 + sigma * sigma)) as f32
    }
}

/// The running product, accumulated in f64.
fn cumprod(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let running = |product: &mut f64, value: f32| {
        *product *= f64::from(value);
        Some(*product as f32)
    };
    values.scan(1.0, running).collect()
}

/// √ᾱ moved and stretched so that its last value is 0 and its first stays (diffusers' `rescale_zero_terminal_snr`).
fn zero_terminal_snr(betas: &[f32]) -> Vec<f32> {
    let roots: Vec<f32> = cumprod(betas.iter().map(|beta| 1.0 - beta)).into_iter().map(f32::sqrt).collect();
    let (first, last) = (roots[0], roots[roots.len() - 1]);
    let stretch = first / (first - last);
    let bars: Vec<f32> = roots.into_iter().map(|root| ((root - last) * stretch).powi(2)).collect();
    let alphas = std::iter::once(bars[0]).chain(bars.windows(2).map(|pair| pair[1] / pair[0]));
    alphas.map(|alpha| 1.0 - alpha).collect()
}

fn cosine_beta(i: usize, total: usize) -> f32 {
    let alpha_bar = |u: f64| ((u + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2);
    let (now, next) = (i as f64 / total as f64, (i + 1) as f64 / total as f64);
    (1.0 - alpha_bar(next) / alpha_bar(now)).min(0.999) as f32
}

/// `torch.linspace` in f32: from both ends towards the middle, each entry by one fused multiply-add.
fn linspace(start: f32, end: f32, steps: usize) -> Vec<f32> {
    let step = (end - start) / (steps - 1) as f32;
    (0..steps)
        .map(
            |i| {
                if i < steps / 2 { step.mul_add(i as f32, start) } else { (-step).mul_add((steps - i - 1) as f32, end) }
            },
        )
        .collect()
}
