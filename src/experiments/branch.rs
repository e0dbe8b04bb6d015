//! A new run from a recorded step of an old one, with any setting changed.
//!
//! Where nothing that decides the steps was changed, the draws of the steps before are passed over, so that the
//! branch goes on exactly as the old run did (a multistep sampler begins anew with its first order).

use std::path::PathBuf;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::diffusion::plan::{Move, Plan};
use crate::error::{Error, Result};
use crate::files::{Bytes, limits};
use crate::models::StageSummary;

/// `FILE@STEP`: a `trajectory.safetensors` and the number of a step in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The recorded run.
    pub path: PathBuf,
    /// x_t of which step it starts from.
    pub step: usize,
}

impl std::str::FromStr for Branch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text.rsplit_once('@').and_then(|(path, step)| Some((path, step.parse().ok()?)));
        let (path, step) = parsed.ok_or_else(|| {
            Error::arguments(format!("`{text}` is not FILE@STEP")).hint("for example out/trajectory.safetensors@10")
        })?;
        Ok(Self { path: path.into(), step })
    }
}

impl Serialize for Branch {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}@{}", self.path.display(), self.step))
    }
}

impl<'de> Deserialize<'de> for Branch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The recorded state that a branch starts from.
pub struct Recorded {
    /// x_t, [b, c, h, w], f32.
    pub x: Tensor,
    /// x̂_0 of the step before, the same shape, where there was one and it was recorded.
    pub original: Option<Tensor>,
    /// Where the network was evaluated up to and with that step.
    pub timesteps: Vec<usize>,
}

impl Branch {
    /// Reads the step.
    pub fn load(&self, device: &Device) -> Result<Recorded> {
        let at = |error: Error| error.at(self.path.display()).hint("give a trajectory.safetensors made with --tensors");
        let bytes = Bytes::map(&self.path, limits::RECORDING).map_err(at)?;
        let tensors = candle_core::safetensors::load_buffer(&bytes, device).map_err(|error| at(error.into()))?;
        let get =
            |name: &str| tensors.get(name).ok_or_else(|| at(Error::new(format!("no `{name}` in the recorded run"))));
        let timesteps: Vec<i64> = get("timesteps")?.to_vec1()?;
        let (steps, step) = (timesteps.len(), self.step);
        if step >= steps {
            return Err(Error::arguments(format!("the recorded run has no step {step}"))
                .at(self.path.display())
                .hint(format!("choose from 0 to {}", steps.saturating_sub(1))));
        }
        let x = get("x_t")?.get(step)?;
        // The window's recordings hold x_t alone.
        let estimates = tensors.get("pred_original_sample").zip(step.checked_sub(1));
        let original = estimates.map(|(estimates, before)| estimates.get(before)).transpose()?;
        Ok(Recorded { x, original, timesteps: timesteps[..=step].iter().map(|&t| t.max(0) as usize).collect() })
    }
}

impl Recorded {
    /// How many moves of `plan` on `stage` lie before the recorded step, if `plan` comes by it in the recorded way.
    pub fn moves_before(&self, plan: &Plan, stage: &StageSummary) -> Option<usize> {
        // x_t is what the step before left: a way back that follows it is still to be gone.
        let (mut seen, mut after_step) = (0, 0);
        for (number, planned) in plan.moves.iter().enumerate() {
            let Move::Step(leap) = planned else { continue };
            if *self.timesteps.get(seen)? != leap.timestep + stage.first_timestep() {
                return None;
            }
            seen += 1;
            if seen == self.timesteps.len() {
                return Some(after_step);
            }
            after_step = number + 1;
        }
        None
    }

    /// The recorded timestep.
    pub fn timestep(&self) -> usize {
        self.timesteps.last().copied().unwrap_or(0)
    }
}
