//! The numbers that a member of a list takes: their limits and words, and `PARAM=VALUE,…` read and checked.

use crate::error::{Error, Result};

/// Which numbers a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Any number.
    Number,
    /// Whole numbers.
    Whole,
    /// Odd whole numbers.
    Odd,
}

/// One number that a member takes, from `min` to `max`, both allowed.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in a spec.
    pub name: &'static str,
    /// Its name in a form.
    pub label: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// What it is where it is not given.
    pub default: f64,
    /// The least that is allowed.
    pub min: f64,
    /// The most that is allowed.
    pub max: f64,
    /// Which numbers in between.
    pub grain: Grain,
}

impl Parameter {
    /// `value` if it is allowed; `owner` is the name of its member.
    pub fn check(&self, owner: &str, value: f64) -> Result<f64> {
        let (name, min, max) = (self.name, self.min, self.max);
        // NaN is in no range.
        if !(min..=max).contains(&value) {
            return Err(Error::arguments(format!("{name} of {owner} is from {min} to {max}")).at(value));
        }
        let wanted = match self.grain {
            Grain::Number => None,
            Grain::Whole => (value.fract() != 0.0).then_some("a whole number"),
            Grain::Odd => (value.rem_euclid(2.0) != 1.0).then_some("an odd whole number"),
        };
        if let Some(wanted) = wanted {
            return Err(Error::arguments(format!("{name} of {owner} is {wanted}")).at(value));
        }
        // -0 is written as it is compared.
        Ok(value + 0.0)
    }
}

/// The values of `parameters`, in their order: what `text` (`PARAM=VALUE,…`) says, and defaults.
pub(super) fn parse_values(owner: &str, parameters: &[Parameter], text: Option<&str>) -> Result<Vec<f64>> {
    let mut given = vec![None; parameters.len()];
    for part in text.into_iter().flat_map(|text| text.split(',')) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(Error::arguments("a parameter is written NAME=VALUE").at(format!("`{part}` of {owner}")));
        };
        let index = find(owner, parameters, name.trim())?;
        let number = value.trim().parse();
        let number = number.map_err(|_| Error::arguments(format!("{name} of {owner} is a number")).at(value))?;
        if given[index].replace(parameters[index].check(owner, number)?).is_some() {
            return Err(Error::arguments(format!("{name} of {owner} is given twice")));
        }
    }
    Ok(given.iter().zip(parameters).map(|(value, parameter)| value.unwrap_or(parameter.default)).collect())
}

/// Where the parameter of that name is.
pub(super) fn find(owner: &str, parameters: &[Parameter], name: &str) -> Result<usize> {
    parameters.iter().position(|parameter| parameter.name == name).ok_or_else(|| {
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
        let hint = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        Error::arguments(format!("{owner} has no such parameter")).at(name).hint(hint)
    })
}
