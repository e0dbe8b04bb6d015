//! A decomposition as it is asked for: `NAME[:PARAM=VALUE,…]` on the command line, in recipes and in forms.
//!
//! It is written with every parameter, so that a recipe stays what it was when a default changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decomposition::{Decomposition, PartName};
use super::parameter::{find, parse_values};
use super::{DECOMPOSITIONS, DecompositionEntry};
use crate::error::{Error, Result};

/// A decomposition and its parameters, not yet made for a size.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DecompositionSpec {
    entry: &'static DecompositionEntry,
    values: Vec<f64>,
}

/// What a decomposition is made from.
pub(super) struct Request<'a> {
    /// The values of the entry's parameters, in their order.
    pub values: &'a [f64],
    /// The side of the pictures, in pixels.
    pub size: usize,
    /// The side at stage I; `size` is a multiple of it.
    pub base: usize,
}

impl Request<'_> {
    /// The kernel's side at this size, f times stage I's: k f + (f + 1) mod 2, so that it stays odd.
    pub fn kernel(&self) -> Result<usize> {
        let factor = self.factor();
        let (at_base, kernel) = (self.values[0] as usize, self.values[0] as usize * factor + (factor + 1) % 2);
        let size = self.size;
        if kernel / 2 < size {
            return Ok(kernel);
        }
        // The largest odd k with (k f + (f + 1) mod 2) / 2 below the size.
        let most = (2 * size - 1 - (factor + 1) % 2) / factor;
        let error = Error::arguments(if factor == 1 {
            format!("a kernel of {kernel} does not fit a picture of {size} × {size}")
        } else {
            format!("a kernel of {at_base}, {kernel} at stage II, does not fit a picture of {size} × {size}")
        });
        Err(error.at("kernel").hint(format!("choose at most {}", most - (most + 1) % 2)))
    }

    /// A σ in pixels of this size.
    pub fn sigma(&self, index: usize) -> f64 {
        self.values[index] * self.factor() as f64
    }

    /// How many pixels stand for one of stage I's, along a side: f.
    fn factor(&self) -> usize {
        self.size / self.base
    }
}

impl DecompositionSpec {
    /// The decomposition of that name at its defaults.
    pub fn new(name: &str) -> Result<Self> {
        let entry = DECOMPOSITIONS.iter().copied().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = DECOMPOSITIONS.iter().map(|entry| entry.name).collect();
            Error::arguments("no decomposition has that name")
                .at(name)
                .hint(format!("choose among {}", names.join(", ")))
        })?;
        let values = entry.parameters.iter().map(|parameter| parameter.default).collect();
        Ok(Self { entry, values })
    }

    /// The decomposition's line in [`DECOMPOSITIONS`].
    pub fn entry(&self) -> &'static DecompositionEntry {
        self.entry
    }

    /// The values of the entry's parameters, in their order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same decomposition with one parameter changed.
    pub fn with(mut self, parameter: &str, value: f64) -> Result<Self> {
        let index = find(self.entry.name, self.entry.parameters, parameter)?;
        self.values[index] = self.entry.parameters[index].check(self.entry.name, value)?;
        Ok(self)
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &'static [PartName] {
        self.entry.parts
    }

    /// The index of the part of that name.
    pub fn part_index(&self, part: &str) -> Result<usize> {
        self.parts().iter().position(|known| known.name == part).ok_or_else(|| {
            let names: Vec<&str> = self.parts().iter().map(|known| known.name).collect();
            let what = format!("{} has no such part", self.entry.name);
            Error::arguments(what).at(part).hint(format!("choose among {}", names.join(", ")))
        })
    }

    /// The decomposition of pictures of `size` × `size`; `base` is stage I's side, `size` that or a multiple.
    ///
    /// The numbers are stage I's, in its pixels; at a multiple they grow with the pixels.
    pub fn at(&self, size: usize, base: usize) -> Result<Decomposition> {
        if size == 0 || base == 0 || !size.is_multiple_of(base) {
            return Err(Error::arguments(format!(
                "a decomposition is made for pictures of {base} px or a multiple, {size} px is none"
            ))
            .at(self.entry.name));
        }
        let parts = (self.entry.make)(&Request { values: &self.values, size, base })?;
        Ok(Decomposition::new(self.clone(), size, parts))
    }
}

impl FromStr for DecompositionSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, values) = match text.split_once(':') {
            Some((name, values)) => (name, Some(values)),
            None => (text, None),
        };
        let spec = Self::new(name.trim())?;
        Ok(Self { values: parse_values(spec.entry.name, spec.entry.parameters, values)?, ..spec })
    }
}

impl fmt::Display for DecompositionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        for (index, (parameter, value)) in self.entry.parameters.iter().zip(&self.values).enumerate() {
            write!(f, "{}{}={value}", if index == 0 { ':' } else { ',' }, parameter.name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecompositionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecompositionSpec({self})")
    }
}

impl PartialEq for DecompositionSpec {
    fn eq(&self, other: &Self) -> bool {
        self.entry.name == other.entry.name && self.values == other.values
    }
}

impl TryFrom<String> for DecompositionSpec {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<DecompositionSpec> for String {
    fn from(spec: DecompositionSpec) -> Self {
        spec.to_string()
    }
}
