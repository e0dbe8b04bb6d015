//! Adam (Kingma & Ba 2015) as `torch.optim.Adam` without weight decay, with moments that can be saved.
//!
//! candle-nn has AdamW alone, decays by 0.01 unless told otherwise, and keeps its moments to itself.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, DType, Device, InplaceOp2, Layout, Tensor};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::models::digits::{Network, Parameter};
use crate::tensors::MapLayout;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPS: f64 = 1e-8;

/// Numbers of one parallel piece.
const PIECE: usize = 1 << 14;

/// The optimiser of one network.
pub struct Adam {
    trained: Vec<Parameter>,
    moments: Moments,
    step: usize,
}

/// `exp_avg` and `exp_avg_sq` of all trained tensors.
enum Moments {
    /// Of each tensor, for the processor's own loop.
    Apart(Vec<[Vec<f32>; 2]>),
    /// One after the other in two tensors of the device, so that a step's arithmetic is a dozen launches for all of them.
    Joined([Tensor; 2]),
}

impl Adam {
    /// Fresh moments for the trained tensors of `network`, where they are.
    pub fn new(network: &Network) -> Result<Self> {
        let trained: Vec<Parameter> = network.trained().cloned().collect();
        let counts = trained.iter().map(|parameter| parameter.var.elem_count());
        let moments = match MapLayout::of(network.device()) {
            MapLayout::Pixels => Moments::Apart(counts.map(|count| [vec![0.0; count], vec![0.0; count]]).collect()),
            MapLayout::Planes => {
                let zeros = || Tensor::zeros(counts.clone().sum::<usize>(), DType::F32, network.device());
                Moments::Joined([zeros()?, zeros()?])
            }
        };
        Ok(Self { trained, moments, step: 0 })
    }

    /// One step down the `gradients`. A tensor without one stays, on the processor; a step in planes wants them all.
    pub fn step(&mut self, gradients: &GradStore, learning_rate: f64) -> Result<()> {
        self.step += 1;
        let n = i32::try_from(self.step).unwrap_or(i32::MAX);
        let rates = Rates {
            step_size: learning_rate / (1.0 - BETA_1.powi(n)),
            bias_correction2_sqrt: (1.0 - BETA_2.powi(n)).sqrt(),
        };
        match &mut self.moments {
            Moments::Apart(moments) => {
                for (parameter, [exp_avg, exp_avg_sq]) in self.trained.iter().zip(moments) {
                    let Some(gradient) = gradients.get(parameter.var.as_tensor()) else { continue };
                    let moments = Mutex::new((exp_avg.as_mut_slice(), exp_avg_sq.as_mut_slice()));
                    parameter.var.inplace_op2(&gradient.contiguous()?, &Update { rates, moments })?;
                }
                Ok(())
            }
            Moments::Joined(moments) => joined_step(&self.trained, moments, gradients, rates),
        }
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// The moments by name: `exp_avg.NAME` and `exp_avg_sq.NAME`, on the processor.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let mut tensors = Vec::with_capacity(2 * self.trained.len());
        let mut before = 0;
        for (at, parameter) in self.trained.iter().enumerate() {
            let (count, shape) = (parameter.var.elem_count(), parameter.var.shape());
            for (moment, name) in NAMES.into_iter().enumerate() {
                let tensor = match &self.moments {
                    Moments::Apart(moments) => Tensor::from_slice(&moments[at][moment], shape, &Device::Cpu)?,
                    Moments::Joined(moments) => {
                        moments[moment].narrow(0, before, count)?.reshape(shape)?.to_device(&Device::Cpu)?
                    }
                };
                tensors.push((format!("{name}.{}", parameter.name), tensor));
            }
            before += count;
        }
        Ok(tensors)
    }

    /// Takes up such a state after `steps` steps; `read` gives a tensor by name.
    pub fn restore(&mut self, steps: usize, read: &dyn Fn(&str) -> Result<Tensor>) -> Result<()> {
        let mut restored: [Vec<Tensor>; 2] = Default::default();
        for parameter in &self.trained {
            for (name, restored) in NAMES.into_iter().zip(&mut restored) {
                let name = format!("{name}.{}", parameter.name);
                let stored = read(&name)?.flatten_all()?;
                if stored.elem_count() != parameter.var.elem_count() {
                    return Err(Error::new("the optimiser's state is of another network").at(name));
                }
                restored.push(stored.to_dtype(DType::F32)?);
            }
        }
        match &mut self.moments {
            Moments::Apart(moments) => {
                for (moments, (exp_avg, exp_avg_sq)) in moments.iter_mut().zip(restored[0].iter().zip(&restored[1])) {
                    *moments = [exp_avg.to_vec1()?, exp_avg_sq.to_vec1()?];
                }
            }
            Moments::Joined(moments) => {
                for (moment, restored) in moments.iter_mut().zip(&restored) {
                    *moment = Tensor::cat(restored, 0)?.to_device(moment.device())?;
                }
            }
        }
        self.step = steps;
        Ok(())
    }
}

/// The names of the moments, in PyTorch's words.
const NAMES: [&str; 2] = ["exp_avg", "exp_avg_sq"];

/// A step of all tensors by the device's own operations.
fn joined_step(trained: &[Parameter], moments: &mut [Tensor; 2], gradients: &GradStore, rates: Rates) -> Result<()> {
    let gradient = |parameter: &Parameter| -> Result<Tensor> {
        let missing = || Error::new("the loss does not depend on this tensor").at(&parameter.name);
        Ok(gradients.get(parameter.var.as_tensor()).ok_or_else(missing)?.detach().flatten_all()?)
    };
    let all: Vec<Tensor> = trained.iter().map(gradient).collect::<Result<_>>()?;
    let gradient = Tensor::cat(&all, 0)?;
    let [exp_avg, exp_avg_sq] = moments;
    *exp_avg = ((&*exp_avg * BETA_1)? + (&gradient * (1.0 - BETA_1))?)?;
    *exp_avg_sq = ((&*exp_avg_sq * BETA_2)? + (gradient.sqr()? * (1.0 - BETA_2))?)?;
    let denominator = exp_avg_sq.sqrt()?.affine(1.0 / rates.bias_correction2_sqrt, EPS)?;
    let update = ((&*exp_avg / denominator)? * rates.step_size)?;
    let mut before = 0;
    for Parameter { var, .. } in trained {
        let update = update.narrow(0, before, var.elem_count())?.reshape(var.shape())?;
        var.set(&(var.as_detached_tensor() - update)?)?;
        before += var.elem_count();
    }
    Ok(())
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
