//! Answers to a hand that moves: as soon as it lets go, a small job runs before all others, and the newest wins.

use egui::Context;

use super::benches::Bench;
use super::lab::Lab;
use crate::worker::{Destination, Job, JobId};

impl Lab {
    /// Asks the worker for what the open bench wants to show, and stops what it wanted before.
    pub(super) fn follow_hand(&mut self, ctx: &Context) {
        if !self.session.live || self.bench() != Bench::Noise || self.why_not().is_some() {
            return;
        }
        let moving = self.benches.moving;
        let recipe = self.session.recipe().clone();
        let Some(wanted) = self.benches.noise.wanted(ctx, &recipe, moving) else { return };
        let Ok(wanted) = wanted.checked() else { return };
        let old: Vec<JobId> = self.jobs.all.iter().filter(|job| job.live && job.is_open()).map(|job| job.id).collect();
        old.into_iter().for_each(|id| self.cancel(id));
        let id = self.engine.submit_first(Job { recipe: wanted.clone(), destination: Destination::Nowhere });
        self.jobs.add_live(id, wanted);
        self.benches.noise.expect(id);
    }
}
