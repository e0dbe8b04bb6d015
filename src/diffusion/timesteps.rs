//! Which timesteps a run visits, in order, and where each step arrives.
//!
//! Three sources: the scheduler's own spacing (diffusers' `set_timesteps`), the course's strided list, and
//! lists given by hand or by name (DeepFloyd IF's `fast27`, `smart50`, …, which all follow from section
//! counts). Held to diffusers' lists in `tests/suite/diffusion`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a run walks down the timesteps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stepping {
    /// The course's: strided list, noise at every step, the last too, no thresholding; the last entry is
    /// arrived at and not evaluated.
    Course,
    /// diffusers' DDPM as IF ships it: the scheduler's own spacing, dynamic thresholding, no noise at t = 0.
    Scheduler,
}

impl Stepping {
    /// Every stepping, in the order of menus.
    pub const ALL: [Self; 2] = [Self::Scheduler, Self::Course];

    /// The name on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Scheduler => "scheduler",
        }
    }

    /// One sentence for menus and `list`.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Course => "strided timesteps, noise added at every step, no thresholding (CS180's notebook)",
            Self::Scheduler => "the scheduler's own spacing and thresholding, no noise at t = 0 (diffusers' DDPM)",
        }
    }
}

/// How diffusers' schedulers spread n steps over the training timesteps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spacing {
    /// 0, r, 2r, … with r = T // n (IF's).
    #[default]
    Leading,
    /// Evenly from 0 to T - 1.
    Linspace,
    /// Evenly down from T.
    Trailing,
}

/// Timesteps by hand or by name, as `--timesteps` takes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TimestepList {
    /// One of [`NAMED`].
    Named(String),
    /// Strictly descending timesteps.
    Given(Vec<usize>),
}

/// Section counts of IF's named lists, from low t to high (guided-diffusion's `space_timesteps`).
pub const NAMED: [(&str, &[usize]); 8] = [
    ("fast27", &[10, 10, 3, 2, 2]),
    ("smart27", &[7, 4, 2, 1, 2, 4, 7]),
    ("smart50", &[10, 6, 4, 3, 2, 2, 3, 4, 6, 10]),
    ("smart100", &[1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 10, 13]),
    ("smart185", &[1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20]),
    ("super27", &[1, 1, 1, 1, 1, 1, 1, 2, 5, 13]),
    ("super40", &[2, 2, 2, 2, 2, 2, 3, 4, 6, 15]),
    ("super100", &[4, 4, 6, 6, 8, 8, 10, 10, 14, 30]),
];

impl TimestepList {
    /// The entries, checked: strictly descending and below `num_train_timesteps`.
    pub fn entries(&self, num_train_timesteps: usize) -> Result<Vec<usize>> {
        let entries = match self {
            Self::Given(entries) => entries.clone(),
            Self::Named(name) => match NAMED.iter().find(|(known, _)| known == name) {
                Some((_, counts)) => sections(num_train_timesteps, counts),
                None => {
                    let known = NAMED.map(|(name, _)| name).join(", ");
                    return Err(Error::arguments(format!("unknown list of timesteps `{name}`"))
                        .hint(format!("give descending numbers such as 990,960,930 or one of {known}")));
                }
            },
        };
        check_descending(&entries, num_train_timesteps)?;
        Ok(entries)
    }
}

impl std::str::FromStr for TimestepList {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.chars().next().is_some_and(char::is_alphabetic) {
            return Ok(Self::Named(text.to_owned()));
        }
        let entries: std::result::Result<Vec<usize>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        entries.map(Self::Given).map_err(|_| {
            Error::arguments(format!("`{text}` is not a list of timesteps"))
                .hint("give descending whole numbers with commas, such as 990,960,930")
        })
    }
}

fn check_descending(entries: &[usize], num_train_timesteps: usize) -> Result<()> {
    let Some(&first) = entries.first() else {
        return Err(Error::arguments("the list of timesteps is empty").hint("give at least one timestep"));
    };
    if first >= num_train_timesteps {
        return Err(Error::arguments(format!("timestep {first} is not below {num_train_timesteps}"))
            .hint("the model was trained on smaller timesteps"));
    }
    match entries.windows(2).find(|pair| pair[0] <= pair[1]) {
        None => Ok(()),
        Some(pair) => Err(Error::arguments(format!("timestep {} follows {}", pair[1], pair[0]))
            .hint("timesteps must strictly descend, without repeats")),
    }
}

/// guided-diffusion's `space_timesteps`: equal sections of 0..T, each with its count, from high t to low.
fn sections(num_train_timesteps: usize, counts: &[usize]) -> Vec<usize> {
    let (size, extra) = (num_train_timesteps / counts.len(), num_train_timesteps % counts.len());
    let mut start = 0;
    let mut entries = Vec::new();
    for (index, &count) in counts.iter().enumerate() {
        let size = size + usize::from(index < extra);
        let stride = if count > 1 { (size - 1) as f64 / (count - 1) as f64 } else { 1.0 };
        let mut at = 0.0_f64;
        for _ in 0..count {
            entries.push(start + at.round_ties_even() as usize);
            at += stride;
        }
        start += size;
    }
    entries.reverse();
    entries
}

/// diffusers' `set_timesteps(n)`: `n` descending timesteps.
pub fn scheduler_timesteps(
    steps: usize,
    num_train_timesteps: usize,
    spacing: Spacing,
    steps_offset: usize,
) -> Result<Vec<usize>> {
    check_steps(steps, num_train_timesteps)?;
    let total = num_train_timesteps as f64;
    let entries: Vec<usize> = match spacing {
        Spacing::Leading => (0..steps).rev().map(|i| i * (num_train_timesteps / steps) + steps_offset).collect(),
        Spacing::Linspace => {
            let stride = if steps > 1 { (total - 1.0) / (steps - 1) as f64 } else { 0.0 };
            (0..steps).rev().map(|i| (i as f64 * stride).round_ties_even() as usize).collect()
        }
        Spacing::Trailing => {
            let ratio = total / steps as f64;
            (0..steps).map(|i| (total - i as f64 * ratio).round_ties_even() as usize - 1).collect()
        }
    };
    check_descending(&entries, num_train_timesteps)?;
    Ok(entries)
}

/// The list of a latent consistency model (diffusers' `LCMScheduler`): `steps` entries, evenly apart, of the `original`
/// ones on which it was distilled.
pub fn latent_consistency_timesteps(steps: usize, num_train_timesteps: usize, original: usize) -> Result<Vec<usize>> {
    if original == 0 || original > num_train_timesteps {
        return Err(Error::new(format!("original_inference_steps {original} is not from 1 to {num_train_timesteps}")));
    }
    check_steps(steps, original)?;
    let stride = num_train_timesteps / original;
    Ok((0..steps).map(|i| (original - i * original / steps) * stride - 1).collect())
}

/// The list of a consistency model (diffusers' `CMStochasticIterativeScheduler`): down from the noisiest in strides of
/// T // n; of two, the second is the one that was published for the model, where it is known.
pub fn consistency_timesteps(
    steps: usize,
    num_train_timesteps: usize,
    second_of_two: Option<usize>,
) -> Result<Vec<usize>> {
    check_steps(steps, num_train_timesteps)?;
    let last = num_train_timesteps - 1;
    match second_of_two.filter(|&second| steps == 2 && second < last) {
        Some(second) => Ok(vec![last, second]),
        None => Ok((0..steps).map(|i| last - i * (num_train_timesteps / steps)).collect()),
    }
}

/// The course's strided list, round(990 (1 - i/n)), ties to even, for i = 0 … n: `n + 1` entries for `n` evaluations.
pub fn course_timesteps(steps: usize, num_train_timesteps: usize) -> Result<Vec<usize>> {
    let first = num_train_timesteps * 99 / 100;
    check_steps(steps, first)?;
    Ok((0..=steps).map(|i| (first as f64 * (1.0 - i as f64 / steps as f64)).round_ties_even() as usize).collect())
}

fn check_steps(steps: usize, limit: usize) -> Result<()> {
    if steps == 0 || steps > limit {
        return Err(Error::arguments(format!("{steps} steps cannot be taken"))
            .at("steps")
            .hint(format!("choose from 1 to {limit}")));
    }
    Ok(())
}
