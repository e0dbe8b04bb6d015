//! A folder of IDX files: which of them are the pictures and labels of the training and the test digits.

use super::dataset::Dataset;
use super::split::Split;
use crate::error::{Error, Result};
use crate::files::{Folder, limits};

/// Words that the test files of the known sets have in their names.
const TEST_WORDS: [&str; 2] = ["t10k", "test"];

const HINT: &str = "it should hold train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, gzipped or not";

/// The set of digits in `folder`, called `name`.
pub fn read_folder(folder: &Folder, name: &str) -> Result<Dataset> {
    let names: Vec<String> = folder.file_names().into_iter().filter(|name| is_idx_name(name)).collect();
    if names.is_empty() {
        return Err(Error::new("no IDX files in the folder").at(folder.place("")).hint(HINT));
    }
    let split = |is_test: bool| -> Result<Split> {
        let pictures = one(folder, &names, "images", is_test)?;
        let labels = one(folder, &names, "labels", is_test)?;
        let (picture_bytes, label_bytes) =
            (folder.read(pictures, limits::DIGITS)?, folder.read(labels, limits::DIGITS)?);
        Split::read((&folder.place(pictures), &picture_bytes), (&folder.place(labels), &label_bytes))
    };
    Ok(Dataset { name: name.to_owned(), train: split(false)?, test: split(true)? })
}

/// Whether a file of this name is part of a set: `…-idx3-ubyte`, `….idx1-ubyte`, gzipped or not.
pub fn is_idx_name(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.ends_with("ubyte") || name.ends_with(".idx")
}

/// The one file of `names` with pictures (or labels) of the wanted half.
fn one<'a>(folder: &Folder, names: &'a [String], what: &str, is_test: bool) -> Result<&'a str> {
    let wanted = |name: &&String| {
        let lower = name.to_lowercase();
        let tests = TEST_WORDS.iter().any(|word| lower.contains(word));
        lower.contains(what) && (if is_test { tests } else { lower.contains("train") })
    };
    let found: Vec<&String> = names.iter().filter(wanted).collect();
    let half = if is_test { "test" } else { "training" };
    match found[..] {
        [name] => Ok(name),
        [] => Err(Error::new(format!("no {half} {what} in the folder")).at(folder.place("")).hint(HINT)),
        _ => Err(Error::new(format!("{} files of {half} {what} in the folder", found.len()))
            .at(folder.place(""))
            .hint("leave one set of digits in it")),
    }
}
