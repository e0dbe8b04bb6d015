//! Weights that are taken as variables: what a network that will be trained is made of.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Tensor, Var};

use crate::error::Result;

/// Every tensor that was taken, by its full name, in order. A handle; clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Variables(Arc<Mutex<Vec<(String, Var)>>>);

impl Variables {
    /// A variable that begins as `tensor`; an error where there is no memory for it.
    pub(super) fn keep(&self, name: String, tensor: &Tensor) -> Result<Tensor> {
        let var = Var::from_tensor(&tensor.contiguous()?)?;
        let tensor = var.as_tensor().clone();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((name, var));
        Ok(tensor)
    }

    /// Names and variables so far.
    pub fn list(&self) -> Vec<(String, Var)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
