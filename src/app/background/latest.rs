//! What is known of the thing that is looked at now: asked for when it is another than before, and forgotten with it.

use super::pending::Pending;
use crate::error::{Error, Result};

/// The answer about the newest key.
pub struct Latest<K, T> {
    of: Option<K>,
    pending: Option<Pending<T>>,
    answer: Option<Result<T>>,
}

impl<K, T> Default for Latest<K, T> {
    fn default() -> Self {
        Self { of: None, pending: None, answer: None }
    }
}

impl<K: PartialEq, T> Latest<K, T> {
    /// Asks about `key` where that is another than before; what was known is forgotten.
    pub fn follow(&mut self, key: K, ask: impl FnOnce(&K) -> Pending<T>) {
        if self.of.as_ref() != Some(&key) {
            *self = Self { pending: Some(ask(&key)), of: Some(key), answer: None };
        }
    }

    /// Knows the answer about `key` without asking.
    pub fn know(&mut self, key: K, answer: T) {
        *self = Self { of: Some(key), pending: None, answer: Some(Ok(answer)) };
    }

    /// What it is about.
    pub fn key(&self) -> Option<&K> {
        self.of.as_ref()
    }

    /// Takes the answer in where it has come; it then, and only then.
    pub fn poll(&mut self) -> Option<Result<&T>> {
        let answer = Pending::take_from(&mut self.pending)?;
        Some(self.answer.insert(answer).as_ref().map_err(Error::clone))
    }

    /// The answer, good or bad, once it is there.
    pub fn answer(&self) -> Option<&Result<T>> {
        self.answer.as_ref()
    }

    /// What is known, once it is.
    pub fn get(&self) -> Option<&T> {
        self.answer.as_ref()?.as_ref().ok()
    }

    /// Why nothing is known.
    pub fn error(&self) -> Option<&Error> {
        self.answer.as_ref()?.as_ref().err()
    }
}
