//! Adam (Kingma & Ba 2015) as `torch.optim.Adam` without weight decay, with moments that can be saved.
//!
//! candle-nn has AdamW alone, decays by 0.01 unless told otherwise, and keeps its moments to itself.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Tensor, Var};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::models::digits::{Network, Parameter};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPS: f64 = 1e-8;

/// Numbers of one parallel piece.
const PIECE: usize = 1 << 14;

/// One trained tensor and its moments.
struct Slot {
    name: String,
    var: Var,
    exp_avg: Vec<f32>,
    exp_avg_sq: Vec<f32>,
}

/// The optimiser of one network.
pub struct Adam {
    slots: Vec<Slot>,
    step: usize,
}

impl Adam {
    /// Fresh moments for the trained tensors of `network`.
    pub fn new(network: &Network) -> Self {
        let slot = |parameter: &Parameter| {
            let n = parameter.var.elem_count();
            Slot {
                name: parameter.name.clone(),
                var: parameter.var.clone(),
                exp_avg: vec![0.0; n],
                exp_avg_sq: vec![0.0; n],
            }
        };
        Self { slots: network.trained().map(slot).collect(), step: 0 }
    }

    /// One step down the `gradients`; a tensor without one stays.
    pub fn step(&mut self, gradients: &GradStore, learning_rate: f64) -> Result<()> {
        self.step += 1;
        let n = i32::try_from(self.step).unwrap_or(i32::MAX);
        let rates = Rates {
            step_size: learning_rate / (1.0 - BETA_1.powi(n)),
            bias_correction2_sqrt: (1.0 - BETA_2.powi(n)).sqrt(),
        };
        for slot in &mut self.slots {
            let Some(gradient) = gradients.get(slot.var.as_tensor()) else { continue };
            let gradient = gradient.contiguous()?;
            let moments = Mutex::new((slot.exp_avg.as_mut_slice(), slot.exp_avg_sq.as_mut_slice()));
            let update = Update { rates, moments };
            if slot.var.device().is_cpu() {
                slot.var.inplace_op2(&gradient, &update)?;
            } else {
                let mut values = slot.var.flatten_all()?.to_vec1()?;
                update.apply(&mut values, &gradient.flatten_all()?.to_vec1()?)?;
                slot.var.set(&Tensor::from_vec(values, slot.var.shape(), slot.var.device())?)?;
            }
        }
        Ok(())
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// The moments by name: `exp_avg.NAME` and `exp_avg_sq.NAME`.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let mut tensors = Vec::with_capacity(2 * self.slots.len());
        for slot in &self.slots {
            for (moment, values) in [("exp_avg", &slot.exp_avg), ("exp_avg_sq", &slot.exp_avg_sq)] {
                let tensor = Tensor::from_slice(values, slot.var.shape(), &candle_core::Device::Cpu)?;
                tensors.push((format!("{moment}.{}", slot.name), tensor));
            }
        }
        Ok(tensors)
    }

    /// Takes up such a state after `steps` steps; `read` gives a tensor by name.
    pub fn restore(&mut self, steps: usize, read: &dyn Fn(&str) -> Result<Tensor>) -> Result<()> {
        for slot in &mut self.slots {
            for (moment, values) in [("exp_avg", &mut slot.exp_avg), ("exp_avg_sq", &mut slot.exp_avg_sq)] {
                let name = format!("{moment}.{}", slot.name);
                let stored: Vec<f32> = read(&name)?.flatten_all()?.to_vec1()?;
                if stored.len() != values.len() {
                    return Err(Error::new("the optimiser's state is of another network").at(name));
                }
                *values = stored;
            }
        }
        self.step = steps;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Rates {
    step_size: f64,
    bias_correction2_sqrt: f64,
}

/// One tensor's step, in place.
struct Update<'a> {
    rates: Rates,
    moments: Mutex<(&'a mut [f32], &'a mut [f32])>,
}

impl Update<'_> {
    fn apply(&self, values: &mut [f32], gradient: &[f32]) -> candle_core::Result<()> {
        let mut moments = self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (exp_avg, exp_avg_sq) = &mut *moments;
        if values.len() != gradient.len() || values.len() != exp_avg.len() {
            candle_core::bail!("a gradient of {} numbers for a tensor of {}", gradient.len(), values.len());
        }
        let (step_size, root) = (self.rates.step_size as f32, self.rates.bias_correction2_sqrt as f32);
        let (first, second, eps) = ((1.0 - BETA_1) as f32, (1.0 - BETA_2) as f32, EPS as f32);
        let kept = BETA_2 as f32;
        values
            .par_chunks_mut(PIECE)
            .zip(gradient.par_chunks(PIECE))
            .zip(exp_avg.par_chunks_mut(PIECE).zip(exp_avg_sq.par_chunks_mut(PIECE)))
            .for_each(|((values, gradient), (exp_avg, exp_avg_sq))| {
                for i in 0..values.len() {
                    let g = gradient[i];
                    exp_avg[i] += first * (g - exp_avg[i]);
                    exp_avg_sq[i] = exp_avg_sq[i] * kept + second * g * g;
                    values[i] -= step_size * (exp_avg[i] / (exp_avg_sq[i].sqrt() / root + eps));
                }
            });
        Ok(())
    }
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, p: &mut CpuStorage, at: &Layout, g: &CpuStorage, g_at: &Layout) -> candle_core::Result<()> {
        let (CpuStorage::F32(p), CpuStorage::F32(g)) = (p, g) else { candle_core::bail!("adam works in f32") };
        match (at.contiguous_offsets(), g_at.contiguous_offsets()) {
            (Some((start, end)), Some((g_start, g_end))) => self.apply(&mut p[start..end], &g[g_start..g_end]),
            _ => candle_core::bail!("adam works on contiguous tensors"),
        }
    }
}
