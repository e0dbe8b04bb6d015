//! The same files under other names: what older versions, other programs and single files call the tensors that a network
//! takes, and how they cut them.

use super::stored::Stored;
use super::weight_set::Weights;

impl Weights {
    /// The same files with tensors whose names begin so left out of the account: extra or not, no matter.
    pub fn ignoring(self, prefixes: &[&str]) -> Self {
        let ignored = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        self.with(self.account().0.clone(), ignored)
    }

    /// The same files with every tensor under another name.
    pub fn renamed(self, name: impl Fn(&str) -> String) -> Self {
        self.remade(|old, stored| vec![(name(old), stored.clone())])
    }

    /// The same files without the last axes of one element of matrices that pass for 1×1 convolutions, where `which` says
    /// so of a name.
    pub fn squeezed(self, which: impl Fn(&str) -> bool) -> Self {
        self.remade(|name, stored| {
            let mut stored = stored.clone();
            if which(name)
                && let [_, _, 1, 1] = stored.shape[..]
            {
                stored.shape.truncate(2);
                if let Some(strides) = &mut stored.strides {
                    strides.truncate(2);
                }
            }
            vec![(name.to_owned(), stored)]
        })
    }

    /// The same files with each tensor as those that `make` makes of it: none, one, or several that are parts of it.
    pub fn remade(self, make: impl Fn(&str, &Stored) -> Vec<(String, Stored)>) -> Self {
        let (tensors, ignored) = self.account();
        let tensors = tensors.iter().flat_map(|(name, stored)| make(name, stored)).collect();
        self.with(tensors, ignored.to_vec())
    }
}
