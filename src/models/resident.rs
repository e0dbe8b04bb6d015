//! A network that is read from its files when it is used, and put away where the memory is wanted for another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::memory::with_room;
use crate::error::Result;
use crate::files::give_memory_back;

/// Room for one network.
#[derive(Debug)]
pub(super) struct Resident<N>(Mutex<Option<Arc<N>>>);

impl<N> Default for Resident<N> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<N> Resident<N> {
    /// The network, by `load` if it is not in memory; where there is no memory for it, after `make_room`.
    pub fn get(&self, load: impl Fn() -> Result<N>, make_room: impl FnOnce()) -> Result<Arc<N>> {
        let mut slot = self.slot();
        if let Some(network) = &*slot {
            return Ok(Arc::clone(network));
        }
        let network = with_room(load, make_room)?;
        Ok(Arc::clone(slot.insert(Arc::new(network))))
    }

    /// Whether it is in memory.
    pub fn is_loaded(&self) -> bool {
        self.slot().is_some()
    }

    /// Lets go of it; its memory is free once nobody else has it.
    pub fn put_away(&self) {
        if self.slot().take().is_some() {
            give_memory_back();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<N>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
