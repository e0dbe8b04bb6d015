//! What is thought of x_t: a small tree whose leaves are evaluated as one batch and composed on the way back.
//!
//! Each leaf is a picture as one branch sees it, with the text that goes with it. Composition happens in
//! the network's own terms (ε, v or x_0) with weights that sum to 1, so that it is the same in all of them.

use candle_core::Tensor;

use super::guidance;
use super::prediction::PredictionType;
use crate::error::{Error, Result};

/// A network as the loop sees it.
pub trait Denoiser {
    /// What the first channels of the output mean.
    fn prediction_type(&self) -> PredictionType;

    /// The raw output, [n, c_out, h, w], for `input` [n, c_in, h, w] at `timestep`; row i goes with the
    /// text `texts[i]`, an index into the run's prompts.
    fn forward(&self, input: &Tensor, timestep: usize, texts: &[usize]) -> Result<Tensor>;
}

/// One evaluation of the network.
pub struct Leaf {
    /// The network's input, [b, c_in, h, w].
    pub input: Tensor,
    /// The text, an index into the run's prompts.
    pub text: usize,
}

/// A composed output: the picture's channels, and the variance's where the network has them.
pub struct Composed {
    /// [b, c, h, w] in the network's own terms.
    pub model_output: Tensor,
    /// v of the learned range, [b, c, h, w].
    pub predicted_variance: Option<Tensor>,
}

/// The tree.
#[derive(Clone, Debug)]
pub enum Estimate {
    /// One text, guided away from another.
    Guided {
        /// The conditional branch's text.
        text: usize,
        /// The unconditional (or negative) branch's text.
        negative: usize,
        /// γ.
        guidance_scale: f64,
    },
}

impl Estimate {
    /// The leaves for the network's `input`, [b, c_in, h, w], in the order in which [`Self::compose`] takes them.
    pub fn leaves(&self, input: &Tensor) -> Vec<Leaf> {
        match *self {
            Self::Guided { text, negative, guidance_scale } => {
                let mut leaves = vec![Leaf { input: input.clone(), text }];
                if guidance::needs_unconditional(guidance_scale) {
                    leaves.push(Leaf { input: input.clone(), text: negative });
                }
                leaves
            }
        }
    }

    /// The tree's answer from its leaves' outputs.
    pub fn compose(&self, outputs: &mut impl Iterator<Item = Composed>) -> Result<Composed> {
        let mut next = || outputs.next().ok_or_else(|| Error::new("an estimate has fewer outputs than leaves"));
        match *self {
            Self::Guided { guidance_scale, .. } => {
                let conditional = next()?;
                if !guidance::needs_unconditional(guidance_scale) {
                    return Ok(conditional);
                }
                let unconditional = next()?;
                let model_output =
                    guidance::guide(&unconditional.model_output, &conditional.model_output, guidance_scale)?;
                Ok(Composed { model_output, predicted_variance: conditional.predicted_variance })
            }
        }
    }

    /// How many evaluations of the network one step costs, for each picture.
    pub fn evaluations(&self) -> usize {
        match *self {
            Self::Guided { guidance_scale, .. } => 1 + usize::from(guidance::needs_unconditional(guidance_scale)),
        }
    }
}

/// Evaluates all leaves of `estimate` for `input` [b, c_in, h, w] in one batched forward and composes them.
///
/// `channels` is how many of the output's channels are the picture's; the rest is the variance.
pub fn evaluate(
    estimate: &Estimate,
    denoiser: &dyn Denoiser,
    input: &Tensor,
    timestep: usize,
    channels: usize,
) -> Result<Composed> {
    let b = input.dim(0)?;
    let leaves = estimate.leaves(input);
    let inputs: Vec<&Tensor> = leaves.iter().map(|leaf| &leaf.input).collect();
    let texts: Vec<usize> = leaves.iter().flat_map(|leaf| std::iter::repeat_n(leaf.text, b)).collect();
    let output = denoiser.forward(&Tensor::cat(&inputs, 0)?, timestep, &texts)?;
    let rest = output.dim(1)? - channels;
    let mut outputs = Vec::with_capacity(leaves.len());
    for index in 0..leaves.len() {
        let rows = output.narrow(0, index * b, b)?;
        let predicted_variance = if rest > 0 { Some(rows.narrow(1, channels, rest)?) } else { None };
        outputs.push(Composed { model_output: rows.narrow(1, 0, channels)?, predicted_variance });
    }
    estimate.compose(&mut outputs.into_iter())
}
