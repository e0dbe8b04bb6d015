//! The picture as it is: the view that makes an anagram's first reading.

use super::ViewEntry;
use super::permutation::{Permutation, Permuted};

pub(super) static IDENTITY: ViewEntry = ViewEntry {
    name: "identity",
    label: "As it is",
    sentence: "The picture as it is",
    parameters: &[],
    orthogonal: true,
    make: |request| {
        let permutation = Permutation::new(request.size, |x, y| (x, y))?;
        Ok(Permuted::view(permutation, |picture, _| picture.clone()))
    },
};
