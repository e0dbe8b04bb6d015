//! Weights that no file holds: noise of a size that keeps a network's values near 1, for timings.

use candle_core::Tensor;

use crate::error::Result;

/// Noise of variance 1/fan-in for matrices and kernels; ones for a norm's `weight`, zeros for a bias.
pub(super) fn tensor(name: &str, shape: &[usize]) -> Result<Tensor> {
    let device = candle_core::Device::Cpu;
    let count: usize = shape.iter().product();
    let values: Vec<f32> = match shape {
        [_] if name.ends_with("weight") => vec![1.0; count],
        [_] => vec![0.0; count],
        [_, fan_in @ ..] => {
            // Uniform in ±√(3 / fan-in).
            let reach = (12.0 / fan_in.iter().product::<usize>().max(1) as f32).sqrt();
            let mut state = name.bytes().fold(180u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * reach
            };
            (0..count).map(|_| uniform()).collect()
        }
        [] => vec![0.0; count],
    };
    Ok(Tensor::from_vec(values, shape, &device)?)
}
