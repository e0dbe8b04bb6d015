//! Grey and colour: the mean of the channels, and what each channel differs from it by. Both are projectors:
//! a picture that looks different once its colours are seen (Factorized Diffusion, colour hybrids).

use candle_core::Tensor;

use super::{DecompositionEntry, PartName, Parts};
use crate::error::Result;

pub(super) static GREY_COLOUR: DecompositionEntry = DecompositionEntry {
    name: "grey_colour",
    label: "Grey and colour",
    sentence: "The picture without its colours, seen in the dark, and its colours alone",
    parameters: &[],
    parts: &[PartName { name: "grey", label: "Grey" }, PartName { name: "colour", label: "Colour" }],
    projectors: true,
    filters: false,
    make: |_| Ok(Box::new(GreyColour)),
};

struct GreyColour;

impl Parts for GreyColour {
    fn part(&self, _: usize, x: &Tensor) -> Result<Tensor> {
        Ok(x.mean_keepdim(1)?.broadcast_as(x.shape())?.contiguous()?)
    }
}
