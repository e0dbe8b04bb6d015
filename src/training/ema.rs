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

    /// Moves towards `network`; statistics and counts are taken over.
    pub fn follow(&self, network: &Network) -> Result<()> {
        for (ours, theirs) in self.network.parameters().iter().zip(network.parameters()) {
            let new = match theirs.role {
                Role::Trained => {
                    ((ours.var.as_tensor() * self.decay)? + (theirs.var.as_detached_tensor() * (1.0 - self.decay))?)?
                }
                Role::Followed | Role::Counted => theirs.var.as_detached_tensor(),
            };
            ours.var.set(&new.detach())?;
        }
        Ok(())
    }

    /// The averaged network.
    pub fn network(&self) -> &Network {
        &self.network
    }
}
