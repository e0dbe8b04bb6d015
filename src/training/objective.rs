//! What each kind is asked in one step, and how wrong it is: the losses of part B, on a batch with fresh draws.
//!
//! Draws in order, from one generator: the time (DDPM: a whole t from 1 to T; flow: 0 to 1), the noise, then which
//! examples keep their class.

use candle_core::backprop::GradStore;
use candle_core::{D, Device, Tensor};

use super::settings::Settings;
use crate::datasets::Split;
use crate::error::Result;
use crate::models::digits::{CLASSES, Condition, Kind, Mode, Network, schedule};
use crate::tensors::Generator;
use crate::tensors::layers::backward;

/// A batch with its draws.
pub struct Objective {
    alphas_cumprod: Vec<f32>,
    settings: Settings,
}

/// How wrong the network is on a batch.
pub struct Loss {
    /// The mean over the batch, with its graph.
    pub mean: Tensor,
    /// Each example's, [b].
    pub each: Tensor,
    /// Each example's time from 0 to 1, where there is one: t/T of DDPM, t of flow.
    pub times: Vec<f32>,
}

impl Loss {
    /// The gradient of the mean by every trained tensor.
    pub fn backward(&self) -> Result<GradStore> {
        backward(&self.mean)
    }
}

impl Objective {
    /// The objective of `settings`, for a network of `timesteps` T.
    pub fn new(settings: &Settings, timesteps: usize) -> Result<Self> {
        let ddpm = settings.kind.samples() && !settings.kind.is_flow();
        let alphas_cumprod = if ddpm { schedule(timesteps)?.alphas_cumprod } else { Vec::new() };
        Ok(Self { alphas_cumprod, settings: settings.clone() })
    }

    /// The loss of `network` in training on the examples `indices` of `data`.
    pub fn loss(&self, network: &Network, data: &Split, indices: &[usize], draws: &mut Generator) -> Result<Loss> {
        let device = network.device();
        let x = data.tensor(indices, device)?;
        let labels: Vec<u8> = indices.iter().map(|&index| data.labels()[index]).collect();
        let noise = |draws: &mut Generator| draws.randn_tensor(x.shape(), device);
        match self.settings.kind {
            Kind::Classifier => cross_entropy(network, &x, &labels),
            Kind::Denoiser => {
                let noisy = (&x + (noise(draws)? * self.settings.sigma)?)?;
                squared(&network.forward(&noisy, Condition::default(), Mode::Train)?, &x, Vec::new())
            }
            Kind::NoiseDenoiser => {
                squared(&network.forward(&noise(draws)?, Condition::default(), Mode::Train)?, &x, Vec::new())
            }
            kind => {
                let b = indices.len();
                let times = self.times(b, draws);
                let noise = noise(draws)?;
                let (signal, spread): (Vec<f32>, Vec<f32>) = times.iter().map(|time| (time.signal, time.noise)).unzip();
                let (signal, spread) = (column(signal, device)?, column(spread, device)?);
                let x_t = (x.broadcast_mul(&signal)? + noise.broadcast_mul(&spread)?)?;
                let target = if kind.is_flow() { (&x - &noise)? } else { noise };
                let times: Vec<f32> = times.iter().map(|time| time.t).collect();
                let t = Tensor::from_slice(&times, b, device)?;
                let c = if kind.has_class() { Some(self.one_hot(&labels, draws, device)?) } else { None };
                let condition = Condition { t: Some(&t), c: c.as_ref() };
                squared(&network.forward(&x_t, condition, Mode::Train)?, &target, times)
            }
        }
    }

    fn times(&self, b: usize, draws: &mut Generator) -> Vec<Time> {
        if self.settings.kind.is_flow() {
            return draws.uniform(b, 0.0, 1.0).into_iter().map(|t| Time { t, signal: t, noise: 1.0 - t }).collect();
        }
        let total = self.alphas_cumprod.len();
        let ddpm = |t: i64| {
            let alpha_prod = self.alphas_cumprod[t as usize - 1];
            Time { t: t as f32 / total as f32, signal: alpha_prod.sqrt(), noise: (1.0 - alpha_prod).sqrt() }
        };
        draws.randint(1, total as i64 + 1, b).into_iter().map(ddpm).collect()
    }

    /// One-hot classes, all zero for the examples that lose theirs.
    fn one_hot(&self, labels: &[u8], draws: &mut Generator, device: &Device) -> Result<Tensor> {
        let mut values = vec![0.0_f32; labels.len() * CLASSES];
        let kept = draws.uniform(labels.len(), 0.0, 1.0);
        for (row, (&label, &kept)) in labels.iter().zip(&kept).enumerate() {
            if f64::from(kept) >= self.settings.class_dropout {
                values[row * CLASSES + usize::from(label)] = 1.0;
            }
        }
        Ok(Tensor::from_vec(values, (labels.len(), CLASSES), device)?)
    }
}

/// Where on its way an example is: x_t = signal·x + noise·ε.
struct Time {
    t: f32,
    signal: f32,
    noise: f32,
}

fn column(values: Vec<f32>, device: &Device) -> Result<Tensor> {
    let b = values.len();
    Ok(Tensor::from_vec(values, (b, 1, 1, 1), device)?)
}

fn squared(output: &Tensor, target: &Tensor, times: Vec<f32>) -> Result<Loss> {
    let each = (output - target)?.sqr()?.mean((1, 2, 3))?;
    Ok(Loss { mean: each.mean_all()?, each: each.detach(), times })
}

/// −ln softmax of the right class.
fn cross_entropy(network: &Network, x: &Tensor, labels: &[u8]) -> Result<Loss> {
    let logits = network.classify(x, Mode::Train)?.logits;
    let largest = logits.max_keepdim(D::Minus1)?.detach();
    let shifted = logits.broadcast_sub(&largest)?;
    let log_sum = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    let right: Vec<u32> = labels.iter().map(|&label| u32::from(label)).collect();
    let right = Tensor::from_vec(right, (labels.len(), 1), network.device())?;
    let each = (log_sum - shifted.gather(&right, 1)?)?.squeeze(1)?;
    Ok(Loss { mean: each.mean_all()?, each: each.detach(), times: Vec::new() })
}
