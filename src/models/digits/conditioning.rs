//! How time and class enter a digit network: through FCBlocks, at two places (after Unflatten with 2D channels,
//! after the first UpBlock with D).
//!
//! DDPM adds time: x + t. Flow matching multiplies it: t·x. With a class both do c·x + t (CS180 project 5, parts
//! B2.2 and the flow edition). The class is one-hot, all zero for "no class".

use candle_core::Tensor;

use super::blocks::FcBlock;
use super::kind::{Kind, TimeEnters};
use super::layers::Mode;
use super::parameters::Builder;
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;

/// Classes of a one-hot vector.
pub const CLASSES: usize = 10;

/// What a network is told beside its pictures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Condition<'a> {
    /// Time from 0 to 1, [b]: t/T of DDPM, t of flow matching.
    pub t: Option<&'a Tensor>,
    /// The class, one-hot or all zero, [b, 10].
    pub c: Option<&'a Tensor>,
}

/// The FCBlocks of a conditioned network: index 0 after Unflatten, 1 after the first UpBlock.
pub struct Conditioning {
    enters: TimeEnters,
    t: [FcBlock; 2],
    c: Option<[FcBlock; 2]>,
}

impl Conditioning {
    /// `None` for a kind without time.
    pub fn new(builder: &mut Builder<'_>, kind: Kind, hidden: usize) -> Result<Option<Self>> {
        let Some(enters) = kind.time_enters() else { return Ok(None) };
        let mut pair = |name: &str, from: usize| -> Result<[FcBlock; 2]> {
            let (wide, narrow) = (2 * hidden, hidden);
            Ok([
                FcBlock::new(builder, &format!("{name}1"), (from, wide, wide))?,
                FcBlock::new(builder, &format!("{name}2"), (from, narrow, narrow))?,
            ])
        };
        let t = pair("t", 1)?;
        let c = if kind.has_class() { Some(pair("c", CLASSES)?) } else { None };
        Ok(Some(Self { enters, t, c }))
    }

    /// `x` with time and class in it, at place 0 or 1.
    pub fn apply(&self, place: usize, x: &FeatureMap, condition: Condition<'_>, mode: Mode) -> Result<FeatureMap> {
        let t = condition.t.ok_or_else(|| Error::new("the network needs a time"))?;
        let t = self.t[place].forward(&t.unsqueeze(1)?, mode)?;
        let Some(c) = &self.c else {
            return match self.enters {
                TimeEnters::Added => x.scale_shift(None, Some(&t)),
                TimeEnters::Multiplied => x.scale_shift(Some(&t), None),
            };
        };
        let one_hot = condition.c.ok_or_else(|| Error::new("the network needs a class"))?;
        x.scale_shift(Some(&c[place].forward(one_hot, mode)?), Some(&t))
    }
}
