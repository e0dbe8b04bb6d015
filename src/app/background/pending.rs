//! The answer to a job that is done elsewhere, kept by whoever asked. What is dropped before it is there is never heard
//! of again, so asking for something else is forgetting what was asked before.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::Result;

/// Given back with an answer, when it is taken or when nobody takes it.
pub type Token = Arc<()>;

type Answer<T> = (Result<T>, Option<Token>);

/// An answer that comes once.
#[must_use = "an answer that is dropped is lost"]
pub struct Pending<T>(Receiver<Answer<T>>);

impl<T> Pending<T> {
    /// Where the answer goes, and where it comes.
    pub(super) fn channel() -> (Sender<Answer<T>>, Self) {
        let (sender, receiver) = bounded(1);
        (sender, Self(receiver))
    }

    /// An answer that is there already.
    pub(super) fn answered(answer: Result<T>) -> Self {
        let (sender, pending) = Self::channel();
        let _ = sender.send((answer, None)); // there is room for one
        pending
    }

    /// The answer, once it is there, once; an error where the job failed or broke off.
    pub fn take(&self) -> Option<Result<T>> {
        self.0.try_recv().ok().map(|(answer, _)| answer)
    }

    /// The answer that `slot` waits for, once it is there; then the slot is empty.
    pub fn take_from(slot: &mut Option<Self>) -> Option<Result<T>> {
        let answer = slot.as_ref()?.take()?;
        *slot = None;
        Some(answer)
    }

    /// The answers of a list that are there, each with what it was asked for; the others stay.
    pub fn take_all<K>(list: &mut Vec<(K, Self)>) -> Vec<(K, Result<T>)> {
        let mut answers = Vec::new();
        for (key, pending) in std::mem::take(list) {
            match pending.take() {
                Some(answer) => answers.push((key, answer)),
                None => list.push((key, pending)),
            }
        }
        answers
    }
}
