//! (to be written)

use super::Subject;

pub const SUBJECTS: &[Subject] = &[];
