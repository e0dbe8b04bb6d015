//! The steps of a run, decided before it starts: where the network is evaluated, where each step arrives.

use super::samplers::Leap;
use super::schedule::{Schedule, SchedulerConfig};
use super::threshold::Threshold;
use super::timesteps::{Stepping, TimestepList, course_timesteps, scheduler_timesteps};
use crate::error::{Error, Result};

/// One evaluation of the network and the leap that follows it.
#[derive(Clone, Copy, Debug)]
pub struct PlannedStep {
    /// Where the network is evaluated.
    pub timestep: usize,
    /// To where the step leads.
    pub leap: Leap,
}

/// All steps of a run, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<PlannedStep>,
    /// How x̂_0 is kept in range.
    pub threshold: Threshold,
}

impl Plan {
    /// The plan of a `stepping` with `steps` evaluations, or on the list `timesteps` where one is given.
    pub fn new(
        config: &SchedulerConfig,
        schedule: &Schedule,
        stepping: Stepping,
        steps: usize,
        timesteps: Option<&TimestepList>,
    ) -> Result<Self> {
        let total = schedule.num_train_timesteps();
        let entries = match (timesteps, stepping) {
            (Some(list), _) => list.entries(total)?,
            (None, Stepping::Course) => course_timesteps(steps, total)?,
            (None, Stepping::Scheduler) => {
                scheduler_timesteps(steps, total, config.timestep_spacing, config.steps_offset)?
            }
        };
        let evaluated = match stepping {
            Stepping::Scheduler => entries.len(),
            Stepping::Course => entries.len() - 1,
        };
        if evaluated == 0 {
            return Err(Error::arguments("the course's stepping arrives at the last timestep without evaluating it")
                .at("timesteps")
                .hint("give at least two timesteps"));
        }
        let steps = (0..evaluated)
            .map(|i| {
                let noisy = stepping == Stepping::Course || entries[i] > 0;
                let leap = Leap::new(schedule, entries[i], entries.get(i + 1).copied(), config.variance_type, noisy);
                PlannedStep { timestep: entries[i], leap }
            })
            .collect();
        let threshold = match stepping {
            Stepping::Scheduler => Threshold::of(config),
            Stepping::Course => Threshold::Off,
        };
        Ok(Self { steps, threshold })
    }
}
