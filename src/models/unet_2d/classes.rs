//! Classes that a network was trained on, by number, and those of ImageNet by name too.

use crate::error::{Error, Result};

/// The names of ImageNet's classes in the order of their numbers, a line each.
const IMAGENET: &str = include_str!("../../../assets/imagenet-classes.txt");

/// How many there are.
const OF_IMAGENET: usize = 1000;

/// Names that an error suggests.
const SUGGESTED: usize = 6;

/// The number of the class that `prompt` names, among `classes`. A part of a name will do where no other has it.
pub(super) fn class(prompt: &str, classes: usize) -> Result<usize> {
    let wanted = prompt.trim().to_lowercase();
    if let Ok(number) = wanted.parse::<usize>() {
        return if number < classes { Ok(number) } else { Err(unknown_class(prompt, classes)) };
    }
    if classes != OF_IMAGENET {
        return Err(unknown_class(prompt, classes));
    }
    let named = |name: &str| name.to_lowercase() == wanted;
    if let Some(number) = IMAGENET.lines().position(named) {
        return Ok(number);
    }
    let part: Vec<(usize, &str)> =
        IMAGENET.lines().enumerate().filter(|(_, name)| name.to_lowercase().contains(&wanted)).collect();
    match &part[..] {
        [(number, _)] => Ok(*number),
        [] => Err(unknown_class(prompt, classes)),
        several => {
            let names: Vec<&str> = several.iter().take(SUGGESTED).map(|(_, name)| *name).collect();
            let more = if several.len() > SUGGESTED { ", …" } else { "" };
            Err(Error::arguments(format!("`{}` is part of {} classes", prompt.trim(), several.len()))
                .at("prompt")
                .hint(format!("give one of them: {}{more}", names.join(", "))))
        }
    }
}

/// The model knows no class `prompt`.
pub(super) fn unknown_class(prompt: &str, classes: usize) -> Error {
    let names = if classes == OF_IMAGENET { " or a name of ImageNet's, such as golden retriever" } else { "" };
    Error::arguments(format!("the model knows no class `{}`", prompt.trim()))
        .at("prompt")
        .hint(format!("give a number from 0 to {}{names}, one --prompt for each", classes - 1))
}
