//! What a step asks the network: each distinct pair of a seen picture and a text once, however many branches
//! share it.

use candle_core::Tensor;

use super::Moment;
use crate::error::Result;

/// Distinct inputs with their texts; a leaf that several branches share is here once.
#[derive(Default)]
pub(super) struct Leaves {
    inputs: Vec<(Vec<usize>, Tensor)>,
    rows: Vec<(usize, usize)>,
}

impl Leaves {
    /// The number of the leaf of `text` seen by way of `path` (addresses of views).
    pub fn number(&mut self, path: &[usize], input: &Tensor, text: usize) -> usize {
        let at = self.inputs.iter().position(|(known, _)| known == path).unwrap_or_else(|| {
            self.inputs.push((path.to_vec(), input.clone()));
            self.inputs.len() - 1
        });
        self.rows.iter().position(|row| *row == (at, text)).unwrap_or_else(|| {
            self.rows.push((at, text));
            self.rows.len() - 1
        })
    }

    /// The networks' inputs, [b, c_in, h, w] each, by number of the leaf.
    pub fn inputs(&self) -> Vec<&Tensor> {
        self.rows.iter().map(|(at, _)| &self.inputs[*at].1).collect()
    }

    /// The text of each row of the batch, where every leaf has `b` rows.
    pub fn texts(&self, b: usize) -> Vec<usize> {
        self.rows.iter().flat_map(|(_, text)| std::iter::repeat_n(*text, b)).collect()
    }
}

/// The raw outputs, by number of the leaf.
pub(super) struct Outputs<'a> {
    pub moment: Moment,
    pub channels: usize,
    pub raw: &'a [Tensor],
}

impl Outputs<'_> {
    /// The picture's channels of a leaf.
    pub fn picture(&self, leaf: usize) -> Result<Tensor> {
        Ok(self.raw[leaf].narrow(1, 0, self.channels)?)
    }

    /// The variance's channels of a leaf, where there are any.
    pub fn variance(&self, leaf: usize) -> Result<Option<Tensor>> {
        let rest = self.raw[leaf].dim(1)? - self.channels;
        Ok(if rest > 0 { Some(self.raw[leaf].narrow(1, self.channels, rest)?) } else { None })
    }
}
