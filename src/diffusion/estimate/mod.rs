//! What is thought of x_t: a tree whose leaves are evaluated as one batch and composed on the way back.
//!
//! A leaf is the network's input as one branch sees it, with a text. Inner nodes are a mean over views (Geng
//! et al. 2023) and a sum over the parts of a decomposition (Geng et al. 2024), in any nesting. Everything is
//! composed in the network's own terms (ε, v or x_0); `prediction` says how that becomes ε.

mod leaves;
mod rows;
mod seen;
mod shares;
mod sum;

use std::sync::Arc;

use candle_core::Tensor;

use super::guidance::{self, Guidance};
use super::prediction::{PredictionType, Terms};
use crate::error::Result;
use leaves::{Leaves, Outputs};
use seen::Seen;
use shares::upper_shares;
use sum::Sum;

/// A network as the loop sees it.
pub trait Denoiser {
    /// What the first channels of the output mean.
    fn prediction_type(&self) -> PredictionType;

    /// The raw output, [n, c_out, h, w], for `input` [n, c_in, h, w] at the timestep and the noise of `moment`; row i
    /// goes with the text `texts[i]`, an index into the run's prompts.
    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor>;
}

/// An invertible map of pictures, under which noise stays noise.
pub trait Mapping: Send + Sync {
    /// The picture as this view sees it; [b, c, h, w], any number of channels.
    fn view(&self, x: &Tensor) -> Result<Tensor>;
    /// The way back, for what the network says of the picture.
    fn inverse_view(&self, x: &Tensor) -> Result<Tensor>;
    /// The way back for the variance channels: pixels move, values do not change sign.
    fn inverse_view_variance(&self, x: &Tensor) -> Result<Tensor>;
}

/// One of several linear parts that sum to the whole picture.
pub trait Part: Send + Sync {
    /// The part of `x`, [b, c, h, w].
    fn part(&self, x: &Tensor) -> Result<Tensor>;
}

/// How the branches of a mean come together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduce {
    /// Weighted, weights scaled to sum to 1.
    #[default]
    Mean,
    /// Weighted, as they are.
    Sum,
    /// One branch a step, in turn.
    Alternate,
    /// Weighted, at each pixel the more, the nearer it is to the top of a branch's view; shares sum to 1.
    Upper,
}

/// One view of a mean.
pub struct Branch {
    /// How the picture is seen.
    pub view: Arc<dyn Mapping>,
    /// Its weight.
    pub weight: f64,
    /// What is thought of it.
    pub estimate: Estimate,
}

/// The tree.
pub enum Estimate {
    /// One text, guided away from another.
    Guided {
        /// The conditional branch's text.
        text: usize,
        /// The unconditional (or negative) branch's text.
        negative: usize,
        /// How hard.
        guidance: Guidance,
    },
    /// Several views of one picture.
    Views {
        /// The views.
        branches: Vec<Branch>,
        /// How they come together.
        reduce: Reduce,
    },
    /// Parts that sum to the whole, each with its own estimate.
    Parts {
        /// The parts and what is thought of each.
        parts: Vec<(Arc<dyn Part>, Estimate)>,
        /// How much of the other parts each does not see, from 0 (as published) to 1: what they show would else be
        /// taken for a part of one's own picture, and be finished as such.
        apart: f64,
    },
}

/// Where in a run an estimate is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// What the network's output means here.
    pub terms: Terms,
    /// The timestep.
    pub timestep: usize,
    /// What the network is told of it, which may lie between two.
    pub time: f64,
    /// The number of the evaluation, from 0.
    pub index: usize,
    /// 0 at the first evaluation of the run, 1 at the last.
    pub progress: f64,
}

/// A composed output, [b, c, h, w] each.
pub struct Composed {
    /// In the network's own terms.
    pub model_output: Tensor,
    /// What stands for x_t in ε, where weights do not sum to 1.
    pub x: Option<Tensor>,
    /// v of the learned range.
    pub predicted_variance: Option<Tensor>,
}

impl Estimate {
    /// γ from one text to another, nothing composed.
    pub fn guided(text: usize, negative: usize, scale: f64) -> Self {
        Self::Guided { text, negative, guidance: Guidance::constant(scale) }
    }

    /// Evaluates all leaves for `input` [b, c_in, h, w] in one batched forward and composes them.
    ///
    /// The first `channels` of the input are x_t, and of the output the picture; the output's rest is the
    /// variance. `original` is x̂_0 of the step before, [b, channels, h, w], where there was one.
    pub fn evaluate(
        &self,
        denoiser: &dyn Denoiser,
        input: &Tensor,
        original: Option<&Tensor>,
        moment: Moment,
        channels: usize,
    ) -> Result<Composed> {
        let b = input.dim(0)?;
        let mut leaves = Leaves::default();
        let seen = Seen { input: input.clone(), original: original.cloned() };
        self.walk(&seen, &mut Vec::new(), moment, &mut leaves)?;
        let inputs: Vec<&Tensor> = leaves.inputs();
        let texts: Vec<usize> = leaves.texts(b);
        let output = denoiser.forward(&Tensor::cat(&inputs, 0)?, &moment, &texts)?;
        let raw: Vec<Tensor> =
            (0..inputs.len()).map(|leaf| Ok(output.narrow(0, leaf * b, b)?)).collect::<Result<_>>()?;
        let outputs = Outputs { moment, channels, raw: &raw };
        self.compose(&seen, &mut Vec::new(), &mut leaves, &outputs)
    }

    fn walk(&self, seen: &Seen, path: &mut Vec<usize>, moment: Moment, leaves: &mut Leaves) -> Result<()> {
        match self {
            Self::Guided { .. } => drop(self.leaf_numbers(&seen.input, path, moment, leaves)),
            Self::Views { branches, reduce } => {
                for branch in taken(branches, *reduce, moment) {
                    path.push(address(&branch.view));
                    branch.estimate.walk(&seen.through(&*branch.view)?, path, moment, leaves)?;
                    path.pop();
                }
            }
            Self::Parts { parts, apart } => {
                for (part, estimate) in parts {
                    let differs = seen.differs(*apart);
                    if differs {
                        path.push(address(part));
                    }
                    estimate.walk(&seen.of_part(&**part, *apart, moment.terms)?, path, moment, leaves)?;
                    if differs {
                        path.pop();
                    }
                }
            }
        }
        Ok(())
    }

    /// The conditional leaf, and the unconditional one where γ needs it.
    fn leaf_numbers(
        &self,
        input: &Tensor,
        path: &[usize],
        moment: Moment,
        leaves: &mut Leaves,
    ) -> (usize, Option<usize>, f64) {
        let Self::Guided { text, negative, guidance } = self else { return (0, None, 1.0) };
        let scale = guidance.scale_at(moment.timestep, moment.progress);
        let conditional = leaves.number(path, input, *text);
        let other = guidance::needs_unconditional(scale).then(|| leaves.number(path, input, *negative));
        (conditional, other, scale)
    }

    fn compose(
        &self,
        seen: &Seen,
        path: &mut Vec<usize>,
        leaves: &mut Leaves,
        outputs: &Outputs<'_>,
    ) -> Result<Composed> {
        match self {
            Self::Guided { guidance, .. } => {
                let (conditional, other, scale) = self.leaf_numbers(&seen.input, path, outputs.moment, leaves);
                let predicted_variance = outputs.variance(conditional)?;
                let alone = outputs.picture(conditional)?;
                let Some(other) = other else {
                    return Ok(Composed { model_output: alone, x: None, predicted_variance });
                };
                let guided = guidance::guide(&outputs.picture(other)?, &alone, scale)?;
                if guidance.rescale == 0.0 {
                    return Ok(Composed { model_output: guided, x: None, predicted_variance });
                }
                let x = seen.x(outputs.channels)?;
                let noise = |output: &Tensor| outputs.moment.terms.noise(&x, output);
                let factor = guidance::rescale_factor(&noise(&guided)?, &noise(&alone)?, guidance.rescale)?;
                let model_output = guided.broadcast_mul(&factor)?;
                Ok(Composed { model_output, x: Some(x.broadcast_mul(&factor)?), predicted_variance })
            }
            Self::Views { branches, reduce } => compose_views(branches, *reduce, seen, path, leaves, outputs),
            Self::Parts { parts, apart } => compose_parts(parts, *apart, seen, path, leaves, outputs),
        }
    }

    /// Whether ε holds another multiple of x than the network's.
    fn changes_x(&self) -> bool {
        match self {
            Self::Guided { guidance, .. } => guidance.rescale != 0.0,
            Self::Views { branches, reduce } => {
                *reduce == Reduce::Sum || branches.iter().any(|branch| branch.estimate.changes_x())
            }
            Self::Parts { parts, .. } => parts.iter().any(|(_, estimate)| estimate.changes_x()),
        }
    }
}

fn address<T: ?Sized>(node: &Arc<T>) -> usize {
    Arc::as_ptr(node).cast::<()>() as usize
}

/// The branches that this step evaluates.
fn taken(branches: &[Branch], reduce: Reduce, moment: Moment) -> &[Branch] {
    match reduce {
        Reduce::Alternate if !branches.is_empty() => std::slice::from_ref(&branches[moment.index % branches.len()]),
        _ => branches,
    }
}

fn compose_views(
    branches: &[Branch],
    reduce: Reduce,
    seen: &Seen,
    path: &mut Vec<usize>,
    leaves: &mut Leaves,
    outputs: &Outputs<'_>,
) -> Result<Composed> {
    let taken = taken(branches, reduce, outputs.moment);
    let total: f64 = taken.iter().map(|branch| branch.weight).sum();
    let shares = match reduce {
        Reduce::Upper if !taken.is_empty() => upper_shares(taken, &seen.input, outputs.channels)?,
        _ => Vec::new(),
    };
    let mut sum = Sum::default();
    let mut changed = reduce == Reduce::Sum;
    for (number, branch) in taken.iter().enumerate() {
        let seen = seen.through(&*branch.view)?;
        path.push(address(&branch.view));
        let composed = branch.estimate.compose(&seen, path, leaves, outputs)?;
        path.pop();
        changed |= composed.x.is_some();
        let x = composed.x.unwrap_or(seen.x(outputs.channels)?);
        let back = composed.predicted_variance.map(|v| branch.view.inverse_view_variance(&v)).transpose()?;
        let weight = match reduce {
            Reduce::Sum => branch.weight,
            Reduce::Upper => 1.0,
            Reduce::Mean | Reduce::Alternate => branch.weight / total,
        };
        let turned_back = |seen: &Tensor| -> Result<Tensor> {
            let seen = branch.view.inverse_view(seen)?;
            Ok(match shares.get(number) {
                Some(share) => seen.broadcast_mul(share)?,
                None => seen,
            })
        };
        sum.add(turned_back(&composed.model_output)?, turned_back(&x)?, back, weight)?;
    }
    sum.finish(changed)
}

fn compose_parts(
    parts: &[(Arc<dyn Part>, Estimate)],
    apart: f64,
    seen: &Seen,
    path: &mut Vec<usize>,
    leaves: &mut Leaves,
    outputs: &Outputs<'_>,
) -> Result<Composed> {
    let differs = seen.differs(apart);
    let mut sum = Sum::default();
    for (part, estimate) in parts {
        let seen = seen.of_part(&**part, apart, outputs.moment.terms)?;
        if differs {
            path.push(address(part));
        }
        let composed = estimate.compose(&seen, path, leaves, outputs)?;
        if differs {
            path.pop();
        }
        let x = composed.x.unwrap_or(seen.x(outputs.channels)?);
        sum.add(part.part(&composed.model_output)?, part.part(&x)?, composed.predicted_variance, 1.0)?;
    }
    // The parts of x sum to x; only a rescaled branch, or one that saw another x, makes another of it.
    sum.finish(differs || parts.iter().any(|(_, estimate)| estimate.changes_x()))
}
