//! The texts of the rows of a batch, gathered: the same at every step of a run.

use std::cell::RefCell;

use crate::error::Result;

/// Texts as a network takes them, by the rows that were asked for.
pub(super) struct Gathered<T>(RefCell<Vec<(Vec<usize>, T)>>);

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Gathered<T> {
    /// The texts of `rows`, by `pick` where they are asked for the first time.
    pub fn rows(&self, rows: &[usize], pick: impl FnOnce(&[usize]) -> Result<T>) -> Result<T> {
        let mut gathered = self.0.borrow_mut();
        if let Some((_, texts)) = gathered.iter().find(|(known, _)| known == rows) {
            return Ok(texts.clone());
        }
        let texts = pick(rows)?;
        gathered.push((rows.to_vec(), texts.clone()));
        Ok(texts)
    }
}
