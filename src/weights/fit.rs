//! What did not fit while a network was built from weights, told in one line.

use crate::error::{Error, Result};

/// So many names are told in full of each kind of fault.
const NAMES: usize = 3;

/// Everything that was wrong, in the order in which it was met.
#[derive(Debug, Default)]
pub(super) struct Fit {
    /// Wanted by the network, not in the files.
    pub missing: Vec<String>,
    /// `name is [..], should be [..]`.
    pub misshapen: Vec<String>,
    /// `name (type)`.
    pub unreadable: Vec<String>,
    /// `name (NaN or infinite)`.
    pub unusable: Vec<String>,
}

impl Fit {
    /// Nothing wrong, or one line about all of it. `extra` was in the files and never taken.
    pub fn verdict(&self, extra: &[String], place: &str) -> Result<()> {
        let faults: Vec<String> = [
            ("missing", self.missing.as_slice()),
            ("of another shape", &self.misshapen),
            ("of a type that cannot be read", &self.unreadable),
            ("with NaN weights or values out of range", &self.unusable),
            ("that this network does not have", extra),
        ]
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| format!("{} {kind}: {}", names.len(), list(names)))
        .collect();
        if faults.is_empty() {
            return Ok(());
        }
        let what = format!("the weights cannot be used, tensors: {}", faults.join(" | "));
        Err(Error::new(what).at(place).hint(self.hint()))
    }

    fn hint(&self) -> &'static str {
        if self.missing.is_empty() && self.misshapen.is_empty() && !self.unusable.is_empty() {
            "the file is damaged, or training had diverged: get another copy, or choose f32"
        } else {
            "config.json and weights belong to different models, or the file is incomplete: get both again"
        }
    }
}

fn list(names: &[String]) -> String {
    let told = names[..names.len().min(NAMES)].join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, NAMES};

    #[test]
    fn nothing_wrong_is_no_error() {
        assert!(Fit::default().verdict(&[], "here").is_ok());
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let extra: Vec<String> = (0..NAMES + 3).map(|i| format!("t{i}.")).collect();
        let line = Fit::default().verdict(&extra, "here").unwrap_err().to_string();
        assert!(line.contains("t2. and 3 more: here; "), "{line}");
        assert!(!line.contains("t3."), "{line}");
    }
}
