//! A view as it is asked for: `NAME[:PARAM=VALUE,…]` on the command line, in recipes and in forms.
//!
//! It is written with every parameter, so that a recipe stays what it was when a default changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::parameter::{find, parse_values};
use super::view::View;
use super::{VIEWS, ViewEntry};
use crate::error::{Error, Result};

/// A view and its parameters, not yet made for a size.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ViewSpec {
    entry: &'static ViewEntry,
    values: Vec<f64>,
}

/// What a view is made from.
pub(super) struct Request<'a> {
    /// The values of the entry's parameters, in their order.
    pub values: &'a [f64],
    /// The side of the pictures, in pixels.
    pub size: usize,
    /// The side at stage I; `size` is a multiple of it.
    pub base: usize,
}

impl Request<'_> {
    /// A whole parameter.
    pub fn whole(&self, index: usize) -> usize {
        self.values[index] as usize
    }

    /// How many pixels stand for one of stage I's, along a side.
    pub fn factor(&self) -> usize {
        self.size / self.base
    }
}

impl ViewSpec {
    /// The view of that name at its defaults.
    pub fn new(name: &str) -> Result<Self> {
        let entry = VIEWS.iter().copied().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = VIEWS.iter().map(|entry| entry.name).collect();
            Error::arguments("no view has that name").at(name).hint(format!("choose among {}", names.join(", ")))
        })?;
        let values = entry.parameters.iter().map(|parameter| parameter.default).collect();
        Ok(Self { entry, values })
    }

    /// The view's line in [`VIEWS`].
    pub fn entry(&self) -> &'static ViewEntry {
        self.entry
    }

    /// The values of the entry's parameters, in their order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same view with one parameter changed.
    pub fn with(mut self, parameter: &str, value: f64) -> Result<Self> {
        let index = find(self.entry.name, self.entry.parameters, parameter)?;
        self.values[index] = self.entry.parameters[index].check(self.entry.name, value)?;
        Ok(self)
    }

    /// The view of pictures of `size` × `size`; `base` is stage I's side, `size` that or a multiple.
    ///
    /// At a multiple it is the twin of the view at `base`: averaged down, the two agree (exactly for
    /// permutations of whole squares, to the width of an edge or a rounding for the rest).
    pub fn at(&self, size: usize, base: usize) -> Result<View> {
        if size == 0 || base == 0 || !size.is_multiple_of(base) {
            return Err(Error::arguments(format!(
                "a view is made for pictures of {base} px or a multiple, {size} px is none"
            ))
            .at(self.entry.name));
        }
        let transform = (self.entry.make)(&Request { values: &self.values, size, base })?;
        Ok(View::new(self.clone(), size, transform))
    }
}

impl FromStr for ViewSpec {
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

impl fmt::Display for ViewSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        for (index, (parameter, value)) in self.entry.parameters.iter().zip(&self.values).enumerate() {
            write!(f, "{}{}={value}", if index == 0 { ':' } else { ',' }, parameter.name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ViewSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ViewSpec({self})")
    }
}

impl PartialEq for ViewSpec {
    fn eq(&self, other: &Self) -> bool {
        self.entry.name == other.entry.name && self.values == other.values
    }
}

impl TryFrom<String> for ViewSpec {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ViewSpec> for String {
    fn from(spec: ViewSpec) -> Self {
        spec.to_string()
    }
}
