//! A tensor that still lies in its file: where, of which type, and how it becomes a candle tensor.

use std::borrow::Cow;
use std::ops::Range;

use candle_core::{DType, Device, Tensor};

use super::numbers::{self, Check};
use super::stored_dtype::StoredDtype;
use crate::error::{Error, Result};

/// Where one tensor lies: `bytes[start..]` of file number `file`.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Index of the file in its set.
    pub file: usize,
    /// The first byte of the tensor's first element.
    pub start: usize,
    /// How the numbers are written.
    pub dtype: StoredDtype,
    /// The sizes of the axes.
    pub shape: Vec<usize>,
    /// Steps in elements along the axes; `None` for row-major without gaps.
    pub strides: Option<Vec<usize>>,
    /// What every number is multiplied with.
    pub scale: f32,
}

impl Stored {
    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Row `row` of the first axis, which must have it.
    pub(super) fn row(&self, row: usize) -> Self {
        let stride = self.strides.as_ref().map_or_else(|| self.shape[1..].iter().product(), |strides| strides[0]);
        Self {
            file: self.file,
            start: self.start + self.dtype.bytes(row * stride),
            dtype: self.dtype,
            shape: self.shape[1..].to_vec(),
            strides: self.strides.as_ref().map(|strides| strides[1..].to_vec()),
            scale: self.scale,
        }
    }

    /// Part `part` of `parts` equal ones along the first axis, which `parts` must divide.
    pub fn part(&self, part: usize, parts: usize) -> Self {
        let mut stored = self.row(self.shape[0] / parts * part);
        stored.shape = self.shape.clone();
        stored.shape[0] /= parts;
        Self { strides: self.strides.clone(), ..stored }
    }

    /// The bytes of the file that hold it, where it has no gaps.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.dtype.bytes(self.elements()))
    }

    /// The tensor's numbers, row-major, as little-endian bytes. `file` is the whole file.
    fn contiguous<'a>(&self, file: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        let beyond = || Error::new("the file ends inside a tensor").hint("it is cut short: get it again");
        let Some(strides) = &self.strides else {
            return Ok(Cow::Borrowed(file.get(self.range()).ok_or_else(beyond)?));
        };
        let size = self.dtype.bytes(1);
        let mut gathered = Vec::with_capacity(self.elements() * size);
        let mut index = vec![0usize; self.shape.len()];
        for _ in 0..self.elements() {
            let element: usize = index.iter().zip(strides).map(|(i, stride)| i * stride).sum();
            let at = self.start + element * size;
            gathered.extend_from_slice(file.get(at..at + size).ok_or_else(beyond)?);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Ok(Cow::Owned(gathered))
    }

    /// The tensor in the type it is written in, on the CPU.
    pub fn read(&self, file: &[u8]) -> Result<Tensor> {
        let bytes = self.contiguous(file)?;
        self.tensor(&bytes)
    }

    /// The tensor as `dtype` on `device`, and what was seen of its numbers.
    pub fn read_as(&self, file: &[u8], dtype: DType, device: &Device) -> Result<(Tensor, Check)> {
        let bytes = self.contiguous(file)?;
        if !numbers::are_floats(self.dtype) {
            return Ok((self.tensor(&bytes)?.to_dtype(dtype)?.to_device(device)?, Check::NONE));
        }
        if self.dtype.same_bytes() == Some(dtype) && self.scale == 1.0 {
            let check = numbers::check(self.dtype, &bytes);
            return Ok((self.tensor(&bytes)?.to_device(device)?, check));
        }
        let mut values = vec![0f32; self.elements()];
        let check = numbers::to_f32(self.dtype, &bytes, self.scale, &mut values)?;
        let tensor = Tensor::from_vec(values, self.shape.as_slice(), &Device::Cpu)?;
        Ok((tensor.to_dtype(dtype)?.to_device(device)?, check))
    }

    /// Rows of a matrix without gaps as f32 into `out`, on this thread; the check is of these rows.
    pub(super) fn rows_into(&self, file: &[u8], rows: Range<usize>, out: &mut [f32]) -> Result<Check> {
        let beyond = || Error::new("the file ends inside a tensor").hint("it is cut short: get it again");
        let row = self.dtype.bytes(self.shape[1..].iter().product());
        let bytes = file.get(self.start + rows.start * row..self.start + rows.end * row).ok_or_else(beyond)?;
        numbers::piece_to_f32(self.dtype, bytes, self.scale, out)
    }

    fn tensor(&self, bytes: &[u8]) -> Result<Tensor> {
        if let Some(dtype) = self.dtype.same_bytes() {
            return Ok(Tensor::from_raw_buffer(bytes, dtype, &self.shape, &Device::Cpu)?);
        }
        if self.dtype == StoredDtype::I8 {
            let values: Vec<i16> = bytes.iter().map(|&byte| i16::from(byte.cast_signed())).collect();
            return Ok(Tensor::from_vec(values, self.shape.as_slice(), &Device::Cpu)?);
        }
        Err(Error::new(format!("cannot read numbers of type {}", self.dtype)))
    }
}
