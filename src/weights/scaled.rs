//! 8-bit files with a scale for each matrix (ComfyUI's `…_fp8_e4m3fn_scaled.safetensors`): the scale becomes part of
//! the matrix, so that nobody above knows of it.
//!
//! `X.weight` in f8e4m3 has `X.scale_weight`, one f32 to multiply with. `X.scale_input` is for products in 8 bits,
//! and `scaled_fp8` a mark: both are dropped.

use std::collections::BTreeMap;

use candle_core::{DType, Device};

use super::stored::Stored;
use super::stored_dtype::StoredDtype;
use crate::error::{Error, Result};
use crate::files::Bytes;

/// Multiplies scales into the matrices that they belong to, and takes them out of `tensors`.
pub(super) fn absorb(tensors: &mut BTreeMap<String, Stored>, files: &[Bytes]) -> Result<()> {
    let names: Vec<String> = tensors.keys().cloned().collect();
    for name in names {
        if name == "scaled_fp8" || name.ends_with(".scale_input") {
            tensors.remove(&name);
        }
        let Some(stem) = name.strip_suffix(".scale_weight") else { continue };
        let Some(scale) = tensors.get(&name).map(|stored| number(stored, files)).transpose()? else { continue };
        if let Some(matrix) = tensors.get_mut(&format!("{stem}.weight"))
            && matrix.dtype == StoredDtype::F8E4M3
        {
            matrix.scale = scale;
            tensors.remove(&name);
        }
    }
    Ok(())
}

/// The only number of a tensor.
fn number(stored: &Stored, files: &[Bytes]) -> Result<f32> {
    let (tensor, check) = stored.read_as(&files[stored.file], DType::F32, &Device::Cpu)?;
    match (tensor.flatten_all()?.to_vec1::<f32>()?.as_slice(), check.fault(DType::F32)) {
        ([scale], None) => Ok(*scale),
        _ => Err(Error::new("a scale of 8-bit weights is not one number").hint("the file is damaged: get it again")),
    }
}
