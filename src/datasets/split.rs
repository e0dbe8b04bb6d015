//! Labelled digits: pictures of 28×28 bytes and a label from 0 to 9 each.

use candle_core::{Device, Tensor};

use super::idx::read_idx;
use crate::error::{Error, Result};

/// Side of a picture.
pub const SIDE: usize = 28;
/// Pixels of a picture.
pub const PIXELS: usize = SIDE * SIDE;

/// Pictures with their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pictures: Vec<u8>,
    labels: Vec<u8>,
}

/// A file's name and bytes.
pub type Named<'a> = (&'a str, &'a [u8]);

impl Split {
    /// From an IDX file of pictures and one of labels from 0 to 9; names are for messages.
    pub fn read(pictures: Named<'_>, labels: Named<'_>) -> Result<Self> {
        let split = Self::read_samples(pictures, labels)?;
        match split.labels.iter().position(|&label| label > 9) {
            None => Ok(split),
            Some(at) => Err(Error::new(format!("label {at} is {}, over 9", split.labels[at]))
                .at(labels.0)
                .hint("the networks tell ten classes apart, 0 to 9")),
        }
    }

    /// The same with any label: drawn digits without a class have 255.
    pub fn read_samples(pictures: Named<'_>, labels: Named<'_>) -> Result<Self> {
        let at = |name: &str| {
            let name = name.to_owned();
            move |error: Error| error.at(name)
        };
        let held = read_idx(pictures.1).map_err(at(pictures.0))?;
        let given = read_idx(labels.1).map_err(at(labels.0))?;
        match held.shape[..] {
            [_, SIDE, SIDE] => {}
            [_, h, w] => {
                return Err(Error::new(format!("the pictures are {h}×{w}, not {SIDE}×{SIDE}"))
                    .at(pictures.0)
                    .hint(format!("crop or pad them to {SIDE}×{SIDE} first")));
            }
            _ => {
                return Err(Error::new(format!("an array {:?} is no pictures", held.shape))
                    .at(pictures.0)
                    .hint("pictures are an IDX file of three axes (magic 0x00000803)"));
            }
        }
        if given.shape.len() != 1 {
            return Err(Error::new(format!("an array {:?} is no labels", given.shape))
                .at(labels.0)
                .hint("labels are an IDX file of one axis (magic 0x00000801)"));
        }
        if given.shape[0] != held.shape[0] {
            return Err(Error::new(format!("{} pictures and {} labels", held.shape[0], given.shape[0]))
                .at(labels.0)
                .hint(format!("they do not belong to {}", pictures.0)));
        }
        Self::of(held.values, given.values).map_err(at(pictures.0))
    }

    /// Pictures, one after the other, with their labels.
    pub fn of(pictures: Vec<u8>, labels: Vec<u8>) -> Result<Self> {
        if labels.is_empty() {
            return Err(Error::new("no pictures in the file"));
        }
        if pictures.len() != labels.len() * PIXELS {
            return Err(Error::new(format!("{} pixels for {} pictures", pictures.len(), labels.len())));
        }
        Ok(Self { pictures, labels })
    }

    /// The first `count` pictures, or all where there are fewer.
    pub fn first(&self, count: usize) -> Self {
        let count = count.clamp(1, self.count());
        Self { pictures: self.pictures[..count * PIXELS].to_vec(), labels: self.labels[..count].to_vec() }
    }

    /// How many pictures there are, at least one.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// All labels.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The bytes of all pictures, one after the other.
    pub fn bytes(&self) -> &[u8] {
        &self.pictures
    }

    /// The bytes of picture `index`.
    pub fn picture(&self, index: usize) -> &[u8] {
        &self.pictures[index * PIXELS..(index + 1) * PIXELS]
    }

    /// Pictures by index, [b, 1, 28, 28], 0 to 1.
    pub fn tensor(&self, indices: &[usize], device: &Device) -> Result<Tensor> {
        let mut values = Vec::with_capacity(indices.len() * PIXELS);
        for &index in indices {
            values.extend(self.picture(index).iter().map(|&byte| f32::from(byte) / 255.0));
        }
        Ok(Tensor::from_vec(values, (indices.len(), 1, SIDE, SIDE), device)?)
    }

    /// The first picture of each label that has one, label by label, `each` of them.
    pub fn first_of_each(&self, each: usize) -> Vec<usize> {
        let of = |label: u8| (0..self.count()).filter(move |&index| self.labels[index] == label).take(each);
        (0..10).flat_map(of).collect()
    }

    /// The mean picture, [1, 1, 28, 28], 0 to 1.
    pub fn mean(&self, device: &Device) -> Result<Tensor> {
        let mut sums = vec![0_u64; PIXELS];
        for picture in self.pictures.chunks_exact(PIXELS) {
            sums.iter_mut().zip(picture).for_each(|(sum, &byte)| *sum += u64::from(byte));
        }
        let scale = 255.0 * self.count() as f64;
        let values: Vec<f32> = sums.iter().map(|&sum| (sum as f64 / scale) as f32).collect();
        Ok(Tensor::from_vec(values, (1, 1, SIDE, SIDE), device)?)
    }
}
