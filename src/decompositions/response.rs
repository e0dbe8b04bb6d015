//! How much of each frequency goes into each part: the parts of a single bright pixel, and what a wave along a row
//! would come through them as.

use candle_core::{Device, Tensor};

use super::DecompositionSpec;
use crate::error::Result;

/// The response of each part at frequencies from 0 to half a cycle a pixel (`points` of them, evenly), for pictures of
/// `size` × `size` px, where stage I's have `base`. The parts sum to 1 everywhere. `None` where the parts are no
/// filters of frequencies.
pub fn frequency_response(
    spec: &DecompositionSpec,
    (size, base): (usize, usize),
    points: usize,
) -> Result<Option<Vec<Vec<f64>>>> {
    if !spec.entry().filters {
        return Ok(None);
    }
    let decomposition = spec.at(size, base)?;
    let middle = size / 2;
    let mut impulse = vec![0.0_f32; size * size];
    impulse[middle * size + middle] = 1.0;
    let impulse = Tensor::from_vec(impulse, (1, 1, size, size), &Device::Cpu)?;
    let mut responses = Vec::new();
    for index in 0..decomposition.parts().len() {
        // What a row of equal waves adds up to: the columns' sums.
        let columns: Vec<f32> = decomposition.part(index, &impulse)?.sum(2)?.flatten_all()?.to_vec1()?;
        let at = |point: usize| {
            let frequency = 0.5 * point as f64 / (points - 1).max(1) as f64;
            let wave = |x: usize| (std::f64::consts::TAU * frequency * (x as f64 - middle as f64)).cos();
            columns.iter().enumerate().map(|(x, &value)| f64::from(value) * wave(x)).sum()
        };
        responses.push((0..points).map(at).collect());
    }
    Ok(Some(responses))
}
