//! Averaged weights: an exponential moving average of a network over its steps (Ho et al. 2020 sample from one).

use crate::error::Result;
use crate::models::digits::{Network, Role};
use crate::tensors::Generator;

/// A second network that follows the first.
pub struct Ema {
    decay: f64,
    network: Network,
}

impl Ema {
    /// Begins at `network` as it is.
    pub fn new(network: &Network, decay: f64) -> Result<Self> {
        let follower = Network::drawn(network.spec(), &mut Generator::new(0), network.device())?;
        for (ours, theirs) in follower.parameters().iter().zip(network.parameters()) {
            ours.var.set(theirs.var.as_tensor())?;
        }
        Ok(Self { decay, network: follower })
    }

    /// A follower that goes on from `network`.
    pub fn from_network(network: Network, decay: f64) -> Self {
        Self { decay, network }
    }

    /// Moves towards `network` after its step number `step`, from 1; counts are taken over.
    ///
    /// Batch norm's statistics are averaged as the weights are: those of other weights would not fit them.
    pub fn follow(&self, network: &Network, step: usize) -> Result<()> {
        let decay = self.decay_at(step);
        for (ours, theirs) in self.network.parameters().iter().zip(network.parameters()) {
            let new = match theirs.role {
                Role::Trained | Role::Followed => {
                    ((ours.var.as_tensor() * decay)? + (theirs.var.as_detached_tensor() * (1.0 - decay))?)?
                }
                Role::Counted => theirs.var.as_detached_tensor(),
            };
            ours.var.set(&new.detach())?;
        }
        Ok(())
    }

    /// The decay, smaller at first so that the initial weights are soon forgotten: at most (1 + n)/(10 + n) after n
    /// steps, as `ExponentialMovingAverage` of TensorFlow warms up.
    fn decay_at(&self, step: usize) -> f64 {
        self.decay.min((1 + step) as f64 / (10 + step) as f64)
    }

    /// The averaged network.
    pub fn network(&self) -> &Network {
        &self.network
    }
}
