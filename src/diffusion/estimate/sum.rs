//! The sum in which branches of an estimate come together.

use candle_core::Tensor;

use super::Composed;
use crate::error::{Error, Result};

/// Weighted sums of outputs and of what stands for x; the plain mean of variances.
#[derive(Default)]
pub(super) struct Sum {
    model_output: Option<Tensor>,
    x: Option<Tensor>,
    variance: Option<Tensor>,
    count: usize,
}

impl Sum {
    /// Adds a branch.
    pub fn add(&mut self, model_output: Tensor, x: Tensor, variance: Option<Tensor>, weight: f64) -> Result<()> {
        let join = |sum: Option<Tensor>, term: Tensor| -> Result<Option<Tensor>> {
            Ok(Some(match sum {
                None => term,
                Some(sum) => (sum + term)?,
            }))
        };
        let weighted = |x: Tensor| if weight == 1.0 { Ok(x) } else { x * weight };
        self.model_output = join(self.model_output.take(), weighted(model_output)?)?;
        self.x = join(self.x.take(), weighted(x)?)?;
        if let Some(variance) = variance {
            self.variance = join(self.variance.take(), variance)?;
        }
        self.count += 1;
        Ok(())
    }

    /// What it came to; `changed` says whether x is another than the network's.
    pub fn finish(self, changed: bool) -> Result<Composed> {
        let empty = || Error::arguments("a composition of nothing").hint("give at least one view or part");
        let model_output = self.model_output.ok_or_else(empty)?;
        let predicted_variance = match self.variance {
            Some(sum) => Some((sum / self.count as f64)?),
            None => None,
        };
        Ok(Composed { model_output, x: self.x.filter(|_| changed), predicted_variance })
    }
}
