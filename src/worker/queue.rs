//! The jobs that wait, in an order that can be changed until the worker takes them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::event::JobId;
use super::job::Queued;

/// Shared between the worker's thread and whoever submits.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<(Mutex<Waiting>, Condvar)>);

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Queued>,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, queued: Queued) {
        self.waiting().jobs.push_back(queued);
        self.0.1.notify_one();
    }

    pub fn push_first(&self, queued: Queued) {
        self.waiting().jobs.push_front(queued);
        self.0.1.notify_one();
    }

    /// Takes a job out; false where it does not wait any more.
    pub fn remove(&self, job: JobId) -> bool {
        let mut waiting = self.waiting();
        let before = waiting.jobs.len();
        waiting.jobs.retain(|queued| queued.id != job);
        waiting.jobs.len() < before
    }

    /// Moves a job by so many places, as far as there are any.
    pub fn reorder(&self, job: JobId, by: isize) {
        let mut waiting = self.waiting();
        let Some(at) = waiting.jobs.iter().position(|queued| queued.id == job) else { return };
        let to = at.saturating_add_signed(by).min(waiting.jobs.len() - 1);
        if let Some(queued) = waiting.jobs.remove(at) {
            waiting.jobs.insert(to, queued);
        }
    }

    /// The next job, waited for; `None` once the queue is closed and empty.
    pub fn next(&self) -> Option<Queued> {
        let mut waiting = self.waiting();
        loop {
            if let Some(queued) = waiting.jobs.pop_front() {
                return Some(queued);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.0.1.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn close(&self) {
        self.waiting().closed = true;
        self.0.1.notify_all();
    }
}
