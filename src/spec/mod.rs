//! One member of a list with numbers of its own, as it is asked for: `NAME[:PARAM=VALUE,…]`.
//!
//! Views and decompositions are such lists. A list brings its members ([`Member`]); reading, writing, limits and
//! refusals are here, once.

mod parameter;
mod request;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use parameter::{Grain, Parameter};
use parameter::{find, parse_values};
pub use request::Request;

use crate::error::{Error, Result};

/// A member of a list.
pub trait Member: 'static {
    /// What a member is called: `view`.
    const KIND: &'static str;

    /// Every member, in the order of menus.
    fn all() -> &'static [&'static Self];

    /// Its name on the command line and in recipes.
    fn name(&self) -> &'static str;

    /// The numbers it takes.
    fn parameters(&self) -> &'static [Parameter];
}

/// A member and the values of its parameters.
///
/// It is written with every parameter, so that a recipe stays what it was when a default changes.
pub struct Spec<M: Member> {
    member: &'static M,
    values: Vec<f64>,
}

impl<M: Member> Spec<M> {
    /// The member of that name at its defaults.
    pub fn new(name: &str) -> Result<Self> {
        let member = M::all().iter().copied().find(|member| member.name() == name).ok_or_else(|| {
            let names: Vec<&str> = M::all().iter().map(|member| member.name()).collect();
            Error::arguments(format!("no {} has that name", M::KIND))
                .at(name)
                .hint(format!("choose among {}", names.join(", ")))
        })?;
        let values = member.parameters().iter().map(|parameter| parameter.default).collect();
        Ok(Self { member, values })
    }

    /// The member's line in its list.
    pub fn entry(&self) -> &'static M {
        self.member
    }

    /// The values of the member's parameters, in their order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same with one parameter changed.
    pub fn with(mut self, parameter: &str, value: f64) -> Result<Self> {
        let (name, parameters) = (self.member.name(), self.member.parameters());
        let index = find(name, parameters, parameter)?;
        self.values[index] = parameters[index].check(name, value)?;
        Ok(self)
    }

    /// What it is to be made from, for pictures of `size` × `size`; `base` is stage I's side, `size` that or a
    /// multiple.
    pub fn request(&self, size: usize, base: usize) -> Result<Request<'_>> {
        if size == 0 || base == 0 || !size.is_multiple_of(base) {
            let kind = M::KIND;
            return Err(Error::arguments(format!(
                "a {kind} is made for pictures of {base} px or a multiple, {size} px is none"
            ))
            .at(self.member.name()));
        }
        Ok(Request { values: &self.values, size, base })
    }
}

impl<M: Member> FromStr for Spec<M> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, values) = match text.split_once(':') {
            Some((name, values)) => (name, Some(values)),
            None => (text, None),
        };
        let member = Self::new(name.trim())?.member;
        Ok(Self { member, values: parse_values(member.name(), member.parameters(), values)? })
    }
}

impl<M: Member> fmt::Display for Spec<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.member.name())?;
        for (index, (parameter, value)) in self.member.parameters().iter().zip(&self.values).enumerate() {
            write!(f, "{}{}={value}", if index == 0 { ':' } else { ',' }, parameter.name)?;
        }
        Ok(())
    }
}

impl<M: Member> fmt::Debug for Spec<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spec({self})")
    }
}

impl<M: Member> Clone for Spec<M> {
    fn clone(&self) -> Self {
        Self { member: self.member, values: self.values.clone() }
    }
}

impl<M: Member> PartialEq for Spec<M> {
    fn eq(&self, other: &Self) -> bool {
        self.member.name() == other.member.name() && self.values == other.values
    }
}

impl<M: Member> Serialize for Spec<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, M: Member> Deserialize<'de> for Spec<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
